"""Reception tables: how many applications (`cases`) from how many distinct countries, whole and by group.

Every row counts each country once, so a column of countries need not add up to the total (24 + 16 + 12 = 52 where a
country applies in several types, but 39 countries). Cases add up: what has no place in a set stands in a row of its own
(`not_itemised`, `unclassified`) and is never dropped. Only where a form lets an applicant name several fields does an
application stand in each of them; `by_field_overlaps` says so.
Source: `docs/algorithms/statistics.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from typing import Any

from madang.core.problem import decimal_text
from madang.core.statistics.model import (
    NOT_ITEMISED,
    UNCLASSIFIED,
    EarlierRound,
    Received,
    Reception,
)

Rows = list[dict[str, Any]]
Key = Callable[[Received], tuple[str, ...]]
"""The rows in which an application stands: one; for fields one or more; none where nothing is asked."""


def tabulate(reception: Reception) -> dict[str, Any]:
    """The tables of one reception, as JSON values.

    `total` {cases, countries}; `by_type, by_region, by_country, by_field` lists of {id, cases, countries} without a
    total row; `by_type_and_field` {id, fields: rows} for each type; `growth` on the latest earlier round;
    `unclassified` what the sets have no place for. Types and regions stand in the order of the call and its set, with
    empty ones; fields in the order of the set and countries by falling cases (then by code), without empty ones.

    Cost: applications x (regions + log of countries).
    """
    received = reception.received
    sets = reception.classifications
    type_of, region_of, country_of, field_of = _keys(reception)
    regions = [region.id for region in sets.regions if region.holds(reception.on)]
    known = _Counter(country_of)
    return {
        "on": reception.on,
        "year": reception.year,
        "total": known.count(received),
        "by_type": known.rows(received, type_of, reception.tracks) if reception.tracks else [],
        "by_region": known.rows(received, region_of, regions) if sets.regions else [],
        "by_country": _by_falling_cases(known.rows(received, country_of, ())),
        "by_field": _filled(known.rows(received, field_of, sets.fields)) if sets.fields else [],
        "by_field_overlaps": bool(sets.fields) and any(len(one.fields) > 1 for one in received),
        "by_type_and_field": _fields_by_type(reception, known, type_of, field_of),
        "growth": growth(reception.year, known.count(received), reception.earlier),
        "unclassified": _unclassified(reception, type_of, region_of, country_of, field_of),
    }


def growth(year: int, now: dict[str, int], earlier: Iterable[EarlierRound]) -> dict[str, Any]:
    """Change on the latest round before `year`; nulls where there was none.

    `percent` has two decimals and `shown` one, each rounded half up from the exact fraction (never one from the
    other); both are null where the earlier number is 0.
    """
    before = max((r for r in earlier if r.year < year), key=lambda r: r.year, default=None)
    if before is None:
        return {"year": year, "previous_year": None, "cases": None, "countries": None}
    return {
        "year": year,
        "previous_year": before.year,
        "cases": change(before.cases, now["cases"]),
        "countries": change(before.countries, now["countries"]),
    }


def change(previous: int, now: int) -> dict[str, Any]:
    """`change(80, 111)` -> change 31, percent "38.75", shown "38.8"."""
    percent = Fraction(100 * (now - previous), previous) if previous else None
    return {
        "previous": previous,
        "now": now,
        "change": now - previous,
        "percent": None if percent is None else decimal_text(percent, 2),
        "shown": None if percent is None else decimal_text(percent, 1),
    }


def shares(parts: Sequence[int], decimals: int = 1) -> list[str]:
    """Each part's per cent of the sum, as text whose printed numbers add up to exactly 100.

    Largest remainder: every share is rounded down, and the units still missing go to the largest remainders (of equal
    ones to the earlier). No share is off by a whole unit of its last digit. Parts that sum to 0 give shares of 0.
    Parts are at least 0. Cost: sorting the parts.
    """
    whole = sum(parts)
    if not whole:
        return [decimal_text(Fraction(0), decimals) for _ in parts]
    units = 100 * 10**decimals
    floors = [part * units // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: -(parts[i] * units % whole))
    for i in by_remainder[: units - sum(floors)]:
        floors[i] += 1
    return [decimal_text(Fraction(floor, 10**decimals), decimals) for floor in floors]


def with_shares(rows: Rows) -> Rows:
    """The same rows with `share_shown`, the per cent of their cases; prints add up to exactly 100.0."""
    shown = shares([row["cases"] for row in rows])
    return [{**row, "share_shown": share} for row, share in zip(rows, shown, strict=True)]


class _Counter:
    """Counts applications and distinct known countries; `country_of` says what is known."""

    def __init__(self, country_of: Key) -> None:
        self.country_of = country_of

    def count(self, received: Collection[Received]) -> dict[str, int]:
        codes = {code for one in received for code in self.country_of(one)}
        return {"cases": len(received), "countries": len(codes - {UNCLASSIFIED})}

    def rows(self, received: Iterable[Received], key: Key, order: Iterable[str]) -> Rows:
        """A row for every id in `order`, then the others as they come, and what has no place last."""
        groups = _grouped(received, key, order)
        return [{"id": id_, **self.count(groups[id_])} for id_ in sorted(groups, key=_behind)]


def _grouped(received: Iterable[Received], key: Key, order: Iterable[str]) -> dict[str, list[Received]]:
    groups: dict[str, list[Received]] = {id_: [] for id_ in order}
    for one in received:
        for id_ in key(one):
            groups.setdefault(id_, []).append(one)
    return groups


_BEHIND = (NOT_ITEMISED, UNCLASSIFIED)


def _behind(id_: str) -> int:
    """Puts the rows for what has no place in a set behind the others (the sort is stable and keeps the rest)."""
    return _BEHIND.index(id_) + 1 if id_ in _BEHIND else 0


def _keys(reception: Reception) -> tuple[Key, Key, Key, Key]:
    """How each application is grouped: by type, region, country and field."""
    sets = reception.classifications
    tracks, countries, fields = set(reception.tracks), set(sets.countries), set(sets.fields)
    regions = {one.country: sets.region_of(one.country, reception.on) for one in reception.received if one.country}

    def type_of(one: Received) -> tuple[str, ...]:
        return (one.track if one.track in tracks else UNCLASSIFIED,)

    def region_of(one: Received) -> tuple[str, ...]:
        return (regions.get(one.country) or UNCLASSIFIED,)

    def country_of(one: Received) -> tuple[str, ...]:
        if not countries:  # nothing to check a code against; a call at home need not name one
            return (one.country,) if one.country else ()
        return (one.country if one.country in countries else UNCLASSIFIED,)

    def field_of(one: Received) -> tuple[str, ...]:
        known = (field if field in fields else UNCLASSIFIED for field in one.fields)
        return tuple(dict.fromkeys(known)) or (NOT_ITEMISED,)

    return type_of, region_of, country_of, field_of


def _fields_by_type(reception: Reception, known: _Counter, type_of: Key, field_of: Key) -> Rows:
    fields = reception.classifications.fields
    if not fields or not reception.tracks:
        return []
    groups = _grouped(reception.received, type_of, reception.tracks)
    return [{"id": id_, "fields": _filled(known.rows(group, field_of, fields))} for id_, group in groups.items()]


def _unclassified(reception: Reception, *keys: Key) -> Rows:
    """Every answer without a place in its set: the application, the table it is missing from, and what was given."""
    sets = reception.classifications
    asked = (bool(reception.tracks), bool(sets.regions), bool(sets.countries), bool(sets.fields))
    strays = []
    for by, counts, key in zip(("type", "region", "country", "field"), asked, keys, strict=True):
        for one in reception.received if counts else ():
            if UNCLASSIFIED in key(one):
                strays.append({"application": one.application, "by": by, "given": _given(one, by, sets.fields)})
    return strays


def _given(one: Received, by: str, fields: Collection[str]) -> str:
    if by == "field":
        return ";".join(field for field in one.fields if field not in fields)
    return one.track if by == "type" else one.country


def _filled(rows: Rows) -> Rows:
    return [row for row in rows if row["cases"]]


def _by_falling_cases(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: (row["id"] == UNCLASSIFIED, -row["cases"], row["id"]))
