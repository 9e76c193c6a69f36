"""The second verifier (JavaScript, in Chromium) against the first (Python): they share no code and must agree.

Every sample of `examples/` is sealed, in all editions, whole and forged in many ways; both programs judge each text.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from madang.cli.decide import seal_folder
from madang.core.reasons import Malformed
from madang.core.record.authenticity import Known
from madang.core.record.canonical import canonical
from madang.core.record.editions import Editor
from madang.core.record.receipts import read_receipt
from madang.core.record.seal import write
from madang.core.record.verify import verify
from madang.papers.folder import read
from tests.core.record.sealed import KEY, PUBLIC, leaf_of, sealed_again, with_one_change
from tests.core.record.sealed import sealed as sealed_case
from tests.core.record.test_attacks import RANKED as ATTACKED
from tests.core.record.test_attacks import closed as closed_leaves
from tests.core.record.test_attacks import equivocating

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "src/madang/web/static/verify/madang-verify.js"
SAMPLES = sorted(
    folder.name
    for folder in (ROOT / "examples").iterdir()
    if (folder / "call.yaml").exists() and folder.name != "kcity-network-2021"  # a reception without sheets
)
RANKED, DRAWN, VOTED, TASKS = (
    "kcity-network-2021-sample",
    "overseas-centres-2020-sample",
    "living-lab-2022-sample",
    "supporting-institutions-2019-sample",
)
LARGEST, BAND = "solution-spread-sample", "idea-fund-sample"
MONEY, GRADED, MARKED, APPOINTED = (
    "regional-base-2022-sample",
    "city-certification-2023-sample",
    "product-quality-certification-2023-sample",
    "regulatory-sandbox-2020-sample",
)

READ = "idea-reading-sample"

ONLY_FIRST = {"computed"}
"""Checks of the auditor's edition that the second verifier names as not checked: see second-verifier.md."""
ONLY_SECOND = {"eligibility", "outcomes"}
"""Checks that the first verifier makes inside `computed`; so is `ranking` in the auditor's edition."""

Record = dict[str, Any]


@cache
def sealed_text(sample: str) -> str:
    record, _ = seal_folder(read(ROOT / "examples" / sample), key=KEY)
    return write(record).decode()


def sealed(sample: str) -> Record:
    record: Record = json.loads(sealed_text(sample))
    return record


@cache
def editor(sample: str) -> Editor:
    return Editor(sealed(sample))


@pytest.fixture(scope="module")
def second(chromium: Any) -> Iterator[Callable[..., Any]]:
    """second(text, **options): what the second verifier says, in one page for all. Any request fails the test."""
    page = chromium.new_page()
    asked: list[str] = []
    page.add_script_tag(content=SCRIPT.read_text("utf-8"))
    page.on("request", lambda request: asked.append(request.url))

    def check(text: str, **options: Any) -> Any:
        return page.evaluate("([text, options]) => MadangVerify.verifyRecord(text, options)", [text, options])

    check.page = page  # type: ignore[attr-defined]  # for the tests of its parts
    yield check
    page.close()
    assert asked == []


def states(findings: list[dict[str, Any]]) -> dict[str, str]:
    """Check -> its state; of several findings of one check the one that says most."""
    weight = {"fails": 2, "holds": 1, "not_checked": 0}
    found: dict[str, str] = {}
    for finding in findings:
        check, state = finding["check"], finding["state"]
        found[check] = max(found.get(check, "not_checked"), state, key=weight.__getitem__)
    return found


def first(text: str, known: Known | None = None) -> dict[str, Any]:
    result = verify(text, known=known)
    return {"exit_code": result.exit_code, "findings": [finding.as_json() for finding in result.findings]}


