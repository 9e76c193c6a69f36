"""A folder becomes a case; what is wrong with it is named by file, row and column, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from madang import words
from madang.core.deciding.case import Application, Check, Conflict, Member, OpinionGiven, Round, Seat, Sheet, Vote
from madang.core.reasons import Malformed
from madang.papers.folder import read
from tests.papers.papers_folders import CONTEST, STAGE_TABLES, STAGES, TABLES, VOTE, VOTE_TABLES, edit, faults, lay


def test_a_contest_becomes_a_case(tmp_path: Path) -> None:
    lay(tmp_path)
    note = "note: {en: Invented, ko: 예시}"
    (tmp_path / "folder.yaml").write_text(f"sample: true\n{note}\ndecided_at: 2021-06-18 18:00\n", "utf-8")
    found = read(tmp_path)
    assert (found.note, found.decided_at, found.remarks) == ({"en": "Invented", "ko": "예시"}, "2021-06-18 18:00", ())
    assert found.definition.id == "contest"
    assert found.definition_text == CONTEST
    case = found.case
    assert case.sample
    assert case.applications == (
        Application(
            "A1", "Sample City 1", "city", "", "plan", "XA", "2021-03-01 09:00:00",
            {
                "name": "One", "country": "XA", "field": "water", "topics": ["a", "b"], "mou": True, "ratio": "12.5",
                "mou_day": "2020-05-01", "requested": 300_000_000,
                "goals": [{"goal": "less waiting", "weight": "3"}, {"goal": "cleaner air"}],
            },
        ),
        Application(
            "A2", "Sample Company 2", "company", "", "demo", "XB", "2021-03-02",
            {"name": "Two", "country": "XB", "mou": False, "requested": 500_000, "own": 120_000_000},
            ({"role": "partner", "name": "Sample City 9", "kind": "city", "country": "XB"},),
        ),
    )  # fmt: skip
    assert case.sheets == (
        Sheet("written", "A1", "E1", {"need": "80", "plan": "74.5"}, "good"),
        Sheet("written", "A1", "E2", {"need": "70", "plan": "60"}),
        Sheet("written", "A2", "E1", {"need": "55", "plan": "100"}),
    )
    assert case.conflicts == (Conflict("A2", "E2", "advised the applicant"),)
    assert case.panel == (Member("written", "E1", ("external", "transport")), Member("written", "E2"))
    assert case.checklist[3] == Check("A2", "similar", "not_applicable")
    assert case.opinions == (
        OpinionGiven("A1", "mission", "Sample mission", 4),
        OpinionGiven("A2", "mission", text="no view"),
    )
    assert case.lot_order == ("A2", "A1")
    assert case.rounds == (Round(2020, 80, 23),)


def test_a_vote_becomes_a_case(tmp_path: Path) -> None:
    case = read(lay(tmp_path, VOTE, VOTE_TABLES)).case
    assert case.seats == (Seat("S1", "city"), Seat("S2", "city"), Seat("S3", "company"))
    assert case.votes == (Vote("A1", "S1", "yes"), Vote("A1", "S2", "no"), Vote("A2", "S1", "abstain"))


def test_several_stages_take_the_stage_from_each_row_and_blanks_where_the_rule_allows(tmp_path: Path) -> None:
    case = read(lay(tmp_path, STAGES, STAGE_TABLES)).case
    assert [(s.stage, s.evaluator, dict(s.scores)) for s in case.sheets] == [
        ("written", "E1", {"need": "7"}),
        ("talk", "E1", {"clarity": "3"}),
        ("written", "E2", {}),
    ]


def test_notes_stand_beside_the_scores_and_are_not_scores(tmp_path: Path) -> None:
    lay(tmp_path, STAGES, STAGE_TABLES)
    edit(tmp_path, "sheets", "need,clarity\nA1,E1,written,7,\n", "need,clarity,note:confidence\nA1,E1,written,7,,4\n")
    sheet = read(tmp_path).case.sheets[0]
    assert (sheet.scores, sheet.notes) == ({"need": "7"}, {"confidence": "4"})


def test_reception_needs_applications_only(tmp_path: Path) -> None:
    lay(tmp_path, tables={"applications": "application,applicant,track,country\nA1,Sample City,plan,XA\n"})
    assert read(tmp_path, for_decision=False).case.applications[0].track == "plan"
    assert ("applications.csv, row 1", "column_missing") in faults(tmp_path)


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("applications", ",topics", ",topic", [("row 1, column topic", "column_unknown")]),
        ("applications", "applicant,kind", "applicant,", [("row 1, column C", "header_empty")]),
        ("applications", "ratio,field", "ratio,ratio",
         [("row 1, column ratio", "header_twice")]),
        ("applications", "requested [million]", "requested [milion]",
         [("row 1, column requested [milion]", "unit_unknown")]),
        ("applications", "ratio,field", "ratio [eok],field", [("row 1, column ratio [eok]", "unit_without_money")]),
        ("applications", "XA,2021", "xa,2021", [("row 2, column country", "not_an_iso_country")]),
        ("applications", "2021-03-01 09:00:00", "21.3.1", [("row 2, column received", "date_short_year")]),
        ("applications", "2020-05-01", "2020-02-30", [("row 2, column mou_day", "no_such_day")]),
        ("applications", "2020-05-01", "", [("row 2, column mou_day", "answer_missing")]),
        ("applications", "no,,,,,0.5", "no,2020-05-01,,,,0.5", [("row 3, column mou_day", "answer_not_asked")]),
        ("applications", "yes,", "ja,", [("row 2, column mou", "not_yes_no_here")]),
        ("applications", ",One,", ",,", [("row 2, column name", "answer_missing")]),
        ("applications", ",One,", ",A name that is far too long,", [("row 2, column name", "too_many_characters")]),
        ("applications", "12.5", "12.55", [("row 2, column ratio", "too_many_decimals_here")]),
        ("applications", "12.5", "112", [("row 2, column ratio", "cell_out_of_range")]),
        ("applications", ",300,", ',"1,300",', [("row 2, column requested", "comma_in_number")]),
        ("applications", ",300,", ",-1,", [("row 2, column requested", "money_below_zero")]),
        ("applications", ",300,", ",0.0000001,", [("row 2, column requested", "not_whole_won")]),
        ("applications", ",water,", ",watr,", [("row 2, column field", "not_an_option")]),
        ("applications", ",a;b,", ",a;a,", [("row 2, column topics", "option_repeated")]),
        ("applications", ",demo,", ",demos,", [("row 3, column track", "not_an_option")]),
        ("applications", ",300,\n", ",300,,x\n", [("row 2, column O", "cell_without_header")]),
        ("members", "A2,partner", "A3,partner", [("row 2, column application", "no_such_application")]),
        ("members", "A2,partner", "A2,friend", [("row 2, column role", "not_an_option")]),
        ("rows-goals", "A1,cleaner air", "A1,", [("row 3, column goal", "cell_empty")]),
        ("rows-goals", "A1,cleaner air,\n", "A1,x,\nA1,y,\n", []),  # the fault stands with the application
        ("panel", "E2,", "E2,\nE1,", [("row 4, column evaluator", "row_twice")]),
        ("conflicts", "A2,E2", "A9,E2", [("row 2, column application", "no_such_application")]),
        ("sheets", "A1,E2", "A1,E1", [("row 3, column evaluator", "row_twice")]),
        ("sheets", "A1,E2", "A1,E9", [("row 3, column evaluator", "not_on_panel")]),
        ("sheets", "A1,E2", "A2,E2", [("row 3, column evaluator", "sheet_despite_conflict")]),
        ("sheets", "A1,E2", "A7,E2", [("row 3, column application", "no_such_application")]),
        ("sheets", ",80,", ",120,", [("row 2, column need", "score_off_scale")]),
        ("sheets", ",80,", ",80.2,", [("row 2, column need", "score_off_step")]),
        ("sheets", ",80,", ",,", [("row 2, column need", "score_left_blank")]),
        ("sheets", ",80,", ",eighty,", [("row 2, column need", "not_a_number_here")]),
        ("sheets", "need,plan", "need,plans", [("row 1, column plans", "column_unknown"),
                                                ("row 1", "column_missing")]),
        ("checklist", "A1,similar,pass", "A1,similar,passed", [("row 3, column verdict", "not_an_option")]),
        ("checklist", "A1,similar", "A1,papers", [("row 3, column item", "row_twice"), ("", "check_missing")]),
        ("opinions", ",4,", ",6,", [("row 2, column answer", "cell_out_of_range")]),
        ("opinions", ",4,", ",4.5,", [("row 2, column answer", "not_a_whole_number")]),
        ("lots", "A2\nA1", "A2\nA2", [("row 3, column application", "row_twice")]),
        ("rounds", "80", "eighty", [("row 2, column cases", "not_a_number_here")]),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named_at_its_cell(
    tmp_path: Path, table: str, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    lay(tmp_path)
    edit(tmp_path, table, old, new)
    if expected:
        assert faults(tmp_path) == [(f"{table}.csv, {at}" if at else f"{table}.csv", code) for at, code in expected]
    else:
        assert faults(tmp_path) == [("applications.csv, row 2, column application", "rows_above")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("A1,S2,no", "A1,S1,no", [("votes.csv, row 3, column seat", "row_twice")]),
        ("A1,S2,no", "A1,S4,no", [("votes.csv, row 3, column seat", "vote_without_seat")]),
        ("A1,S2,no", "A5,S2,no", [("votes.csv, row 3, column application", "no_such_application")]),
        ("A1,S2,no", "A1,S2,nope", [("votes.csv, row 3, column option", "not_an_option")]),
    ],
)
def test_a_planted_fault_in_a_vote(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    lay(tmp_path, VOTE, VOTE_TABLES)
    edit(tmp_path, "votes", old, new)
    assert faults(tmp_path) == expected


def test_the_seats_are_as_many_as_announced(tmp_path: Path) -> None:
    lay(tmp_path, VOTE, {**VOTE_TABLES, "seats": "seat\nS1\nS2\n"})
    assert faults(tmp_path) == [("seats.csv", "seats_differ")]


def test_a_score_in_the_column_of_another_stage(tmp_path: Path) -> None:
    lay(tmp_path, STAGES, STAGE_TABLES)
    edit(tmp_path, "sheets", "A1,E1,written,7,", "A1,E1,written,7,4")
    assert faults(tmp_path) == [("sheets.csv, row 2, column clarity", "score_of_other_stage")]


def test_tables_that_are_missing_doubled_unknown_or_not_asked_for(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "sheets.csv").rename(tmp_path / "sheet.csv")
    (tmp_path / "checklist.xlsx").write_bytes(b"")
    (tmp_path / "votes.csv").write_text("application,seat,option\n", "utf-8")
    (tmp_path / "panel.xls").write_bytes(b"")
    assert faults(tmp_path) == [
        ("checklist.xlsx", "table_twice"),
        ("panel.xls", "table_format_unknown"),
        ("sheet.csv", "table_unknown"),
        ("votes.csv", "table_not_asked"),
        ("sheets.csv", "table_missing"),
    ]


def test_other_papers_hidden_files_and_lock_files_are_left_alone(tmp_path: Path) -> None:
    lay(tmp_path)
    for name in ("README.md", ".hidden.csv", "~$sheets.xlsx", "minutes.pdf"):
        (tmp_path / name).write_bytes(b"\0")
    (tmp_path / "old.csv").mkdir()
    assert faults(tmp_path) == []


def test_every_fault_comes_at_once_in_the_order_of_the_tables(tmp_path: Path) -> None:
    lay(tmp_path)
    edit(tmp_path, "lots", "A1", "A9")
    edit(tmp_path, "sheets", "A1,E1,80,74.5", "A1,E1,101,-1")
    edit(tmp_path, "sheets", "A2,E1", "A8,E1")
    edit(tmp_path, "applications", ",XA,", ",XAA,")
    assert faults(tmp_path) == [
        ("applications.csv, row 2, column country", "not_an_iso_country"),
        ("sheets.csv, row 2, column need", "score_off_scale"),
        ("sheets.csv, row 2, column plan", "score_off_scale"),
        ("sheets.csv, row 4, column application", "no_such_application"),
        ("lots.csv, row 3, column application", "no_such_application"),
    ]


def test_beyond_two_hundred_faults_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"B{n},E1,0,0,\n" for n in range(230))
    lay(tmp_path, tables={**TABLES, "sheets": TABLES["sheets"] + rows})
    with pytest.raises(Malformed) as caught:
        read(tmp_path)
    assert len(caught.value.faults) == 201
    assert caught.value.faults[0].at == "sheets.csv, row 5, column application"
    assert (caught.value.faults[-1].code, caught.value.faults[-1].params) == ("more_faults", {"more": 30, "shown": 200})


def test_ids_that_a_spreadsheet_made_numbers_still_meet(tmp_path: Path) -> None:
    tables = {
        "applications": "application,applicant\n1,Sample City 1\n2.0,Sample City 2\n",
        "sheets": "application,evaluator,stage,need,clarity\n1.0,7,written,7,\n2,7,written,8,\n",
    }
    sheets = read(lay(tmp_path, STAGES, tables)).case.sheets
    assert [(sheet.application, sheet.evaluator) for sheet in sheets] == [("1", "7"), ("2", "7")]


def test_countries_are_held_against_the_calls_own_set_and_invented_ones_against_the_sample_mark(tmp_path: Path) -> None:
    lay(tmp_path)
    known = {"country": {"VN", "KR"}}
    with pytest.raises(Malformed) as caught:
        read(tmp_path, known=known)
    assert {(fault.at, fault.code) for fault in caught.value.faults} == {
        ("applications.csv, row 2, column country", "country_not_in_set"),
        ("applications.csv, row 3, column country", "country_not_in_set"),
        ("members.csv, row 2, column country", "country_not_in_set"),
    }
    (tmp_path / "folder.yaml").write_text("sample: true\n", "utf-8")
    assert read(tmp_path, known=known).case.sample


def test_an_unreadable_definition_names_its_file_and_line(tmp_path: Path) -> None:
    lay(tmp_path, CONTEST.replace("decide: {by: rank", "decide: {by: rnk"))
    assert [at.split(" ")[0] for at, _ in faults(tmp_path)] == ["call.yaml,"]
    assert faults(tmp_path / "nowhere")[0][1] == "folder_missing"
    (tmp_path / "call.yaml").unlink()
    assert faults(tmp_path) == [("call.yaml", "definition_missing")]


def test_a_folder_note_that_cannot_be_read(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "folder.yaml").write_text("sampel: true\ndecided_at: yesterday\n", "utf-8")
    assert faults(tmp_path) == [
        ("folder.yaml, /decided_at", "not_a_moment"),
        ("folder.yaml, /sampel", "unknown_field"),
    ]


def test_each_fault_has_words_that_use_its_parameters(tmp_path: Path) -> None:
    lay(tmp_path)
    edit(tmp_path, "sheets", ",80,", ",120,")
    with pytest.raises(Malformed) as caught:
        read(tmp_path)
    (fault,) = caught.value.faults
    assert words.say_fault(fault, "en") == "sheets.csv, row 2, column need: 120 is not between 0 and 100."
    assert words.say_fault(fault, "ko") == "sheets.csv, 2행, need 열: 점수 120은 0~100 범위를 벗어납니다."
