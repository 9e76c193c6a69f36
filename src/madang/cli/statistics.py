"""`madang statistics CALL [--format json|table]`: the reception of a call, counted from its folder.

CALL is a folder (`call.yaml`, `applications`, optionally `rounds`), or the name of an example that comes with madang.
Exit 0: counted. Exit 2: the folder cannot be read; every fault stands on stderr. Format: `docs/formats/statistics.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from madang.core.callspec.model import Definition
    from madang.papers.folder import Folder

COUNTED, UNREADABLE = 0, 2
TABLES = ("by_type", "by_region", "by_country", "by_field")


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("call", metavar="CALL", help="a folder with call.yaml and applications, or an example's name")
    parser.add_argument("--format", choices=("json", "table"), default="table", help="default: table")
    parser.add_argument("--shares", action="store_true", help="in JSON, too, add per cents that print to exactly 100.0")
    parser.add_argument("--language", choices=("ko", "en"), help="language of labels and messages")


def run(args: argparse.Namespace) -> int:
    """Reads the folder, counts, prints."""
    from madang.cli.main import language
    from madang.core.reasons import Malformed
    from madang.core.statistics import of_call
    from madang.papers import classifications, folder
    from madang.words import say_fault

    tongue = args.language or language()
    try:
        # Codes that no set knows are counted and listed, not refused: hence nothing is `known` to the reader.
        found = folder.read(_folder(args.call), known={}, for_decision=False)
        sets = classifications.for_call(found.definition.classifications, sample=found.case.sample)
        statistics = of_call(found.definition, found.case, sets)
    except Malformed as malformed:
        for fault in malformed.faults:
            print(say_fault(fault, tongue), file=sys.stderr)
        return UNREADABLE
    if args.format == "json":
        print(json.dumps(_as_json(found, statistics, args.shares), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_Table(found.definition, statistics, tongue).lines(found)))
    return COUNTED


def _folder(call: str) -> Path:
    """The folder of this path, else the example of this name; raises `Malformed` where there is neither."""
    from madang.core.reasons import Fault, Malformed
    from madang.papers import library

    path = Path(call)
    if path.is_dir():
        return path
    example = library.example(call)
    if example is None:
        known = list(library.examples())
        raise Malformed([Fault("statistics_no_such_call", "", {"given": call, "known": known})])
    return example


def _as_json(found: Folder, statistics: Mapping[str, Any], shares: bool) -> dict[str, Any]:
    from madang.core.statistics import with_shares

    tables = {name: statistics[name] for name in TABLES}
    if shares:
        tables = {name: with_shares(rows) if _adds_up(name, statistics) else rows for name, rows in tables.items()}
    head = {"call": found.definition.id, "sample": found.case.sample, "note": dict(found.note or {})}
    return {**head, **statistics, **tables}


def _adds_up(table: str, statistics: Mapping[str, Any]) -> bool:
    """Whether each application stands in one row, so that shares of the whole mean something."""
    return not (table == "by_field" and statistics["by_field_overlaps"])


class _Table:
    """The tables as aligned text, in one language, with the names that countries had on the day."""

    def __init__(self, definition: Definition, statistics: Mapping[str, Any], language: str) -> None:
        self.definition = definition
        self.statistics = statistics
        self.language = language

    def lines(self, found: Folder) -> Iterator[str]:
        from madang.core.statistics import NO_DAY

        title = self._text(self.definition.title)
        day = self.statistics["on"]
        yield (
            self._say("heading", title=title, on=day)
            if day != NO_DAY
            else self._say("heading_without_day", title=title)
        )
        if found.case.sample:
            yield self._say("sample")
        if found.note:
            yield self._text(found.note)
        for name in TABLES:
            if rows := self.statistics[name]:
                yield ""
                yield from self._rows(self._say(name), rows, name, self.statistics["total"])
        yield from self._fields_by_type()
        yield ""
        yield self._say("in_all", **self.statistics["total"])
        yield from self._growth()
        yield ""
        yield self._say("once")
        if self.statistics["by_field_overlaps"]:
            yield self._say("overlap")
        for stray in self.statistics["unclassified"]:
            yield self._say(
                "stray" if stray["given"] else "stray_blank", **{**stray, "by": self._say(f"by_{stray['by']}")}
            )

    def _fields_by_type(self) -> Iterator[str]:
        totals = {row["id"]: row for row in self.statistics["by_type"]}
        for group in self.statistics["by_type_and_field"]:
            if group["fields"]:
                yield ""
                heading = self._say("by_field_of", type=self._label("by_type", group["id"]))
                yield from self._rows(heading, group["fields"], "by_field", totals[group["id"]])

    def _rows(
        self, heading: str, rows: Sequence[Mapping[str, Any]], name: str, total: Mapping[str, int]
    ) -> Iterator[str]:
        from madang.core.statistics import shares

        adds_up = _adds_up(name, self.statistics)
        per_cent = [f"{share}%" for share in shares([row["cases"] for row in rows])] if adds_up else []
        last = [self._say("total"), *_numbers(total), *(["100.0%"] if adds_up and total["cases"] else [])]
        table = [[heading, self._say("cases"), self._say("countries"), *([self._say("share")] if adds_up else [])]]
        for place, row in enumerate(rows):
            table.append([self._label(name, row["id"]), *_numbers(row), *per_cent[place : place + 1]])
        yield from _aligned([*table, last])

    def _growth(self) -> Iterator[str]:
        growth = self.statistics["growth"]
        if growth["previous_year"] is None:
            yield self._say("growth_none")
            return
        heading = self._say("growth", previous_year=growth["previous_year"])
        table = [[heading, str(growth["previous_year"]), str(growth["year"]), self._say("change"), self._say("rate")]]
        for name in ("cases", "countries"):
            one = growth[name]
            rate = "-" if one["shown"] is None else f"{_signed(one['shown'])}%"
            table.append(
                [self._say(name), f"{one['previous']:,}", f"{one['now']:,}", _signed(f"{one['change']:,}"), rate]
            )
        yield from _aligned(table)

    def _label(self, table: str, id_: str) -> str:
        from madang.core.statistics import NOT_ITEMISED, UNCLASSIFIED
        from madang.papers import classifications

        if id_ in (NOT_ITEMISED, UNCLASSIFIED):
            return self._say(id_)
        if table == "by_type":
            return next((self._text(track.title) for track in self.definition.tracks if track.id == id_), id_)
        name = self.definition.classifications.get(table.removeprefix("by_"))
        return classifications.label(name, id_, self.language, self.statistics["on"]) if name else id_

    def _text(self, words: Mapping[str, str]) -> str:
        return words.get(self.language) or words.get("en") or next(iter(words.values()), "")

    def _say(self, code: str, **params: Any) -> str:
        from madang.words import sentence

        return sentence(f"statistics_{code}", params, self.language)


def _numbers(row: Mapping[str, int]) -> list[str]:
    return [f"{row['cases']:,}", f"{row['countries']:,}"]


def _signed(number: str) -> str:
    return number if number.startswith("-") or not number.strip("0.,") else f"+{number}"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Words to the left, numbers to the right, by the width that a terminal gives each character."""
    widths = [max(_width(row[column]) for row in table if column < len(row)) for column in range(len(table[0]))]
    for row in table:
        words = row[0] + " " * (widths[0] - _width(row[0]))
        numbers = (" " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=False))
        yield "  ".join([words, *numbers]).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: Korean letters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