def assert_agreed(text: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same verdict, and the same state of every check that both make."""
    assert one["exit_code"] == other["exit_code"], (one, other)
    mine, theirs = states(one["findings"]), states(other["findings"])
    auditor = json.loads(text)["edition"] == "auditor"
    assert set(mine) - set(theirs) == set()
    beside = ONLY_SECOND | ({"ranking"} if auditor else set())
    assert set(theirs) - set(mine) <= beside
    for check, state in mine.items():
        if auditor and check in ONLY_FIRST:
            assert theirs[check] == "not_checked"
        else:
            assert theirs[check] == state, check


# -- whole records -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES)
def test_both_agree_on_every_check_of_an_intact_record_in_each_edition(sample: str, second: Callable[..., Any]) -> None:
    editions = editor(sample)
    names = editions.applications()
    texts = [sealed_text(sample)]
    texts += [write(edition).decode() for edition in (editions.public(), *map(editions.party, names[:3]))]
    for text in texts:
        one = first(text, Known(key=PUBLIC))
        assert one["exit_code"] == 0
        assert_agreed(text, one, second(text, key=PUBLIC))


def test_the_second_verifier_computes_and_does_not_only_nod(second: Callable[..., Any]) -> None:
    """Each check of an auditor's record holds or says why it was not made."""
    found = states(second(sealed_text(RANKED), key=PUBLIC)["findings"])
    asked = "root signature key definition inputs draws scores ranking selection outcomes statistics decided"
    assert {check for check, state in found.items() if state == "holds"} >= set(asked.split())


# -- forgeries ---------------------------------------------------------------------------------------------------------

Forge = Callable[[Record], None]


def value(start: str, **changes: Any) -> Forge:
    """The first leaf whose name starts so, with these values."""

    def forge(record: Record) -> None:
        leaf = leaf_of(record, start)["value"]
        assert any(leaf.get(key) != new for key, new in changes.items()), leaf
        leaf.update(changes)

    return forge


def values(record: Record, start: str) -> list[dict[str, Any]]:
    found = [leaf for leaf in record["leaves"] if leaf["name"].startswith(start)]
    return [leaf["value"] for leaf in sorted(found, key=lambda leaf: leaf["name"])]


def read_by_another(record: Record) -> None:
    """The first sheet signed by somebody who reads, but not this application."""
    leaf = leaf_of(record, "scored-by/")
    mine = leaf["name"].split("/")[1]
    readers = [one["evaluator"] for one in values(record, f"assignments/{mine}/")]
    leaf["value"]["evaluator"] = next(e for e in _readers(record) if e not in readers)


def _readers(record: Record) -> list[str]:
    return sorted({one["evaluator"] for one in values(record, "assignments/")})


def one_reads_all(record: Record) -> None:
    """Where somebody does not read, they take the place of who does, with the sheet."""
    who = _readers(record)[0]
    taken = {row["application"] for row in values(record, "assignments/") if row["evaluator"] == who}
    others = [row for row in values(record, "assignments/") if row["application"] not in taken]
    for row in {row["application"]: row for row in others}.values():
        for leaf in record["leaves"]:
            mine = leaf["name"].startswith(f"scored-by/{row['application']}/")
            if mine and leaf["value"]["evaluator"] == row["evaluator"]:
                leaf["value"]["evaluator"] = who
        row["evaluator"] = who


def one_reader_less(record: Record) -> None:
    """An assignment is taken out, with the sheet that came of it."""
    leaf = leaf_of(record, "assignments/")
    row = leaf["value"]
    sheet = next(
        one["name"].partition("/")[2]
        for one in record["leaves"]
        if one["name"].startswith(f"scored-by/{row['application']}/") and one["value"]["evaluator"] == row["evaluator"]
    )
    gone = {leaf["name"], *(f"{kind}/{sheet}" for kind in ("sheets", "comments", "scored-by"))}
    record["leaves"] = [one for one in record["leaves"] if one["name"] not in gone]


def assigned_again(record: Record) -> None:
    """A pair that stands in the plan twice."""
    first_of = leaf_of(record, "assignments/")
    name = first_of["name"].rpartition("/")[0] + "/900"
    record["leaves"].append({**copy.deepcopy(first_of), "name": name})


def assigned_in_conflict(record: Record) -> None:
    """Who is in conflict with an application is given it besides."""
    row = leaf_of(record, "conflicts/")["value"]
    name = f"assignments/{row['application']}/900"
    new = {"stage": "written", "application": row["application"], "evaluator": row["evaluator"]}
    record["leaves"].append({"name": name, "salt": "0" * 32, "value": new})


def swapped(start: str, key: str) -> Forge:
    """Two leaves of a kind exchange a value."""

    def forge(record: Record) -> None:
        mine = values(record, start)
        other = next(one for one in mine if one[key] != mine[0][key])
        mine[0][key], other[key] = other[key], mine[0][key]

    return forge


def both(*forges: Forge) -> Forge:
    def forge(record: Record) -> None:
        for one in forges:
            one(record)

    return forge


def everywhere(application: int, **changes: str) -> Forge:
    """An outcome changed in the result, in the decision and in every count."""

    def forge(record: Record) -> None:
        line = values(record, "computed/outcomes/")[application]
        before, after = line["outcome"], changes["outcome"]
        assert before != after
        line["outcome"] = after
        next(one for one in values(record, "decided/") if one["application"] == line["application"])["outcome"] = after
        counts = values(record, "computed/counts")[0]
        counts[before] -= 1
        counts[after] += 1
        for name in ("computed/summary", "decided-summary"):
            values(record, name)[0]["selected"] = counts["selected"]

    return forge


def where(start: str, test: Callable[[Any], Any], **changes: Any) -> Forge:
    """The first value of a kind that passes the test, with these values."""
    return lambda record: next(one for one in values(record, start) if test(one)).update(changes)


def each(start: str, **changes: Any) -> Forge:
    """All values of a kind, with these values."""

    def forge(record: Record) -> None:
        for one in values(record, start):
            one.update(changes)

    return forge


def score_of(criterion: str, score: str) -> Forge:
    """Another score on the first sheet that counted: one that was dropped as the lowest may well be lower still."""

    def forge(record: Record) -> None:
        kept = leaf_of(record, "computed/counted/")["value"]
        number = next(k for k in range(9) if k not in kept.get("dropped", ()))
        leaf_of(record, f"sheets/{kept['application']}/{number:03d}")["value"]["scores"][criterion] = score

    return forge


def without(start: str) -> Forge:
    return lambda record: record["leaves"].remove(leaf_of(record, start))


def also(name: str, content: Any) -> Forge:
    return lambda record: record["leaves"].append({"name": name, "salt": "0" * 32, "value": content})


def conflict(record: Record) -> None:
    sheet = leaf_of(record, "sheets/")["name"].removeprefix("sheets/")
    evaluator = leaf_of(record, f"scored-by/{sheet}")["value"]["evaluator"]
    application = sheet.rpartition("/")[0]
    also(f"conflicts/{application}/900", {"application": application, "evaluator": evaluator, "reason": "kin"})(record)


def sheet_twice(record: Record) -> None:
    leaf = leaf_of(record, "scored-by/")
    other = leaf_of(record, leaf["name"][:-3] + "001")
    assert other["value"] != leaf["value"]
    other["value"] = copy.deepcopy(leaf["value"])


def deviation(reason: str | None) -> Forge:
    def forge(record: Record) -> None:
        line = next(one for one in values(record, "decided/") if one["outcome"] == "not_selected")
        line.update(outcome="selected", departs=True)
        values(record, "decided-summary")[0]["selected"] += 1
        if reason is not None:
            name = line["application"]
            also(f"deviations/{name}", {"application": name, "reason": reason})(record)

    return forge


def inside(start: str, *path: Any, to: Any) -> Forge:
    """A value deep in the first leaf whose name starts so."""

    def forge(record: Record) -> None:
        part = leaf_of(record, start)["value"]
        for step in path[:-1]:
            part = part[step]
        assert part[path[-1]] != to
        part[path[-1]] = to

    return forge


def exchanged(start: str, key: str) -> Forge:
    """The first two entries of a list change places."""

    def forge(record: Record) -> None:
        found = leaf_of(record, start)["value"][key]
        found[0], found[1] = found[1], found[0]

    return forge


def next_in_line(record: Record) -> None:
    """The last of the selected gives way to the first of the reserve, in every place that tells it."""
    selection = values(record, "computed/selections/")[0]
    reserve = selection["reserve"]
    gone, come = selection["selected"][-1], reserve[0]
    selection["selected"][-1], reserve[0] = come, gone
    for kind in ("computed/outcomes/", "decided/"):
        one, other = (next(v for v in values(record, kind) if v["application"] == name) for name in (gone, come))
        for key in set(one) - {"application"}:
            one[key], other[key] = other[key], one[key]


def granted(line: dict[str, Any]) -> bool:
    return bool(line["outcome"] == "selected")


def ineligible(line: dict[str, Any]) -> bool:
    return not line["eligible"]


def one_left_out(record: Record) -> None:
    values(record, "computed/selections/")[0]["selected"].pop()


def other_text(record: Record) -> None:
    leaf_of(record, "definition-text")["value"] += "\n# more\n"


def condition_gone(record: Record) -> None:
    next(one for one in values(record, "computed/outcomes/") if one.get("conditions"))["conditions"].pop()


def own_money(record: Record) -> None:
    """Too little own money to match the grant, of one who was selected."""
    name = values(record, "computed/selections/")[0]["selected"][0]
    leaf_of(record, f"answers/{name}")["value"]["answers"]["local"] = 1


def in_proof(change: Forge) -> Forge:
    """The proof that nothing has a larger total value, changed."""
    return lambda record: change(values(record, "computed/selections/")[0]["certificate"]["proof"])


def other_multipliers(proof: Record) -> None:
    """No bound follows from these."""
    for node in proof["value"]:
        node["sums"] = [[[row, "1"] for row, _ in sum_] for sum_ in node["sums"]]


def lifted(record: Record) -> None:
    """Somebody far below the line is stated to be near it."""
    lines = values(record, "computed/bands/all")[0]["probabilities"]
    min(lines, key=lambda line: float(line["p_top"]))["p_top"] = "0.5"


RESEALED: dict[str, tuple[str, Forge]] = {
    "score of a sheet": (RANKED, score_of("cooperation", "11")),
    "score off the scale": (RANKED, score_of("cooperation", "101")),
    "score off the step": (RANKED, score_of("cooperation", "70.5")),
    "score that is no number": (RANKED, score_of("cooperation", "many")),
    "score of an unknown criterion": (RANKED, score_of("beauty", "70")),
    "stage score": (RANKED, value("computed/stages/", score="99.99")),
    "exact stage score": (RANKED, value("computed/stages/", exact="99")),
    "mean of a criterion": (RANKED, inside("computed/stages/", "criteria", "cooperation", to="1.00")),
    "number of sheets": (RANKED, value("computed/counted/", sheets=3)),
    "another sheet dropped": (RANKED, value("computed/counted/", dropped=[0, 0])),
    "not trimmed": (RANKED, value("computed/counted/", trimmed=False)),
    "total": (RANKED, value("computed/scores/", score="99.00", exact="99")),
    "rounded the other way": (DRAWN, value("computed/scores/", score="0.01")),
    "passed": (RANKED, value("computed/scores/", passed=False)),
    "two ranks swapped": (RANKED, swapped("computed/ranking/", "rank")),
    "rank": (DRAWN, value("computed/ranking/", rank=99)),
    "rank and total swapped": (DRAWN, both(swapped("computed/ranking/", "rank"), swapped("computed/scores/", "score"))),
    "outcome": (RANKED, everywhere(0, outcome="undetermined")),
    "outcome of a vote": (VOTED, everywhere(0, outcome="selected")),
    "outcome of a grade": (GRADED, everywhere(0, outcome="reserve")),
    "outcome of an appointment": (APPOINTED, everywhere(0, outcome="undetermined")),
    "selected instead of the better": (DRAWN, next_in_line),
    "reserve": (DRAWN, exchanged("computed/selections/all", "reserve")),
    "place in the reserve": (DRAWN, where("computed/outcomes/", lambda v: v["place"], place=9)),
    "one more selected": (DRAWN, lambda record: values(record, "computed/selections/")[0]["selected"].append("A02")),
    "money used": (MONEY, value("computed/selections/all", used_krw=1)),
    "selection with minimums, one left out": (RANKED, one_left_out),
    "total value: no proof": (LARGEST, in_proof(lambda proof: proof.update(value=[]))),
    "total value: a sum that proves nothing": (LARGEST, in_proof(other_multipliers)),
    "total value: another is called best": (LARGEST, in_proof(lambda proof: proof.update(chosen=proof["chosen"][1:]))),
    "total value: a row that is none": (LARGEST, in_proof(lambda p: p["value"][0]["sums"][0].append([999, "1"]))),
    "total value: one is left out": (LARGEST, lambda r: values(r, "computed/selections/")[0]["selected"].pop()),
    "total value: the sum": (LARGEST, value("computed/selections/all", value=9999)),
    "total value: money used": (LARGEST, value("computed/selections/all", used_krw=1)),
    "band: another order": (BAND, exchanged("computed/bands/all", "band")),
    "band: another line": (BAND, value("computed/bands/all", top=3)),
    "band: somebody lifted into it": (BAND, lifted),
    "band: gone": (BAND, without("computed/bands/")),
    "band: not settled": (BAND, value("computed/bands/all", settled=False)),
    "band where none was announced": (RANKED, also("computed/bands/all", {"list": "all", "band": []})),
    "grant": (RANKED, where("computed/outcomes/", lambda v: v["grant_krw"], grant_krw=7)),
    "reduction": (RANKED, value("reductions/", grant_krw=1)),
    "reduction over what was asked": (RANKED, value("reductions/", grant_krw=10**15)),
    "own money of a selected one": (MONEY, own_money),
    "adjustment points": (MONEY, value("adjustments/", points="2.5")),
    "adjustment not announced": (MONEY, value("adjustments/", adjustment="friendship")),
    "adjustment over its points": (MONEY, value("adjustments/", points="30")),
    "lots: a reveal": (DRAWN, value("reveals/000000", reveal="another")),
    "lots: the public value": (DRAWN, value("draws/000000", public="another")),
    "lots: the entries": (DRAWN, value("draws/000000", entries_sha256="0" * 64)),
    "lots: their order": (DRAWN, exchanged("computed/draws/lots", "order")),
    "lots: the digest": (DRAWN, value("computed/draws/lots", digest="0" * 64)),
    "panel: a member": (DRAWN, exchanged("computed/draws/panel:", "members")),
    "panel: a substitute": (DRAWN, exchanged("computed/draws/panel:", "substitutes")),
    "panel: an exclusion": (DRAWN, without("exclusions/")),
    "panel: tags": (DRAWN, each("pool/", tags=[])),
    "panel: where from": (DRAWN, value("origin", panel="none")),
    "vote": (VOTED, where("votes/", lambda v: v["option"] == "yes", option="no")),
    "vote on nothing": (VOTED, value("votes/", option="perhaps")),
    "vote of nobody": (VOTED, value("votes/", seat="R99")),
    "vote counts": (VOTED, inside("computed/votes/", "counts", "yes", to=15)),
    "vote outcome": (VOTED, value("computed/votes/", outcome="rejected")),
    "vote of a task": (TASKS, value("computed/votes-several/", cast=1)),
    "outcome of a task": (TASKS, where("computed/tasks/", granted, outcome="not_selected")),
    "condition": (TASKS, where("conditions/", bool, met=False, condition="readiness")),
    "condition of an outcome": (APPOINTED, condition_gone),
    "appointment": (APPOINTED, where("appointments/", lambda v: v["outcome"] == "granted", outcome="refused")),
    "appointed grant": (APPOINTED, where("appointments/", lambda v: v.get("grant_krw"), grant_krw=1)),
    "advice": (APPOINTED, each("opinions/", text="")),
    "grade": (GRADED, value("computed/outcomes/", grade="grade-5")),
    "group": (GRADED, value("computed/outcomes/", group="giants")),
    "measured value": (GRADED, lambda record: values(record, "answers/")[0]["answers"].update(services="999")),
    "mark of a part": (MARKED, everywhere(0, outcome="reserve")),
    "ineligible made eligible": (MARKED, where("computed/eligibility/", ineligible, eligible=True)),
    "failed check removed": (MARKED, each("checklist/", verdict="fail")),
    "open outside check": (MARKED, each("outside_checks/", verdict="unknown")),
    "sheet in conflict": (RANKED, conflict),
    "two sheets of one evaluator": (RANKED, sheet_twice),
    "sheet without its evaluator": (RANKED, without("scored-by/")),
    "row about nobody": (RANKED, also("checklist/A99/000", {"application": "A99", "item": "papers"})),
    "unknown leaf": (RANKED, also("secrets/000000", {"a": 1})),
    "score leaf gone": (RANKED, without("computed/scores/")),
    "outcome leaf gone": (RANKED, without("computed/outcomes/")),
    "decision gone": (RANKED, without("decided/")),
    "count of outcomes": (RANKED, value("computed/counts", selected=13)),
    "summary": (RANKED, value("computed/summary", selected=13)),
    "decided summary": (RANKED, value("decided-summary", selected=13)),
    "decision in silence": (RANKED, where("decided/", lambda v: v["outcome"] == "not_selected", outcome="selected")),
    "deviation without reason": (RANKED, deviation(None)),
    "deviation with an empty reason": (RANKED, deviation("  ")),
    "definition hash": (RANKED, value("meta", definition_sha256="0" * 64)),
    "another call": (RANKED, value("meta", call="another")),
    "definition text": (RANKED, other_text),
    "a sheet by one not assigned": (READ, read_by_another),
    "a reader given another name": (READ, value("assignments/", evaluator="0123456789abcdef")),
    "an assignment gone": (READ, without("assignments/A07/001")),
    "an assignment twice": (READ, assigned_again),
    "an assignment in conflict": (READ, assigned_in_conflict),
    "an assignment in another stage": (READ, value("assignments/", stage="talk")),
    "a plan of another stage": (READ, value("assignment_plans/", stage="talk")),
    "more applications than may be read": (READ, one_reads_all),
    "an assignment with its sheet gone": (READ, one_reader_less),
    "a total that the pairs do not have": (READ, value("assignment_plans/", total="103", total_bound="103")),
    "a worst sum that no application has": (READ, value("assignment_plans/", worst="2.4", worst_bound="2.4")),
    "a bound below what was found": (READ, value("assignment_plans/", status="feasible", total_bound="100")),
    "a best plan below its bound": (READ, value("assignment_plans/", worst_bound="2.5")),
    "a kept plan with a bound": (READ, value("assignment_plans/", kept=True)),
    "a plan for another objective": (READ, value("assignment_plans/", objective="total")),
    "a plan of no status": (READ, value("assignment_plans/", status="best")),
    "no word on the plan": (READ, without("assignment_plans/000000")),
    "an affinity that is no number": (READ, value("assignments/", affinity="1e9")),
    "a total that is no number": (READ, value("assignment_plans/", total="much")),
    "a panel beside the plan": (READ, also("panel/000000", {"stage": "written", "evaluator": "0123456789abcdef"})),
    "a plan that is not asked for": (
        RANKED, also("assignment_plans/000000", {"stage": "written", "objective": "fair"})),
    "cases of the statistics": (RANKED, inside("computed/statistics", "total", "cases", to=99)),
    "cases of a type": (RANKED, inside("computed/statistics", "by_type", 0, "cases", to=99)),
    "cases of a country": (RANKED, inside("computed/statistics", "by_country", 0, "cases", to=99)),
}  # fmt: skip


@pytest.mark.parametrize("name", RESEALED)
def test_both_find_what_was_forged_and_sealed_anew(name: str, second: Callable[..., Any]) -> None:
    sample, forge = RESEALED[name]
    record = sealed(sample)
    forge(record)
    text = sealed_again(record)
    assert first(text)["exit_code"] == 1
    found = second(text)
    assert found["exit_code"] == 1
    assert states(found["findings"])["root"] == "holds"


def test_a_deviation_with_its_reason_is_no_contradiction_for_either(second: Callable[..., Any]) -> None:
    record = sealed(RANKED)
    deviation("the applicant was misled by our notice")(record)
    text = sealed_again(record)
    one, other = first(text), second(text)
    assert one["exit_code"] == other["exit_code"] == 0
    assert_agreed(text, one, other)


def pretty(record: Record) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False)


