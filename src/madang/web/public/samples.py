"""Invented material for the style guide, in both languages. No applicant, city or score here is real.

It stands here and not in the message catalogue, because translators should not work on placeholders.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from madang.papers.blocks import Block, Bullets, Column, Facts, Grid, Heading, Line, Paragraph, Row, Words
from madang.papers.charts import bar_chart, countries, world_map
from madang.web.public.blocks import LONG, drawn

Context = dict[str, Any]


def said(english: str, korean: str) -> str:
    """The text in the reader's language."""
    return korean if get_language() == "ko" else english


def specimens() -> list[Context]:
    """Every component, in reading order: its name, its part, and for each mode the context that the part describes.

    `full` ones take the whole width, the others stand beside each other.
    """
    return [
        _specimen(said("Head of a call", "공고 머리"), "hero", lambda _: {"hero": _hero()}, full=True),
        _specimen(said("Call in a list", "공고 카드"), "call_card", lambda _: {"call": _call()}),
        _specimen(said("Summary card", "요약 카드"), "summary_card", lambda _: {"summary": _summary()}),
        _specimen(said("Schedule line", "추진 일정"), "schedule", lambda _: {"steps": _steps()}, full=True),
        _specimen(said("Key figures", "주요 지표"), "tiles", lambda _: {"tiles": _tiles()}),
        _specimen(
            said("Ranking with its line", "순위와 선정선"),
            "ranking",
            lambda mode: {"ranking": _ranking() | {"id": f"ranking-{mode}"}},
            full=True,
        ),
        _specimen(said("Chart with its table", "차트와 표"), "figure", lambda mode: {"figure": _bars(mode)}),
        _specimen(said("World map", "세계 지도"), "figure", lambda mode: {"figure": _map(mode)}),
        _specimen(said("Table", "표"), "table", lambda mode: {"table": _table() | {"id": f"table-{mode}"}}),
        _specimen(said("Names and values", "항목과 내용"), "facts", lambda _: {"facts": _facts()}),
        _specimen(
            said("Blocks of a paper", "보고서 본문 요소"),
            "blocks",
            lambda mode: {"blocks": drawn(_paper_blocks(), f"blocks-{mode}", level=2)},
        ),
        _specimen(said("Tasks with their outcomes", "과제별 결과"), "tasks", lambda _: {"tasks": _tasks()}),
        _specimen(said("Reasons", "사유 목록"), "reasons", lambda _: {"reasons": _reasons()}),
        _specimen(said("Timeline", "진행 이력"), "timeline", lambda _: {"events": _events()}),
        _specimen(
            said("Progress", "진행률"),
            "progress",
            lambda mode: {
                "id": f"progress-{mode}",
                "name": said("Required answers", "필수 항목"),
                "value": 14,
                "maximum": 19,
                "text": "14 / 19",
            },
        ),
        _specimen(said("Messages", "처리 결과 알림"), "messages", lambda _: {"messages": _messages()}),
        _specimen(
            said("Notice", "안내"),
            "alert",
            lambda _: {
                "title": said("Before you apply", "신청 전 확인"),
                "text": said("Two documents are still missing.", "서류 두 건이 아직 없습니다."),
                "items": [said("Letter of the council", "의회 동의서"), said("Budget table", "예산표")],
                "tone": "warning",
            },
        ),
        _specimen(
            said("Nothing here yet", "빈 목록"),
            "empty",
            lambda _: {
                "title": said("No results yet", "아직 결과가 없습니다"),
                "text": said("They appear here on the day of the announcement.", "발표일에 이곳에 게시됩니다."),
            },
        ),
        _specimen(said("File", "파일 올리기"), "drop", lambda mode: {"drop": _drop() | {"id": f"drop-{mode}"}}),
        _specimen(
            said("File, refused", "파일 오류"),
            "drop",
            lambda mode: {
                "drop": _drop()
                | {
                    "id": f"faulty-{mode}",
                    "error": said("This is not a decision record.", "결정 기록 파일이 아닙니다."),
                }
            },
        ),
        _specimen(said("Badges", "상태 표시"), "badges", lambda _: {"sample": True, "badges": _badges()}),
        _specimen(said("Buttons and fields", "버튼과 입력란"), "controls", lambda mode: {"prefix": mode}),
        _specimen(said("Breadcrumb", "현재 위치"), "breadcrumb", lambda _: {"crumbs": _hero()["crumbs"]}),
    ]


def _specimen(name: str, part: str, values: Callable[[str], Context], *, full: bool = False) -> Context:
    modes = {"light": said("Light", "기본"), "high-contrast": said("High contrast", "선명하게")}
    panes = [{"mode": mode, "name": text, "values": values(mode) | {"mode": mode}} for mode, text in modes.items()]
    return {"name": name, "part": f"parts/_{part}.html", "full": full, "panes": panes}


