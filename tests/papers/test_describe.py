"""A call in words contains what was published, marks what was not, and leaves no label untranslated."""

from __future__ import annotations

import re
import typing

import pytest

from madang.core.callspec import asked, model, parse, scored
from madang.papers.describe import describe
from madang.papers.outline import Bullets, Facts, Outline, Table, Words, texts_of
from madang.words.labels import labels
from tests.core.callspec.plant import ALL, ALLIANCE, CITIES, KCITY, SERVICE, planted

PLANS, BASE, PARTNERS, LAB = "kcity-plans-2024", "regional-base-2022", "public-private-2022", "living-lab-2022"
INSTITUTIONS, CITY = "supporting-institutions-2019", "city-certification-2023"
PRODUCT, SANDBOX = "product-quality-certification-2023", "regulatory-sandbox-2020"
CENTRES = "overseas-centres-2020"


def outline(name: str, language: str, *changes: tuple[str, str]) -> Outline:
    return describe(parse(planted(name, *changes)), language)


def section_text(told: Outline, section: str) -> str:
    found = told.section(section)
    assert found is not None
    return "\n".join(text for part in found.parts for text in texts_of(part))


FACTS = [
    (
        CITIES,
        "ko",
        "when",
        [
            "2021년 11월 23일",
            "2021년 12월 27일",
            "2021년 12월 29일(수) 18:00",
            "2022년 1월 3일(월) ~ 2022년 1월 7일(금)",
            "2022년 1월 19일(수) ~ 2022년 1월 27일(목)",
            "2022년 2월 초 이후(대략)",
            "Asia/Seoul",
        ],
    ),
    (
        CITIES,
        "en",
        "when",
        [
            "23 November 2021",
            "27 December 2021",
            "29 December 2021 18:00",
            "3 January 2022 to Friday 7 January 2022",
            "19 January 2022 to Thursday 27 January 2022",
            "early February 2022 onward (approximate)",
        ],
    ),
    (CITIES, "ko", "decision", ["최대 16곳", "발표 평가 → 운영 단계의 주민 참여 → 추첨"]),
    (CITIES, "en", "decision", ["up to 16", "the drawing of lots"]),
    (
        CITIES,
        "ko",
        "money",
        [
            "640억 원",
            "16곳 × 40억 원 = 640억 원",
            "640억 원 = 지원금 320억 원 + 자체 부담 320억 원",
            "1:1",
            "최대 20억 원",
        ],
    ),
    (
        CITIES,
        "en",
        "money",
        [
            "KRW 64 billion",
            "16 × KRW 4 billion = KRW 64 billion",
            "KRW 32 billion grant + KRW 32 billion own share",
            "1:1",
        ],
    ),
    (
        KCITY,
        "ko",
        "when",
        ["2021년 2월 18일", "2021년 4월 20일(화) 18:00", "날짜는 공표된 값이며 시각은 예시입니다", "2021년 6월 23일"],
    ),
    (KCITY, "en", "form", ["if “Is there an intergovernmental agreement?” is answered yes", "amount in KRW million"]),
    (KCITY, "en", "papers", ["for every type but “Overseas demonstration of a smart solution”"]),
    (KCITY, "en", "announcement", ["Ministry of Foreign Affairs", "10 business days (the first day not counted)"]),
    (
        ALLIANCE,
        "en",
        "decision",
        ["at least 50 % of its seats", "There is no scoring and no ranking.", "no committee existed yet"],
    ),
    (ALLIANCE, "ko", "decision", ["운영위원회가 신청마다 표결합니다"]),
    (
        ALLIANCE,
        "en",
        "when",
        ["Friday 25 January 2019 23:59", "15 days (the first day counted)", "mid-February 2019 (approximate)"],
    ),
    (SERVICE, "en", "decision", ["reaches 70 of 100 points", "Each case is decided by itself.", "60 days"]),
    (SERVICE, "ko", "outcome", ["2년", "만료 3개월 전까지 신청", "반드시 취소하는 경우"]),
    (SERVICE, "en", "scoring", ["from 99.5: 80", "Measured indicators 40 %, Judged indicators 60 %"]),
    (PLANS, "en", "about", ["Consulting beforehand"]),
    (PLANS, "en", "when", ["30 April 2024 18:00", "the selection of 2024", "counts for the next cut-off"]),
    (PLANS, "ko", "when", ["접수 마감(2024년 선정)", "2024년 4월 30일(화) 18:00", "다음 접수 마감분으로 심사"]),
    (PLANS, "ko", "money", ["3억 원~6억 원", "사업을 수행하는 기업"]),
    (BASE, "en", "about", ["Smart City Creation for Small and Medium Cities 2022", "Living-Lab Demonstration 2022"]),
    (BASE, "en", "review", ["ended less than three years ago", "if found, the application is excluded", "noted only"]),
    (
        BASE,
        "ko",
        "scoring",
        ["가점", "2점(증빙: 유효한 인증서)", "최대 3점", "추첨하므로 누구도 결과를 조종할 수 없습니다"],
    ),
    (BASE, "en", "outcome", ["voted the local share", "within 90 days", "the outcome is undone", "on conditions"]),
    (PARTNERS, "en", "who", ["Private company: at least 1", "University: at least 1"]),
    (PARTNERS, "en", "money", ["at most KRW 1.5 billion"]),
    (LAB, "en", "about", ["Call for companies that solve what residents named, after the stage “Residents' vote”"]),
    (
        LAB,
        "en",
        "decision",
        ["15 people, drawn by lot from a pool of 45", "women at least 6", "the 5 with the most yes"],
    ),
    (LAB, "ko", "decision", ["추첨으로 15명을 뽑습니다", "찬성이 많은 순서로 5곳", "점수도 순위도 매기지 않습니다"]),
    (INSTITUTIONS, "en", "when", ["7 December 2018", "4 January 2019", "10 January 2019", "17 January 2019", "March"]),
    (
        INSTITUTIONS,
        "en",
        "decision",
        ["Subject, What the institution does, Scope of place", "external experts at least 4"],
    ),
    (INSTITUTIONS, "ko", "outcome", ["준비 확인", "결과를 취소합니다", "반드시 취소하는 경우"]),
    (CITY, "en", "decision", ["where “Population” is 500,000 or more", "From: Small or medium city", "Grade 3", "70"]),
    (CITY, "en", "scoring", ["indicators 2022, for what was received before Monday 1 May 2023"]),
    (CITY, "ko", "outcome", ["2년", "만료 3개월 전까지 신청", "현장 실사에서 서면 내용 확인"]),
    (PRODUCT, "ko", "decision", ["성능 시험 60점, 품질 관리 60점, 보안·갱신 50점"]),
    (PRODUCT, "ko", "review", ["성적서를 발급한 시험기관", "‘무선 기능이 있습니까?’에 ‘예’로 답한 경우만"]),
    (SANDBOX, "ko", "decision", ["국토교통부장관이 사유를 밝혀 결정합니다", "관할 지방자치단체, 국가스마트도시위원회"]),
    (
        SANDBOX,
        "en",
        "outcome",
        ["4 years", "up to 2 years", "1 at most", "Ordered to correct if", "Liability insurance"],
    ),
    (SANDBOX, "en", "scoring", ["Nothing is scored."]),
    (CENTRES, "en", "about", ["by nomination", "the ministry and KOTRA"]),
    (CENTRES, "en", "decision", ["up to 4"]),
]


