"""A record's file back into its parts, refusing what is not one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.parse import parse
from madang.core.deciding.case import TABLES, Case, Row
from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed
from madang.core.record import splitting
from madang.core.record.contents import renumbered
from madang.core.record.seal import FORMAT, HIGHEST
from madang.core.statistics import Classifications

_HEX = re.compile(r"[0-9a-f]+")
_FRAME = frozenset({"madang_record", "edition", "root", "leaves", "signatures"})
_OPEN, _CLOSED, _SUBTREE = map(frozenset, ({"name", "salt", "value"}, {"commitment"}, {"commitment", "height"}))
_SIGNATURE = {"algorithm": None, "key": 64, "signature": 128}
EDITIONS = ("auditor", "party", "public")

#: Parts of `computed` that are lists of lines, whether or not there are any.
_LISTS = ("eligibility", "ranking", "votes", "outcomes")
_KNOWN = frozenset(
    {"summary", "counts", "reasons", "statistics", "unclassified", "stages", "counted", "selections", "draws", "bands",
     "ranking", "scores", "tasks", "why", "figures", "all-reasons"}
)  # fmt: skip

#: The end of the part's name under which an application's lines stand that has several.
_SEVERAL = "-several"

Lines = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: nothing in it has been checked yet but its shape."""

    edition: str
    root: str
    leaves: tuple[Mapping[str, Any], ...]
    signatures: tuple[Mapping[str, str], ...]
    values: Mapping[str, Any]  # the open leaves by name, in the order of their names
    names: tuple[str, ...]  # of the open leaves, in order

    @property
    def meta(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.values["meta"]
        return found

    @property
    def whole(self) -> bool:
        """Whether everything is open: only then is there a case to decide again."""
        return self.edition == "auditor"

    def under(self, prefix: str) -> list[Any]:
        """The values of the open leaves below a name, in the order of their names."""
        return list(self.named(prefix).values())

    def named(self, prefix: str) -> dict[str, Any]:
        """The same by the rest of their names."""
        at = len(prefix) + 1
        first = bisect_left(self.names, prefix + "/")
        behind = bisect_left(self.names, prefix + "0")  # the character after the slash
        return {name[at:]: self.values[name] for name in self.names[first:behind]}

    def definition(self) -> Definition:
        """The definition that was decided by; raises `Malformed`."""
        return parse(self.values["definition-text"])

    def classifications(self) -> Classifications:
        return Classifications.from_json(self.values["classifications"])

    def applications(self) -> list[dict[str, Any]]:
        """The applications that are open, in the order of the list, each with as much of it as is open."""
        closed = self.named("answers")
        found = []
        for name, value in sorted(self.named("applications").items(), key=lambda item: _number(item[1])):
            told = {**value, **{k: v for k, v in closed.get(name, {}).items() if k != "application"}}
            told["answers"] = {**closed.get(name, {}).get("answers", {}), **value.get("answers", {})}
            found.append({key: item for key, item in told.items() if key != "number"})
        return found

    def rows(self, table: str) -> dict[str, Any]:
        """The open rows of a table about applications by the rest of their names (`ID/N`), in the order of the
        applications and then of the rows.
        """
        place = self.places()
        found = self.named(table)

        def order(name: str) -> tuple[int, str, int]:
            of, _, number = name.rpartition("/")
            return place.get(of, len(place)), of, int(number) if number.isdecimal() else 0

        return {name: found[name] for name in sorted(found, key=order)}

    def places(self) -> dict[str, int]:
        """The place of each open application in their list."""
        return {one["id"]: number for number, one in enumerate(self.applications())}

    def sheets(self) -> dict[str, dict[str, Any]]:
        """The open sheets by the names of their leaves; `evaluator` is a pseudonym, or the leaf where it is closed."""
        signed, said = self.named("scored-by"), self.named("comments")
        return {
            f"sheets/{at}": {
                "evaluator": f"sheets/{at}",
                **sheet,
                **{k: v for k, v in said.get(at, {}).items() if k != "application"},
                **signed.get(at, {}),
            }
            for at, sheet in self.rows("sheets").items()
        }

    def case(self) -> Case:
        """The case that was decided. Raises `Malformed` where the edition keeps some of it closed, or a row has not the
        shape of its table.
        """
        if not self.whole:
            raise Malformed([Fault("edition_without_case", "/edition", {"edition": self.edition})])
        return self._case()

    def open_case(self) -> Case:
        """As much of the case as is open: enough to check a part, never to decide."""
        return self._case()

    def _case(self) -> Case:
        rows: dict[str, Any] = {}
        for table, row in TABLES.items():
            try:
                rows[table] = tuple(row.from_json(value) for value in self._rows_of(table, row))
            except (TypeError, AttributeError, ValueError) as error:
                raise Malformed([Fault("record_row", table, {"problem": str(error)})]) from None
        sample = bool(self.meta.get("sample"))
        return Case(**rows, lot_order=tuple(self.values.get("lots", ())), sample=sample)

    def _rows_of(self, table: str, row: type[Row]) -> Iterable[Any]:
        if table == "applications":
            return self.applications()
        if table == "sheets":
            return self.sheets().values()
        about = any(field.name == "application" for field in fields(row))
        return self.rows(table).values() if about else self.under(table)

    def computed(self) -> dict[str, Any]:
        """The computed part as `decide` gives it, in the order of the applications; of an edition what is open."""
        lines = _Lines(self)
        statistics = {**self.values["computed/statistics"]}
        if "computed/unclassified" in self.values:
            statistics["unclassified"] = self.values["computed/unclassified"]
        definition = self.definition()
        tracks = [track.id for track in definition.tracks]
        draws = [row.get("draw") for row in self.under("draws")]
        parts = dict.fromkeys(_LISTS) | dict.fromkeys(lines.parts())
        return {
            "status": self.values["computed/summary"]["status"],
            "reasons": self.values.get("computed/reasons", []),
            "counts": self.values.get("computed/counts", {"selected": self.values["computed/summary"]["selected"]}),
            "statistics": statistics,
            "stages": [
                {"id": stage.id, "kind": stage.kind, "applications": lines.stage(stage.id)}
                for stage in definition.evaluation
            ],
            "selections": [{"list": name, "result": value} for name, value in self._in_order(tracks, "selections")],
            "bands": [value for _, value in self._in_order(tracks, "bands")],
            "draws": [value for _, value in self._in_order(draws, "draws")],
            **{part: lines.of(part) for part in parts if part not in _KNOWN},
            "ranking": lines.ranking(),
        }

    def _in_order(self, order: list[Any], part: str) -> list[tuple[str, Any]]:
        found = self.named(f"computed/{part}").items()
        return sorted(found, key=lambda item: _index(order, item[0]))

    def decided(self) -> dict[str, dict[str, Any]]:
        """Application -> `{outcome, departs, deviation}`; `deviation` is null, or `{reason}` where it is open."""
        reasons = self.named("deviations")
        return {
            name: {
                "outcome": value.get("outcome"),
                "departs": value.get("departs"),
                "deviation": {"reason": reasons[name]["reason"]} if name in reasons else None,
            }
            for name, value in self.named("decided").items()
        }


class _Lines:
    """Lines put together again from the leaves that they were cut into."""

    def __init__(self, record: Record) -> None:
        self.record = record
        # whoever is named only by a line (an edition that publishes scores and no names) stands behind the others
        self._place = record.places()
        self._sheets: dict[str, dict[int, int]] = {}
        for place, sheet in enumerate(record.sheets().values()):
            mine = self._sheets.setdefault(sheet["application"], {})
            mine[len(mine)] = place

    def _sorted(self, lines: Iterable[dict[str, Any]]) -> Lines:
        return sorted(lines, key=lambda line: self._place.get(line["application"], len(self._place)))

    def parts(self) -> list[str]:
        """The parts that are cut by application, and those that stand whole."""
        names = (name.split("/")[1] for name in self.record.values if name.startswith("computed/"))
        return [part for part in dict.fromkeys(n.removesuffix(_SEVERAL) for n in names) if part not in _KNOWN]

    def of(self, part: str) -> Any:
        """One part's lines with their reasons, as far as these are open."""
        if f"computed/{part}" in self.record.values:
            return self.record.values[f"computed/{part}"]
        full = self.record.named("computed/all-reasons")
        tasks = self._tasks() if part == "outcomes" else {}
        found: Lines = []
        seen: dict[str, int] = {}
        lines = [
            *self.record.named(f"computed/{part}").values(),
            *self.record.rows(f"computed/{part}{_SEVERAL}").values(),
        ]
        for shown in self._sorted(map(dict, lines)):
            name = shown["application"]
            at = seen[name] = seen.get(name, -1) + 1
            aside = full.get(name, {}).get(part, [])
            if name in tasks:
                order = [other.get("task") for other in aside[at].get("tasks", ())] if at < len(aside) else []
                shown["tasks"] = sorted(tasks[name], key=lambda task: _index(order, task.get("task")))
            if at < len(aside):
                found.append(splitting.joined(shown, aside[at]))
            else:
                found.append({**shown, "reasons": self._told(name) if part == "outcomes" else []})
        return found

    def _told(self, name: str) -> list[Any]:
        """The reasons that an edition opens of an application."""
        leaves = (self.record.values.get(f"computed/{leaf}/{name}", {}) for leaf in ("figures", "why"))
        return [reason for leaf in leaves for reason in leaf.get("reasons", [])]

    def _tasks(self) -> dict[str, Lines]:
        found: dict[str, Lines] = {}
        for value in self.record.named("computed/tasks").values():
            task = {key: item for key, item in value.items() if key != "application"}
            found.setdefault(value["application"], []).append(task)
        return found

    def stage(self, stage: str) -> Lines:
        counted = self.record.named(f"computed/counted/{stage}")
        shown = self.record.named(f"computed/stages/{stage}")
        lines = ({**value, **renumbered(counted.get(name, {}), self._own(name))} for name, value in shown.items())
        return self._sorted(lines)

    def _own(self, name: str) -> Mapping[int, int]:
        """The place of an application's own Nth sheet among all that are open."""
        return self._sheets.get(name, {})

    def ranking(self) -> Lines:
        ranks, scores = self.record.named("computed/ranking"), self.record.named("computed/scores")
        whole = [{**scores.get(name, {}), **ranks.get(name, {})} for name in {**scores, **ranks}]
        return sorted(self._sorted(whole), key=lambda line: line.get("rank", 0))


def _index(order: list[Any], item: Any) -> int:
    return order.index(item) if item in order else len(order)


def _number(value: Mapping[str, Any]) -> int:
    number = value.get("number")
    return number if isinstance(number, int) else 0


# -- the file -----------------------------------------------------------------------------------------------------


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
    faults = [*_frame_faults(data), *_leaf_faults(data["leaves"]), *signature_faults(data["signatures"])]
    if faults:
        raise Malformed(faults)
    values = {leaf["name"]: leaf["value"] for leaf in data["leaves"] if "name" in leaf}
    names = tuple(sorted(values))
    ordered = {name: values[name] for name in names}
    return Record(data["edition"], data["root"], tuple(data["leaves"]), tuple(data["signatures"]), ordered, names)


def _frame_faults(data: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if data["edition"] not in EDITIONS:
        faults.append(Fault("not_one_of", "/edition", {"expected": ", ".join(EDITIONS)}))
    if not is_hex(data["root"], 64):
        faults.append(Fault("not_a_hash", "/root"))
    return faults


def _leaf_faults(leaves: Any) -> list[Fault]:
    if not isinstance(leaves, list) or not leaves:
        return [Fault("not_a_list", "/leaves")]
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, leaf in enumerate(leaves):
        at = f"/leaves/{number}"
        keys = leaf.keys() if isinstance(leaf, dict) else None
        if keys == _OPEN and isinstance(leaf["name"], str):
            if leaf["name"] in seen:
                faults.append(Fault("leaf_twice", at, {"name": leaf["name"]}))
            seen.add(leaf["name"])
            if not is_hex(leaf["salt"], 32):
                faults.append(Fault("not_a_hash", f"{at}/salt"))
        elif keys in (_CLOSED, _SUBTREE):
            height = leaf.get("height", 1)
            if isinstance(height, bool) or not isinstance(height, int) or not 1 <= height <= HIGHEST:
                faults.append(Fault("not_a_leaf", f"{at}/height"))
            if not is_hex(leaf["commitment"], 64):
                faults.append(Fault("not_a_hash", f"{at}/commitment"))
        else:
            faults.append(Fault("not_a_leaf", at))
    return faults


def signature_faults(signatures: Any) -> list[Fault]:
    """What is wrong with the shape of a list of signatures, of a record or a receipt."""
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
                if size and not is_hex(signature[name], size)
            ]
    return faults


def is_hex(value: Any, size: int) -> bool:
    """Text of so many small hexadecimal digits."""
    return isinstance(value, str) and len(value) == size and _HEX.fullmatch(value) is not None
