"""An evaluator's receipt, read and held against a record: were the sheets that they sealed the ones decided on?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed, Param, Reason
from madang.core.record import merkle
from madang.core.record.canonical import NotCanonical, canonical
from madang.core.record.editions import RECEIPT
from madang.core.record.read import Record, is_hex, signature_faults
from madang.core.record.seal import HIGHEST, commitment, signature_holds

_FRAME = frozenset({"madang_receipt", "call", "decided_at", "evaluator", "pseudonym", "root", "leaves", "signatures"})
_LEAF = frozenset({"name", "salt", "value", "index", "path"})
_PLAIN = ("call", "decided_at", "evaluator", "pseudonym")
_UNSAFE = str.maketrans(dict.fromkeys('/\\:*?"<>|%', "_"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as read: its shape is sound, nothing else has been checked."""

    call: str
    decided_at: str
    evaluator: str
    pseudonym: str
    root: str
    leaves: tuple[Mapping[str, Any], ...]
    signatures: tuple[Mapping[str, str], ...]


def read_receipt(text: str) -> Receipt:
    """Raises `Malformed` with every fault of its shape."""
    data = read_json(text)
    if not isinstance(data, dict) or "madang_receipt" not in data:
        raise Malformed([Fault("not_a_receipt", "")])
    if data["madang_receipt"] != RECEIPT or isinstance(data["madang_receipt"], bool):
        raise Malformed([Fault("receipt_version", "/madang_receipt", {"known": str(RECEIPT)})])
    faults = [Fault("unknown_field", f"/{name}") for name in sorted(data.keys() - _FRAME)]
    faults += [Fault("missing_field", f"/{name}") for name in sorted(_FRAME - data.keys())]
    if faults:
        raise Malformed(faults)
    faults = [Fault("not_text", f"/{name}") for name in _PLAIN if not isinstance(data[name], str)]
    if not is_hex(data["root"], 64):
        faults.append(Fault("not_a_hash", "/root"))
    faults += [*_leaf_faults(data["leaves"]), *signature_faults(data["signatures"])]
    if faults:
        raise Malformed(faults)
    plain = {name: data[name] for name in _PLAIN}
    return Receipt(**plain, root=data["root"], leaves=tuple(data["leaves"]), signatures=tuple(data["signatures"]))


def _leaf_faults(leaves: Any) -> Iterator[Fault]:
    if not isinstance(leaves, list) or not leaves:
        yield Fault("not_a_list", "/leaves")
        return
    for number, leaf in enumerate(leaves):
        at = f"/leaves/{number}"
        if not isinstance(leaf, dict) or leaf.keys() != _LEAF or not isinstance(leaf["name"], str):
            yield Fault("not_a_leaf", at)
        elif not is_hex(leaf["salt"], 32):
            yield Fault("not_a_hash", f"{at}/salt")
        elif isinstance(leaf["index"], bool) or not isinstance(leaf["index"], int):
            yield Fault("not_an_integer", f"{at}/index")
        elif not isinstance(leaf["path"], list) or len(leaf["path"]) > HIGHEST:
            yield Fault("not_a_list", f"{at}/path")
        elif not all(is_hex(step, 64) for step in leaf["path"]):
            yield Fault("not_a_hash", f"{at}/path")


def check_receipt(record: Record, receipt: Receipt) -> list[Reason]:
    """What in the record contradicts the receipt, or the receipt itself; nothing where the sheets are sealed unchanged.

    Without a key known from elsewhere a contradiction does not say which of the two was sealed first.
    Cost: hashing the receipt; with the auditor's edition and another root, looking through its sheets.
    """
    broken = list(_broken(receipt))
    if broken:
        return broken
    found: list[Reason] = []
    if receipt.root != record.root:
        found.append(Reason("receipt_of_another_root", {"receipt": receipt.root, "record": record.root}))
    else:
        found += _beside(record, receipt)
    if receipt.call != record.values["meta"]["call"]:
        told: dict[str, Param] = {"receipt": receipt.call, "record": str(record.values["meta"]["call"])}
        found.append(Reason("receipt_of_another_call", told))
    elif receipt.decided_at != record.values["meta"]["decided_at"]:
        told = {"receipt": receipt.decided_at, "record": str(record.values["meta"]["decided_at"])}
        found.append(Reason("receipt_of_another_time", told))
    return found + list(_different(record, receipt)) if record.whole else found


