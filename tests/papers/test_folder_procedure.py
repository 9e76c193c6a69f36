"""The tables around the scores, read from a folder: each row where it belongs, each fault at its cell."""

from __future__ import annotations

import hashlib
import json

import pytest

from madang.papers import folder
from madang.papers.writing import write_folder
from tests.papers.papers_folders import HEAD, faults, lay

SEASON = (
    HEAD.format(id="season").replace("intake: {mode: window}", "intake: {mode: rolling, CUTS}")
    + """\
sisters: {season: s, calls: [other-call]}
form:
  - section: tasks
    title: {en: Tasks}
    fields:
      - {id: total, type: money, unit: million, required: true, label: {en: Total}}
      - id: tasks
        type: rows
        min: 1
        required: true
        label: {en: Tasks}
        fields:
          - {id: subject, type: text, required: true, label: {en: Subject}}
          - {id: place, type: text, required: true, label: {en: Place}}
outside_checks: [{id: tax, label: {en: Tax}, source: {en: Office}}]
opinions: [{id: committee, ask: committee, question: {en: Advice?}}]
decide:
  by: appointment
  unit: application_and_task
  tasks: {rows: tasks, key: [subject, place]}
  authority: {en: Minister}
  advice: [committee]
outcome:
  kind: designation
  amounts: [full, conditional]
  conditions: [{id: insured, label: {en: Insured}}]
money: {cost: total}
"""
).replace("CUTS", "cut_offs: [{at: 2021-04-20 18:00}]")

GOOD = {
    "applications": "application,applicant,total [million]\nA1,Sample City,30\nA2,Sample Town,20\n",
    "rows-tasks": "application,subject,place\nA1,twin,Sejong\nA1,energy,Busan\nA2,twin,Busan\n",
    "outside_checks": "application,check,verdict,source,on,by,reason\nA1,tax,clear,Tax office,2021-05-01,Clerk,\n",
    "appointments": (
        "application,task,outcome,grant_krw,reason,by,on\nA1,twin/Sejong,conditional,,good,Minister,2021-06-01\n"
    ),
    "conditions": "application,task,condition,met,on,by,reason\nA1,twin/Sejong,insured,yes,2021-07-01,Clerk,seen\n",
    "opinions": "application,opinion,by,answer,text\nA1,committee,Committee,,in favour\n",
}


def test_every_table_becomes_its_rows(tmp_path):
    case = folder.read(lay(tmp_path, SEASON, GOOD)).case
    assert (case.outside_checks[0].verdict, case.outside_checks[0].on) == ("clear", "2021-05-01")
    assert (case.appointments[0].task, case.appointments[0].outcome) == ("twin/Sejong", "conditional")
    assert case.conditions[0].met is True


def test_a_folder_written_is_the_folder_read(tmp_path):
    case = folder.read(lay(tmp_path, SEASON, GOOD)).case
    for kind in ("csv", "xlsx"):
        write_folder(SEASON, case, tmp_path / kind, kind)
        assert folder.read(tmp_path / kind).case == case


@pytest.mark.parametrize(
    ("table", "old", "new", "fault"),
    [
        ("appointments", "twin/Sejong", "twin/Sejog", ("no_such_task", "appointments.csv, row 2, column task")),
        ("appointments", "conditional", "perhaps", ("not_an_option", "appointments.csv, row 2, column outcome")),
        ("appointments", "good", "", ("cell_empty", "appointments.csv, row 2, column reason")),
        ("conditions", ",yes,", ",maybe,", ("not_yes_no_here", "conditions.csv, row 2, column met")),
        ("outside_checks", "clear", "fine", ("not_an_option", "outside_checks.csv, row 2, column verdict")),
        ("outside_checks", "Tax office", "", ("cell_empty", "outside_checks.csv, row 2, column source")),
        (
            "outside_checks",
            "A1,tax",
            "A9,tax",
            ("no_such_application", "outside_checks.csv, row 2, column application"),
        ),
    ],
)
def test_a_row_that_does_not_fit_is_named_at_its_cell(tmp_path, table, old, new, fault):
    found = faults(lay(tmp_path, SEASON, {**GOOD, table: GOOD[table].replace(old, new, 1)}))
    assert fault[::-1] in found


