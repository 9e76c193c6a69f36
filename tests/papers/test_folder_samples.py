"""What we write is what we read: samples of any definition, and the empty tables that an office fills in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.callspec import parse
from madang.core.deciding.eligibility import eligibility
from madang.core.reasons import Malformed
from madang.papers import library
from madang.papers.folder import read
from madang.papers.plan import plan
from madang.papers.samples import sample_case, write_folder
from madang.papers.templates import README, write_empty
from tests.papers.papers_folders import APPOINTMENT, CONTEST, GRADE, STAGES, VOTE, faults

SHIPPED = {name: path.read_text("utf-8") for name, path in library.programmes().items()}
OURS = {"contest": CONTEST, "vote": VOTE, "stages": STAGES, "grade": GRADE, "appointment": APPOINTMENT}
DEFINITIONS = OURS | SHIPPED


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(DEFINITIONS)),
    seed=st.integers(0, 2**32),
    applications=st.integers(1, 12),
    kind=st.sampled_from(["csv", "xlsx"]),
)
def test_a_sample_written_is_the_sample_read(
    name: str, seed: int, applications: int, kind: Literal["csv", "xlsx"]
) -> None:
    text = DEFINITIONS[name]
    case = sample_case(parse(text), seed=seed, applications=applications)
    with TemporaryDirectory() as where:
        write_folder(text, case, Path(where), kind, note={"en": "Invented", "ko": "예시"}, decided_at="2021-06-18")
        found = read(Path(where))
    assert found.case == case
    assert (found.definition_text, found.note, found.decided_at) == (
        text, {"en": "Invented", "ko": "예시"}, "2021-06-18",
    )  # fmt: skip


words_of_people = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from(",;\n\t'\"=@[]{}_x0041_가나"),
    max_size=30,
).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    comments=st.lists(words_of_people, min_size=3, max_size=3),
    halves=st.lists(st.integers(0, 200), min_size=6, max_size=6),
    kind=st.sampled_from(["csv", "xlsx"]),
)
def test_words_and_scores_of_people_come_back_as_they_are(
    comments: list[str], halves: list[int], kind: Literal["csv", "xlsx"]
) -> None:
    case = sample_case(parse(CONTEST), seed=1, applications=2)
    scores = [f"{half // 2}.5" if half % 2 else str(half // 2) for half in halves]
    sheets = tuple(
        replace(sheet, comment=comment, scores={"need": scores[2 * i], "plan": scores[2 * i + 1]})
        for i, (sheet, comment) in enumerate(zip(case.sheets[:3], comments, strict=True))
    )
    case = replace(case, sheets=sheets)
    with TemporaryDirectory() as where:
        write_folder(CONTEST, case, Path(where), kind)
        assert read(Path(where)).case == case


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_a_sample_is_the_same_for_the_same_seed(name: str) -> None:
    definition = parse(DEFINITIONS[name])
    one, same, other = (sample_case(definition, seed=seed, applications=30) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert one.sample


def test_a_sample_has_what_a_decision_has_to_deal_with() -> None:
    definition = parse(SHIPPED["kcity-network-2021"])
    case = sample_case(definition, seed=3, applications=111)
    verdicts = eligibility(definition, case)
    codes = Counter(reason.code for reasons in verdicts.values() for reason in reasons)
    assert 80 <= sum(not reasons for reasons in verdicts.values()) < 111
    assert codes["review_failed"] > 0
    assert codes["rule_not_met"] > 0
    assert len(case.conflicts) >= 2
    assert not {(s.application, s.evaluator) for s in case.sheets} & {
        (c.application, c.evaluator) for c in case.conflicts
    }
    scores: dict[str, list[dict[str, str]]] = {}
    for sheet in case.sheets:
        scores.setdefault(sheet.application, []).append(dict(sheet.scores))
    assert any(scores[one] == scores[other] for one in scores for other in scores if one < other)
    assert {application.country[0] for application in case.applications} == {"X"}


def test_a_sample_finds_answers_that_narrow_rules_let_in() -> None:
    definition = parse(GRADE)
    case = sample_case(definition, seed=1, applications=40)
    verdicts = eligibility(definition, case)
    assert sum(not reasons for reasons in verdicts.values()) >= 36
    assert {
        a.track: len({s.evaluator for s in case.sheets if s.application == a.id}) for a in case.applications[:2]
    } == {
        "big": 3,
        "small": 3,
    }
    assert [len(member.tags) for member in case.panel] == [1, 1, 1] * 2


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_empty_tables_once_filled_are_read(name: str, tmp_path: Path) -> None:
    text = DEFINITIONS[name]
    definition = parse(text)
    case = sample_case(definition, seed=5, applications=6)
    empty, filled = tmp_path / "empty", tmp_path / "filled"
    empty.mkdir()
    write_folder(text, case, filled, "xlsx")
    files = write_empty(definition, empty)
    for name in {path.name for path in filled.glob("*.xlsx")} - {path.name for path in files}:
        assert not plan(definition)[name.removesuffix(".xlsx")].offered  # what only comes after a decision
        (empty / name).write_bytes((filled / name).read_bytes())
    for path in files:
        if (filled / path.name).exists():
            _copy_rows(filled / path.name, path)
    for extra in ("call.yaml", "folder.yaml"):
        (empty / extra).write_bytes((filled / extra).read_bytes())
    assert read(empty).case == case


def _copy_rows(source: Path, target: Path) -> None:
    """What an office does: type the rows under the header, each value in its column."""
    rows = list(openpyxl.load_workbook(source).worksheets[0].iter_rows(values_only=True))
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows[1:], start=2):
        for title, value in zip(rows[0], row, strict=True):
            if value is not None:
                sheet.cell(number, columns[title], value)
    book.save(target)


def test_empty_tables_are_only_those_needed_and_help_in_both_languages(tmp_path: Path) -> None:
    files = write_empty(parse(VOTE), tmp_path)
    assert [path.name for path in files] == ["applications.xlsx", "seats.xlsx", "votes.xlsx"]
    book = openpyxl.load_workbook(tmp_path / "votes.xlsx")
    assert book.sheetnames == ["votes", README]
    sheet = book["votes"]
    assert [cell.value for cell in sheet[1]] == ["application", "seat", "option"]
    assert (sheet.max_row, sheet.freeze_panes, sheet["A1"].font.bold) == (1, "A2", True)
    (choices,) = sheet.data_validations.dataValidation
    assert (choices.type, choices.formula1, str(choices.sqref).split(":")[0]) == ("list", '"yes,no,abstain"', "C2")
    told = {str(cell.value) for row in book[README].iter_rows() for cell in row}
    assert {"Vote", "표결"} <= told


def test_scores_are_bounded_by_their_scale_while_typing(tmp_path: Path) -> None:
    write_empty(parse(CONTEST), tmp_path)
    rules = openpyxl.load_workbook(tmp_path / "sheets.xlsx").worksheets[0].data_validations.dataValidation
    assert [(r.type, r.formula1, r.formula2) for r in rules] == [
        ("list", '"written"', None),
        *[("decimal", "0", "100")] * 2,
    ]


def test_empty_tables_never_overwrite(tmp_path: Path) -> None:
    (tmp_path / "seats.csv").write_text("seat\nS1\n", "utf-8")
    with pytest.raises(Malformed) as caught:
        write_empty(parse(VOTE), tmp_path)
    assert [(fault.at, fault.code) for fault in caught.value.faults] == [("seats.csv", "file_exists")]
    assert [path.name for path in tmp_path.iterdir()] == ["seats.csv"]


def test_empty_tables_left_empty_say_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "call.yaml").write_text(VOTE, "utf-8")
    write_empty(parse(VOTE), tmp_path)
    assert faults(tmp_path) == [("applications.xlsx, worksheet applications", "no_applications")]
