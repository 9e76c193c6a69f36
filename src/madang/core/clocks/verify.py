"""Does a count follow? Walked day by day, as one would on a paper calendar.

Shares no code with `solve.py` and `explain.py`; what a closed day is, is asked here anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from madang.core.clocks.model import Calendar, Count, Stop, Terms, require_sound
from madang.core.reasons import Param, Reason

_ONE_DAY = dt.timedelta(days=1)


def verify_count(
    terms: Terms,
    start: dt.date,
    calendar: Calendar,
    count: Count,
    stops: Sequence[Stop] = (),
    today: dt.date | None = None,
) -> list[Reason]:
    """What in `count` does not follow from the rest; empty if all of it does. Cost: the days walked x stops.

    Each finding is `does_not_follow` with the field, what is given and what follows. Raises `Malformed` as the solver.
    """
    require_sound(terms, start, stops, today)
    walk = _Walk(terms, start, calendar, stops, today)
    walk.go()
    expected = walk.result()
    given = count.as_json()
    return [
        Reason("does_not_follow", {"at": f"/{name}", "given": _brief(given.get(name)), "expected": _brief(follows)})
        for name, follows in expected.items()
        if given.get(name) != follows
    ]


@dataclass(slots=True)
class _Walk:
    terms: Terms
    start: dt.date
    calendar: Calendar
    stops: Sequence[Stop]
    today: dt.date | None
    counted: list[str] = field(default_factory=list)
    skipped: list[dict[str, object]] = field(default_factory=list)
    used_by_today: int = 0
    standing_since: dt.date | None = None
    left_then: int | None = None
    unknown: bool = False  # the answer rests on a day that the calendar does not know
    unknown_by_today: bool = False
    used_up_on: dt.date | None = None
    ends: dt.date | None = None

    def go(self) -> None:
        """Day after day from the start until the period has ended."""
        day, used = self.start, 0
        while self.ends is None:
            first_day_out = day == self.start and self.terms.first_day == "excluded"
            closed = self._closed(day)
            if self.terms.count == "business" and not first_day_out:
                self._ask_the_calendar(day)
            if used == self.terms.days:
                self._ask_the_calendar(day)
                if closed:
                    self._tell(day, self._name(day))
                else:
                    self.ends = day
            elif first_day_out:
                self._tell(day, ("first_day", {}))
            elif self.terms.count == "business" and closed:
                self._stop_at(day, used)
                self._tell(day, self._name(day))
            elif self._stop_at(day, used):
                self._tell(day, ("stop", {}))
            else:
                used += 1
                if self.today and day <= self.today:
                    self.used_by_today = used
                if used == self.terms.days:
                    self.used_up_on = day
                    rolls = self.terms.count == "calendar" and self.terms.rolls == "next_business_day"
                    if rolls:
                        self._ask_the_calendar(day)
                    if not (rolls and closed):
                        self.ends = day
                self._tell(day, None)
            day += _ONE_DAY

    def result(self) -> dict[str, object]:
        assert self.ends
        assert self.used_up_on
        reasons: list[dict[str, object]] = []
        not_before = self.ends.isoformat()
        if self.standing_since:
            since = {"since": self.standing_since.isoformat(), "left": self.left_then, "not_before": not_before}
            reasons.append({"code": "clock_stands", "params": since})
        if self.unknown:
            known = {
                "calendar": self.calendar.name,
                "from": self.calendar.known_from.isoformat(),
                "until": self.calendar.known_until.isoformat(),
                "not_before": not_before,
            }
            reasons.append({"code": "calendar_does_not_reach", "params": known})
        rolled = self.ends != self.used_up_on and not reasons
        until = self._told_until()
        return {
            "last": None if reasons else not_before,
            "not_before": not_before,
            "rolled_from": self.used_up_on.isoformat() if rolled else None,
            "counted": [day for day in self.counted if day <= until],
            "skipped": [skip for skip in self.skipped if str(skip["day"]) <= until],
            "position": self._position(settled=not reasons),
            "reasons": reasons,
        }

    def _told_until(self) -> str:
        """What lies beyond is not told: a stop that still stands, or days that the calendar does not know."""
        assert self.ends
        until = self.ends
        if self.standing_since:
            until = max(self.standing_since, self.today or self.standing_since)
        if not self.unknown:
            return until.isoformat()
        if self.start + _ONE_DAY * (self.terms.first_day == "excluded") < self.calendar.known_from:
            return ""
        return min(until, self.calendar.known_until).isoformat()

    def _position(self, *, settled: bool) -> dict[str, object] | None:
        if not self.today or self.unknown_by_today:
            return None
        assert self.ends
        late = (self.today - self.ends).days if settled and self.today > self.ends else 0
        begun = self.today > self.start or (self.today == self.start and self.terms.first_day == "included")
        return {
            "today": self.today.isoformat(),
            "used": self.used_by_today,
            "left": self.terms.days - self.used_by_today,
            "standing": begun and self.used_by_today < self.terms.days and self._in_stop(self.today),
            "overdue": late > 0,
            "late_days": late,
        }

    def _closed(self, day: dt.date) -> bool:
        if day in self.calendar.opened:
            return False
        return day in self.calendar.closed or day.weekday() in self.calendar.weekend

    def _name(self, day: dt.date) -> tuple[str, dict[str, str]]:
        return ("closed", dict(self.calendar.closed[day])) if day in self.calendar.closed else ("weekend", {})

    def _in_stop(self, day: dt.date) -> bool:
        return any(self._covers(stop, day) for stop in self.stops)

    def _covers(self, stop: Stop, day: dt.date) -> bool:
        if day < stop.first:
            return False
        if stop.last:
            return day <= stop.last
        return day == stop.first or (self.today is not None and day <= self.today)

    def _stop_at(self, day: dt.date, used: int) -> bool:
        """Whether the clock stands on this day; notes the first stop that has no end."""
        if self.standing_since is None and any(s.last is None and s.first <= day for s in self.stops):
            self.standing_since = min(s.first for s in self.stops if s.last is None)
            self.left_then = self.terms.days - used
        return self._in_stop(day)

    def _ask_the_calendar(self, day: dt.date) -> None:
        if self.calendar.known_from <= day <= self.calendar.known_until:
            return
        self.unknown = True
        first = self.start + _ONE_DAY * (self.terms.first_day == "excluded")
        if self.terms.count == "business" and self.today and (day == first or day <= self.today):
            self.unknown_by_today = True

    def _tell(self, day: dt.date, why: tuple[str, dict[str, str]] | None) -> None:
        if why is None:
            self.counted.append(day.isoformat())
        else:
            self.skipped.append({"day": day.isoformat(), "why": why[0], "label": why[1]})


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
