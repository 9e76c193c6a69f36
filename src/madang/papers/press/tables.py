"""The tables of a report, from one count: cells are numbers or words, so that every format writes the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from madang.core.statistics import change
from madang.core.statistics.cross import Asked, cross
from madang.core.statistics.model import NOT_ITEMISED
from madang.papers.decision.model import StatisticTable
from madang.papers.decision.statistics import tables as statistic_tables
from madang.papers.press.model import TABLES, Counts
from madang.papers.press.naming import Naming
from madang.words import sentence

Cell = str | int

MOST_BARS: Final = 18
"""So many bars fit half a page; a longer table has no picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. `columns`: (label, whether of numbers); `total` is blank where a sum would mean nothing.

    `bars` are what its picture shows; `on_the_map`: by country code, where the picture is a map.
    """

    id: str
    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    bars: tuple[tuple[str, int], ...] = ()
    on_the_map: tuple[tuple[str, int], ...] = ()

    @property
    def note(self) -> str:
        return " ".join(self.notes)


def there_are(counts: Counts) -> tuple[str, ...]:
    """The tables that this reception can give, in their order."""
    found = counts.statistics
    empty = {
        "type": len(found["by_type"]) < 2,
        "region": not found["by_region"],
        "country": not found["total"]["countries"],
        "field": not found["by_field"],
        "type_field": len(found["by_type_and_field"]) < 2,
        "kind": not any(one.kind for one in counts.counted),
        "growth": found["growth"]["previous_year"] is None or counts.is_early,
        "years": len(counts.years) < 2,
    }
    return tuple(name for name in TABLES if not empty[name])


def tables_of(counts: Counts, chosen: Iterable[str], language: str) -> list[Table]:
    """The chosen tables that there are, in the order of `TABLES`."""
    wanted = set(chosen)
    made = _Tables(counts, language)
    return [made.table(name) for name in there_are(counts) if name in wanted]


class _Tables:
    def __init__(self, counts: Counts, language: str) -> None:
        self.counts, self.found = counts, counts.statistics
        self.naming = Naming(counts, language)
        self.say = self.naming.say
        self.plain = {one.id: one for one in statistic_tables(self.found, self.naming.labels)}

    def table(self, name: str) -> Table:
        own: Mapping[str, Callable[[], Table]] = {
            "type_field": self._matrix, "kind": self._kinds, "growth": self._growth, "years": self._years,
        }  # fmt: skip
        return own[name]() if name in own else self._plain(self.plain[name])

    def _heads(self, first: str, *numbers: str) -> tuple[tuple[str, bool], ...]:
        return (self.say(f"column.{first}"), False), *((self.say(f"column.{name}"), True) for name in numbers)

    def _plain(self, one: StatisticTable) -> Table:
        shares = one.total.share is not None
        numbers = ["cases", *(["countries"] if one.countries else []), *(["share"] if shares else [])]
        notes = [one.note] if one.note else []
        if one.id == "field" and any(row["id"] == NOT_ITEMISED for row in self.found["by_field"]):
            notes.append(self.say("not_itemised_note"))

        def cells(row: Any) -> tuple[Cell, ...]:
            more = [row.countries] if one.countries else []
            return (row.label, row.cases, *more, *([f"{row.share}%"] if shares else []))

        return Table(
            id=one.id,
            title=self.say(f"table.{one.id}"),
            columns=self._heads(one.id, *numbers),
            rows=tuple(map(cells, one.rows)),
            total=cells(one.total),
            notes=tuple(notes),
            bars=tuple((row.label, row.cases) for row in one.rows) if one.id != "country" else (),
            on_the_map=self._by_code() if one.id == "country" else (),
        )

    def _by_code(self) -> tuple[tuple[str, int], ...]:
        return tuple((row["id"], row["cases"]) for row in self.found["by_country"])

    def _matrix(self) -> Table:
        """Fields down, types across; what is not itemised stands behind the fields."""
        groups = self.found["by_type_and_field"]
        cells = {group["id"]: {row["id"]: row["cases"] for row in group["fields"]} for group in groups}
        types = {row["id"]: row["cases"] for row in self.found["by_type"]}
        heads = [(self.naming.entry("type", id_), True) for id_ in cells]
        rows = [
            (self.naming.entry("field", row["id"]), *(of.get(row["id"], 0) for of in cells.values()), row["cases"])
            for row in self.found["by_field"]
        ]
        notes = [self.say("not_itemised_note")]
        notes += [self.say("overlap_note")] if self.found["by_field_overlaps"] else []
        total = self.say("row.total")
        return Table(
            id="type_field",
            title=self.say("table.type_field"),
            columns=((self.say("column.field"), False), *heads, (total, True)),
            rows=tuple(rows),
            total=(total, *(types.get(id_, 0) for id_ in cells), self.found["total"]["cases"]),
            notes=tuple(notes),
        )

    def _kinds(self) -> Table:
        counts, countries = self.counts, bool(self.found["total"]["countries"])
        tracks = [track.id for track in counts.definition.tracks]
        given = counts.counted, counts.sets, tracks, counts.on
        cases = cross(*given, Asked(rows="kind"))
        distinct = cross(*given, Asked(rows="kind", measure="countries"))
        rows: list[tuple[Cell, ...]] = [
            (self.naming.entry("kind", id_), n, *([m] if countries else []))
            for id_, n, m in zip(cases.rows, cases.row_totals, distinct.row_totals, strict=True)
        ]
        once = sentence("statistics_once", {}, self.naming.language)
        return Table(
            id="kind",
            title=self.say("table.kind"),
            columns=self._heads("kind", "cases", *(["countries"] if countries else [])),
            rows=tuple(rows),
            total=(self.say("row.total"), cases.total, *([distinct.total] if countries else [])),
            notes=(once,) if countries and not distinct.rows_add_up else (),
            bars=tuple(
                (self.naming.entry("kind", id_), n) for id_, n in zip(cases.rows, cases.row_totals, strict=True)
            ),
        )

    def _growth(self) -> Table:
        growth = self.found["growth"]
        units = ["cases", *(["countries"] if self.found["total"]["countries"] else [])]
        rows, steps = [], []
        for unit in units:
            one = growth[unit]
            rate = "–" if one["shown"] is None else f"{signed(one['shown'])}%"
            rows.append((self.say(f"row.{unit}"), one["previous"], one["now"], signed(f"{one['change']:,}"), rate))
            if one["shown"] is not None and one["percent"] != f"{one['shown']}0":
                told = {name: one[name] for name in ("change", "previous", "shown")}
                steps.append(self.say("rate_step", exact=one["percent"], **told))
        heads = [(str(growth["previous_year"]), True), (str(growth["year"]), True)]
        heads += [(self.say(f"column.{name}"), True) for name in ("change", "rate")]
        return Table(
            id="growth",
            title=self.say("table.growth", previous_year=growth["previous_year"]),
            columns=((self.say("column.group"), False), *heads),
            rows=tuple(rows),
            notes=(self.say("rate_note", steps="; ".join(steps)),) if steps else (),
        )

    def _years(self) -> Table:
        """Every round, with its change on the round before it; where two sources disagree, both are told."""
        lines: list[tuple[Cell, ...]] = []
        before = None
        for one in _one_a_year(self.counts.years):
            told = change(before.cases, one.cases) if before else None
            rate = f"{signed(told['shown'])}%" if told and told["shown"] is not None else "–"
            step = signed(f"{told['change']:,}") if told else "–"
            lines.append((str(one.year), one.cases, one.countries, step, rate, self.say(f"source.{one.source}")))
            before = one
        numbers = self._heads("year", "cases", "countries", "change", "rate")
        return Table(
            id="years",
            title=self.say("table.years"),
            columns=(*numbers, (self.say("column.source"), False)),
            rows=tuple(lines),
            notes=(self.say("sheet_note"), *self._disagreeing()),
            bars=tuple((str(line[0]), int(line[1])) for line in lines),
        )

    def _disagreeing(self) -> Iterator[str]:
        sheet = {one.year: one for one in self.counts.years if one.source == "sheet"}
        for one in self.counts.years:
            other = sheet.get(one.year)
            if one.source == "here" and other and (one.cases, one.countries) != (other.cases, other.countries):
                here = {"here_cases": one.cases, "here_countries": one.countries}
                told = {"year": one.year, "cases": other.cases, "countries": other.countries}
                yield self.say("differs_note", **told, **here)


def _one_a_year(years: Sequence[Any]) -> list[Any]:
    """By year; what was published counts before what is counted here."""
    found: dict[int, Any] = {}
    for one in sorted(years, key=lambda line: line.source != "sheet"):
        found.setdefault(one.year, one)
    return [found[year] for year in sorted(found)]


def signed(number: str) -> str:
    """`31` -> `+31`; zero has no sign."""
    return number if number.startswith("-") or not number.strip("0.,") else f"+{number}"


def shown(cell: Cell) -> str:
    """A cell as it is printed."""
    return f"{cell:,}" if isinstance(cell, int) else cell
