"""Records and receipts that somebody made to be believed: each is found, whatever else about it holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from madang.core.deciding import decide
from madang.core.deciding.case import Member
from madang.core.reasons import Malformed
from madang.core.record import merkle
from madang.core.record.anchors import read_anchor
from madang.core.record.authenticity import Known
from madang.core.record.canonical import canonical
from madang.core.record.editions import Editor, path, tree
from madang.core.record.read import read
from madang.core.record.receipts import check_receipt, read_receipt
from madang.core.record.seal import commitment, sign, write
from madang.core.record.verify import State, verify
from madang.papers.classifications import for_call
from tests.core.record.sealed import KEY, PUBLIC, leaf_of, sealed, sealed_again

RANKED = "kcity-network-2021"


def failing(text, **known):
    findings = verify(text, known=Known(**known)).findings
    return {reason.code for finding in findings if finding.state is State.FAILS for reason in finding.reasons}


def closed(record, names):
    """The same leaves under the same root, some of them closed."""
    leaves = [{"commitment": commitment(leaf).hex()} if leaf["name"] in names else leaf for leaf in record["leaves"]]
    return write({**record, "leaves": leaves}).decode()


def test_an_auditors_edition_with_anything_closed_is_no_auditors_edition():
    record = sealed(RANKED)
    conflict = leaf_of(record, "conflicts/")["name"]
    assert "auditor_edition_closed" in failing(closed(record, {conflict}), key=PUBLIC)


def equivocating():
    """What was sealed (a sheet, for its evaluator's receipt) stands closed beside what was decided on: one root."""
    record = sealed(RANKED)
    shown = leaf_of(record, "sheets/")
    truth = {
        **shown,
        "salt": "1" * 32,
        "value": {**shown["value"], "scores": dict.fromkeys(shown["value"]["scores"], "1")},
    }
    padding = [leaf for leaf in record["leaves"] if leaf["name"].startswith("padding/")]
    leaves = sorted([leaf for leaf in record["leaves"] if leaf is not padding[-1]] + [truth], key=commitment)
    hashes = [commitment(leaf) for leaf in leaves]
    root = merkle.root(hashes).hex()
    open_ = [{"commitment": commitment(leaf).hex()} if leaf is truth else leaf for leaf in leaves]
    forged = sign({**record, "root": root, "leaves": open_, "signatures": []}, KEY)
    rest = shown["name"].removeprefix("sheets/")
    by = next(leaf for leaf in leaves if leaf["name"] == f"scored-by/{rest}")
    who = next(leaf for leaf in leaves if leaf["name"] == f"evaluators/{by['value']['evaluator']}")
    levels, at = tree(hashes), {id(leaf): number for number, leaf in enumerate(leaves)}
    meta = next(leaf["value"] for leaf in leaves if leaf["name"] == "meta")
    receipt = {
        "madang_receipt": 1,
        "call": meta["call"],
        "decided_at": meta["decided_at"],
        "evaluator": who["value"]["id"],
        "pseudonym": who["value"]["pseudonym"],
        "root": root,
        "leaves": [
            {**leaf, "index": at[id(leaf)], "path": path(levels, at[id(leaf)])}
            for leaf in sorted((who, by, truth), key=lambda leaf: leaf["name"])
        ],
        "signatures": forged["signatures"],
    }
    return forged, canonical(receipt).decode()


def test_a_sheet_sealed_beside_the_one_decided_on_is_found_by_its_receipt_under_the_same_root():
    forged, receipt = equivocating()
    found = failing(write(forged).decode(), key=PUBLIC, receipts=(read_receipt(receipt),))
    assert {"sealed_leaf_not_decided_on", "auditor_edition_closed"} <= found


@pytest.mark.parametrize("keep", [("meta",), ("sheets/",), ("evaluators/", "sheets/")])
def test_a_receipt_made_from_leaves_that_anybody_can_see_is_none(keep):
    record = sealed(RANKED)
    receipt = json.loads(next(iter(Editor(record).receipts().values())))
    hashes = [commitment(leaf) for leaf in record["leaves"]]
    chosen = [n for n, leaf in enumerate(record["leaves"]) if leaf["name"].startswith(keep)][: 1 + ("meta" not in keep)]
    leaves = [{**record["leaves"][n], "index": n, "path": path(tree(hashes), n)} for n in chosen]
    forged = {**receipt, "evaluator": "E99", "leaves": sorted(leaves, key=lambda leaf: leaf["name"])}
    found = check_receipt(read(write(record).decode()), read_receipt(canonical(forged).decode()))
    assert "receipt_of_somebody_else" in {reason.code for reason in found}


@pytest.mark.parametrize("label", ["public", "party"])
def test_a_false_record_under_another_label_is_still_found(label):
    record = {**sealed(RANKED), "edition": label}
    assert "edition_opens_secret" in failing(write(record).decode(), key=PUBLIC)


@pytest.mark.parametrize(
    "name", ["metadata/final", "decided-final/A01", "definition-amendment", "decided/A01/A01", "padding/x/sheets"]
)
def test_nothing_stands_in_a_record_that_nothing_reads(name):
    record = sealed(RANKED)
    record["leaves"].append({"name": name, "salt": "2" * 32, "value": None})
    kept = [leaf for leaf in record["leaves"] if leaf["name"] == name or not leaf["name"].startswith("padding/")]
    padding = [leaf for leaf in record["leaves"] if leaf["name"].startswith("padding/") and leaf["name"] != name]
    leaves = sorted(kept + padding[: len(record["leaves"]) - len(kept) - 1], key=commitment)
    root = merkle.root([commitment(leaf) for leaf in leaves]).hex()
    text = write(sign({**record, "leaves": leaves, "root": root, "signatures": []}, KEY)).decode()
    assert "leaf_unknown" in failing(text, key=PUBLIC)


def test_a_number_that_would_take_an_hour_to_read_is_none():
    record = sealed("small-cities-2022")
    editor = Editor(record)
    party = editor.party(next(name for name in editor.applications() if f"computed/scores/{name}" in editor.values))
    leaf = leaf_of(party, "computed/scores/")
    leaf["value"] = {**leaf["value"], "exact": "1e999999999"}
    assert "inputs_not_computable" in failing(json.dumps(party))


def test_an_anchor_made_to_keep_the_reader_busy_is_read_at_once():
    with pytest.raises(Malformed):
        read_anchor(b"a" * 5_000 + b"z")


def test_sheets_must_come_from_a_panel_that_was_handed_in_for_their_own_stage():
    record = read(write(sealed("service-certification-2023")).decode())
    definition, case = record.definition(), record.case()
    moved = replace(case, panel=tuple(Member("another-stage", member.evaluator) for member in case.panel))
    with pytest.raises(Malformed) as refused:
        decide(definition, moved, for_call(definition.classifications, sample=True))
    assert "panel_of_unknown_stage" in [fault.code for fault in refused.value.faults]


def test_sealed_again_is_what_a_forger_can_do():
    """The other tests of this file change what sealing anew cannot mend."""
    assert verify(sealed_again(sealed(RANKED)), key=PUBLIC).exit_code == 0
