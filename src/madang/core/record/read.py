"""A record's file back into its parts, refusing what is not one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.parse import parse
from madang.core.deciding.case import TABLES, Case
from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed
from madang.core.record.seal import FORMAT
from madang.core.statistics import Classifications

_HEX = re.compile(r"[0-9a-f]+")
_FRAME = frozenset({"madang_record", "edition", "root", "leaves", "signatures"})
_OPEN, _CLOSED = frozenset({"name", "salt", "value"}), frozenset({"name", "commitment"})
_SIGNATURE = {"algorithm": None, "key": 64, "signature": 128}
EDITIONS = ("auditor", "party", "public")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: nothing in it has been checked yet but its shape."""

    edition: str
    root: str
    leaves: tuple[Mapping[str, Any], ...]
    signatures: tuple[Mapping[str, str], ...]
    values: Mapping[str, Any]  # the open leaves by name

    @property
    def meta(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.values["meta"]
        return found

    def under(self, prefix: str) -> list[Any]:
        """The values of the open leaves below a name, in the order of their names."""
        return [value for name, value in self.values.items() if name.startswith(prefix + "/")]

    def definition(self) -> Definition:
        """The definition that was decided by; raises `Malformed`."""
        return parse(self.values["definition-text"])

    def classifications(self) -> Classifications:
        return Classifications.from_json(self.values["classifications"])

    def case(self) -> Case:
        """The case that was decided; raises `Malformed` where a row has not the shape of its table."""
        rows: dict[str, Any] = {}
        for table, row in TABLES.items():
            values = self.under(table)
            if table == "applications":
                values = [{k: v for k, v in value.items() if k != "number"} for value in sorted(values, key=_number)]
            try:
                rows[table] = tuple(row.from_json(value) for value in values)
            except (TypeError, AttributeError) as error:
                raise Malformed([Fault("record_row", table, {"problem": str(error)})]) from None
        return Case(**rows, lot_order=tuple(self.values["lots"]), sample=bool(self.meta.get("sample")))

    def computed(self) -> dict[str, Any]:
        """The computed part as `decide` gives it, in the order of the applications."""
        order = [value["id"] for value in sorted(self.under("applications"), key=_number)]
        place = {name: number for number, name in enumerate(order)}
        by_application = lambda line: place.get(line["application"], len(place))  # noqa: E731
        stages: dict[str, list[Any]] = {}
        for name, value in self.values.items():
            if name.startswith("computed/stages/"):
                stages.setdefault(name.split("/")[2], []).append(value)
        definition = self.definition()
        return {
            **self.values["computed/summary"],
            "eligibility": sorted(self.under("computed/eligibility"), key=by_application),
            "stages": [
                {"id": s.id, "kind": s.kind, "applications": sorted(stages.get(s.id, []), key=by_application)}
                for s in definition.evaluation
            ],
            "ranking": _ranked(self.under("computed/ranking"), by_application),
            "selections": [
                {"list": name.split("/", 2)[2], "result": value}
                for name, value in self.values.items()
                if name.startswith("computed/selections/")
            ],
            "votes": sorted(self.under("computed/votes"), key=by_application),
            "outcomes": sorted(self.under("computed/outcomes"), key=by_application),
            "statistics": self.values["computed/statistics"],
        }

    def decided(self) -> dict[str, Mapping[str, Any]]:
        """Application -> `{outcome, deviation}`."""
        return {name.split("/", 1)[1]: value for name, value in self.values.items() if name.startswith("decided/")}


def _number(value: Mapping[str, Any]) -> int:
    number = value.get("number")
    return number if isinstance(number, int) else 0


def _ranked(lines: list[Any], by_application: Any) -> list[Any]:
    return sorted(lines, key=lambda line: (line.get("rank", 0), by_application(line)))


def read(text: str) -> Record:
    """Read a record; raises `Malformed` (unreadable) with every fault of its shape. Cost: linear in its size."""
    data = read_json(text)
    if not isinstance(data, dict) or "madang_record" not in data:
        raise Malformed([Fault("not_a_record", "")])
    if data["madang_record"] != FORMAT or isinstance(data["madang_record"], bool):
        raise Malformed([Fault("record_version", "/madang_record", {"known": str(FORMAT)})])
    faults = [Fault("unknown_field", f"/{name}") for name in sorted(data.keys() - _FRAME)]
    faults += [Fault("missing_field", f"/{name}") for name in sorted(_FRAME - data.keys())]
    if faults:
        raise Malformed(faults)
    faults = [*_frame_faults(data), *_leaf_faults(data["leaves"]), *_signature_faults(data["signatures"])]
    if faults:
        raise Malformed(faults)
    values = {leaf["name"]: leaf["value"] for leaf in data["leaves"] if "value" in leaf}
    return Record(data["edition"], data["root"], tuple(data["leaves"]), tuple(data["signatures"]), values)


def _frame_faults(data: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if data["edition"] not in EDITIONS:
        faults.append(Fault("not_one_of", "/edition", {"expected": ", ".join(EDITIONS)}))
    if not _is_hex(data["root"], 64):
        faults.append(Fault("not_a_hash", "/root"))
    return faults


def _leaf_faults(leaves: Any) -> list[Fault]:
    if not isinstance(leaves, list) or not leaves:
        return [Fault("not_a_list", "/leaves")]
    faults, last = [], ""
    for number, leaf in enumerate(leaves):
        at = f"/leaves/{number}"
        if not isinstance(leaf, dict) or leaf.keys() not in (_OPEN, _CLOSED) or not isinstance(leaf["name"], str):
            faults.append(Fault("not_a_leaf", at))
            continue
        if leaf["name"] <= last:
            faults.append(Fault("leaves_out_of_order", at, {"name": leaf["name"]}))
        last = leaf["name"]
        if "salt" in leaf and not _is_hex(leaf["salt"], 32):
            faults.append(Fault("not_a_hash", f"{at}/salt"))
        if "commitment" in leaf and not _is_hex(leaf["commitment"], 64):
            faults.append(Fault("not_a_hash", f"{at}/commitment"))
    return faults


def _signature_faults(signatures: Any) -> list[Fault]:
    if not isinstance(signatures, list):
        return [Fault("not_a_list", "/signatures")]
    faults = []
    for number, signature in enumerate(signatures):
        at = f"/signatures/{number}"
        if not isinstance(signature, dict) or signature.keys() != _SIGNATURE.keys():
            faults.append(Fault("not_a_signature", at))
        elif signature["algorithm"] != "Ed25519":
            faults.append(Fault("not_one_of", f"{at}/algorithm", {"expected": "Ed25519"}))
        else:
            faults += [
                Fault("not_a_hash", f"{at}/{name}")
                for name, size in _SIGNATURE.items()
                if size and not _is_hex(signature[name], size)
            ]
    return faults


def _is_hex(value: Any, size: int) -> bool:
    return isinstance(value, str) and len(value) == size and _HEX.fullmatch(value) is not None
