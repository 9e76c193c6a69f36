"""What the samples of the decision core speak of, in Korean and English: texts, names, titles. All invented."""

FIELDS = {"transport": "교통", "water": "물", "climate": "기후", "energy": "에너지", "care": "복지", "data": "데이터"}


#: Bilingual abstracts, as calls to which foreign cities apply ask for.
TEXTS = {
    "A1": {
        "title": "저상버스 도착 안내 · Arrival times of low-floor buses",
        "text": "교통약자가 정류장에서 저상버스 도착 시간을 미리 알 수 있게 한다. "
        "People with reduced mobility learn at the stop when the next low-floor bus arrives.",
        "fields": ["transport", "care"],
    },
    "A2": {
        "title": "폭염 그늘길 지도 · A map of shade against heat",
        "text": "가로수와 건물 그늘을 재어 폭염에 시원한 보행 길을 안내한다. "
        "Street trees and the shade of buildings are measured to guide walkers through heat waves.",
        "fields": ["climate", "data"],
    },
    "A3": {
        "title": "하천 수위 조기 경보 · Early warning of rising rivers",
        "text": "하천 수위 센서로 침수를 예측하고 주민에게 경보를 보낸다. "
        "Sensors of river levels forecast flooding, and residents are warned.",
        "fields": ["water", "climate"],
    },
    "A4": {
        "title": "골목 조명 절전 · Lighting lanes with less power",
        "text": "보행자를 감지하는 골목 조명으로 전력 소비를 줄인다. "
        "Lighting that senses pedestrians saves electric power in lanes.",
        "fields": ["energy", "climate"],
    },
    "A5": {
        "title": "빈 주차면 나눔 · Sharing empty parking spaces",
        "text": "밤에 비는 주차면을 이웃과 나누고 교통 혼잡을 줄인다. "
        "Parking spaces that are empty at night are shared, which eases traffic congestion.",
        "fields": ["transport", "data"],
    },
    "A6": {
        "title": "수어 민원 창구 · A service desk in sign language",
        "text": "청각장애인이 수어 영상 통화로 민원을 본다. "
        "Deaf residents reach public services by video call in sign language.",
        "fields": ["care", "data"],
    },
}

PEOPLE = {
    "E1": {
        "works": [
            {"title": "저상버스와 교통약자의 이동 · Low-floor buses and reduced mobility"},
            {"title": "주차 요금과 교통 혼잡 · Parking fees and traffic congestion"},
        ],
        "fields": ["transport", "data"],
        "languages": ["ko"],
    },
    "E2": {
        "works": [{"title": "하천 수위 예측과 침수 경보 · Forecasting river levels and flooding"}],
        "fields": ["water", "data"],
        "languages": ["ko", "en"],
    },
    "E3": {
        "works": [
            {"title": "가로수 그늘과 폭염 · Shade of street trees in heat waves"},
            {"title": "보행 길의 조명 · Lighting for pedestrians"},
        ],
        "fields": ["climate", "transport"],
        "languages": ["ko", "en"],
    },
    "E4": {
        "works": [{"title": "도시 전력 소비와 절전 · Electric power and how cities save it"}],
        "fields": ["energy", "water"],
        "languages": ["ko"],
    },
    "E5": {
        "works": [
            {"title": "청각장애인의 민원 접근 · How deaf residents reach public services"},
            {"title": "교통약자의 정류장 · Bus stops for people with reduced mobility"},
        ],
        "fields": ["care", "transport"],
        "languages": ["ko"],
    },
    "E6": {
        "works": [{"title": "센서 데이터로 보는 교통 · Traffic seen by sensors"}],
        "fields": ["data", "transport"],
        "languages": ["ko", "en"],
    },
    "E7": {
        "works": [{"title": "공공 영상 통화 서비스 · Video calls in public services"}],
        "fields": ["data", "care"],
        "languages": ["en"],
    },
}


_FORM = "사업 요약 (Project summary, 400자 이내): "

