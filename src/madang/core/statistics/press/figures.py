"""Every figure of a reception under a name that stays: `cases`, `by_type.development.countries`,
`growth.cases.percent`.

The names follow the tables of `tabulate`. A figure that the tables do not have has no name: nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from madang.core.problem import decimal_text
from madang.core.statistics.model import NOT_ITEMISED
from madang.core.statistics.tables import with_shares

Unit = Literal["cases", "countries", "percent", "year"]
TABLES = ("by_type", "by_region", "by_country", "by_field")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `text` is how it is printed (`1,234`, `38.8`), `value` exactly that."""

    name: str
    text: str
    unit: Unit

    @property
    def value(self) -> Fraction:
        return Fraction(self.text.replace(",", ""))


def figures_of(found: Mapping[str, Any]) -> dict[str, Figure]:
    """The figures of what `tabulate` gives, in the order of its tables.

    Counts are printed with thousands separators, per cents with one decimal, rounded half up from the exact fraction;
    `growth.*.exact` has two. `fall` is the change the other way round, for a sentence that tells of a fall.
    """
    return {figure.name: figure for figure in _figures(found)}


def differences(
    mine: Mapping[str, Figure], theirs: Mapping[str, Figure]
) -> Iterator[tuple[str, Figure | None, Figure | None]]:
    """(name, mine, theirs) of every count that differs, in the order of `mine`; None where there is none.

    Growth and shares follow from the counts, and are left out.
    """
    for name in dict.fromkeys([*mine, *theirs]):
        one, other = mine.get(name), theirs.get(name)
        if one != other and not name.startswith("growth.") and not name.endswith(".share"):
            yield name, one, other


def _figures(found: Mapping[str, Any]) -> Iterator[Figure]:
    yield from _counts("", found["total"])
    yield Figure("year", str(found["year"]), "year")
    for table in TABLES:
        rows = found[table]
        overlaps = table == "by_field" and found["by_field_overlaps"]
        for row in rows if overlaps else with_shares(rows):
            name = f"{table}.{row['id']}."
            yield Figure(f"{name}cases", f"{row['cases']:,}", "cases")
            if table != "by_country":  # a row of one country counts one
                yield Figure(f"{name}countries", f"{row['countries']:,}", "countries")
            if not overlaps:
                yield Figure(f"{name}share", row["share_shown"], "percent")
    yield from _itemised(found)
    yield from _growth(found["growth"])


def _counts(prefix: str, row: Mapping[str, int]) -> Iterator[Figure]:
    yield Figure(f"{prefix}cases", f"{row['cases']:,}", "cases")
    yield Figure(f"{prefix}countries", f"{row['countries']:,}", "countries")


def _itemised(found: Mapping[str, Any]) -> Iterator[Figure]:
    """Fields by type, and of each type how many applications name a field and how many none."""
    cases = {row["id"]: row["cases"] for row in found["by_type"]}
    if found["by_field"]:
        yield from _named("", found["by_field"], found["total"]["cases"])
    for group in found["by_type_and_field"]:
        for row in group["fields"]:
            yield from _counts(f"by_type_and_field.{group['id']}.{row['id']}.", row)
        yield from _named(f".{group['id']}", group["fields"], cases.get(group["id"], 0))


def _named(of: str, rows: Iterable[Mapping[str, Any]], whole: int) -> Iterator[Figure]:
    without = sum(row["cases"] for row in rows if row["id"] == NOT_ITEMISED)
    yield Figure(f"not_itemised{of}", f"{without:,}", "cases")
    yield Figure(f"itemised{of}", f"{whole - without:,}", "cases")


def _growth(growth: Mapping[str, Any]) -> Iterator[Figure]:
    if growth["previous_year"] is None:
        return
    yield Figure("growth.previous_year", str(growth["previous_year"]), "year")
    units: tuple[Unit, Unit] = ("cases", "countries")
    for unit in units:
        one = growth[unit]
        for part in ("previous", "change"):
            yield Figure(f"growth.{unit}.{part}", f"{one[part]:,}", unit)
        yield Figure(f"growth.{unit}.fall", f"{-one['change']:,}", unit)
        if one["shown"] is not None:
            yield Figure(f"growth.{unit}.percent", one["shown"], "percent")
            yield Figure(f"growth.{unit}.exact", one["percent"], "percent")
            fall = Fraction(-100 * one["change"], one["previous"])
            yield Figure(f"growth.{unit}.fall_percent", decimal_text(fall, 1), "percent")