def shuffled(record: Record) -> str:
    record["leaves"][3], record["leaves"][4] = record["leaves"][4], record["leaves"][3]
    return write(record).decode()


def changed_frame(**changes: Any) -> Callable[[Record], str]:
    return lambda record: write({**record, **changes}).decode()


def signature(key: str, text: str) -> Callable[[Record], str]:
    return lambda record: write({**record, "signatures": [{**record["signatures"][0], key: text}]}).decode()


def leaf_removed(record: Record) -> str:
    del record["leaves"][5]
    return write(record).decode()


def leaf_repeated(record: Record) -> str:
    record["leaves"].insert(5, record["leaves"][5])
    return write(record).decode()


def leaf_value(record: Record) -> str:
    leaf_of(record, "sheets/")["value"]["scores"]["cooperation"] = "12"
    return write(record).decode()


def closed(record: Record) -> str:
    """A leaf of the auditor's edition closed, with its true commitment: the root still holds."""
    text = canonical([record["leaves"][5][key] for key in ("name", "salt", "value")])
    record["leaves"][5] = {"commitment": hashlib.sha256(b"\0" + text).hexdigest()}
    return write(record).decode()


def replaced(old: str, new: str) -> Callable[[Record], str]:
    def forge(record: Record) -> str:
        text = write(record).decode()
        assert old in text
        return text.replace(old, new, 1)

    return forge