#: Summaries of this year's call and of last year's, under the same label of the form; two of them repeat others.
SUMMARIES = {
    "D1": _FORM
    + "우리 시는 하천둔치 산책로 9곳에 수위센서와 진입차단기를 설치하고, 비가 시작되기 전에 주민의 휴대전화로 "
    "대피안내를 보내고자 한다. 지난 3년동안 둔치에서 고립된 사고는 해마다 두 건이었으며, 모두 차단이 늦어 일어났다. "
    "차단은 담당자의 확인 없이 기준수위에서 자동으로 이루어진다. 야간에는 골목 조명을 함께 켠다.",
    "D2": _FORM
    + "At night the spaces of offices stand empty. Drivers see free spaces in the same application that sells "
    "bus tickets, and the city publishes how many kilometres of searching for a space were saved. Wardens settle who "
    "parked too long.",
    "D3": _FORM
    + "청각장애인이 민원실에서 수어 영상 통화로 상담하고, 상담이 끝나면 쉬운 글로 적은 안내를 받는다. 통역사가 쉬는 "
    "시간에는 예약을 받아 다시 연락한다.",
    "D4": _FORM
    + "하천 둔치 산책로 12곳에 수위 센서와 진입 차단기를 설치하고, 비가 시작되기 전에 주민의 휴대전화로 대피 안내를 "
    "보낸다. 지난 3년 동안 둔치에서 고립된 사고는 해마다 네 건이었으며, 모두 차단이 늦어 일어났다. 센서 값은 "
    "재난안전상황실과 하천관리과가 함께 보고, 차단은 담당자의 확인 없이 기준 수위에서 자동으로 이루어진다.",
    "D5": _FORM
    + "Empty parking spaces of apartment blocks are shared during the day. Residents earn points that pay for "
    "buses; drivers see free spaces in the same application that sells bus tickets, and the city publishes how many "
    "kilometres of searching for a space were saved.",
    "D6": _FORM
    + "가로수와 건물의 그늘을 시간마다 재어, 폭염에 가장 시원한 보행 길을 알려 준다. 그늘이 끊긴 곳에는 이듬해 나무를 "
    "심고 그 결과를 지도에 남긴다.",
}


def named(korean: str, english: str) -> dict[str, str]:
    return {"ko": korean, "en": english}