def _beside(record: Record, receipt: Receipt) -> Iterator[Reason]:
    """Open leaves of the record that bear the name of a sealed one and say something else: two were sealed."""
    open_ = {leaf["name"]: leaf for leaf in record.leaves if "name" in leaf}
    for leaf in receipt.leaves:
        other = open_.get(leaf["name"])
        if other is not None and (other["salt"], canonical(other["value"])) != (leaf["salt"], canonical(leaf["value"])):
            yield Reason("sealed_leaf_not_decided_on", {"leaf": leaf["name"]})


def _broken(receipt: Receipt) -> Iterator[Reason]:
    """A receipt whose leaves do not lead to its own root, or are not the evaluator's, or whose signature is bad."""
    for leaf in receipt.leaves:
        try:
            here = commitment({key: leaf[key] for key in ("name", "salt", "value")})
        except NotCanonical as error:
            yield Reason("leaf_not_canonical", {"problem": str(error)})
            continue
        steps = [bytes.fromhex(step) for step in leaf["path"]]
        led = merkle.root_of_path(here, leaf["index"], 1 << len(steps), steps)
        if led is None or led.hex() != receipt.root:
            yield Reason("receipt_path_wrong", {"leaf": leaf["name"]})
    values = {leaf["name"]: leaf["value"] for leaf in receipt.leaves}
    identity = f"evaluators/{receipt.pseudonym}"
    theirs = values.get(identity) == {"pseudonym": receipt.pseudonym, "id": receipt.evaluator}
    for name in values:
        kind, _, number = name.partition("/")
        if kind in ("sheets", "comments", "scored-by"):
            theirs = theirs and values.get(f"scored-by/{number}") == {"evaluator": receipt.pseudonym}
        else:
            theirs = theirs and name == identity
    if not theirs or len(values) < len(receipt.leaves):
        yield Reason("receipt_of_somebody_else", {"evaluator": receipt.evaluator})
    if not any(name.startswith("sheets/") for name in values):
        yield Reason("receipt_without_sheets", {"evaluator": receipt.evaluator})
    for signature in receipt.signatures:
        if not signature_holds(receipt.root, signature):
            yield Reason("signature_bad", {"key": signature["key"]})


def _different(record: Record, receipt: Receipt) -> Iterator[Reason]:
    """Which of the evaluator's sheets stand otherwise in the record, by stage, application and true evaluator:
    pseudonyms, numbers and salts may all be new there.
    """
    pseudonyms = {p for p, value in record.named("evaluators").items() if value.get("id") == receipt.evaluator}
    pseudonyms |= {receipt.evaluator}
    theirs: dict[tuple[str, str], Any] = {}
    for sheet in record.sheets().values():
        if sheet["evaluator"] in pseudonyms:
            theirs[sheet.get("stage", ""), sheet["application"]] = _said(sheet)
    mine = _sealed(receipt)
    for key in sorted(mine.keys() | theirs.keys()):
        told: dict[str, Param] = {"evaluator": receipt.evaluator, "stage": key[0], "application": key[1]}
        if key not in theirs:
            yield Reason("sealed_sheet_missing", told)
        elif key not in mine:
            yield Reason("sheet_never_sealed", told)
        elif canonical(mine[key]) != canonical(theirs[key]):
            yield Reason("sealed_sheet_differs", told)


def _sealed(receipt: Receipt) -> dict[tuple[str, str], Any]:
    values = {leaf["name"]: leaf["value"] for leaf in receipt.leaves}
    found = {}
    for name, value in values.items():
        if name.startswith("sheets/"):
            beside = values.get(f"comments/{name.removeprefix('sheets/')}", {})
            found[value.get("stage", ""), value["application"]] = _said({**value, **beside})
    return found


def _said(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sheet[name] for name in ("scores", "comment", "notes") if sheet.get(name)}


def safe_name(name: str) -> str:
    """An id as part of a file's name on any system; two different ids may come to the same, so number what repeats."""
    safe = "".join("_" if ord(char) < 32 or ord(char) == 127 else char for char in name.translate(_UNSAFE))
    return safe.strip(". ")[:100] or "_"
