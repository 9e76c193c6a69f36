"""A call as the pages show it: state and day, schedule line, summary, and its definition told part by part."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy

from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import definition_of, state_of
from madang.core.callspec import Definition
from madang.core.callspec.model import Cutoff, Stage
from madang.core.callspec.rule import ByRank
from madang.core.lifecycle.call import CLOSED, DECIDED, OPEN, PUBLISHED
from madang.kernel.clock import now
from madang.papers.wording import Wording
from madang.words.labels import labels

STATE_NAMES: Final = {
    PUBLISHED: pgettext_lazy("call", "Opens soon"),
    OPEN: pgettext_lazy("call", "Open"),
    CLOSED: pgettext_lazy("call", "Closed"),
    DECIDED: pgettext_lazy("call", "Decided"),
}
TONES: Final = {PUBLISHED: "wait", OPEN: "open", CLOSED: "closed", DECIDED: "done"}
SHORT_DAY: Final = {"ko": "y. M. d.", "en": "d MMM y"}

Context = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """How many applications a call has, from how many countries (0: not counted by country)."""

    cases: int
    countries: int

    def __str__(self) -> str:
        cases = ngettext("%(n)s application", "%(n)s applications", self.cases) % {"n": f"{self.cases:,}"}
        if not self.countries:
            return cases
        countries = ngettext("%(n)s country", "%(n)s countries", self.countries) % {"n": f"{self.countries:,}"}
        return gettext("%(cases)s from %(countries)s") % {"cases": cases, "countries": countries}


def reader() -> Wording:
    """Words in the reader's language."""
    return Wording("ko" if get_language() == "ko" else "en")


def programme_name(slug: str, wording: Wording) -> str:
    """The name of a programme; its id where the house has no words for it. A sample programme has the name of the one
    that it is made after: that it is a sample, its badge says.
    """
    known = labels("describe")
    name = next((name for name in (slug, slug.removesuffix("-sample")) if f"name.{name}" in known), "")
    return wording.label(f"name.{name}") if name else slug