BROKEN: dict[str, Callable[[Record], str]] = {
    "spaces and line ends": pretty,
    "leaves out of order": shuffled,
    "a leaf removed": leaf_removed,
    "a leaf repeated": leaf_repeated,
    "a value changed": leaf_value,
    "a leaf closed": closed,
    "root": changed_frame(root="0" * 64),
    "root with capitals": changed_frame(root="A" * 64),
    "another edition": changed_frame(edition="public"),
    "no edition": changed_frame(edition="secret"),
    "another version": changed_frame(madang_record=2),
    "one key more": changed_frame(remark=1),
    "no leaves": changed_frame(leaves=[]),
    "no signatures": changed_frame(signatures=[]),
    "signature": signature("signature", "0" * 128),
    "signature too short": signature("signature", "00"),
    "key of the signature": signature("key", "1" * 64),
    "kind of signature": signature("algorithm", "RSA"),
    "a float": replaced('"number":0', '"number":0.5'),
    "a whole number written as a float": replaced('"number":1', '"number":1.0'),
    "too large a number": replaced('"number":1', '"number":9007199254740993'),
    "a key twice": replaced('"madang_record":1', '"madang_record":1,"madang_record":1'),
    "a key twice in a leaf": replaced('"number":0', '"number":0,"number":0'),
    "an escaped letter": replaced('"auditor"', '"\\u0061uditor"'),
    "a lone surrogate": replaced('"program":"madang', '"program":"\\ud800madang'),
    "half a file": lambda record: write(record).decode()[:5000],
    "another JSON": lambda record: '{"a":1}',
    "no JSON": lambda record: "record",
    "nothing": lambda record: "",
}


