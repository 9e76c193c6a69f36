"""A record convinces a stranger, and every change in it is found."""

import json
import random
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core.deciding.case import Case, Member
from madang.core.record.veil import veil
from madang.core.record.verify import State, verify
from tests.core.deciding.small_calls import BASE, applications, judged, sheet
from tests.core.record.sealed import (
    KEY,
    PROGRAMMES,
    PUBLIC,
    leaf_of,
    seal_case,
    sealed,
    sealed_again,
    sealed_text,
    with_one_change,
)

CHANGES = -(-500 // len(PROGRAMMES))  # 500 in all


def states(result):
    return {finding.check: finding.state for finding in result.findings}


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_an_untouched_record_holds_in_every_check(programme):
    result = verify(sealed_text(programme), key=PUBLIC)
    assert result.exit_code == 0
    checked = states(result)
    checked.pop("draws", None)  # panels that are handed in cannot be checked, and it is said
    assert set(checked.values()) == {State.HOLDS}
    always = {"root", "signature", "key", "definition", "inputs", "computed", "statistics", "decided"}
    assert always <= set(states(result))


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_any_single_change_is_found(programme):
    record, chance = sealed(programme), random.Random(7)
    missed = []
    for _ in range(CHANGES):
        forged, what = with_one_change(record, lambda copied: copied, chance)
        if verify(json.dumps(forged), key=PUBLIC).exit_code == 0:
            missed.append(what)
    assert missed == []


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_change_inside_the_result_is_found_though_hash_and_signature_were_made_anew(programme):
    record, chance = sealed(programme), random.Random(11)

    def results(copied):
        return [leaf["value"] for leaf in copied["leaves"] if leaf["name"].startswith(("computed/", "decided/"))]

    missed = []
    for _ in range(CHANGES):
        forged, what = with_one_change(record, results, chance)
        if verify(sealed_again(forged), content_only=True).exit_code != 1:
            missed.append(what)
    assert missed == []


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_leaf_taken_out_of_the_result_is_found(programme):
    record = sealed(programme)
    results = [leaf for leaf in record["leaves"] if leaf["name"].startswith(("computed/", "decided/"))]
    for gone in random.Random(3).sample(results, 10):
        forged = {**record, "leaves": [leaf for leaf in record["leaves"] if leaf != gone]}
        assert verify(sealed_again(forged)).exit_code == 1, gone["name"]


def test_a_consistent_forgery_is_found_by_the_pinned_key_and_only_by_it():
    record = sealed("small-cities-2022")
    leaf_of(record, "applications/")["value"]["applicant"] = "Another City"  # nothing follows from it
    stranger = Ed25519PrivateKey.generate()
    forged = sealed_again(record, stranger)
    assert verify(forged).exit_code == 0
    assert states(verify(forged))["key"] is State.NOT_CHECKED
    assert states(verify(forged, key=PUBLIC))["key"] is State.FAILS


def test_an_unsigned_record_says_so_and_does_not_contradict():
    record = sealed("kcity-network-2021")
    record["signatures"] = []
    result = verify(json.dumps(record))
    assert result.exit_code == 0
    assert states(result)["signature"] is State.NOT_CHECKED
    assert verify(json.dumps(record), key=PUBLIC).exit_code == 1


def test_a_pretty_printed_copy_has_the_same_content_and_says_that_its_bytes_differ():
    result = verify(json.dumps(sealed("alliance-membership-2019"), indent=2), key=PUBLIC)
    assert result.exit_code == 0
    assert states(result)["canonical"] is State.NOT_CHECKED


def test_a_sheet_by_someone_in_conflict_contradicts_even_when_resealed():
    record = sealed("small-cities-2022", 30)
    told = {
        "application": leaf_of(record, "sheets/A")["value"]["application"],
        "evaluator": leaf_of(record, "scored-by/A")["value"]["evaluator"],
    }
    leaves = [leaf for leaf in record["leaves"] if not leaf["name"].startswith("conflicts/")]
    record["leaves"] = [*leaves, {"name": f"conflicts/{told['application']}/000", "salt": "0" * 32, "value": told}]
    result = verify(sealed_again(record, KEY))
    assert [f.reasons[0].code for f in result.findings if f.check == "inputs"] == ["sheet_in_conflict"]


def decided(record, outcome):
    return next(
        leaf["value"]
        for leaf in record["leaves"]
        if leaf["name"].startswith("decided/") and leaf["value"]["outcome"] == outcome
    )


def test_a_decision_may_depart_with_a_reason_and_not_without():
    record = sealed("kcity-network-2021", 30)
    line = decided(record, "not_selected")
    line |= {"outcome": "selected", "departs": True}
    leaf_of(record, "decided-summary")["value"]["selected"] += 1
    assert verify(sealed_again(record)).exit_code == 1
    told = {"application": line["application"], "reason": "The minister's decision of 14 June, no. 2021-88"}
    reason = {"name": f"deviations/{line['application']}", "salt": "1" * 32, "value": told}
    record["leaves"].append(reason)
    result = verify(sealed_again(record))
    assert result.exit_code == 0
    assert result.findings[-1].reasons[0].code == "decided_with_deviations"
    reason["value"]["reason"] = " "
    assert verify(sealed_again(record)).exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{", '{"madang_record": 1}', '{"madang_record": 2}', '{"a": 1, "a": 2}', "[" * 5000, "\x00",
        '{"madang_record":1,"edition":"auditor","root":"zz","leaves":[],"signatures":[]}',
    ],
    ids=lambda text: text[:20] or "empty",
)  # fmt: skip
def test_what_is_no_record_is_unreadable_and_never_a_traceback(text):
    result = verify(text)
    assert result.exit_code == 2
    assert result.faults


def test_hostile_values_below_the_leaves_are_contradictions_and_never_a_traceback():
    chance = random.Random(5)
    strange = [None, [], {}, "", "x" * 1000, -1, 2**53, True, [[[]]], {"a": {"b": []}}]
    for _ in range(150):
        record = sealed(chance.choice(PROGRAMMES))
        leaf = chance.choice(record["leaves"])
        leaf["value"] = chance.choice(strange)
        assert verify(sealed_again(record)).exit_code in (0, 1)


def test_verifying_rank_order_without_minimum_quotas_loads_no_solver(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(sealed_text("small-cities-2022"), "utf-8")
    program = (
        "import sys; from pathlib import Path; from madang.core.record.verify import verify;"
        f"result = verify(Path({str(path)!r}).read_text('utf-8'));"
        "print(result.exit_code, [m for m in ('ortools', 'scipy', 'numpy', 'django') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "0 []"


def test_what_another_version_wrote_is_said_beside_what_does_not_follow():
    record = sealed("kcity-network-2021")
    line = next(leaf["value"] for leaf in record["leaves"] if leaf["name"].startswith("computed/ranking/"))
    line["score"] = "1.00"
    found = {f.check: [r.code for r in f.reasons] for f in verify(sealed_again(record)).findings}
    assert found["computed"] == ["value_differs", "written_by_another_version"]  # the samples say "madang test"


HANDED_IN = judged("written") + "decide: {by: rank, combine: {written: 100}, seats: {max: 1}, ties: [lot]}\n"


def test_a_panel_that_was_handed_in_is_marked_as_not_drawn_here():
    sheets = tuple(sheet(name, who, 70, 80) for name in ("A", "B") for who in ("E1", "E2"))
    panel = (Member("written", "E1"), Member("written", "E2"))
    case = Case(applications("A", "B"), sheets=sheets, panel=panel, lot_order=("B", "A"), sample=True)
    record = json.loads(seal_case(BASE.format(rest=HANDED_IN, tracks="", kind="award"), veil(case, bytes(32))))
    origin = leaf_of(record, "origin")
    assert origin["value"] == {"panel": "handed_in", "lots": "handed_in"}
    assert states(verify(json.dumps(record)))["draws"] is State.NOT_CHECKED
    origin["value"]["panel"] = "none"
    assert states(verify(sealed_again(record)))["draws"] is State.FAILS


@pytest.mark.parametrize("name", ["sheets/A01/900", "notes/A01", "applications/A99"])
def test_a_leaf_that_no_case_has_is_found_though_everything_was_sealed_anew(name):
    record = sealed("small-cities-2022")
    record["leaves"].append({"name": name, "salt": "2" * 32, "value": {"smuggled": "words"}})
    assert verify(sealed_again(record)).exit_code == 1


def test_nothing_hides_in_a_row_or_in_padding():
    for start, change in (("scored-by/", {"also": "E99"}), ("answers/", {"secret": 1}), ("sheets/", {"extra": ""})):
        record = sealed("small-cities-2022")
        leaf_of(record, start)["value"] |= change
        assert verify(sealed_again(record)).exit_code == 1, start
    record = sealed("small-cities-2022")
    assert len(record["leaves"]) & (len(record["leaves"]) - 1) == 0
    record["leaves"].append({"name": "padding/999999", "salt": "3" * 32, "value": "hidden"})
    text = json.dumps(record)
    assert verify(text, content_only=True).exit_code == 1


def test_one_evaluator_behind_two_pseudonyms_is_found():
    record = sealed("small-cities-2022")
    first, second = sorted(
        (leaf for leaf in record["leaves"] if leaf["name"].startswith("evaluators/")), key=lambda leaf: leaf["name"]
    )[:2]
    second["value"]["id"] = first["value"]["id"]
    found = {f.check: [r.code for r in f.reasons] for f in verify(sealed_again(record)).findings}
    assert found["inputs"] == ["evaluator_twice"]
