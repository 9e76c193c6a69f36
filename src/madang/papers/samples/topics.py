"""What invented applications and evaluators write about, so that who fits whom can be found: in Korean and English."""

from __future__ import annotations

from typing import Any

from madang.core.callspec.asked import ChoiceField, FormField, RowCell, TextField
from madang.papers.plan_assigning import assigned_stages
from madang.papers.samples.common import Sampling

#: Each topic: phrases of Korean and English that belong together.
TOPICS = (
    (("버스 정류장 대기 시간", "마을버스 수요응답 노선", "교통약자 이동 지원", "보행 신호와 횡단 안전",
      "자전거 도로 연결"),
     ("waiting times at bus stops", "demand responsive village buses", "mobility of people with disabilities",
      "pedestrian signals and crossings", "connected cycling lanes")),
    (("공동주택 전력 소비 절감", "태양광 발전 공유", "건물 단열 진단", "냉난방 에너지 빈곤", "전기차 충전 시간 분산"),
     ("electricity use in apartment blocks", "shared solar power", "insulation checks of buildings",
      "energy poverty in heat and cold", "spreading charging of electric cars")),
    (("침수 취약 골목 배수", "빗물 저장과 재이용", "상수도 누수 감지", "하천 수질 측정",
      "집중호우 경보"),
     ("drainage of flood prone alleys", "rainwater storage and reuse", "leak detection in water pipes",
      "measuring the water quality of streams", "warnings of heavy rain")),
    (("야간 골목길 조명", "어린이 통학로 안전", "화재 감지와 대피", "재난 문자 이해도",
      "공사장 소음과 진동"),
     ("lighting of alleys at night", "safe ways to school for children", "fire detection and evacuation",
      "how well disaster messages are understood", "noise and vibration of building sites")),
    (("홀로 사는 어르신 안부 확인", "치매 환자 실종 예방", "방문 돌봄 일정 조정", "영유아 긴급 보육",
      "장애인 문화 이용"),
     ("checking on elderly people who live alone", "preventing that people with dementia go missing",
      "scheduling of home care visits", "emergency child care", "culture for people with disabilities")),
    (("음식물 쓰레기 무게 계량", "재활용 분리배출 안내", "다회용 컵 회수", "불법 투기 신고", "폐가구 나눔"),
     ("weighing of food waste", "help with sorting of recycling", "return of reusable cups",
      "reports of illegal dumping", "sharing of old furniture")),
    (("전통시장 배달 묶음", "골목상권 빈 점포 활용", "소상공인 매출 예측", "지역화폐 사용 분석", "청년 창업 공간"),
     ("shared delivery for traditional markets", "reuse of empty shops", "sales forecasts for small shops",
      "analysis of local currency use", "space for young founders")),
    (("주민 제안 분류와 요약", "공공데이터 쉬운 설명", "다국어 민원 안내", "동네 회의 온라인 참여",
      "주민참여예산 시각화"),
     ("sorting and summing up of proposals by residents", "plain explanations of public data",
      "city services in many languages", "online participation in neighbourhood meetings",
      "pictures of participatory budgets")),
)  # fmt: skip
_FRAMES = (
    ("{0} 문제를 {1} 방식으로 실험하고 주민과 함께 효과를 잰다.",
     "We test {1} as an answer to {0} and measure the effect with residents."),
    ("{0}에 관한 주민 불편이 크다. {1}까지 함께 살핀다.",
     "Residents suffer from problems of {0}. We look at {1} as well."),
)  # fmt: skip


def phrases(topic: int, which: tuple[int, int]) -> str:
    """A sentence or two on a topic in Korean, then in English."""
    korean, english = TOPICS[topic % len(TOPICS)]
    frame = _FRAMES[sum(which) % len(_FRAMES)]
    one, other = which
    return f"{frame[0].format(korean[one], korean[other])} {frame[1].format(english[one], english[other])}"


class Topics:
    """Answers to the fields by which a call finds evaluators; other fields it leaves alone."""

    def __init__(self, sampling: Sampling) -> None:
        self._s = sampling
        stages = [stage.assign for stage in assigned_stages(sampling.definition) if stage.assign]
        self._any = bool(stages)
        self._texts = {name for asked in stages for name in asked.texts}
        self._fields = {asked.fields for asked in stages if asked.fields}

    def answer(self, field: FormField | RowCell, number: int) -> Any:
        if not self._any:
            return None
        if isinstance(field, TextField) and (
            field.id in self._texts or (not self._texts and field.type == "long_text")
        ):
            return self._text(field, number)
        if isinstance(field, TextField) and field.type == "email":
            return f"sample@applicant-{number:02}.example"
        if isinstance(field, ChoiceField) and field.id in self._fields and field.options:
            option = field.options[topic_of(self._s, number) % len(field.options)].id
            return [option] if field.many else option
        return None

    def _text(self, field: TextField, number: int) -> str:
        random = self._s.chance(f"text:{number}:{field.id}")
        first, second = random.sample(range(5), 2)
        text = phrases(topic_of(self._s, number), (first, second))
        if field.max_words is not None:
            text = " ".join(text.split()[: field.max_words])
        return text[: field.max_characters].strip() if field.max_characters else text


def topic_of(s: Sampling, number: int) -> int:
    """What application `number` is about."""
    return s.chance(f"topic:{number}").randrange(len(TOPICS))
