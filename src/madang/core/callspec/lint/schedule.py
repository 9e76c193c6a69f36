"""When: dates in order, stages after the closing, counted days that land where they are said to land."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

from madang.core.callspec.blocks import Clock
from madang.core.callspec.lint.common import Found, Params, Path, Sets, walk
from madang.core.callspec.model import Definition, Stage
from madang.core.clocks import Calendar, Calendars, Terms, count_days
from madang.core.reasons import Malformed

EVERY_DAY = Calendar("", dt.date.min, dt.date.max, closed={}, weekend=frozenset())
BEFORE_CLOSING = frozenset({"briefing", "questions", "consulting"})


def zone(d: Definition, sets: Sets) -> Iterator[Found]:
    try:
        zoneinfo.ZoneInfo(d.schedule.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield ("schedule", "zone"), "unknown_zone", {"name": d.schedule.zone}


def opening_and_closing(d: Definition, sets: Sets) -> Iterator[Found]:
    s = d.schedule
    closes = s.closes.at if s.closes else None
    if d.intake.mode == "window" and not (s.opens and s.closes):
        yield ("schedule",), "window_without_dates", {}
    if s.opens and closes and s.opens > closes:
        yield ("schedule", "closes"), "closes_before_opens", {"opens": s.opens, "closes": closes}
    if s.announced and s.opens and s.announced > s.opens[:10]:
        yield ("schedule", "opens"), "opens_before_announced", {"announced": s.announced, "opens": s.opens}


def cut_offs(d: Definition, sets: Sets) -> Iterator[Found]:
    moments = [cut.at for cut in d.intake.cut_offs]
    if moments != sorted(set(moments)):
        yield ("intake", "cut_offs"), "cut_offs_out_of_order", {}
    if d.intake.mode == "rolling" and d.schedule.closes and not moments:
        yield ("intake", "mode"), "rolling_without_cut_offs", {}
    if d.intake.mode != "rolling" and moments:
        yield ("intake", "cut_offs"), "cut_offs_without_rolling", {"mode": d.intake.mode}
    for number, moment in enumerate(moments):
        if d.schedule.opens and moment < d.schedule.opens:
            told: Params = {"opens": d.schedule.opens, "closes": moment}
            yield ("intake", "cut_offs", number, "at"), "closes_before_opens", told


def counted_days(d: Definition, calendars: Calendars | None) -> Iterator[Found]:
    """`counts` says how long applications are taken; its last day must be the closing day.

    Where a calendar does not reach nothing is claimed. Without calendars business days are not held against anything,
    and calendar days are held as if every day were open.
    """
    ends: list[tuple[Path, str, Clock | None]] = [
        (("intake", "cut_offs", number), cut.at, cut.counts) for number, cut in enumerate(d.intake.cut_offs)
    ]
    if d.schedule.closes:
        ends.append((("schedule", "closes"), d.schedule.closes.at, d.schedule.closes.counts))
    for path, at, clock in ends:
        if clock is None:
            continue
        if d.schedule.opens is None:
            yield (*path, "counts"), "count_without_opening", {}
            continue
        try:
            last = _last_day(d.schedule.opens[:10], clock, calendars)
        except Malformed as refused:
            yield from (((*path, "counts"), fault.code, dict(fault.params)) for fault in refused.faults)
            continue
        if last and last != at[:10]:
            told: Params = {"days": clock.days, "opens": d.schedule.opens[:10], "last": last, "closes": at[:10]}
            business = clock.count == "business"
            yield (
                (*path, "counts"),
                "closing_does_not_match_business_days" if business else "closing_does_not_match_count",
                {**told, "first_day": clock.first_day},
            )


def _last_day(opens: str, clock: Clock, calendars: Calendars | None) -> str | None:
    """The day on which the count ends; None where that cannot be known. Raises `Malformed`."""
    terms = Terms.of(clock)
    calendar = EVERY_DAY if calendars is None else calendars(clock.calendar)
    if calendar is None or (calendars is None and terms.count == "business"):
        return None
    last = count_days(terms, dt.date.fromisoformat(opens), calendar).last
    return last.isoformat() if last else None


def known_calendars(d: Definition, calendars: Calendars | None) -> Iterator[Found]:
    for path, part in walk(d) if calendars else ():
        if isinstance(part, Clock) and calendars and calendars(part.calendar) is None:
            yield (*path, "calendar"), "unknown_calendar_of_clock", {"name": part.calendar}


def stages(d: Definition, sets: Sets) -> Iterator[Found]:
    closes = d.schedule.closes.at if d.schedule.closes else None
    previous: tuple[str, str] | None = None
    for number, stage in enumerate(d.schedule.stages):
        path = ("schedule", "stages", number)
        yield from _own_dates(path, stage)
        first = stage.first_day
        if not first:
            continue
        if previous and first < previous[1]:
            told: Params = {"stage": stage.id, "on": first, "after": previous[0], "from": previous[1]}
            yield path, "stage_out_of_order", told
        if d.intake.mode == "window" and closes and first < closes[:10] and stage.kind not in BEFORE_CLOSING:
            yield path, "stage_before_closing", {"stage": stage.id, "on": first, "closes": closes}
        previous = (stage.id, first)


def _own_dates(path: Path, stage: Stage) -> Iterator[Found]:
    first, last = stage.first_day, stage.last_day
    if stage.on and (stage.from_ or stage.to):
        yield path, "on_and_from", {"stage": stage.id}
    if stage.to and not (stage.from_ or stage.on):
        yield path, "stage_without_start", {"stage": stage.id}
    elif not (first or stage.approximate or stage.clock):
        yield path, "stage_without_time", {"stage": stage.id}
    if stage.from_ and not (stage.to or stage.open_ended):
        yield path, "stage_without_end", {"stage": stage.id}
    if first and last and last < first:
        yield path, "stage_ends_before_it_starts", {"stage": stage.id, "from": first, "to": last}


CHECKS = (zone, opening_and_closing, cut_offs, stages)
DATED_CHECKS = (counted_days, known_calendars)