def _badges() -> list[Context]:
    return [
        {"tone": "open", "text": said("Open", "접수 중")},
        {"tone": "wait", "text": said("Under review", "평가 중")},
        {"tone": "done", "text": said("Selected", "선정")},
        {"tone": "closed", "text": said("Closed", "접수 마감")},
        {"tone": "danger", "text": said("Not eligible", "자격 미달")},
        {"tone": "plain", "text": said("Plan type", "계획 수립형")},
    ]


def _bars(mode: str) -> Context:
    rows = [(said("Public", "정부 협력형"), 57), (said("Private", "기업 협력형"), 40), (said("Joint", "공동형"), 14)]
    before = {label: count for (label, _), count in zip(rows, (41, 30, 9), strict=True)}
    chart = bar_chart(
        rows,
        title=said("Applications by type (sample)", "유형별 신청 현황(예시)"),
        description=said("Public leads with 57 of 111.", "정부 협력형이 111건 중 57건으로 가장 많습니다."),
        second=before,
        names=("2026", "2025"),
    )
    table = {
        "id": f"bars-{mode}",
        "caption": said("Applications by type", "유형별 신청 현황"),
        "columns": [
            {"text": said("Type", "유형")},
            {"text": "2026", "kind": "number"},
            {"text": "2025", "kind": "number"},
        ],
        "rows": [[label, count, before[label]] for label, count in rows],
    }
    return {"chart": chart, "table": table, "sample": True, "source": said("Invented figures", "가상의 수치입니다.")}


def _map(mode: str) -> Context:
    counts = {
        "VN": 9,
        "ID": 7,
        "TR": 5,
        "TH": 4,
        "UZ": 3,
        "SG": 3,
        "BR": 2,
        "PE": 2,
        "KE": 2,
        "SN": 1,
        "MN": 1,
        "MV": 1,
    }
    language = get_language() or "ko"
    chart = world_map(
        counts,
        title=said("Where applications could come from (sample)", "신청 국가 분포(예시)"),
        description=said("Most stand in South-East Asia.", "동남아시아에 가장 많습니다."),
        unit=said("", "건"),
    )
    table = {
        "id": f"map-{mode}",
        "caption": said("Applications by country", "국가별 신청 현황"),
        "columns": [{"text": said("Country", "국가")}, {"text": said("Applications", "신청"), "kind": "number"}],
        "rows": [[countries()[code][language], count] for code, count in counts.items()],
    }
    return {
        "chart": chart,
        "table": table,
        "sample": True,
        "source": said("Invented figures. Shapes: Natural Earth.", "가상의 수치입니다. 지도: Natural Earth"),
    }


def _hero() -> Context:
    return {
        "sample": True,
        "badges": [{"tone": "open", "text": said("Open", "접수 중")}],
        "crumbs": [{"text": said("Calls", "사업 공고"), "url": "#"}, {"text": said("This call", "이 공고")}],
        "title": said("Call for smart-city plans of river towns", "강변 도시 스마트도시 계획 수립 지원 공모"),
        "lead": said(
            "Sixteen towns plan together how traffic, water and safety share one network.",
            "열여섯 도시가 교통·물·안전을 하나로 잇는 계획을 함께 세웁니다.",
        ),
        "actions": [
            {"text": said("Read the rules", "공고문 보기"), "url": "#", "kind": "primary"},
            {"text": said("Ask a question", "질문하기"), "url": "#", "kind": "secondary"},
        ],
    }


def _summary() -> Context:
    return {
        "sample": True,
        "label": said("Closes in", "접수 마감까지"),
        "value": "D-26",
        "note": said("18 December 2026, 18:00 (KST)", "2026년 12월 18일(금) 18:00"),
        "facts": [
            {"name": said("Places", "선정 규모"), "value": said("16 towns", "16개 도시")},
            {"name": said("Support", "지원 금액"), "value": said("KRW 4.0bn each", "각 40억 원")},
            {"name": said("Received", "접수"), "value": said("37 from 21 countries", "37건 · 21개국")},
        ],
        "action": {"text": said("Apply online", "온라인 신청하기"), "url": "#"},
    }


