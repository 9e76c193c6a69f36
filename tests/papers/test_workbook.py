"""The workbook, read back by a reader that is not ours: its figures are the record's and its texts stay text."""

from pathlib import Path

import openpyxl
import pytest

from madang.papers.decision import view
from madang.papers.workbook import write_workbook
from tests.papers.records import (
    ALL,
    HOSTILE,
    MATCH,
    RANK,
    VOTE,
    definition_text,
    hostile_case,
    sample_record,
    sealed,
)


def read(record, folder: Path, language: str = "en"):
    path = folder / "results.xlsx"
    write_workbook(record, path, language)
    return openpyxl.load_workbook(path)


def table(sheet, first: str) -> list[dict[str, object]]:
    """The rows below the head, which begins with `first`."""
    rows = list(sheet.iter_rows(values_only=True))
    top = next(number for number, row in enumerate(rows) if row[0] == first)
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


@pytest.mark.parametrize("name", ALL)
def test_results_are_those_of_the_record(name, tmp_path):
    record = sample_record(name)
    lines = table(read(record, tmp_path)["Results"], "Rank")
    labels = {line.id: line.outcome_label for line in view(record, "en").applications}
    ranking = {line["application"]: line for line in record.computed()["ranking"]}
    grants = {line["application"]: line["grant_krw"] for line in record.computed()["outcomes"]}
    assert len(lines) == len(labels)
    for line in lines:
        ranked = ranking.get(line["No."], {})
        assert line["Outcome"] == labels[line["No."]]
        assert line["Rank"] == ranked.get("rank")
        assert line["Score"] == (float(ranked["score"]) if ranked else None)
        assert line["Grant (KRW)"] == grants[line["No."]]


def test_sheets_stand_as_entered_and_those_left_out_are_marked(tmp_path):
    record = sample_record(MATCH)
    entered = table(read(record, tmp_path)["Score sheets"], "Sheet")
    case = record.case()
    criteria = {stage.id: [criterion.id for criterion in stage.criteria] for stage in record.definition().judged()}
    assert len(entered) == len(case.sheets)
    for line, sheet in zip(entered, case.sheets, strict=True):
        scores = [float(value) for value in list(line.values())[4:-3] if value is not None]
        assert scores == [float(sheet.scores[criterion]) for criterion in criteria[sheet.stage]]
        assert (line["No."], line["Evaluator"]) == (sheet.application, sheet.evaluator)
    left_out = sum(len(one["dropped"]) for stage in record.computed()["stages"] for one in stage["applications"])
    assert sum("left out" in str(line["Counted?"]) for line in entered) == left_out > 0


def test_votes_statistics_and_rules_have_their_sheets(tmp_path):
    record = sample_record(VOTE)
    book = read(record, tmp_path)
    votes = table(book["Votes"], "No.")
    counted = {line["application"]: line["counts"] for line in record.computed()["votes"]}
    assert {
        line["No."]: {"yes": line["Yes"], "no": line["No"], "abstain": line["Abstain"]} for line in votes
    } == counted
    assert "Selection rules" not in book.sheetnames
    book = read(sample_record(RANK), tmp_path)
    seats = table(book["Selection rules"], "List")[0]
    assert (seats["Rule"], seats["At least"], seats["Used"], seats["At most"]) == ("Number selected", 10, 12, 12)
    by_type = [line for line in table(book["Statistics"], "Table") if line["Table"] == "By type"]
    assert by_type[-1]["Applications"] == 24 == sum(line["Applications"] for line in by_type[:-1])


def test_text_never_becomes_a_formula_or_a_link(tmp_path):
    text = definition_text(RANK)
    case = hostile_case(text)
    book = read(sealed(text, case), tmp_path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    names = {line["Applicant"] for line in table(book["Results"], "Rank")}
    assert any(name.startswith(HOSTILE[2]) for name in names)
    assert any(name.startswith(HOSTILE[4]) for name in names)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_heads_stay_in_sight_and_a_sample_says_so_on_every_sheet(language, tmp_path):
    record = sample_record(RANK)
    for sheet in read(record, tmp_path, language):
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
        assert ("SAMPLE" if language == "en" else "예시") in sheet["A1"].value
        assert sheet.oddHeader.center.text


def test_every_reason_of_every_application_stands_in_the_workbook(tmp_path):
    record = sample_record(RANK)
    lines = table(read(record, tmp_path)["Reasons"], "No.")
    told = [(line.id, reason) for line in view(record, "en").applications for reason in line.reasons]
    assert [(line["No."], line["Reason"]) for line in lines] == told


def test_the_same_record_gives_the_same_bytes(tmp_path):
    record = sample_record(RANK)
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    write_workbook(record, one, "ko")
    write_workbook(record, other, "ko")
    assert one.read_bytes() == other.read_bytes()