@pytest.mark.parametrize("name", BROKEN)
def test_both_say_the_same_of_a_file_changed_after_sealing(name: str, second: Callable[..., Any]) -> None:
    text = BROKEN[name](sealed(RANKED))
    one, other = first(text), second(text)
    assert one["exit_code"] == other["exit_code"], (one, other)
    if one["exit_code"] == 0:
        assert states(one["findings"]).get("canonical") == states(other["findings"]).get("canonical")


# -- editions, receipts, deposits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [RANKED, MARKED, VOTED, MONEY])
def test_what_the_first_finds_in_editions_of_forged_records_the_second_finds_too(
    sample: str, second: Callable[..., Any]
) -> None:
    """Editions of records in which one value of the result was changed and everything sealed anew. (The second also
    finds a decision that stands under another name than its own.)
    """
    chance, record = random.Random(7), sealed(sample)
    kinds = ("computed/scores", "computed/stages", "computed/outcomes", "decided/", "computed/votes", "sheets/")
    results = sorted(leaf["name"] for leaf in record["leaves"] if leaf["name"].startswith(kinds))
    found = 0
    for _ in range(16):
        name = chance.choice(results)
        forged, what = with_one_change(record, lambda copied: leaf_of(copied, name), chance)  # noqa: B023
        try:
            editions = Editor(json.loads(sealed_again(forged)))
            own = leaf_of(record, name)["value"]["application"]
            texts = [write(editions.public()).decode(), write(editions.party(own)).decode()]
        except (KeyError, TypeError, ValueError, Malformed):
            continue  # so misshapen that no edition can be made of it
        for text in texts:
            one, other = first(text), second(text)
            assert one["exit_code"] <= other["exit_code"], (name, what, one, other)
            found += one["exit_code"]
    assert found