def _steps() -> list[Context]:
    return [
        {"name": said("Notice", "공고"), "when": "2026-11-03", "datetime": "2026-11-03", "state": "done"},
        {
            "name": said("Briefing", "설명회"),
            "when": "2026-11-12",
            "datetime": "2026-11-12",
            "state": "done",
            "note": said("online", "온라인"),
        },
        {
            "name": said("Applications", "신청 접수"),
            "when": said("until 18 Dec, 18:00", "12월 18일 18:00까지"),
            "datetime": "2026-12-18T18:00+09:00",
            "state": "current",
        },
        {
            "name": said("Written review", "서면 평가"),
            "when": said("second week of January 2027", "2027년 1월 둘째 주"),
            "state": "future",
            "approximate": True,
        },
        {
            "name": said("Presentations", "발표 평가"),
            "when": said("2 to 4 February 2027", "2027년 2월 2일~4일"),
            "state": "future",
        },
        {
            "name": said("Results", "결과 발표"),
            "when": said("February 2027", "2027년 2월"),
            "state": "future",
            "approximate": True,
        },
    ]


def _tiles() -> list[Context]:
    applications = said("", "건")
    return [
        {
            "name": said("Applications", "신청 접수"),
            "value": "111",
            "unit": applications,
            "note": said("31 more than last year", "지난해보다 31건 늘었습니다"),
            "trend": "up",
        },
        {
            "name": said("Countries", "신청 국가"),
            "value": "39",
            "unit": said("", "개국"),
            "note": said("16 more than last year", "지난해보다 16개국 늘었습니다"),
            "trend": "up",
        },
        {
            "name": said("Selected", "선정"),
            "value": "12",
            "unit": applications,
            "note": said("9.3 applications for each place", "경쟁률 9.3 : 1"),
        },
        {
            "name": said("Reviewed", "평가 진행률"),
            "value": "64",
            "unit": "%",
            "note": said("second panel is late", "서면 2조가 늦어지고 있습니다"),
            "trend": "down",
        },
    ]


def _table() -> Context:
    names = ["XA", "XB", "XC", "XD"]
    numbers = [(9, 4, "24.1"), (7, 3, "18.0"), (5, 2, "11.5"), (4, 2, "9.8")]
    return {
        "caption": said("Applications by country (sample)", "국가별 신청 현황(예시)"),
        "columns": [
            {"text": said("Country", "국가")},
            {"text": said("Applications", "신청"), "kind": "number"},
            {"text": said("Selected", "선정"), "kind": "number"},
            {"text": said("Support (KRW 100 million)", "지원액(억 원)"), "kind": "number"},
        ],
        "rows": [[name, *row] for name, row in zip(names, numbers, strict=True)],
        "total": [said("Total", "합계"), 25, 11, "63.4"],
    }


def _ranking() -> Context:
    chosen = {"state": said("Selected", "선정"), "tone": "done"}
    rest = {"state": said("Not selected", "미선정"), "tone": "plain"}
    return {
        "caption": said("Ranking (sample)", "평가 순위(예시)"),
        "score_name": said("Score", "점수"),
        "rows": [
            {
                "rank": "1",
                "name": said("Narae", "나래시"),
                "detail": said("Shared sensors on bridges", "교량 공동 계측"),
                "score": "92.40",
                "share": "92.40",
                **chosen,
                "reasons": [said("First of its type, within the budget.", "해당 유형 1위이며 예산 안에 있습니다.")],
            },
            {
                "rank": "2",
                "name": said("Haneul", "하늘군"),
                "detail": said("One bus pass for three towns", "세 고을 통합 교통권"),
                "score": "88.17",
                "share": "88.17",
                **chosen,
                "reasons": [said("Second of its type, within the budget.", "해당 유형 2위이며 예산 안에 있습니다.")],
                "line_after": said(
                    "The line: 2 of 2 places, KRW 8.0bn of 8.0bn", "선정선: 2곳 중 2곳, 80억 원 중 80억 원"
                ),
            },
            {
                "rank": "3",
                "name": said("Saebyeok", "새벽시"),
                "detail": said("Night clinics by video", "야간 원격 진료"),
                "score": "88.16",
                "share": "88.16",
                **rest,
                "reasons": [
                    said(
                        "No place was left: 2 of 2 were taken at rank 2.",
                        "남은 자리가 없습니다. 2위에서 2곳이 모두 찼습니다.",
                    ),
                    said("0.01 points below the line.", "선정선과 0.01점 차이입니다."),
                ],
            },
            {
                "rank": "–",
                "name": said("Gaon", "가온시"),
                "score": "–",
                "state": said("Not eligible", "자격 미달"),
                "tone": "danger",
                "reasons": [said("The letter of the council is missing.", "의회 동의서가 제출되지 않았습니다.")],
            },
        ],
    }