# -- sister calls and batches -------------------------------------------------------------------------------------


def sister(tmp_path, data, name="other.json"):
    path = lay(tmp_path, SEASON, GOOD) / "sister_calls"
    path.mkdir()
    (path / name).write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path.parent


LISTED = {"madang_applicants": 1, "call": "other-call", "applicants": [{"applicant": "Sample City"}]}


def test_the_applicants_of_a_sister_call_are_read(tmp_path):
    case = folder.read(sister(tmp_path, LISTED)).case
    assert [(row.call, row.applicant) for row in case.sisters] == [("other-call", "Sample City")]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        ({**LISTED, "call": "othr-call"}, "other.json", "not_a_sister"),
        ({"madang_applicants": 1, "call": "other-call"}, "other.json", "missing_field"),
        ({**LISTED, "extra": 1}, "other.json", "unknown_field"),
        ("not json", "other.json", "not_json"),
        (LISTED, "other.txt", "sister_file_not_json"),
        ({"madang_record": 1}, "other.json", "missing_field"),
    ],
)
def test_a_sister_file_that_cannot_be_used_is_refused_with_its_name(tmp_path, data, name, code):
    found = faults(sister(tmp_path, data, name))
    assert code in [c for _, c in found]
    assert all(at.startswith(f"sister_calls/{name}") for at, _ in found)


def test_a_cut_off_must_be_one_of_the_call(tmp_path):
    where = lay(tmp_path, SEASON, GOOD)
    (where / "folder.yaml").write_text("cut_off: 2021-04-21 18:00\n", "utf-8")
    assert faults(where) == [("folder.yaml", "no_such_cut_off")]
    (where / "folder.yaml").write_text("cut_off: 2021-04-20 18:00\n", "utf-8")
    assert folder.read(where).case.batch[0].cut_off == "2021-04-20 18:00"


# -- draws --------------------------------------------------------------------------------------------------------

DRAWN = (
    HEAD.format(id="drawn")
    + """\
evaluation:
  - id: written
    kind: judged
    panel: {seats: 2, draw_from: 4, substitutes: ordered}
    scale: {min: 0, max: 10}
    criteria: [{id: need, weight: 100, label: {en: Need}}]
decide: {by: rank, combine: {written: 100}, ties: [lot], seats: {max: 1}}
outcome: {kind: award}
"""
)
WORD = "what the secretariat committed to"
DRAW_TABLES = {
    "applications": "application,applicant\nA1,Sample City\n",
    "sheets": "application,evaluator,need\n",
    "pool": "stage,evaluator,tags\n" + "".join(f"written,E{n},external\n" for n in range(4)),
    "exclusions": "stage,evaluator,code,reason,after_draw\nwritten,E0,withdrew,ill,no\n",
    "draws": "draw,public\npanel:written,public value\n",
    "reveals": f"draw,by,commitment,reveal\npanel:written,office,{hashlib.sha256(WORD.encode()).hexdigest()},{WORD}\n",
}


def test_a_draw_is_read_with_its_pool(tmp_path):
    case = folder.read(lay(tmp_path, DRAWN, DRAW_TABLES)).case
    assert [one.evaluator for one in case.pool] == ["E0", "E1", "E2", "E3"]
    assert (case.exclusions[0].code, case.exclusions[0].after_draw) == ("withdrew", False)
    assert case.reveals[0].reveal == WORD


@pytest.mark.parametrize(
    ("table", "old", "new", "at"),
    [
        ("exclusions", "written,E0", "written,E9", "exclusions.csv, row 2, column evaluator"),
        ("exclusions", "withdrew", "retired", "exclusions.csv, row 2, column code"),
        ("draws", "panel:written", "panel:writen", "draws.csv, row 2, column draw"),
        ("reveals", "panel:written", "lots", "reveals.csv, row 2, column draw"),
        ("pool", "written,E1", "written,E0", "pool.csv, row 3, column evaluator"),
    ],
)
def test_a_draw_that_does_not_fit_is_named_at_its_cell(tmp_path, table, old, new, at):
    found = faults(lay(tmp_path, DRAWN, {**DRAW_TABLES, table: DRAW_TABLES[table].replace(old, new, 1)}))
    assert at in [place for place, _ in found], found