def test_an_edition_that_opens_too_much_is_told(second: Callable[..., Any]) -> None:
    party = editor(RANKED).party(editor(RANKED).applications()[0])
    for record in (party, sealed(RANKED)):
        found = second(write({**record, "edition": "public"}).decode())
        told = {reason["code"] for one in found["findings"] if one["check"] == "edition" for reason in one["reasons"]}
        assert "edition_opens_more" in told
    for record in (party, editor(RANKED).public()):
        found = second(write(record).decode())
        assert "edition_opens_more" not in json.dumps(found)


def test_receipts_hold_and_fail_alike(second: Callable[..., Any]) -> None:
    receipts = list(editor(DRAWN).receipts().values())
    changed = sealed(DRAWN)
    score_of("market", "1")(changed)
    broken = json.loads(receipts[0])
    broken["leaves"][-1]["path"][0] = "0" * 64
    public = write(editor(DRAWN).public()).decode()
    for text in (sealed_text(DRAWN), public, sealed_again(changed)):
        for receipt in (*map(bytes.decode, receipts[:2]), json.dumps(broken)):
            one = first(text, Known(receipts=(read_receipt(receipt),)))
            other = second(text, receipts=[receipt])
            assert one["exit_code"] == other["exit_code"]
            assert states(one["findings"])["receipt"] == states(other["findings"])["receipt"]


