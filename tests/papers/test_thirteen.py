"""The thirteen sample folders run through decide by their own rule and are verified; no code names a programme."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment, ByGrade, ByRank, ByThreshold, ByVote
from madang.core.deciding.case import Case
from madang.core.deciding.units import tasks_of
from madang.core.record.read import Record, read
from madang.core.record.veil import veil
from madang.core.record.verify import verify
from madang.papers import folder, library
from madang.papers.samples.common import COUNTRIES
from tests.core.record.sealed import seal_case

PROGRAMMES = sorted(library.programmes())
RANKED = [
    "kcity-network-2021", "kcity-plans-2024", "overseas-centres-2020", "public-private-2022", "regional-base-2022",
    "small-cities-2022",
]  # fmt: skip
SISTERS = ["living-lab-2022", "public-private-2022", "regional-base-2022", "small-cities-2022"]
ROOT = Path(__file__).parents[2]


@cache
def sample(programme: str) -> folder.Folder:
    return folder.read(library.examples()[f"{programme}-sample"])


@cache
def record_text(programme: str) -> str:
    of = sample(programme)
    return seal_case(of.definition_text, veil(of.case, bytes(range(32))))


@cache
def decided(programme: str) -> dict[str, Any]:
    record: Record = read(record_text(programme))
    return record.computed()


def definition(programme: str) -> Definition:
    return sample(programme).definition


def case(programme: str) -> Case:
    return sample(programme).case


def lines(programme: str) -> dict[str, dict[str, Any]]:
    return {line["application"]: line for line in decided(programme)["outcomes"]}


def codes(line: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in line["reasons"]}


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_each_sample_is_decided_by_the_rule_of_its_call(programme: str) -> None:
    rule, computed = definition(programme).decide, decided(programme)
    assert computed["status"] == "computed", computed["reasons"]
    ranked = any("rank" in line for line in computed["ranking"])
    scored = isinstance(rule, ByRank | ByThreshold | ByGrade)
    assert (ranked, bool(computed["ranking"]), bool(computed["votes"])) == (
        isinstance(rule, ByRank),
        scored,
        isinstance(rule, ByVote),
    )
    counts = computed["counts"]
    assert counts["selected"] > 0
    assert counts["not_selected"] + counts["ineligible"] > 0
    assert sum(counts.values()) == len(case(programme).applications)
    assert case(programme).sample


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_each_record_is_verified(programme: str) -> None:
    found = verify(record_text(programme))
    assert not found.faults
    assert found.exit_code == 0, found.findings


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_each_outcome_has_its_reason_and_nobody_is_real(programme: str) -> None:
    for line in lines(programme).values():
        assert line["reasons"], line
        assert all(reason["code"] for reason in line["reasons"])
    for application in case(programme).applications:
        assert "예시" in application.applicant
        assert application.country in ("", *COUNTRIES)
    assert "XK" not in COUNTRIES  # in real use


@pytest.mark.parametrize("programme", SISTERS)
def test_the_sister_calls_refuse_the_same_applicant_twice(programme: str) -> None:
    (path,) = (library.examples()[f"{programme}-sample"] / "sister_calls").iterdir()
    listed = {row["organisation"] for row in json.loads(path.read_text("utf-8"))["applicants"]}
    here = {a.organisation: a.id for a in case(programme).applications}
    twice = [here[name] for name in listed if name in here]
    assert len(twice) == 1
    line = lines(programme)[twice[0]]
    assert line["outcome"] == "ineligible"
    assert "applied_in_sister_call" in codes(line)
    others = [line for name, line in lines(programme).items() if name not in twice]
    assert not any("applied_in_sister_call" in codes(line) for line in others)


def test_pools_are_larger_than_panels_and_one_leaves_after_the_draw() -> None:
    drawn = [name for name in PROGRAMMES if case(name).draws]
    assert len(drawn) >= 7
    for name in drawn:
        draws = decided(name)["draws"]
        assert {draw["status"] for draw in draws} == {"computed"}
        panels = [draw for draw in draws if draw["draw"].startswith("panel:")]
        assert sum(len(draw["moved_up"]) for draw in panels) == 1
        assert all(draw["entries_sha256"] for draw in (row.as_json() for row in case(name).draws))
        assert {row.code for row in case(name).exclusions} == {"excluded_by_law", "challenged", "withdrew"}
        pool = Counter(candidate.stage for candidate in case(name).pool)
        for draw in panels:
            assert pool[draw["draw"].removeprefix("panel:")] >= 2 * len(draw["members"])


def test_a_rolling_call_decides_one_batch_and_leaves_the_rest_for_the_next() -> None:
    outcomes = Counter(line["outcome"] for line in lines("kcity-plans-2024").values())
    assert outcomes["later"] > 0
    last = case("kcity-plans-2024").batch[0].cut_off
    for application in case("kcity-plans-2024").applications:
        late = application.received > f"{last}:00"
        assert (lines("kcity-plans-2024")[application.id]["outcome"] == "later") == late


def test_residents_drawn_by_lot_fill_five_places() -> None:
    computed = decided("living-lab-2022")
    (body,) = [draw for draw in computed["draws"] if draw["draw"] == "panel:body"]
    tags = {candidate.evaluator: candidate.tags for candidate in case("living-lab-2022").pool}
    sitting = Counter(tag for name in body["members"] for tag in tags[name])
    assert len(body["members"]) == 15
    assert sitting["women"] >= 6
    assert sitting["men"] >= 6
    assert sitting["under_40"] >= 4
    assert computed["counts"]["selected"] == 5
    yes = {line["application"]: line["counts"].get("yes", 0) for line in computed["votes"]}
    carried = {line["application"] for line in computed["votes"] if line["outcome"] == "yes"}
    taken = {name for name in carried if lines("living-lab-2022")[name]["outcome"] == "selected"}
    assert min(yes[name] for name in taken) >= max(yes[name] for name in carried - taken)


def test_institutions_are_designated_task_by_task() -> None:
    name = "supporting-institutions-2019"
    assert Counter(seat.group for seat in case(name).seats) == {"external": 4, "internal": 1}
    granted, refused, failed = 0, 0, 0
    for application in case(name).applications:
        line = lines(name)[application.id]
        if line["outcome"] == "ineligible":
            continue
        assert [task["task"] for task in line["tasks"]] == tasks_of(definition(name), application)
        for task in line["tasks"]:
            states = {one["state"] for one in task.get("conditions", ())}
            granted += task["outcome"] == "selected"
            failed += "not_met" in states
            refused += task["outcome"] == "not_selected"
            assert not (task["outcome"] == "selected" and "not_met" in states)
    assert granted > 0
    assert refused > failed > 0


def test_cities_are_graded_by_the_indicators_of_their_day_and_the_marks_of_their_group() -> None:
    name = "city-certification-2023"
    measured = {one["id"]: one for one in decided(name)["stages"]}["measured"]
    versions = {line["application"]: line["version"] for line in measured["applications"]}
    assert set(versions.values()) == {"2022", "2023"}
    scores = {line["application"]: float(line["score"]) for line in decided(name)["ranking"]}
    groups = set()
    for application in case(name).applications:
        line = lines(name)[application.id]
        if application.id not in scores:
            continue
        assert versions[application.id] == ("2022" if application.received < "2023-05-01" else "2023")
        small = int(str(application.answers["population"])) < 500_000
        groups.add(line["group"])
        assert line["group"] == ("small-medium" if small else "large")
        marks = {"grade-1": 88 if small else 90, "grade-2": 79 if small else 80, "grade-3": 70, "grade-4": 60}
        best = next((grade for grade, mark in marks.items() if scores[application.id] >= mark), "grade-5")
        assert line["grade"] == best
        unmet = any(one["state"] == "not_met" for one in line.get("conditions", ()))
        assert (line["outcome"] == "selected") == (best in ("grade-1", "grade-2", "grade-3") and not unmet)
    assert groups == {"large", "small-medium"}


def test_a_product_needs_each_part_and_its_test_report() -> None:
    name = "product-quality-certification-2023"
    told = {code for line in lines(name).values() for code in codes(line)}
    assert {"outside_check_found", "threshold_reached"} <= told
    assert told & {"part_mark_missed", "threshold_missed"}
    assert any(
        "outside_check_open" in codes(line) for line in lines(name).values() if line["outcome"] == "undetermined"
    )


def test_the_minister_decides_each_sandbox_case_with_a_reason() -> None:
    name = "regulatory-sandbox-2020"
    assert isinstance(definition(name).decide, ByAppointment)
    given = {row.application: row for row in case(name).appointments}
    for application, line in lines(name).items():
        if application in given and line["outcome"] != "undetermined":
            decided_as = given[application].outcome
            assert any(code == f"authority_{decided_as}" for code in codes(line))
            assert all(reason["params"]["reason"] for reason in line["reasons"] if reason["code"].startswith("auth"))
        if given.get(application) and given[application].outcome == "reduced" and line["outcome"] == "selected":
            assert line["amount"] == "reduced"
            assert line["grant_krw"] < 500_000_000
    assert any("authority_has_not_decided" in codes(line) for line in lines(name).values())


def test_points_count_on_the_score_and_reduced_grants_are_paid_reduced() -> None:
    applied = {(row.application, row.adjustment) for name in RANKED for row in case(name).adjustments}
    assert applied
    told = {code for name in RANKED for line in lines(name).values() for code in codes(line)}
    assert {"bonus_points", "deduction_points", "grant_reduced"} <= told
    for name in RANKED:
        for row in case(name).reductions:
            assert lines(name)[row.application]["grant_krw"] == row.grant_krw


def test_four_centres_are_placed() -> None:
    assert decided("overseas-centres-2020")["counts"]["selected"] == 4


def test_no_code_names_a_programme() -> None:
    """A programme is data: the package must decide all thirteen without knowing one of them."""
    ids = {*PROGRAMMES, *(definition(name).programme for name in PROGRAMMES)}
    named = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(ids)))
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for text in _texts(ast.parse(path.read_text("utf-8")))
        if named.search(text)
    ]
    assert found == []


def _texts(tree: ast.Module) -> Iterator[str]:
    """The texts that code uses; an example in a docstring decides nothing."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
