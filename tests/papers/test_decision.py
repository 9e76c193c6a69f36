"""The view of a decision: figures are the record's, and every reason is a sentence in both languages."""

import json
import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from string import Formatter

import pytest

from madang.core.deciding.case import Sheet
from madang.papers.decision import DecisionView, view
from madang.words import catalogue
from tests.papers.records import ALL, MATCH, RANK, THRESHOLD, VOTE, case_of, definition_text, sample_record, sealed

LANGUAGES = ("ko", "en")
AREAS = ("deciding", "procedure", "record", "report")
BARE_CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\{|\?")


def texts(seen: DecisionView) -> list[str]:
    """Every sentence and label that comes from a code or an id."""
    found = [seen.headline, *seen.status_reasons, *seen.rule, seen.growth, *seen.verify]
    found += [count.label for count in seen.counts]
    found += [column.label for column in seen.columns]
    for line in seen.applications:
        found += [line.outcome_label, line.track, line.country, *line.reasons]
    for title, uses in seen.rules:
        found += [title, *(text for use in uses for text in (use.label, use.least, use.used, use.most, use.left))]
    found += [title for title, _ in seen.reserve]
    for table in seen.statistics:
        found += [table.title, table.note, *(row.label for row in table.rows)]
    found += [sheet.state_label for sheet in seen.sheets]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_application_has_its_reasons_in_words(name, language):
    seen = view(sample_record(name), language)
    assert all(line.reasons and all(line.reasons) for line in seen.applications)
    bare = [text for text in texts(seen) if BARE_CODE.search(text)]
    assert not bare
    hangul = re.compile("[가-힣]")
    told = [reason for line in seen.applications for reason in line.reasons if "예시" not in reason]
    assert all(bool(hangul.search(reason)) == (language == "ko") for reason in told)


@pytest.mark.parametrize("name", ALL)
def test_figures_are_those_of_the_record(name):
    record = sample_record(name)
    computed = record.computed()
    seen = view(record, "en")
    assert {c.outcome: c.count for c in seen.counts if c.count} == {k: v for k, v in computed["counts"].items() if v}
    assert seen.received == len(seen.applications) == len(record.case().applications)
    shown = {line.id: (line.score, line.rank) for line in seen.applications if line.score is not None}
    assert shown == {line["application"]: (line["score"], line.get("rank")) for line in computed["ranking"]}
    grants = {line["application"]: line["grant_krw"] for line in computed["outcomes"]}
    assert {line.id: line.grant_krw for line in seen.applications} == grants
    for stage in computed["stages"]:
        for line in stage["applications"]:
            parts = dict(zip(seen.columns, seen.application(line["application"]).parts, strict=True))
            mine = {c.criterion: value for c, value in parts.items() if c.stage == stage["id"]}
            assert mine == {"": line["score"], **line["criteria"]}
    for table in seen.statistics:
        rows = computed["statistics"][f"by_{table.id}"]
        assert [(row.cases, row.countries) for row in table.rows] == [(r["cases"], r["countries"]) for r in rows]


def test_the_line_lies_under_the_last_one_selected_and_names_who_was_passed_over():
    record = sample_record(RANK)
    board = view(record, "en").boards[0]
    selected = set(record.computed()["selections"][0]["result"]["selected"])
    assert board.ids[board.line - 1] in selected
    assert not selected & set(board.ids[board.line :])
    above = [name for name in board.ids[: board.line] if name not in selected]
    told = [view(record, "en").application(name).reasons for name in above]
    assert above
    assert all(any("Rule “" in reason for reason in reasons) for reasons in told)


@pytest.mark.parametrize(
    ("name", "korean", "english"),
    [
        (RANK, "선정", "Selected"),
        (VOTE, "가입 승인", "Admitted"),
        (THRESHOLD, "인증", "Certified"),
    ],
)
def test_an_outcome_is_called_what_was_to_be_had(name, korean, english):
    record = sample_record(name)
    for language, word in (("ko", korean), ("en", english)):
        assert {line.outcome_label for line in view(record, language).applications if line.outcome == "selected"} == {
            word
        }


def test_an_excluded_applicant_reads_the_words_of_the_call():
    seen = view(sample_record(RANK), "ko")
    reasons = {reason for line in seen.applications if line.outcome == "ineligible" for reason in line.reasons}
    assert "신청액은 최대 10억 원입니다." in reasons
    assert any("구비서류가 모두 있고 읽을 수 있음" in reason for reason in reasons)


def test_a_tie_names_its_criterion():
    text = definition_text(RANK)
    case = case_of(text)
    record = sealed(text, case)
    ranked = [line["application"] for line in record.computed()["ranking"]]
    # The same total from other criteria: 30 x (+4) = 40 x 3 and 30 x 4 = 40 x 3, so that only the tie order settles it.
    one, other = ranked[0], ranked[1]
    level = {"cooperation": "70", "prospects": "70", "participation": "70"}
    better = {"cooperation": "74", "prospects": "67", "participation": "70"}
    kept = [sheet for sheet in case.sheets if sheet.application not in (one, other)]
    panel = sorted({sheet.evaluator for sheet in case.sheets})
    for name, scores in ((one, level), (other, better)):
        kept += [Sheet("written", name, evaluator, scores) for evaluator in panel]
    seen = view(sealed(text, replace(case, sheets=tuple(kept), conflicts=())), "en")
    assert any("“Intergovernmental cooperation”" in reason for reason in seen.application(one).reasons)
    assert seen.application(other).rank < seen.application(one).rank


def test_a_deviation_stands_beside_what_was_computed():
    text = definition_text(RANK)
    case = case_of(text)
    computed = {line["application"]: line["outcome"] for line in sealed(text, case).computed()["outcomes"]}
    name = next(name for name, outcome in computed.items() if outcome == "selected")
    told = {name: {"outcome": "not_selected", "reason": "The applicant withdrew."}}
    seen = view(sealed(text, case, deviations=told), "en")
    (line,) = seen.deviations
    assert (line.id, line.computed, line.outcome, line.deviation) == (
        name,
        "selected",
        "not_selected",
        "The applicant withdrew.",
    )
    before = Counter(computed.values())
    assert {count.outcome: count.count for count in seen.counts}["selected"] == before["selected"] - 1


def test_sheets_left_out_are_marked():
    record = sample_record(RANK)
    seen = view(record, "en")
    leaves = list(record.sheets())
    dropped = {
        leaves[n] for stage in record.computed()["stages"] for line in stage["applications"] for n in line["dropped"]
    }
    assert {sheet.leaf for sheet in seen.sheets if sheet.state == "dropped"} == dropped
    assert dropped


def test_budget_and_match_funding_are_told_in_won():
    seen = view(sample_record(MATCH), "ko")
    budget = next(use for _, uses in seen.rules for use in uses if use.label.startswith("예산"))
    assert (budget.used, budget.most, budget.left) == ("640억 원", "640억 원", "0원")


def test_what_is_not_itemised_stands_last():
    seen = view(sample_record(RANK), "en")
    fields = next(table for table in seen.statistics if table.id == "field")
    assert fields.rows[-1].label == "Not itemised"
    assert sum(row.cases for row in fields.rows) == fields.total.cases == 24


@pytest.mark.parametrize("area", AREAS)
def test_the_catalogue_is_complete_and_names_the_same_things_in_both_languages(area):
    entries = json.loads(files("madang.words").joinpath(f"catalogue/{area}.json").read_text("utf-8"))
    for code, said in entries.items():
        assert said.keys() == {"en", "ko"}, code
        named = [{name for _, name, _, _ in Formatter().parse(said[language]) if name} for language in LANGUAGES]
        assert named[0] == named[1], code


def test_every_code_of_deciding_and_of_the_record_has_words():
    said = catalogue()
    source = "".join(
        path.read_text("utf-8")
        for folder in ("deciding", "record")
        for path in files("madang.core").joinpath(folder).iterdir()
        if path.name.endswith(".py")
    )
    plain = set(re.findall(r'(?:Reason|Fault)\(\s*"(\w+)"', source))
    plain |= set(re.findall(r'Reason\(\s*"(\w+)" if .+? else "(\w+)"', source)[0])
    plain |= {f"{what}_{which}_limit" for what in ("cost", "grant") for which in ("under", "over")}
    plain |= {f"check_{check}" for check in re.findall(r'\.(?:add|skip)\(\s*"(\w+)"', source)}
    assert plain - said.keys() == set()


@pytest.mark.parametrize(
    ("name", "days"),
    [
        (RANK, [("Objections until", "16 February 2022")]),  # ten business days, three of Seollal between
        (THRESHOLD, [("Objections until", "28 February 2022"), ("Valid until", "28 January 2024"),
                     ("Latest day to ask for renewal", "27 October 2023")]),
        (VOTE, []),
    ],
)  # fmt: skip
def test_the_days_that_follow_are_counted_by_the_calls_own_clocks(name, days):
    found = view(sample_record(name), "en").days
    assert [(what, until.partition(",")[0]) for what, until in found] == days
