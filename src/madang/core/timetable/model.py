"""The timetable problem (`madang solve timetable`) and its result: who meets whom, in which slot, at which table.

Contract: `docs/formats/solve.md`, "timetable". What is wrong with a problem's meaning: `faults.py`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from madang.core.problem import LARGEST, Id, Items, Problem, ReasonModel, Seed, Status, Strict

Count = Annotated[int, Field(ge=0, le=LARGEST)]
#: A weight: small enough that no sum of them, whatever the engine multiplies it with, leaves 64 bits.
Weight = Annotated[int, Field(ge=0, le=1_000_000)]

#: More than this is refused before anything is computed.
MOST_WISHES = 100_000
MOST_SLOTS = 1_000
MOST_PLACES = 1_500_000  # wishes x slots
MOST_APART = 200_000  # pairs of slots that `apart` forbids


def _instant(text: str) -> str:
    """ISO 8601 with an offset."""
    try:
        offset = dt.datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise PydanticCustomError("timetable_not_an_instant", "{given}", {"given": text})
    return text


Instant = Annotated[str, Field(max_length=40), AfterValidator(_instant)]


class Slot(Strict):
    """A time in which meetings may be held; `session` matters only to `apart`."""

    id: Id
    start: Instant
    end: Instant
    session: Id | None = None

    @property
    def begins(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.start)

    @property
    def ends(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.end)


class Participant(Strict):
    """A company or an agency. Without `free`: free in every slot; without `max_meetings`: as many as there are."""

    id: Id
    free: Items[Id] | None = None
    max_meetings: Count | None = None
    languages: Items[Id] = ()


class Wish(Strict):
    company: Id
    agency: Id
    weight: Weight = 1


class Placed(Strict):
    """A meeting at its place; without `table` any table."""

    company: Id
    agency: Id
    slot: Id
    table: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


class Interpreters(Strict):
    """`count` interpreters between two languages, there in the slots of `free` (without it: in all)."""

    languages: Annotated[Items[Id], Field(min_length=2, max_length=2)]
    count: Count
    free: Items[Id] | None = None


class Breaks(Strict):
    """At most `max_in_a_row` meetings without a break; a pause over `gap_min` minutes is a break."""

    max_in_a_row: Annotated[int, Field(ge=1, le=LARGEST)]
    gap_min: Annotated[int, Field(ge=0, le=1440)] = 15


class Apart(Strict):
    """Two companies that may not meet anybody in the same or the next slot, or in the same session."""

    companies: Annotated[Items[Id], Field(min_length=2, max_length=2)]
    by: Literal["next_slot", "session"] = "next_slot"


Pair = Annotated[Items[Id], Field(min_length=2, max_length=2)]


class TimetableProblem(Problem):
    """Companies, agencies, slots and wishes; `keep` is an earlier plan that is changed as little as possible."""

    kind: Literal["timetable"] = "timetable"
    slots: Items[Slot] = ()
    tables: Count
    companies: Items[Participant] = ()
    agencies: Items[Participant] = ()
    wishes: Items[Wish] = ()
    vetoes: Items[Pair] = ()
    met_before: Items[Pair] = ()
    fixed: Items[Placed] = ()
    keep: Items[Placed] = ()
    interpreters: Items[Interpreters] = ()
    breaks: Breaks | None = None
    apart: Items[Apart] = ()
    objective: Literal["weight", "fair"] = "weight"
    time_limit_s: Annotated[int, Field(ge=1, le=86_400)] = 30


# --- the result, for the JSON Schema and for readers in Python ---


class Meeting(Strict):
    """`table` is null only where slots overlap and the fixed tables left no number that fits."""

    company: str
    agency: str
    slot: str
    table: int | None


class Share(Strict):
    """How many of a participant's wishes are met; `share` as an exact fraction, null without wishes."""

    id: str
    wished: int
    met: int
    share: str | None


class Unmet(Strict):
    """Why a wish is not met, and how much weight, at least, a plan with it would have less (0: nothing is proven)."""

    company: str
    agency: str
    reason: ReasonModel
    cost_at_least: int


class Change(Strict):
    """A meeting of the earlier plan that does not stay: `to` is its new slot, null if it is not held."""

    company: str
    agency: str
    slot: str
    to: str | None
    reason: ReasonModel


class Price(Strict):
    """What one unit of a limit is worth, in units of 1/`scale`: `[rule, ids ..., price]` with ids of the problem."""

    rule: Literal["company", "agency", "company_at", "agency_at", "tables_at", "interpreters_at", "breaks", "apart"]
    of: Items[str]
    price: int


class Prices(Strict):
    """Prices of limits, and premiums for a minimum number of meetings (`fair`): `[side, id, premium]`."""

    scale: Annotated[int, Field(ge=1)]
    prices: Items[Price]
    premiums: Items[Price]


class Certificate(Strict):
    """`weight` proves `bound`, `worst` proves `worst_bound`: whoever adds up the prices needs no solver."""

    weight: Prices
    worst: Prices | None


class TimetableResult(Strict):
    """What `solve_timetable` answers; see `docs/formats/solve.md`."""

    kind: Literal["timetable"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.OPTIMAL, Status.FEASIBLE]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    meetings: Items[Meeting]
    weight: int
    bound: int
    worst: str | None
    worst_bound: str | None
    moved: int
    changes: Items[Change]
    companies: Items[Share]
    agencies: Items[Share]
    unmet: Items[Unmet]
    certificate: Certificate
