"""What a count of days is made of: its terms, a calendar, stops; and what comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from madang.core.reasons import Fault, Malformed, Reason

MOST_DAYS = 3660
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)

DayCount = Literal["business", "calendar"]
FirstDay = Literal["included", "excluded"]
Rolls = Literal["next_business_day", "none"]
Why = Literal["first_day", "weekend", "closed", "stop"]

#: Civil Act Art. 161: a period whose last day is a Saturday or public holiday ends on the next day that is neither.
DEFAULT_ROLLS: Rolls = "next_business_day"


class ClockLike(Protocol):
    """What a definition says of a period (`core/callspec/blocks.py: Clock`), as far as counting needs it.

    `rolls` may stand there too; it is read where it does.
    """

    @property
    def days(self) -> int: ...
    @property
    def count(self) -> DayCount: ...
    @property
    def first_day(self) -> FirstDay: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a count. `rolls` matters for calendar days only: business days never end on a closed day."""

    days: int
    count: DayCount = "calendar"
    first_day: FirstDay = "excluded"
    rolls: Rolls = DEFAULT_ROLLS

    @classmethod
    def of(cls, clock: ClockLike) -> Terms:
        rolls: Rolls = getattr(clock, "rolls", DEFAULT_ROLLS)
        return cls(days=clock.days, count=clock.count, first_day=clock.first_day, rolls=rolls)


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days offices are closed. Known from a day to a day; outside of these it claims nothing.

    `closed` are the holidays, `opened` the days on which offices work all the same (a Saturday by decree, say); both
    with a label in each language. `weekend` are weekday numbers, Monday = 0; at least one weekday must remain.
    """

    name: str
    known_from: dt.date
    known_until: dt.date
    closed: Mapping[dt.date, Mapping[str, str]]
    opened: Mapping[dt.date, Mapping[str, str]] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({5, 6})

    def __post_init__(self) -> None:
        if self.weekend >= frozenset(range(7)):
            raise ValueError("a calendar needs a weekday that is no weekend")

    def is_closed(self, day: dt.date) -> bool:
        return day not in self.opened and (day in self.closed or day.weekday() in self.weekend)

    def knows(self, first: dt.date, last: dt.date) -> bool:
        """Whether every day from `first` to `last` lies within what this calendar knows."""
        return self.known_from <= first and last <= self.known_until


Calendars = Callable[[str], Calendar | None]
"""A calendar by its name; None where there is none of that name."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock stands from the day `first` to the day `last`, both included; `last` None: it still stands.

    Both days stand: Enforcement Decree of the Administrative Procedures Act, Art. 11 No. 1 (the day on which the
    request for a supplement is sent and the day on which the supplement arrives do not count).
    """

    first: dt.date
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that did not count. `label` is the holiday's name by language, for `closed` only."""

    day: dt.date
    why: Why
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a period stands at the end of `today`. `used` + `left` = the days of the period.

    `left` 0 and not `overdue`: today is the last day, or the end has rolled over closed days.
    """

    today: dt.date
    used: int
    left: int
    standing: bool
    overdue: bool
    late_days: int  # calendar days since the last day

    def as_json(self) -> dict[str, object]:
        return {
            "today": self.today.isoformat(),
            "used": self.used,
            "left": self.left,
            "standing": self.standing,
            "overdue": self.overdue,
            "late_days": self.late_days,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A counted period. It ends with the end of the day `last`.

    `last` is None while it cannot be known, with its `reasons`: the clock still stands, or the calendar does not reach.
    `not_before` then is the earliest day that is still possible; otherwise it equals `last`.
    `rolled_from`: the day on which the days were used up, where the end moved on from there.
    `counted` and `skipped` tell each day as far as it is known, in order of time.
    """

    last: dt.date | None
    not_before: dt.date
    rolled_from: dt.date | None
    counted: tuple[dt.date, ...]
    skipped: tuple[Skipped, ...]
    position: Position | None
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "last": self.last.isoformat() if self.last else None,
            "not_before": self.not_before.isoformat(),
            "rolled_from": self.rolled_from.isoformat() if self.rolled_from else None,
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [{"day": s.day.isoformat(), "why": s.why, "label": dict(s.label)} for s in self.skipped],
            "position": self.position.as_json() if self.position else None,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


def require_sound(terms: Terms, start: dt.date, stops: Sequence[Stop], today: dt.date | None) -> None:
    """Raises `Malformed` with every fault."""
    if faults := faults_in(terms, start, stops, today):
        raise Malformed(faults)


def faults_in(terms: Terms, start: dt.date, stops: Sequence[Stop] = (), today: dt.date | None = None) -> list[Fault]:
    """What makes a count impossible, in the order of the arguments."""
    return list(_faults(terms, start, stops, today))


def _faults(terms: Terms, start: dt.date, stops: Sequence[Stop], today: dt.date | None) -> Iterator[Fault]:
    if not 1 <= terms.days <= MOST_DAYS:
        yield Fault("clock_days_out_of_range", "days", {"given": terms.days, "most": MOST_DAYS})
    if not EARLIEST <= start <= LATEST:
        yield day_out_of_reach("from", start)
    for number, stop in enumerate(stops):
        at = f"stop {number + 1}"
        ends = [stop.first, *([stop.last] if stop.last else [])]
        yield from (day_out_of_reach(at, day) for day in ends if not EARLIEST <= day <= LATEST)
        if stop.last and stop.last < stop.first:
            told = {"from": stop.first.isoformat(), "to": stop.last.isoformat()}
            yield Fault("clock_stop_ends_before_it_starts", at, {**told})
    if today and not EARLIEST <= today <= LATEST:
        yield day_out_of_reach("today", today)


def day_out_of_reach(at: str, day: dt.date) -> Fault:
    reach = {"least": EARLIEST.isoformat(), "most": LATEST.isoformat()}
    return Fault("clock_day_out_of_reach", at, {"given": day.isoformat(), **reach})
