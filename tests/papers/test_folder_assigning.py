"""The tables of a call that assigns evaluators: read, refused at their cells, and written back."""

from __future__ import annotations

import pytest

from madang.core.reasons import Malformed
from madang.papers import folder
from madang.papers.assigning.roster import Affiliation, Person
from madang.papers.writing import write_folder
from tests.papers.papers_folders import HEAD, faults, lay

READ = (
    HEAD.format(id="reading")
    + """\
form:
  - section: idea
    title: {en: Idea}
    fields:
      - {id: about, type: long_text, required: true, label: {en: About}}
      - id: field
        type: choice
        options: [{id: water, label: {en: Water}}, {id: energy, label: {en: Energy}}]
        label: {en: Field}
evaluation:
  - id: written
    kind: judged
    assign: {each: 2, load: {max: 2}, fields: field, conflicts: {employment_years: 3}}
    scale: {min: 0, max: 10}
    criteria: [{id: need, weight: 100, label: {en: Need}}]
decide: {by: rank, combine: {written: 100}, seats: {max: 1}}
outcome: {kind: award}
"""
)
TABLES = {
    "applications": "application,applicant,about,field\nA1,Sample City,pipes,water\nA2,Sample Town,power,energy\n",
    "evaluators": "evaluator,tags,fields,email_domain\nE1,external,water,one.example\nE2,,water;energy,\nE3,,energy,\n",
    "affiliations": (
        "evaluator,organisation,kind,since,until\nE1,Sample Town,employment,2015,2019-03\nE2,Elsewhere,,2020-01-02,\n"
    ),
    "works": "evaluator,title,text\nE1,Pipes,Leaks in water pipes\nE1,More,\n",
    "conflicts": "application,evaluator,reason,rule\nA2,E1,worked there,employment\n",
    "assignments": "application,evaluator,affinity\nA1,E1,0.9\nA1,E2,0.5\nA2,E2,0.5\nA2,E3,0.75\n",
    "assignment_plans": "stage,objective,status,total\nwritten,fair,optimal,2.65\n",
    "sheets": "application,evaluator,need\nA1,E1,7\nA1,E2,6\nA2,E2,5\nA2,E3,9\n",
}


def test_every_table_becomes_its_rows(tmp_path):
    found = folder.read(lay(tmp_path, READ, TABLES))
    assert found.roster.evaluators[0] == Person("E1", tags=("external",), fields=("water",), email_domain="one.example")
    assert found.roster.affiliations[0] == Affiliation("E1", "Sample Town", "employment", "2015", "2019-03")
    assert found.roster.affiliations[1].kind == "employment"
    assert [work.title for work in found.roster.works] == ["Pipes", "More"]
    assert found.case.assignments[3].affinity == "0.75"
    assert found.case.conflicts[0].rule == "employment"
    assert found.case.assignment_plans[0].total == "2.65"
    assert found.case.evaluators == ()  # those of a record are pseudonyms


def test_a_folder_written_is_the_folder_read(tmp_path):
    found = folder.read(lay(tmp_path, READ, TABLES))
    for kind in ("csv", "xlsx"):
        write_folder(READ, found.case, tmp_path / kind, kind, roster=found.roster)
        again = folder.read(tmp_path / kind)
        assert (again.case, again.roster) == (found.case, found.roster)


def test_the_people_may_be_taken_out_before_the_decision(tmp_path):
    people = ("evaluators", "affiliations", "works")
    found = folder.read(lay(tmp_path, READ, {name: text for name, text in TABLES.items() if name not in people}))
    assert len(found.case.sheets) == 4


def test_ties_and_works_of_who_left_are_left_out_and_told_once(tmp_path):
    left = {**TABLES, "works": TABLES["works"] + "E7,Gone,Words\n"}
    left["affiliations"] += "E7,Sample City,,,\nE8,Sample City,,,\n"
    found = folder.read(lay(tmp_path, READ, left))
    assert {row.evaluator for row in (*found.roster.affiliations, *found.roster.works)} == {"E1", "E2"}
    [told] = [remark for remark in found.remarks if remark.code == "rows_of_nobody_listed"]
    assert told.params["evaluators"] == ["E7", "E8"]


def test_before_there_are_scores_only_applications_and_evaluators_are_needed(tmp_path):
    early = {name: TABLES[name] for name in ("applications", "evaluators")}
    assert folder.read(lay(tmp_path, READ, early), before_scores=True).roster.evaluators[2].fields == ("energy",)
    (tmp_path / "evaluators.csv").unlink()
    with pytest.raises(Malformed) as refused:
        folder.read(tmp_path, before_scores=True)
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [("table_missing", "evaluators.csv")]


def test_an_old_plan_does_not_stand_in_the_way_of_a_new_one(tmp_path):
    late = {**TABLES, "conflicts": "application,evaluator\nA1,E1\n"}
    assert folder.read(lay(tmp_path, READ, late), before_scores=True).case.assignments == ()


@pytest.mark.parametrize(
    ("table", "old", "new", "code", "at"),
    [
        ("sheets", "A2,E3,9", "A1,E3,9", "sheet_by_unassigned", "sheets.csv, row 5, column evaluator"),
        ("assignments", "A1,E1", "A2,E1", "assigned_despite_conflict", "assignments.csv, row 2, column evaluator"),
        ("assignments", "A1,E2,0.5\n", "A1,E1,0.5\n", "row_twice", "assignments.csv, row 3, column evaluator"),
        ("assignments", "A1,E1", "A9,E1", "no_such_application", "assignments.csv, row 2, column application"),
        ("assignments", "A2,E3", "A2,E4", "no_such_evaluator", "assignments.csv, row 5, column evaluator"),
        ("assignments", "0.9", "1.9", "cell_out_of_range", "assignments.csv, row 2, column affinity"),
        (
            "evaluators",
            "one.example",
            "me@one.example",
            "email_domain_only",
            "evaluators.csv, row 2, column email_domain",
        ),
        ("evaluators", "E2,,", "E1,,", "row_twice", "evaluators.csv, row 3, column evaluator"),
        ("evaluators", ",water,", ",fire,", "not_an_option", "evaluators.csv, row 2, column fields"),
        ("evaluators", "E2,", "=E2,", "id_like_a_formula", "evaluators.csv, row 3, column evaluator"),
        ("applications", "A1,", "＠A1,", "id_like_a_formula", "applications.csv, row 2, column application"),
        ("affiliations", "2019-03", "2014", "tie_ends_before", "affiliations.csv, row 2, column until"),
        ("affiliations", "2015", "0215", "tie_day_out_of_reach", "affiliations.csv, row 2, column since"),
        ("affiliations", "2019-03", "2019-13", "not_an_iso_day", "affiliations.csv, row 2, column until"),
        ("affiliations", ",employment,", ",friend,", "not_an_option", "affiliations.csv, row 2, column kind"),
        ("conflicts", ",employment\n", ",rumour\n", "not_an_option", "conflicts.csv, row 2, column rule"),
    ],
)
def test_a_fault_is_named_at_its_cell(tmp_path, table, old, new, code, at):
    assert old in TABLES[table]
    laid = lay(tmp_path, READ, {**TABLES, table: TABLES[table].replace(old, new, 1)})
    assert (at, code) in faults(laid)