class CallView:
    """One call in the reader's language, at this moment. Asks nothing of the database.

    `decision` is the number of its latest sealed decision, if there is one.
    """

    def __init__(
        self, call: Call, version: DefinitionVersion, received: Received, *, decision: int | None = None
    ) -> None:
        self.call = call
        self.version = version
        self.received = received
        self.decision = decision
        self.wording = reader()
        self.moment = now()

    # -- what it is ---------------------------------------------------------------------------------------------------

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.version)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.definition.schedule.zone)

    @cached_property
    def state(self) -> str:
        return state_of(self.call, self.moment)

    @property
    def state_name(self) -> str:
        if self.state == OPEN and not self.definition.schedule.closes:
            return pgettext("call", "Always open")
        return str(STATE_NAMES[self.state])

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def title(self) -> str:
        return self.wording.of(self.call.title)

    @property
    def summary(self) -> str:
        return self.wording.of(self.definition.summary)

    @property
    def programme(self) -> str:
        return programme_name(self.definition.programme, self.wording)

    @property
    def tracks(self) -> list[str]:
        """The types; nothing where there is only one."""
        titles = [self.wording.of(track.title) for track in self.definition.tracks]
        return titles if len(titles) > 1 else []

    @property
    def is_sample(self) -> bool:
        return self.call.is_sample

    @property
    def url(self) -> str:
        return reverse("public:call", args=[self.call.slug])

    @property
    def result_url(self) -> str:
        return reverse("public:result", args=[self.call.slug]) if self.decision else ""

    # -- when ---------------------------------------------------------------------------------------------------------

    @cached_property
    def today(self) -> dt.date:
        return self.moment.astimezone(self.zone).date()

    @property
    def days_left(self) -> int | None:
        """Whole days until the closing day, in the call's zone; nothing unless it is open and closes."""
        if self.state != OPEN or not self.call.closes_at:
            return None
        return (self.call.closes_at.astimezone(self.zone).date() - self.today).days

    @property
    def deadline(self) -> str:
        """`D-26`, `26 days left`; empty where nothing closes."""
        left = self.days_left
        if left is None:
            return ""
        if left == 0:
            return gettext("Closes today")
        return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}

    @property
    def day_name(self) -> str:
        """What the day that matters is."""
        if self.state == DECIDED:
            return gettext("Decided on")
        if self.state == PUBLISHED:
            return gettext("Opens on")
        if not self.definition.schedule.closes:
            return gettext("Closing date")
        return gettext("Closed on") if self.state == CLOSED else gettext("Closes on")

    @property
    def day(self) -> str:
        """The day that matters now, in wall time of the call's zone."""
        schedule = self.definition.schedule
        if self.state == DECIDED and self.call.decided_at:
            return self.wording.day(self.call.decided_at.astimezone(self.zone).date().isoformat())
        if self.state == PUBLISHED and schedule.opens:
            return self.wording.day(schedule.opens)
        return self.wording.day(schedule.closes.at) if schedule.closes else gettext("none")

    @property
    def day_is_sample(self) -> bool:
        return self.state in (OPEN, CLOSED) and self._close_is_sample

    @property
    def _close_is_sample(self) -> bool:
        schedule = self.definition.schedule
        closes = schedule.closes
        return closes is not None and (
            schedule.is_sample("closes") or closes.sample is True or closes.is_sample("hour")
        )

    @property
    def day_is_moment(self) -> bool:
        """Whether the day that matters has an hour, so that its zone must be told."""
        schedule = self.definition.schedule
        written = {PUBLISHED: schedule.opens, DECIDED: None}.get(self.state, schedule.closes and schedule.closes.at)
        return " " in (written or "")

    @property
    def zone_name(self) -> str:
        return self.wording.zone(self.definition.schedule.zone)

    def in_utc(self, moment: dt.datetime) -> str:
        """The same for every reader: `= 2021-04-20 09:00 UTC`."""
        return f"= {moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"

    # -- for the parts ------------------------------------------------------------------------------------------------

    def card(self) -> Context:
        """What `_call_card.html` wants."""
        facts = [{"name": self.day_name, "value": self.day}]
        if self.received.cases:
            facts.append({"name": gettext("Received"), "value": str(self.received)})
        elif self.tracks:
            facts.append({"name": gettext("Types"), "value": str(len(self.tracks))})
        return {
            "url": self.url,
            "title": self.title,
            "programme": self.programme,
            "summary": self.summary,
            "state": self.state_name,
            "tone": self.tone,
            "sample": self.is_sample,
            "deadline": self.deadline,
            "facts": facts,
        }

    def glance(self) -> Context:
        """What `_summary_card.html` wants: until when, how much, how many, who takes it."""
        label, value, note = self._large()
        return {
            "sample": self.is_sample,
            "label": label,
            "value": value,
            "note": note,
            "facts": list(self._glance_facts()),
            "action": {"text": gettext("See the result"), "url": self.result_url} if self.decision else None,
            "clock": self.clock(),
        }

    def clock(self) -> Context | None:
        """The moment that a reader waits for, for `_clock.html`; nothing where none is set to the hour."""
        schedule = self.definition.schedule
        if self.state == OPEN and self.call.closes_at and schedule.closes and " " in schedule.closes.at:
            return {"moment": self.call.closes_at, "closes": True}
        if self.state == PUBLISHED and self.call.opens_at and " " in (schedule.opens or ""):
            return {"moment": self.call.opens_at, "closes": False}
        return None

    def _large(self) -> tuple[str, str, SafeString | str]:
        """The large line: what it is, what it says, and the exact moment below it."""
        schedule = self.definition.schedule
        if self.state == PUBLISHED and schedule.opens and self.call.opens_at:
            return gettext("Opens on"), self._short(schedule.opens), self._exact(schedule.opens, self.call.opens_at)
        if not schedule.closes or not self.call.closes_at:
            return gettext("Applications"), self.state_name, self._cut_offs() or gettext("There is no closing date.")
        exact = self._exact(schedule.closes.at, self.call.closes_at)
        if self._close_is_sample:
            exact = format_html("{}<br>{} {}", exact, _sample_mark(), gettext("the hour is a sample"))
        if self.state == OPEN:
            return gettext("Until the close"), self.deadline, exact
        return gettext("Closed on"), self._short(schedule.closes.at), exact

    def _cut_offs(self) -> SafeString | str:
        """The next cut-off of a rolling call, or its last one; nothing where it has none."""
        cuts = sorted(self.definition.intake.cut_offs, key=lambda cut: cut.at)
        if not cuts:
            return ""
        cut = next((one for one in cuts if one.at[:10] >= self.today.isoformat()), cuts[-1])
        name, day = self._cut_off_name(cut), self.wording.day(cut.at)
        if not cut.is_sample("hour"):
            return format_html("{}: {}<br>{}", name, day, self.zone_name)
        return format_html("{}: {}<br>{} {}", name, day, _sample_mark(), gettext("the hour is a sample"))

    def _cut_off_name(self, cut: Cutoff) -> str:
        words = self.wording.of(cut.counts_for)
        return self.wording.label("when.cut_off_for", words=words) if words else gettext("Cut-off")

    def _exact(self, written: str, moment: dt.datetime) -> SafeString:
        return format_html(
            '<time datetime="{}">{}</time><br>{}<br>{}',
            moment.astimezone(self.zone).isoformat(timespec="minutes"),
            self.wording.day(written),
            self.zone_name,
            self.in_utc(moment),
        )

    def _glance_facts(self) -> Iterator[Context]:
        definition, wording = self.definition, self.wording
        money, decide = definition.money, definition.decide
        if money.budget_krw is not None:
            yield self._fact(
                wording.label("money.budget"), wording.won(money.budget_krw), money.is_sample("budget_krw")
            )
        if each := self._grant():
            yield self._fact(wording.label("money.grant"), *each)
        if isinstance(decide, ByRank):
            seats = decide.seats
            kind = "exact" if seats.min == seats.max else "between" if seats.min else "upto"
            text = wording.label(f"decision.seats_{kind}", min=seats.min, max=seats.max)
            yield self._fact(wording.label("decision.seats"), text, decide.is_sample("seats") or bool(seats.sample))
        if self.received.cases:
            yield self._fact(gettext("Received"), str(self.received))
        if definition.secretariats:
            names = ((wording.of(secretariat.title),) for secretariat in definition.secretariats)
            lines = format_html_join(mark_safe("<br>"), "{}", names)
            yield self._fact(wording.label("about.secretariats"), lines)

    def _grant(self) -> tuple[str, bool] | None:
        """The bound on one grant and whether it is a sample; nothing where there is none for all types."""
        money = self.definition.money
        limits = money.limits.get("default")
        if limits is None or limits.grant_krw.max is None:
            return None
        limit, wording = limits.grant_krw, self.wording
        sample = money.is_sample("limits") or bool(limits.sample) or bool(limit.sample)
        kind = "exactly" if limit.min == limit.max else "at_most"
        return wording.label(f"money.{kind}", max=wording.won(limits.grant_krw.max)), sample

    def _fact(self, name: str, value: str, sample: bool = False) -> Context:
        return {"name": name, "value": sample_beside(value) if sample else value}

    def _short(self, written: str) -> str:
        day = dt.date.fromisoformat(written[:10])
        return format_date(day, SHORT_DAY[self.wording.language], locale=self.wording.locale)

    # -- schedule -----------------------------------------------------------------------------------------------------

    def steps(self) -> list[Context]:
        """The schedule line: what `_schedule.html` wants. A step without a date is done when a later one is."""
        schedule = self.definition.schedule
        starts = schedule.opens or (schedule.closes.at if schedule.closes else "")
        early = [stage for stage in schedule.stages if stage.last_day and stage.last_day < starts[:10]]
        steps: list[Context] = []
        if schedule.announced and schedule.announced != starts[:10]:
            name, sample = self.wording.label("when.announced"), schedule.is_sample("announced")
            steps.append(self._step(name, schedule.announced, schedule.announced, sample=sample))
        steps += [self._stage(stage) for stage in early]
        if starts:
            steps.append(self._applications())
        cuts = sorted(self.definition.intake.cut_offs, key=lambda cut: cut.at)
        for stage in schedule.stages:
            if stage in early:
                continue
            while cuts and stage.first_day and cuts[0].at[:10] < stage.first_day:
                steps.append(self._cut_off(cuts.pop(0)))
            steps.append(self._stage(stage))
        steps += map(self._cut_off, cuts)
        later_done = False
        for step in reversed(steps):
            if step["state"] is None:
                step["state"] = "done" if later_done else "future"
            later_done = later_done or step["state"] in ("done", "current")
        return steps

    def _applications(self) -> Context:
        schedule = self.definition.schedule
        first, last = schedule.opens, schedule.closes.at if schedule.closes else None
        step = self._step(gettext("Applications"), first, last)
        state = {PUBLISHED: "future", OPEN: "current"}.get(self.state, "done")
        if first and not last:
            step["when"] = self.wording.label("when.from_on", **{"from": self._short(first)})
        elif last and len(last) > len("2021-04-20"):
            step["when"] = f"{step['when']} {last[11:]}"
        if self.definition.schedule.is_sample("opens"):
            step["note"] = gettext("sample date")
        elif schedule.closes and schedule.closes.is_sample("hour"):
            step["note"] = gettext("the hour is a sample")
        return step | {"state": state}

    def _cut_off(self, cut: Cutoff) -> Context:
        step = self._step(self._cut_off_name(cut), cut.at, cut.at, sample=cut.sample is True)
        return step | ({"note": gettext("the hour is a sample")} if cut.is_sample("hour") else {})

    def _stage(self, stage: Stage) -> Context:
        name = self.wording.of(stage.title) or self.wording.label(f"stage.{stage.kind}")
        schedule, fields = self.definition.schedule, ("on", "from", "to", "clock")
        sample = stage.sample is True or schedule.is_sample("stages") or any(map(stage.is_sample, fields))
        sample = sample or (stage.clock is not None and stage.clock.sample is True)
        step = self._step(name, stage.first_day, stage.last_day, sample=sample)
        if stage.approximate:
            step |= {"when": self.wording.of(stage.approximate), "approximate": True}
        elif stage.clock and not step["when"]:
            step["when"] = self.wording.label(
                "when.within", clock=self.wording.label(f"clock.{stage.clock.count}", days=stage.clock.days)
            )
        if stage.open_ended and stage.from_:
            step["when"] = self.wording.label("when.from_on", **{"from": self._short(stage.from_)})
        return step

    def _step(self, name: str, first: str | None, last: str | None, *, sample: bool = False) -> Context:
        """A step of the line; its state is open (None) where it has no day."""
        days = [day for day in dict.fromkeys((first, last)) if day]
        step: Context = {"name": name, "when": " – ".join(map(self._short, dict.fromkeys(day[:10] for day in days)))}
        step["state"] = None
        if days:
            begins, ends = (dt.date.fromisoformat(day[:10]) for day in (days[0], days[-1]))
            step["state"] = "done" if ends < self.today else "current" if begins <= self.today else "future"
            if len(days) == 1:
                step["datetime"] = days[0].replace(" ", "T")
        if sample:
            step["note"] = gettext("sample date")
        return step


def sample_beside(value: str) -> SafeString:
    """A value with the sample mark behind it, for the one fact that was never published."""
    return format_html("{} {}", value, _sample_mark())


def _sample_mark() -> SafeString:
    """The badge of `_sample_badge.html`, for values that are put together here."""
    return format_html('<span class="m-badge m-badge-sample">{}</span>', gettext("Sample"))