@pytest.mark.parametrize(("name", "language", "section", "facts"), FACTS, ids=[f"{f[0]}-{f[1]}-{f[2]}" for f in FACTS])
def test_what_was_published_is_told(name: str, language: str, section: str, facts: list[str]) -> None:
    told = section_text(outline(name, language), section)
    assert [fact for fact in facts if fact not in told] == []


@pytest.mark.parametrize("name", ALL)
def test_korean_tells_no_english_sentence(name: str) -> None:
    """What is left in Latin letters: ids in rules, names of bodies, codes of the zone."""
    told = outline(name, "ko")
    rules = re.compile(r"(규칙: .*|다음의? .*: .*|만족하는 경우: .*)")
    strange = [
        t for t in told.texts() if t and not re.search("[가-힣]", rules.sub("가", t)) and re.search("[a-z]{4,}", t)
    ]
    assert [text for text in strange if text not in ("K-City Network",)] == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_raw_name_of_the_format_is_shown(name: str, language: str) -> None:
    shown = " ".join(re.sub(r"\((rule|규칙): .*", "", text) for text in outline(name, language).texts())
    raw = {
        "division_head",
        "secretariat_of_track",
        "official_letter",
        "rank_order",
        "public_body",
        "no_opinion",
        "per_case",
    }
    assert {word for word in raw if word in shown} == set()