def test_a_deposit_note_is_held_against_the_root(second: Callable[..., Any]) -> None:
    text = sealed_text(DRAWN)
    root = json.loads(text)["root"]
    grouped = " ".join(root[at : at + 4] for at in range(0, 64, 4))
    for note in (f"root: {root}", f"Root of the record\n{root.upper()}\n", f"루트: {grouped}\n"):
        assert states(second(text, anchorText=note)["findings"])["anchor"] == "holds", note
    other = second(text, anchorText=f"root: {'0' * 64}")
    assert other["exit_code"] == 1
    assert states(other["findings"])["anchor"] == "fails"
    unreadable = second(text, anchorText="-----BEGIN TIMESTAMP-----\nMII\n")
    assert states(unreadable["findings"])["anchor"] == "not_checked"


def test_a_strangers_key_is_told_apart(second: Callable[..., Any]) -> None:
    found = second(sealed_text(DRAWN), key="0" * 64)
    assert found["exit_code"] == 1
    assert states(found["findings"])["key"] == "fails"


# -- any change --------------------------------------------------------------------------------------------------------

CHECKED = (
    *(f"computed/{part}/" for part in ("stages", "counted", "scores", "ranking", "outcomes", "tasks", "votes")),
    *("decided", "sheets/", "votes/"),
)


@pytest.mark.parametrize("sample", [RANKED, MONEY, GRADED, TASKS])
def test_any_value_of_what_it_computes_is_found_when_changed(sample: str, second: Callable[..., Any]) -> None:
    chance, record = random.Random(3), sealed(sample)
    names = sorted(leaf["name"] for leaf in record["leaves"] if leaf["name"].startswith(CHECKED))
    for _ in range(25):
        name = chance.choice(names)
        forged, what = with_one_change(record, lambda copied: leaf_of(copied, name)["value"], chance)  # noqa: B023
        text = sealed_again(forged)
        assert second(text)["exit_code"] == first(text)["exit_code"], (name, what)


def test_hostile_values_never_stop_it(second: Callable[..., Any]) -> None:
    chance, record = random.Random(5), sealed(DRAWN)
    hostile: list[Any] = [None, [], {}, 0, "", "x" * 1000, [[]], {"a": None}, True, "1/0", {"__proto__": 1}]
    for leaf in record["leaves"]:
        if leaf["name"].startswith("padding/") or chance.random() < 0.5:
            continue
        kept = leaf["value"]
        leaf["value"] = chance.choice([value for value in hostile if value != kept])
        found = second(write(record).decode())
        assert found["exit_code"] in (1, 2)
        leaf["value"] = kept


# -- known vectors -----------------------------------------------------------------------------------------------------


def test_hashes_against_the_browsers_own_and_against_python(second: Any) -> None:
    lengths = [0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 1000, 70000]
    told = second.page.evaluate(
        """lengths => lengths.map(length => {
             const bytes = Uint8Array.from({length}, (_, i) => i * 7 % 251);
             return [MadangVerify.hex(MadangVerify.sha256(bytes)), MadangVerify.hex(MadangVerify.sha512(bytes))];
           })""",
        lengths,
    )
    for length, hashes in zip(lengths, told, strict=True):
        content = bytes(i * 7 % 251 for i in range(length))
        assert hashes == [hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest()]


RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


def test_ed25519_against_rfc_8032(second: Any) -> None:
    holds = "told => MadangVerify.ed25519Verify(...told.map(MadangVerify.unhex))"
    for key, message, signed in RFC_8032:
        assert second.page.evaluate(holds, [key, message, signed]) is True
        assert second.page.evaluate(holds, [key, message + "00", signed]) is False
        for at in (0, 40, 70, 127):
            other = signed[:at] + f"{int(signed[at], 16) ^ 1:x}" + signed[at + 1 :]
            assert second.page.evaluate(holds, [key, message, other]) is False
        # the same point with S + L: equal in value, refused by the RFC
        s = int.from_bytes(bytes.fromhex(signed[64:]), "little") + 2**252 + 27742317777372353535851937790883648493
        if s < 2**256:
            assert second.page.evaluate(holds, [key, message, signed[:64] + s.to_bytes(32, "little").hex()]) is False


# -- the page ----------------------------------------------------------------------------------------------------------


