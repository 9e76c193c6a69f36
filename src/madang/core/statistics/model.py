"""What reception statistics are counted from: received applications, and the dated sets that group them.

A grouping of countries is policy of its time, so membership is dated and never an attribute of a country. All types
turn into JSON and back (`model_dump(mode="json")`, `read_problem`), so that a record carries the sets that were used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from madang.core.callspec.blocks import Day
from madang.core.problem import Id, Items, Strict, read_problem

#: Row ids that no set may use for an entry of its own.
NOT_ITEMISED = "not_itemised"  # the field was left blank
UNCLASSIFIED = "unclassified"  # blank or unknown where the set wants an answer
RESERVED = frozenset({NOT_ITEMISED, UNCLASSIFIED})


class Dated(Strict):
    """Something that holds from its first to its last day, both included; null is open."""

    valid_from: Day | None = None
    valid_to: Day | None = None

    def holds(self, on: str) -> bool:
        """Whether it holds on this day (`YYYY-MM-DD`; ISO days compare as text)."""
        return (self.valid_from or on) <= on <= (self.valid_to or on)

    def overlaps(self, other: Dated) -> bool:
        first, last = "0000-00-00", "9999-99-99"
        return (self.valid_from or first) <= (other.valid_to or last) and (other.valid_from or first) <= (
            self.valid_to or last
        )


class Membership(Dated):
    """A country belongs to a region for a time."""

    country: Id


class Region(Dated):
    """Countries counted together. `rest: true` takes every known country that no other region has on the day."""

    id: Id
    countries: Items[Membership] = ()
    rest: bool = False

    def has(self, country: str, on: str) -> bool:
        return self.holds(on) and any(m.country == country and m.holds(on) for m in self.countries)


class Classifications(Strict):
    """The sets of one call. An empty list means that the call does not group by it.

    With `countries` empty every code that is given counts as a country. No country stands in two regions on one day;
    there is at most one `rest` region on any day.
    """

    countries: Items[Id] = ()
    regions: Items[Region] = ()
    fields: Items[Id] = ()

    @model_validator(mode="after")
    def _unambiguous(self) -> Classifications:
        for name, ids in (("countries", self.countries), ("fields", self.fields)):
            _refuse_repeated(name, ids)
        _refuse_repeated("regions", (region.id for region in self.regions))
        for one, other in combinations(self.regions, 2):
            if one.overlaps(other):
                _refuse_shared(one, other)
        return self

    def as_json(self) -> dict[str, Any]:
        """For a record; open ends and empty lists are left out. `from_json` reads it back to an equal value."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def from_json(cls, data: object) -> Classifications:
        """Raises `Malformed` with every fault."""
        return read_problem(cls, data)

    def region_of(self, country: str, on: str) -> str | None:
        """The region of a known country on a day; null where no region has it."""
        if self.countries and country not in self.countries:
            return None
        named = next((region.id for region in self.regions if region.has(country, on)), None)
        return named or next((region.id for region in self.regions if region.rest and region.holds(on)), None)


def _refuse_repeated(name: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in RESERVED:
            raise PydanticCustomError("reserved_id", "reserved id", {"set": name, "id": id_})
        if id_ in seen:
            raise PydanticCustomError("repeated_in_set", "repeated", {"set": name, "id": id_})
        seen.add(id_)


def _refuse_shared(one: Region, other: Region) -> None:
    if one.rest and other.rest:
        raise PydanticCustomError("two_rest_regions", "two rest regions", {"a": one.id, "b": other.id})
    for mine in one.countries:
        for theirs in other.countries:
            if mine.country == theirs.country and mine.overlaps(theirs):
                raise PydanticCustomError(
                    "country_in_two_regions", "in two regions", {"country": mine.country, "a": one.id, "b": other.id}
                )


@dataclass(frozen=True, slots=True)
class Received:
    """One application as the tables see it; blank text and no fields where nothing was given. Fields do not repeat."""

    application: str
    track: str = ""
    country: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierRound:
    """What an earlier round received, as published."""

    year: int
    cases: int
    countries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Everything that the tables of one call are counted from.

    `tracks` are the call's types in order (none: the call has no types). `on` is the day whose region sets count,
    `YYYY-MM-DD`; `year` names this round, and only earlier years are compared with.
    """

    received: tuple[Received, ...]
    classifications: Classifications
    tracks: tuple[str, ...]
    on: str
    year: int
    earlier: tuple[EarlierRound, ...] = ()