def _paper_blocks() -> list[Block]:
    name, reason = said("Evaluator", "평가위원"), said("Reason", "사유")
    columns = (Column(said("Place", "순번"), 1, "right"), Column(name, 2), Column(reason, 4))
    rows = [Line((str(n), f"E{n:02}", said("Employed by an applicant", "신청기관 재직 이력"))) for n in range(1, 3)]
    longer = [Line((str(n), f"E{n:02}", "")) for n in range(1, LONG + 2)]
    return [
        Heading(2, said("Panel: written evaluation", "평가위원 추첨: 서면평가")),
        Paragraph(said("Nobody could steer the order alone.", "누구도 혼자 순서를 바꿀 수 없습니다.")),
        Facts(
            (
                Row(said("Members", "위원"), (Words("E04, E14, E05"),)),
                Row(said("Parties", "참여자"), (Words(said("Office", "담당 기관")), Words(said("Auditor", "감사")))),
            )
        ),
        Grid(said("Passed over", "추첨 순서에서 제외된 사유"), columns, tuple(rows)),
        Grid(said("The order drawn", "추첨된 순서"), columns, tuple(longer)),
        Bullets((Words(said("One seat stayed empty.", "한 자리가 비었습니다."), note=said("A note", "덧붙임")),)),
        Paragraph(said("Opinions are never added into a score.", "의견은 점수에 더하지 않습니다."), "note"),
    ]


def _tasks() -> list[Context]:
    return [
        {"name": said("Transport: certifies", "교통: 인증 수행"), "state": said("Designated", "지정"), "tone": "done"},
        {
            "name": said("Energy: studies", "에너지: 연구"),
            "state": said("Not designated", "미지정"),
            "tone": "plain",
        },
    ]


def _reasons() -> list[str]:
    return [
        said(
            "Match funding is 45 %, below the 50 % that the notice asks for.",
            "지방비 부담률이 45%로, 공고가 정한 50%보다 낮습니다.",
        ),
        said(
            "Two evaluators declared a conflict and were replaced before the review.",
            "평가위원 두 명이 이해충돌을 신고하여 평가 전에 교체되었습니다.",
        ),
    ]


def _events() -> list[Context]:
    return [
        {
            "when": "2026-11-03 09:00",
            "datetime": "2026-11-03T09:00+09:00",
            "title": said("Notice published", "공고 게시"),
            "text": said("Version 1 of the rules.", "공모 규정 제1판입니다."),
        },
        {
            "when": "2026-11-14 15:30",
            "datetime": "2026-11-14T15:30+09:00",
            "title": said("Rules amended", "규정 변경"),
            "text": said(
                "Version 2: the deadline moves by a week, after the flood.", "제2판: 수해로 마감을 한 주 늦추었습니다."
            ),
        },
    ]


def _facts() -> list[Context]:
    return [
        {"name": said("Decided by", "결정 방식"), "value": said("Ranking by score", "점수 순위")},
        {
            "name": said("Rules", "규정"),
            "value": said("Version 2", "제2판"),
            "url": "#",
            "note": said("amended once", "한 번 변경됨"),
        },
        {
            "name": said("Criteria", "평가 항목"),
            "lines": [said("Need, 40 points", "필요성 40점"), said("Plan, 60 points", "계획 60점")],
        },
        {
            "name": said("Record", "결정 기록"),
            "value": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
            "hash": True,
        },
    ]


def _call() -> Context:
    return {
        "url": "#",
        "title": said("Call for smart-city plans of river towns", "강변 도시 스마트도시 계획 수립 지원 공모"),
        "programme": said("River towns 2026 (sample)", "강변 도시 2026(예시)"),
        "summary": said(
            "Plans that several towns make and run together.", "여러 도시가 함께 세우고 운영하는 계획을 지원합니다."
        ),
        "state": said("Open", "접수 중"),
        "tone": "open",
        "sample": True,
        "deadline": "D-26",
        "facts": [
            {"name": said("Closes", "마감"), "value": "2026-12-18 18:00"},
            {"name": said("Support", "지원 금액"), "value": said("KRW 4.0bn each", "각 40억 원")},
            {"name": said("Places", "선정 규모"), "value": "16"},
        ],
    }


def _drop() -> Context:
    return {
        "id": "drop",
        "name": "record",
        "label": said("Decision record", "결정 기록 파일"),
        "hint": said(
            "Drop record.json here or choose it. At most 20 MB.",
            "record.json을 여기에 끌어다 놓거나 선택해 주십시오. 최대 20MB입니다.",
        ),
        "accept": ".json,application/json",
    }


def _messages() -> list[Context]:
    return [
        {"level_tag": "success", "message": said("Your draft was saved.", "임시 저장했습니다.")},
        {"level_tag": "warning", "message": said("The deadline is in one hour.", "마감까지 한 시간 남았습니다.")},
        {"level_tag": "error", "message": said("The file could not be read.", "파일을 읽을 수 없습니다.")},
    ]