#: Ids and words of the problems -> what a reader is shown.
NAMES = {
    "A1": named("가람시", "City of Garam"),
    "A2": named("나래시", "City of Narae"),
    "A3": named("다온시", "City of Daon"),
    "A4": named("마루시", "City of Maru"),
    "A5": named("새빛주차", "Saebit Parking"),
    "A6": named("하람시", "City of Haram"),
    "E1": named("한가온", "Han Gaon"),
    "E2": named("윤나루", "Yun Naru"),
    "E3": named("서다솜", "Seo Dasom"),
    "E4": named("민라온", "Min Raon"),
    "E5": named("노보담", "Noh Bodam"),
    "E6": named("백아라", "Baek Ara"),
    "E7": named("주하늘", "Ju Haneul"),
    "garam-city": named("가람시", "City of Garam"),
    "garam-transit": named("가람교통공사", "Garam Transit"),
    "daon-city": named("다온시", "City of Daon"),
    "river-institute": named("물길연구원", "Mulgil River Institute"),
    "maru-city": named("마루시", "City of Maru"),
    "saebit-parking": named("새빛주차", "Saebit Parking"),
    "haram-city": named("하람시", "City of Haram"),
    "나래시": named("나래시", "City of Narae"),
    "(주)그늘길": named("(주)그늘길", "Geuneulgil Inc."),
    "그늘길 주식회사": named("그늘길 주식회사", "Geuneulgil Co., Ltd."),
    "두레대학교": named("두레대학교", "Dure University"),
    "누리대학교": named("누리대학교", "Nuri University"),
    "한울기술": named("한울기술", "Hanul Engineering"),
    "2024-river-call": named("2024년 하천 안전 공모", "the 2024 river safety call"),
    "lead": named("주관", "lead"),
    "partner": named("참여", "partner"),
    "kinship": named("친족 관계", "kinship"),
    "employer": named("최근 3년 재직", "Employed there within 3 years"),
    "service": named("최근 3년 용역·자문", "Service or advice within 3 years"),
    "joint": named("함께 신청", "Applied together"),
    "mail": named("같은 전자우편 도메인", "Same e-mail domain"),
    "declared": named("신고·회피", "Declared"),
    "challenged": named("기피 신청", "Challenged"),
    "ko": named("한국어", "Korean"),
    "en": named("영어", "English"),
    "external": named("외부", "external"),
    **{english: named(korean, english) for english, korean in FIELDS.items()},
    "P1": named("고은별", "Ko Eunbyeol"),
    "P2": named("남가람", "Nam Garam"),
    "P3": named("류하람", "Ryu Haram"),
    "P4": named("모아름", "Mo Areum"),
    "P5": named("방그루", "Bang Geuru"),
    "P6": named("선우솔", "Sunwoo Sol"),
    "P7": named("안다빛", "An Dabit"),
    "P8": named("장새봄", "Jang Saebom"),
    "P9": named("표한결", "Pyo Hangyeol"),
    "law": named("법률", "law"),
    "same-institute": named("같은 기관 소속", "same institute"),
    "institute:river": named("물길연구원", "Mulgil River Institute"),
    "institute:grid": named("그리드연구소", "Grid Laboratory"),
    "institute:bar": named("한들법률사무소", "Handeul Law"),
    "institute:city": named("도시계획학회", "City Planning Society"),
    "institute:dure": named("두레대학교", "Dure University"),
    "institute:nuri": named("누리대학교", "Nuri University"),
    "service_for_applicant": named("신청기관의 용역 수행", "did service for an applicant"),
    "B01": named("가온시", "City of Gaon"),
    "B02": named("나린시", "City of Narin"),
    "B03": named("다솔시", "City of Dasol"),
    "B04": named("라율시", "City of Rayul"),
    "B05": named("미르시", "City of Mir"),
    "B06": named("바름시", "City of Bareum"),
    "B07": named("사랑채시", "City of Sarangchae"),
    "B08": named("아토시", "City of Ato"),
    "B09": named("자올시", "City of Jaol"),
    "B10": named("차오름시", "City of Chaoreum"),
    "S1": named("평가위원 1", "Evaluator 1"),
    "S2": named("평가위원 2", "Evaluator 2"),
    "S3": named("평가위원 3", "Evaluator 3"),
    "S4": named("평가위원 4", "Evaluator 4"),
    "S5": named("평가위원 5", "Evaluator 5"),
    "S6": named("평가위원 6", "Evaluator 6"),
    "S7": named("평가위원 7", "Evaluator 7"),
    "need": named("필요성", "need"),
    "plan": named("계획", "plan"),
    "C01": named("솔내시", "City of Solnae"),
    "C02": named("여울시", "City of Yeoul"),
    "C03": named("한내시", "City of Hannae"),
    "C04": named("물결시", "City of Mulgyeol"),
    "C05": named("다래시", "City of Darae"),
    "C06": named("별섬군", "Byeolseom County"),
    "C07": named("들꽃시", "City of Deulkkot"),
    "C08": named("미리내시", "City of Mirinae"),
    "C09": named("달섬군", "Dalseom County"),
    "C10": named("갯마을시", "City of Gaetmaeul"),
    "C11": named("산들시", "City of Sandeul"),
    "C12": named("꽃섬군", "Kkotseom County"),
    "budget": named("예산", "Budget"),
    "match": named("자부담 1:1", "Match 1:1"),
    "pass": named("기준점수", "Pass mark"),
    "islands": named("도서 지역 1건 이상", "At least one island"),
    "one-field": named("분야마다 최대 2건", "At most two of a field"),
    "region": named("지역", "region"),
    "field": named("분야", "field"),
    "inland": named("내륙", "inland"),
    "coast": named("해안", "coast"),
    "island": named("도서", "island"),
    "K1": named("가온모빌리티", "Gaon Mobility"),
    "K2": named("나린데이터", "Narin Data"),
    "K3": named("다솔전기", "Dasol Electric"),
    "K4": named("라율센서", "Rayul Sensors"),
    "K5": named("미르워터", "Mir Water"),
    "K6": named("바름로봇", "Bareum Robotics"),
    "K7": named("사랑채홈", "Sarangchae Home"),
    "K8": named("아토에너지", "Ato Energy"),
    "G1": named("해오름 교통청", "Haeoreum Transport Office"),
    "G2": named("달무리 시청", "Dalmuri City Hall"),
    "G3": named("물보라 수도국", "Mulbora Water Works"),
    "G4": named("솔바람 도시공사", "Solbaram Corporation"),
    "G5": named("은하 전력공사", "Eunha Power"),
    "G6": named("무지개 복지청", "Mujigae Welfare Office"),
    "D1": named("마루시 2026년", "City of Maru, 2026"),
    "D2": named("새빛주차 2026년", "Saebit Parking, 2026"),
    "D3": named("하람시 2026년", "City of Haram, 2026"),
    "D4": named("다온시 2025년", "City of Daon, 2025"),
    "D5": named("여울시 2025년", "City of Yeoul, 2025"),
    "D6": named("나래시 2025년", "City of Narae, 2025"),
}

#: Titles of the applications and works, each language by itself.
ABOUT = {
    title: dict(zip(("ko", "en"), title.split(" · "), strict=True))
    for title in [
        *(text["title"] for text in TEXTS.values()),
        *(work["title"] for person in PEOPLE.values() for work in person["works"]),
    ]
}
