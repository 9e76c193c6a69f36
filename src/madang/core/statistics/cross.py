"""Any table of a reception: rows by one thing, columns by another, counted in cases or in distinct countries.

Cases add up, unless an application stands in several fields. Distinct countries do not where a country stands in
several rows: each total is counted for itself, and the table says which ones do not add up.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from madang.core.statistics.model import NOT_ITEMISED, UNCLASSIFIED, Classifications

Dimension = Literal["type", "region", "country", "field", "kind", "day", "week"]
Measure = Literal["cases", "countries"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("type", "region", "country", "field", "kind", "day", "week")
MEASURES: Final[tuple[Measure, ...]] = ("cases", "countries")


@dataclass(frozen=True, slots=True)
class Counted:
    """One application; blank where nothing was given. `day`: of arrival in the call's zone, `YYYY-MM-DD`."""

    application: str
    track: str = ""
    country: str = ""
    fields: tuple[str, ...] = ()
    kind: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTable:
    """`cells[row][column]`; `row_totals`, `column_totals` and `total` are counted for themselves.

    `rows_add_up`: whether the rows of every column (and of the totals) sum to its total; `columns_add_up` the same
    across. Without `columns` there is one column, called "".
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int
    rows_add_up: bool
    columns_add_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a table is asked for. `only` keeps applications that stand in the entry named, for each dimension in it."""

    rows: Dimension
    columns: Dimension | None = None
    measure: Measure = "cases"
    only: tuple[tuple[Dimension, str], ...] = ()


Key = Callable[[Counted], tuple[str, ...]]


def cross(
    counted: Iterable[Counted], sets: Classifications, tracks: Sequence[str], on: str, asked: Asked
) -> CrossTable:
    """The table. `on`: the day whose region sets count. Types, regions and fields stand in the order of the call and
    its sets, countries and kinds by falling cases, days in their order. Cost: linear in the applications.
    """
    keys = keys_of(sets, tracks, on)
    down = keys[asked.rows]
    across: Key = keys[asked.columns] if asked.columns else lambda _: ("",)
    kept = [one for one in counted if all(entry in keys[by](one) for by, entry in asked.only)]
    groups: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    by_row: dict[str, list[Counted]] = defaultdict(list)
    by_column: dict[str, list[Counted]] = defaultdict(list)
    for one in kept:
        rows, columns = down(one), across(one)
        for row in rows:
            by_row[row].append(one)
            for column in columns:
                groups[row, column].append(one)
        for column in columns:
            by_column[column].append(one)
    count = _counter(asked.measure, keys["country"])
    order = _order(sets, tracks, on)
    rows = _sorted(by_row, order.get(asked.rows), _by_time(asked.rows))
    columns = (
        _sorted(by_column, order.get(asked.columns or "type"), _by_time(asked.columns)) if asked.columns else ("",)
    )
    cells = tuple(tuple(count(groups.get((row, column), ())) for column in columns) for row in rows)
    row_totals = tuple(count(by_row[row]) for row in rows)
    column_totals = tuple(count(by_column.get(column, ())) for column in columns)
    total = count(kept)
    across_columns = zip((*zip(*cells, strict=True), row_totals), (*column_totals, total), strict=True) if rows else ()
    return CrossTable(
        rows=rows,
        columns=columns,
        cells=cells,
        row_totals=row_totals,
        column_totals=column_totals,
        total=total,
        rows_add_up=all(sum(parts) == whole for parts, whole in across_columns),
        columns_add_up=all(
            sum(parts) == whole for parts, whole in zip((*cells, column_totals), (*row_totals, total), strict=True)
        ),
    )


def keys_of(sets: Classifications, tracks: Sequence[str], on: str) -> Mapping[Dimension, Key]:
    """In which entries of each dimension an application stands: one, for fields one or more."""
    regions: dict[str, str] = {}
    known, fields, types = frozenset(sets.countries), frozenset(sets.fields), frozenset(tracks)

    def region_of(one: Counted) -> tuple[str, ...]:
        if one.country not in regions:
            regions[one.country] = (one.country and sets.region_of(one.country, on)) or UNCLASSIFIED
        return (regions[one.country],)

    def country_of(one: Counted) -> tuple[str, ...]:
        return (one.country if one.country and (not known or one.country in known) else UNCLASSIFIED,)

    def field_of(one: Counted) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f if f in fields else UNCLASSIFIED for f in one.fields)) or (NOT_ITEMISED,)

    return {
        "type": lambda one: (one.track if one.track in types else UNCLASSIFIED,),
        "region": region_of,
        "country": country_of,
        "field": field_of,
        "kind": lambda one: (one.kind or UNCLASSIFIED,),
        "day": lambda one: (one.day or UNCLASSIFIED,),
        "week": lambda one: (week_of(one.day) or UNCLASSIFIED,),
    }


def week_of(day: str) -> str:
    """`2021-02-18` -> `2021-W07` (ISO 8601: weeks begin on Monday); blank for no day."""
    try:
        year, week, _ = dt.date.fromisoformat(day).isocalendar()
    except ValueError:
        return ""
    return f"{year}-W{week:02}"


def _counter(measure: Measure, country_of: Key) -> Callable[[Iterable[Counted]], int]:
    if measure == "cases":
        return lambda group: sum(1 for _ in group)
    return lambda group: len({code for one in group for code in country_of(one)} - {UNCLASSIFIED})


def _order(sets: Classifications, tracks: Sequence[str], on: str) -> dict[Dimension, list[str]]:
    regions = [region.id for region in sets.regions if region.holds(on)]
    return {"type": list(tracks), "region": regions, "field": list(sets.fields)}


def _by_time(by: Dimension | None) -> bool:
    return by in ("day", "week")


_BEHIND = (NOT_ITEMISED, UNCLASSIFIED)


def _sorted(groups: Mapping[str, Sequence[Counted]], order: list[str] | None, by_time: bool) -> tuple[str, ...]:
    """In the order given, by time, or by falling number; what has no place stands behind."""
    place = {id_: n for n, id_ in enumerate(order or [])}

    def key(id_: str) -> tuple[int, int, str]:
        behind = _BEHIND.index(id_) + 1 if id_ in _BEHIND else 0
        return behind, 0 if by_time else place.get(id_, -len(groups[id_])), id_

    return tuple(sorted(groups, key=key))


def dimension(text: str) -> Dimension | None:
    """The dimension of this name, if it is one."""
    return text if text in DIMENSIONS else None
