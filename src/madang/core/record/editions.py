"""The three editions of a record, and evaluators' receipts: all from the auditor's, without the keys that sealed it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.parse import parse
from madang.core.reasons import Fault, Malformed
from madang.core.record import merkle
from madang.core.record.canonical import canonical
from madang.core.record.opens import about, audience, opens
from madang.core.record.seal import FORMAT, commitment

Tree = list[list[bytes]]
"""Levels of a full tree: the leaves' hashes first, the root alone last."""

RECEIPT = 1
_SIGNED_BY = "scored-by/"


class Editor:
    """Makes the editions and receipts of one auditor's record. Cost: hashing it once; each edition is then about
    proportional to what it opens.
    """

    def __init__(
        self, record: Mapping[str, Any], definition: Definition | None = None, hashes: Sequence[bytes] | None = None
    ) -> None:
        """Raises `Malformed` where the record is not an auditor's, and so has not all to choose from.

        `hashes`: the commitments of its leaves, where they are known already.
        """
        if record["edition"] != "auditor" or any("name" not in leaf for leaf in record["leaves"]):
            raise Malformed([Fault("edition_not_from_this", "/edition", {"edition": str(record["edition"])})])
        self._record = record
        self._leaves: Sequence[Mapping[str, Any]] = record["leaves"]
        self._tree = tree(hashes if hashes is not None else [commitment(leaf) for leaf in self._leaves])
        self.values = {leaf["name"]: leaf["value"] for leaf in self._leaves}
        self._to = audience(definition or parse(self.values["definition-text"]), self.values)
        self._public = [i for i, leaf in enumerate(self._leaves) if opens(leaf["name"], leaf["value"], self._to)]
        self._about: dict[str, list[int]] = {}
        for number, leaf in enumerate(self._leaves):
            if of := about(leaf["name"], leaf["value"]):
                self._about.setdefault(of, []).append(number)

    def applications(self) -> list[str]:
        """Every application of the record, in the order of the list."""
        found = [value for name, value in self.values.items() if name.startswith("applications/")]
        return [value["id"] for value in sorted(found, key=lambda value: int(value["number"]))]

    def public(self) -> dict[str, Any]:
        """What everybody may have."""
        return self._edition("public", self._public)

    def party(self, application: str) -> dict[str, Any]:
        """What this applicant may have: the public edition, and what is about it. Raises `Malformed`."""
        if f"applications/{application}" not in self.values:
            raise Malformed([Fault("application_not_in_record", "", {"application": application})])
        to = replace(self._to, mine=application)
        mine = (self._leaves[number] for number in self._about[application])
        own = [
            n for n, leaf in zip(self._about[application], mine, strict=True) if opens(leaf["name"], leaf["value"], to)
        ]
        return self._edition("party", {*self._public, *own})

    def _edition(self, name: str, numbers: Iterable[int]) -> dict[str, Any]:
        return {
            "madang_record": FORMAT,
            "edition": name,
            "root": self._record["root"],
            "leaves": _pruned(self._leaves, self._tree, sorted(numbers)),
            "signatures": self._record["signatures"],
        }

    def receipts(self) -> dict[str, bytes]:
        """Evaluator's true id -> their receipt (canonical JSON): the sealed sheets, each with its path to the root."""
        place = {leaf["name"]: number for number, leaf in enumerate(self._leaves)}
        sheets: dict[str, list[str]] = {}
        for name, value in self.values.items():
            if name.startswith(_SIGNED_BY):
                sheets.setdefault(value["evaluator"], []).append(name.removeprefix(_SIGNED_BY))
        receipts = {}
        for pseudonym, numbers in sheets.items():
            identity = f"evaluators/{pseudonym}"
            mine = [f"{kind}/{number}" for kind in ("sheets", "comments", "scored-by") for number in numbers]
            names = sorted(name for name in (identity, *mine) if name in place)
            evaluator = self.values[identity]["id"] if identity in place else pseudonym
            receipts[evaluator] = canonical(self._receipt(evaluator, pseudonym, [place[name] for name in names]))
        return receipts

    def _receipt(self, evaluator: str, pseudonym: str, numbers: list[int]) -> dict[str, Any]:
        meta = self.values["meta"]
        return {
            "madang_receipt": RECEIPT,
            "call": meta["call"],
            "decided_at": meta["decided_at"],
            "evaluator": evaluator,
            "pseudonym": pseudonym,
            "root": self._record["root"],
            "leaves": [{**self._leaves[n], "index": n, "path": path(self._tree, n)} for n in numbers],
            "signatures": self._record["signatures"],
        }


def public(record: Mapping[str, Any], definition: Definition | None = None) -> dict[str, Any]:
    """The public edition of an auditor's record."""
    return Editor(record, definition).public()


def party(record: Mapping[str, Any], application: str, definition: Definition | None = None) -> dict[str, Any]:
    """The edition of an auditor's record for one applicant."""
    return Editor(record, definition).party(application)


def receipts(record: Mapping[str, Any], definition: Definition | None = None) -> dict[str, bytes]:
    """The receipt of each evaluator of an auditor's record, by true id."""
    return Editor(record, definition).receipts()


def tree(hashes: Sequence[bytes]) -> Tree:
    """Every level of a full tree over leaf hashes; raises `Malformed` where their number is no power of two."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise Malformed([Fault("leaves_fill_no_tree", "/leaves", {"leaves": len(hashes)})])
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([merkle.node(last[i], last[i + 1]) for i in range(0, len(last), 2)])
    return levels


def path(levels: Tree, index: int) -> list[str]:
    """The sibling at each level, from the leaf up."""
    return [level[(index >> height) ^ 1].hex() for height, level in enumerate(levels[:-1])]


def _pruned(leaves: Sequence[Mapping[str, Any]], levels: Tree, open_: list[int]) -> list[dict[str, Any]]:
    """The entries of an edition: open leaves as they are, everything between them as the largest closed subtrees."""
    entries: list[dict[str, Any]] = []
    waiting = [(len(levels) - 1, 0)]
    while waiting:
        height, number = waiting.pop()
        first, behind = number << height, (number + 1) << height
        at = bisect_left(open_, first)
        if at == len(open_) or open_[at] >= behind:
            closed = {"commitment": levels[height][number].hex()}
            entries.append({**closed, "height": height} if height else closed)
        elif height == 0:
            entries.append(dict(leaves[number]))
        else:
            waiting += [(height - 1, 2 * number + 1), (height - 1, 2 * number)]
    return entries