def test_what_was_never_published_is_marked() -> None:
    told = outline(KCITY, "en")
    scoring, when, decision = told.section("scoring"), told.section("when"), told.section("decision")
    assert scoring is not None
    assert when is not None
    assert decision is not None
    (criteria,) = [part for part in scoring.parts if isinstance(part, Table)]
    assert [row.sample for row in criteria.rows] == [True, True, True]
    (steps,) = [part for part in when.parts if isinstance(part, Table)]
    assert [row.sample for row in steps.rows] == [True, True, True, True, False]  # the announcement's day is known
    facts = {row.label: row.values[0].sample for part in decision.parts if isinstance(part, Facts) for row in part.rows}
    assert facts["Places"]
    assert facts["Pass mark"]
    assert not [
        row for row in _facts(outline(CITIES, "en"), "decision") if row.label == "Places" and row.values[0].sample
    ]
    assert told.sample_word == "sample"
    assert outline(KCITY, "ko").sample_word == "예시"


def _facts(told: Outline, section: str) -> list[typing.Any]:
    found = told.section(section)
    assert found is not None
    return [row for part in found.parts if isinstance(part, Facts) for row in part.rows]


def test_a_sample_of_a_clock_marks_its_stage() -> None:
    when = outline(SERVICE, "en").section("when")
    assert when is not None
    (steps,) = [part for part in when.parts if isinstance(part, Table)]
    assert [row.sample for row in steps.rows] == [True, True, False, False]


@pytest.mark.parametrize(
    ("area", "literal"),
    [
        ("organisation", model.OrganisationKind),
        ("stage", model.StageKind),
        ("unit", asked.MoneyUnit),
        ("badge", model.Intake.model_fields["mode"].annotation),
        ("badge", model.Outcome.model_fields["kind"].annotation),
        ("recipient", model.Outcome.model_fields["recipient"].annotation),
        ("stage_form", scored.Judged.model_fields["form"].annotation),
        ("opinions", model.Opinion.model_fields["silence"].annotation),
        ("notify", model.Notify.model_fields["by"].annotation),
    ],
)
def test_every_word_of_a_closed_list_has_a_label(area: str, literal: object) -> None:
    assert {word for word in typing.get_args(literal) if f"{area}.{word}" not in labels("describe")} == set()


def test_every_label_has_both_languages_with_the_same_parameters() -> None:
    for area in ("describe", "call"):
        for key, words in labels(area).items():
            assert set(words) == {"en", "ko"}, key
            named = [set(re.findall(r"{(\w+)", text)) for text in words.values()]
            assert named[0] == named[1], key


VARIANTS = [
    (KCITY, [("walk: rank_order", "walk: total_value")], "decision", "largest sum of scores"),
    (KCITY, [("announced_use: none", "announced_use: lot_in_band")], "decision", "lots decide"),
    (KCITY, [("list: one", "list: per_track")], "decision", "one list for each type"),
    (KCITY, [("trim: total", "trim: criterion")], "scoring", "highest and the lowest score of each criterion"),
    (
        SERVICE,
        [("  at_least: 70\n", "  at_least: 70\n  each_at_least: {judged: 50}\n")],
        "decision",
        "Judged indicators 50",
    ),
    (
        SERVICE,
        [
            ("by: threshold", "by: grade"),
            ("  at_least: 70\n", "  grades: [{id: a, label: {en: First, ko: 1등급}, at_least: 80}]\n"),
        ],
        "decision",
        "highest grade",
    ),
    (ALLIANCE, [("of: cast", "of: seats")], "decision", "of all seats must say yes"),
    (CITIES, [("match: {grant: 1, own: 1}", "match: {grant: 3, own: 1}")], "money", "3:1"),
]


@pytest.mark.parametrize(("name", "changes", "section", "words"), VARIANTS)
def test_other_rules_are_told_too(name: str, changes: list[tuple[str, str]], section: str, words: str) -> None:
    assert words in section_text(outline(name, "en", *changes), section)


def test_empty_sections_are_left_out_and_parts_are_never_empty() -> None:
    for name in ALL:
        for section in outline(name, "en").sections:
            assert section.parts
            for part in section.parts:
                assert not isinstance(part, Words) or part.text
                assert not isinstance(part, Bullets) or part.items
                assert not isinstance(part, Table) or part.rows
    assert outline(ALLIANCE, "en").section("papers") is None
