"""What a supplement would be before it is sent: what may be changed, until when, by which published rule."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from madang.apps.applications import rules
from madang.apps.applications.commands.shared import in_words
from madang.apps.applications.models import Application, Dossier, Draft
from madang.apps.applications.queries import last_of
from madang.apps.calls.queries import current_definition, definition_of
from madang.core.callspec import Definition
from madang.core.callspec.model import ReviewItem
from madang.core.clocks import Count, Terms, count_days
from madang.core.form.places import places_of, with_dependents
from madang.core.lifecycle.supplement import CANCELLED, OPEN
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.papers import calendars

KINDS: Final = ("incorrect", "incomplete")
"""What can be wrong with a thing: it is there and not right, or it is not there."""
REVIEW: Final = "review."
"""Before the id of an item of the review's checklist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`asked` are the places that were chosen, `places` those and what depends on them. `count` is the period of the
    item `item`, the longest of those chosen.
    """

    application: Application
    draft: Draft | None
    definition: Definition
    things: tuple[tuple[str, str], ...]  # (what, kind), the checklist's items first, then the form's order
    asked: tuple[str, ...]
    places: tuple[str, ...]
    item: str
    terms: Terms
    calendar: str
    count: Count
    until: dt.datetime
    round: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.definition.schedule.zone)

    def terms_told(self) -> dict[str, Any]:
        """By which rule the days were counted, as it is kept with the supplement."""
        return {
            "item": self.item,
            "days": self.terms.days,
            "count": self.terms.count,
            "first_day": self.terms.first_day,
            "calendar": self.calendar,
            "rolls": self.terms.rolls,
        }


def application_to_supplement(dossier: Dossier) -> tuple[Application, Draft | None, Definition]:
    """The application that stands, its draft where it was filed here, and the definition that it follows."""
    application = last_of(dossier)
    filing = application.filing
    definition = definition_of(filing.version) if filing is not None else current_definition(dossier.call)
    return application, filing.draft if filing is not None else None, definition


def against_asking(dossier: Dossier, moment: dt.datetime) -> list[Reason]:
    """Why nothing can be asked of this applicant now: nothing stands, decided, asked already, or everything can still
    be changed before the call's end. Rolling calls take changes at any time, and are asked at any time.
    """
    application, draft, definition = application_to_supplement(dossier)
    if application.undone_at is not None:
        return [Reason("supplement_nothing_stands")]
    if dossier.call.decided_at:
        return [Reason("call_already_decided")]
    if dossier.supplements.filter(state=OPEN).exists():
        return [Reason("supplement_is_open")]
    end = rules.own_end(draft) if draft is not None else None
    if end is not None and definition.intake.mode != "rolling" and moment.replace(microsecond=0) <= end:
        return [Reason("supplement_call_open", {"until": in_words(end, ZoneInfo(definition.schedule.zone))})]
    return []


def plan_supplement(dossier: Dossier, things: Mapping[str, str], moment: dt.datetime) -> Plan:
    """What asking for these things (what -> kind) at this moment would mean. Writes nothing.

    The days are those of the chosen items of the checklist: of several the longest, since the notice promises each.
    Raises `Refused`: `against_asking`; no item, one that the notice lets nobody correct, one of which every round is
    used up, no place to change, an unknown thing or kind, a calendar that does not reach so far.
    """
    refused = against_asking(dossier, moment)
    if refused:
        raise Refused(refused)
    application, draft, definition = application_to_supplement(dossier)
    items = {f"{REVIEW}{item.id}": item for item in definition.review}
    order = [*items, *places_of(definition)]
    faults = list(_faults(dossier, things, items, order, filed_here=draft is not None))
    if faults:
        raise Refused(faults)
    zone = ZoneInfo(definition.schedule.zone)
    counted = [_counted(items[what], moment.astimezone(zone).date()) for what in order if what in things.keys() & items]
    item, terms, calendar, count = max(counted, key=lambda one: one[3].not_before)
    if count.last is None:
        raise Refused(count.reasons)
    asked = tuple(what for what in order if what in things and what not in items)
    return Plan(
        application=application,
        draft=draft,
        definition=definition,
        things=tuple((what, things[what]) for what in order if what in things),
        asked=asked,
        places=with_dependents(definition, asked),
        item=item,
        terms=terms,
        calendar=calendar,
        count=count,
        until=rules.last_second(count.last, zone),
        round=1 + max(dossier.supplements.values_list("round", flat=True), default=0),
    )


def _faults(
    dossier: Dossier, things: Mapping[str, str], items: Mapping[str, ReviewItem], order: list[str], *, filed_here: bool
) -> Iterable[Reason]:
    if any(what not in order or kind not in KINDS for what, kind in things.items()):
        yield Reason("supplement_no_such_thing")
        return
    chosen = [items[what] for what in order if what in things.keys() & items]
    if not chosen:
        yield Reason("supplement_needs_item")
    used = _rounds_used(dossier)
    for item in chosen:
        if item.correction is None:
            yield Reason("supplement_not_correctable", {"item": item.id})
        elif used[f"{REVIEW}{item.id}"] >= item.correction.rounds:
            yield Reason("supplement_no_round_left", {"item": item.id, "rounds": item.correction.rounds})
    if filed_here and things.keys() <= items.keys():
        yield Reason("supplement_needs_place")


def _rounds_used(dossier: Dossier) -> Counter[str]:
    """Item -> how often it was asked for already. What was cancelled does not count."""
    rows = dossier.supplements.exclude(state=CANCELLED).values_list("things", flat=True)
    return Counter(thing["what"] for things in rows for thing in things)


def _counted(item: ReviewItem, today: dt.date) -> tuple[str, Terms, str, Count]:
    found = rules.correction_terms(item)
    assert found is not None, "only those with a correction are counted"
    terms, calendar = found
    return item.id, terms, calendar, count_days(terms, today, calendars.load(calendar))
