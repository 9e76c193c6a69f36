"""`madang days`: the last day of a period, and every day that did not count, with its reason.

    madang days --from 2021-09-10 --days 10 --count business [--first-day included] [--rolls none] [--calendar kr]
    madang days CALL --stage ID --from 2021-09-10        the clock of a stage, from a definition
    both: [--stop 2021-06-28..2021-07-02] [--today DAY] [--as-of DAY] [--json]

Exit 0: counted (also where the last day is still open: the reason is told). Exit 2: the input cannot be read; every
fault stands on stderr. How days are counted: `docs/algorithms/clocks.md`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.core.callspec.blocks import Clock
    from madang.core.callspec.model import Definition
    from madang.core.clocks import Calendar, Count, Skipped, Stop, Terms
    from madang.core.reasons import Fault

COUNTED, UNREADABLE = 0, 2
_OF_CLOCK = ("days", "count", "first_day", "rolls", "calendar")
"""Options that a definition's clock answers already."""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("call", nargs="?", metavar="CALL", help="a definition: a file, a folder, or a programme's id")
    parser.add_argument("--stage", metavar="ID", help="whose clock: a stage, decide, objections, closes, review item")
    parser.add_argument("--from", dest="start", metavar="DAY", required=True, help="the day on which the period begins")
    parser.add_argument("--days", metavar="N", help="how many days")
    parser.add_argument("--count", choices=("business", "calendar"), help="default: calendar")
    parser.add_argument("--first-day", choices=("included", "excluded"), help="default: excluded")
    parser.add_argument("--rolls", choices=("next_business_day", "none"), help="default: next_business_day")
    parser.add_argument("--calendar", metavar="NAME", help="default: kr")
    parser.add_argument(
        "--stop", action="append", default=[], metavar="DAY..DAY", help="the clock stands; DAY.. = still"
    )
    parser.add_argument("--today", metavar="DAY", help="also say how many days are left on this day")
    parser.add_argument("--as-of", metavar="DAY", help="with the holidays that were decided by this day")
    parser.add_argument("--json", action="store_true", help="every day that counted and that did not, as JSON")
    parser.add_argument("--language", choices=("ko", "en"), help="language of what is printed")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be counted."""

    clock: Clock
    terms: Terms
    start: dt.date
    calendar: Calendar
    stops: tuple[Stop, ...]
    today: dt.date | None


def run(args: argparse.Namespace) -> int:
    """Reads the question, counts, prints."""
    from madang.cli.files import refuse, write_json
    from madang.cli.main import language
    from madang.core.clocks import count_days
    from madang.core.reasons import Malformed

    try:
        asked = _asked(args)
        count = count_days(asked.terms, asked.start, asked.calendar, asked.stops, asked.today)
    except Malformed as refused:
        refuse(refused.faults, args.language)
        return UNREADABLE
    if args.json:
        write_json(_as_json(asked, count))
    else:
        print("\n".join(_Told(args.language or language()).lines(asked, count)))
    return COUNTED


def _asked(args: argparse.Namespace) -> _Asked:
    """Raises `Malformed` with every fault of the options."""
    from madang.core.clocks import Terms, faults_in
    from madang.core.reasons import Malformed
    from madang.papers import calendars

    faults: list[Fault] = []
    start = _day(args.start, "--from", faults)
    today = _day(args.today, "--today", faults) if args.today else None
    as_of = _day(args.as_of, "--as-of", faults) if args.as_of else None
    stops = tuple(stop for text in args.stop if (stop := _stop(text, faults)))
    clock = _clock(args, faults)
    if faults or start is None or clock is None:
        raise Malformed(faults)
    terms = Terms.of(clock)
    if args.rolls:
        terms = Terms(days=terms.days, count=terms.count, first_day=terms.first_day, rolls=args.rolls)
    if faults := faults_in(terms, start, stops, today):
        raise Malformed(faults)
    return _Asked(clock, terms, start, calendars.load(clock.calendar, as_of), stops, today)


def _clock(args: argparse.Namespace, faults: list[Fault]) -> Clock | None:
    """The clock of the definition, or one made of the options."""
    from madang.core.reasons import Fault

    if not args.call:
        if args.stage:
            faults.append(Fault("days_stage_without_call", "--stage"))
        return _clock_of_options(args, faults)
    for option in _OF_CLOCK:
        if getattr(args, option):
            faults.append(Fault("days_option_beside_call", f"--{option.replace('_', '-')}"))
    return None if faults else _clock_of_definition(args.call, args.stage)


def _clock_of_options(args: argparse.Namespace, faults: list[Fault]) -> Clock | None:
    from madang.core.callspec.blocks import Clock
    from madang.core.clocks.model import MOST_DAYS
    from madang.core.reasons import Fault
    from madang.papers import calendars

    calendar = args.calendar or "kr"
    if calendar not in calendars.NAMES:
        faults.append(Fault("unknown_calendar", "--calendar", {"name": calendar, "known": list(calendars.NAMES)}))
    if args.days is None:
        faults.append(Fault("days_without_days", "--days"))
    elif not re.fullmatch(r"[0-9]{1,9}", args.days):
        faults.append(Fault("days_not_a_number", "--days", {"given": args.days}))
    elif not 1 <= int(args.days) <= MOST_DAYS:
        faults.append(Fault("clock_days_out_of_range", "--days", {"given": int(args.days), "most": MOST_DAYS}))
    if faults:
        return None
    told = {"count": args.count, "first_day": args.first_day, "calendar": calendar}
    return Clock.model_validate({"days": int(args.days), **{key: value for key, value in told.items() if value}})


def _clock_of_definition(call: str, stage: str | None) -> Clock:
    """Raises `Malformed`: faults of the definition, or no clock of that name."""
    from madang.core.reasons import Fault, Malformed
    from madang.papers import definitions

    definition, _ = definitions.read(call)
    clocks = clocks_of(definition)
    if stage in clocks:
        return clocks[stage]
    if stage is None and len(clocks) == 1:
        return next(iter(clocks.values()))
    params: dict[str, Any] = {"call": definition.id, "known": list(clocks)}
    if not clocks:
        raise Malformed([Fault("days_call_without_clocks", "", {"call": definition.id})])
    code = "days_which_clock" if stage is None else "days_no_such_clock"
    raise Malformed([Fault(code, "--stage", {**params, "given": stage} if stage else params)])


def clocks_of(definition: Definition) -> dict[str, Clock]:
    """Every clock of a definition by the name one asks for it; of two with one name the first counts."""
    found: list[tuple[str, Clock | None]] = [
        *((stage.id, stage.clock) for stage in definition.schedule.stages),
        ("decide", definition.decide.clock),
        ("objections", definition.announcement.objections),
        ("closes", definition.schedule.closes.counts if definition.schedule.closes else None),
        *((f"cut-off-{number + 1}", cut.counts) for number, cut in enumerate(definition.intake.cut_offs)),
        *((item.id, item.correction.clock if item.correction else None) for item in definition.review),
    ]
    clocks: dict[str, Clock] = {}
    for name, clock in found:
        if clock is not None:
            clocks.setdefault(name, clock)
    return clocks


def _day(text: str, option: str, faults: list[Fault]) -> dt.date | None:
    from madang.core.reasons import Fault

    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    faults.append(Fault("days_not_a_day", option, {"given": text}))
    return None


def _stop(text: str, faults: list[Fault]) -> Stop | None:
    from madang.core.clocks import Stop
    from madang.core.reasons import Fault

    first, dots, last = text.partition("..")
    if not dots:
        faults.append(Fault("days_not_a_stop", "--stop", {"given": text}))
        return None
    begins, ends = _day(first, "--stop", faults), _day(last, "--stop", faults) if last else None
    return Stop(begins, ends) if begins and (ends or not last) else None


def _as_json(asked: _Asked, count: Count) -> dict[str, Any]:
    terms, calendar = asked.terms, asked.calendar
    return {
        "from": asked.start.isoformat(),
        "days": terms.days,
        "count": terms.count,
        "first_day": terms.first_day,
        "rolls": terms.rolls,
        "calendar": {
            "name": calendar.name,
            "known_from": calendar.known_from.isoformat(),
            "known_until": calendar.known_until.isoformat(),
        },
        "stops": [{"from": s.first.isoformat(), "to": s.last.isoformat() if s.last else None} for s in asked.stops],
        **count.as_json(),
    }


class _Told:
    """A count in words, in one language."""

    def __init__(self, language: str) -> None:
        from madang.papers.wording import Wording

        self.language = language
        self.wording = Wording(language)

    def lines(self, asked: _Asked, count: Count) -> Iterator[str]:
        from madang.words import say

        clock = self.wording.clock(asked.clock.model_copy(update={"stops_on": ()}), {})
        yield self._say("heading", day=self._day(asked.start), clock=clock, calendar=asked.calendar.name)
        if count.last:
            yield self._say("last", day=self._day(count.last))
        if count.rolled_from:
            yield self._say("rolled", day=self._day(count.rolled_from))
        for reason in count.reasons:
            yield say(reason, self.language)
        yield from self._position(count)
        yield ""
        yield self._say("counted", n=len(count.counted))
        if count.skipped:
            yield self._say("skipped", n=len(count.skipped))
            for skipped in count.skipped:
                yield f"  {skipped.day.isoformat()}  {self._why(skipped)}"

    def _position(self, count: Count) -> Iterator[str]:
        position = count.position
        if position is None:
            return
        today = self._day(position.today)
        if position.overdue:
            yield self._say("overdue", today=today, late=position.late_days)
            return
        yield self._say("left", today=today, used=position.used, left=position.left)
        if position.today == count.last:
            yield self._say("is_last_day")

    def _why(self, skipped: Skipped) -> str:
        if skipped.why == "closed":
            return f"{self._weekday(skipped.day)}, {self.wording.of(dict(skipped.label))}"
        return self._say(skipped.why, weekday=self._weekday(skipped.day))

    def _weekday(self, day: dt.date) -> str:
        from babel.dates import format_date

        return format_date(day, "EEEE", locale=self.wording.locale)

    def _day(self, day: dt.date) -> str:
        return self.wording.day(day.isoformat())

    def _say(self, key: str, **params: Any) -> str:
        from madang.words.labels import label

        return label("days", key, self.language, **params)