def choose(page: Any, name: str, text: str, field: str = "#record") -> None:
    page.set_input_files(field, {"name": name, "mimeType": "application/json", "buffer": text.encode()})


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_chosen_file_is_checked_in_the_browser_and_sent_nowhere(
    language: str, visit: Callable[..., Any], axe: Callable[[Any], Any]
) -> None:
    page = visit("/verify", language=language, width=390)
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # it sets an attribute on what it is given
    choose(page, "record.json", sealed_text(RANKED))
    page.wait_for_selector("#verify-verdict")
    told = page.inner_text("#verify-here")
    assert ("not sent anywhere" if language == "en" else "어디에도 보내지 않았습니다") in told
    assert page.get_attribute(".m-verdict", "data-tone") == "success"
    assert page.locator("#verify-here .m-findings > li").count() > 12
    assert "js_" not in told  # every sentence has its words
    # The worker's own program is fetched, and static parts of the page (a font, the mark): nothing that carries data.
    assert "madang-verify.js" in {request.url.rpartition("/")[2] for request in asked}
    for request in asked:
        assert (request.method, request.post_data) == ("GET", None)
        assert re.fullmatch(rf"{re.escape(page.url.removesuffix('/verify'))}/static/[\w./-]+", request.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []


@pytest.mark.django_db
def test_a_forged_file_is_refused_and_its_markup_stays_text(visit: Callable[..., Any]) -> None:
    record = sealed(DRAWN)
    leaf_of(record, "decided/")["name"] = "decided/<img src=x onerror=alert(1)>"
    page = visit("/verify", language="en")
    choose(page, "<b>record</b>.json", sealed_again(record))
    page.wait_for_selector("#verify-verdict")
    assert page.get_attribute(".m-verdict", "data-tone") == "danger"
    assert page.locator("#verify-here img, #verify-here b").count() == 0
    assert "<img src=x" in page.inner_text("#verify-here")


@pytest.mark.django_db
def test_key_receipt_and_deposit_are_checked_beside_the_file(visit: Callable[..., Any]) -> None:
    page = visit("/verify", language="en")
    page.fill("#key", PUBLIC)
    page.dispatch_event("#key", "change")
    choose(page, "receipt.json", next(iter(editor(DRAWN).receipts().values())).decode(), "#receipt")
    choose(page, "deposit.txt", f"root: {sealed(DRAWN)['root']}", "#anchor")
    choose(page, "record.json", sealed_text(DRAWN))
    page.wait_for_selector("#verify-verdict")
    told = page.inner_text("#verify-here")
    assert "The key that was given signed this root" in told
    assert "sealed sheets of evaluator" in told
    assert "The deposit note holds this record's root" in told


@pytest.mark.django_db
def test_the_servers_program_takes_receipts_and_deposits_and_every_edition(visit: Callable[..., Any]) -> None:
    page = visit("/verify", language="en", script=False)
    choose(page, "record.public.json", write(editor(DRAWN).public()).decode())
    choose(page, "receipt.json", next(iter(editor(DRAWN).receipts().values())).decode(), "#receipt")
    choose(page, "deposit.txt", f"root: {sealed(DRAWN)['root']}", "#anchor")
    page.click("button[type=submit]:has-text('server')")
    told = page.inner_text(".m-verdict")
    assert "Exit code of the command: 0" in told
    assert "sealed sheets of evaluator" in told


@pytest.mark.django_db
def test_the_offline_file_checks_without_any_request(chromium: Any, client: Any, tmp_path: Path) -> None:
    answer = client.get("/verify/madang-verify.html")
    assert "attachment" in answer["Content-Disposition"]
    kept = tmp_path / "madang-verify.html"
    kept.write_bytes(answer.content)
    page = chromium.new_page()
    page.goto(kept.as_uri())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, "record.json", sealed_text(DRAWN))
    page.wait_for_selector("#verify-verdict")
    assert page.get_attribute(".m-verdict", "data-tone") == "success"
    assert asked == []
    page.close()


def _attacks() -> dict[str, tuple[str, dict[str, Any]]]:
    forged, receipt = equivocating()
    conflict = leaf_of(sealed_case(ATTACKED), "conflicts/")["name"]
    return {
        "another sheet sealed beside": (write(forged).decode(), {"receipts": [receipt]}),
        "a conflict closed": (closed_leaves(sealed_case(ATTACKED), {conflict}), {}),
        "the auditor's called public": (write({**sealed_case(ATTACKED), "edition": "public"}).decode(), {}),
        "the auditor's called party's": (write({**sealed_case(ATTACKED), "edition": "party"}).decode(), {}),
    }


@pytest.mark.parametrize("name", _attacks())
def test_both_find_what_was_made_to_be_believed(name: str, second: Callable[..., Any]) -> None:
    text, options = _attacks()[name]
    known = Known(receipts=tuple(map(read_receipt, options.get("receipts", ()))))
    assert (first(text, known)["exit_code"], second(text, **options)["exit_code"]) == (1, 1)
