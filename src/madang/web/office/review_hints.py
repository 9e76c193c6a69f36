"""Hints for a review: the same applicant in a sister call of the season, or selected within three years.

Decisions lie to the right of the review's room, which may not ask them; so they are put together here, and shown. A
hint is never a verdict: a name alone proves nothing, and what a call forbids is for a person to judge.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier
from madang.apps.applications.rules import READ_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.decisions.queries import decided_on, latest_decisions
from madang.apps.review.queries import Named, identities
from madang.core.reasons import Malformed
from madang.core.record.read import read
from madang.kernel import files
from madang.kernel.clock import now
from madang.kernel.permissions import visible_to
from madang.web.enquiry_view import CallWords
from madang.web.office.dossier_shared import Page
from madang.web.public.call_view import reader

Context = dict[str, Any]

YEARS: Final = 3
SISTER, EARLIER = "sister", "earlier"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An application in another call; `outcome` where that call is decided, `on` the day of the decision."""

    kind: str
    call: Call
    reference: str
    named: Named
    outcome: str = ""
    on: dt.date | None = None


def hints_of(page: Page) -> list[Context]:
    """What is known elsewhere about the applicant of this dossier."""
    return hints_for(page.words, [page.application], page.person)[page.application.pk]


def hints_for(words: CallWords, applications: Collection[Application], person: Person) -> dict[int, list[Context]]:
    """The same for many applications of one call, by their keys. A dozen statements; records are read once."""
    others = [*_sisters(words), *_selected(words)]
    found: dict[int, list[Context]] = {one.pk: [] for one in applications}
    if not others:
        return found
    marks = identities({one.named for one in others} | {_named(one) for one in applications})
    by_mark: dict[str, list[int]] = defaultdict(list)
    for place, other in enumerate(others):
        for mark in marks[other.named]:
            by_mark[mark].append(place)
    shared: dict[int, dict[int, bool]] = {}  # application -> place -> whether it is surely one organisation
    for one in applications:
        hits: dict[int, bool] = {}
        for mark in sorted(marks[_named(one)]):
            for place in by_mark.get(mark, ()):
                hits[place] = hits.get(place, False) or mark.startswith("u:")
        shared[one.pk] = hits
    links = _links(person, [others[place] for hits in shared.values() for place in hits])
    for pk, hits in shared.items():
        found[pk] = [_told(others[place], sure, links) for place, sure in sorted(hits.items())]
    return found


def _named(one: Application) -> Named:
    return one.organisation, one.applicant_name


def _sisters(words: CallWords) -> Iterator[Elsewhere]:
    """Everybody who applied in the sister calls that are kept here."""
    sisters = words.definition.sisters
    if sisters is None:
        return
    calls = {one.pk: one for one in all_calls().filter(slug__in=sisters.calls).exclude(pk=words.call.pk)}
    outcomes = {
        (decision.call_id, one.reference): one.outcome
        for decision in latest_decisions(Call.objects.filter(pk__in=calls))
        for one in _decided(decision)
    }
    rows = Application.objects.filter(call__in=calls, undone_at__isnull=True).order_by("call", "reference")
    for call, reference, *named in rows.values_list("call", "reference", "organisation", "applicant_name"):
        outcome = outcomes.get((call, reference), "")
        yield Elsewhere(SISTER, calls[call], reference, (named[0], named[1]), outcome)


def _selected(words: CallWords) -> Iterator[Elsewhere]:
    """Who was selected in calls of the same programme that were decided within three years."""
    calls = all_calls().filter(programme=words.call.programme_id).exclude(pk=words.call.pk)
    sisters = words.definition.sisters.calls if words.definition.sisters else ()
    today = now().astimezone(words.zone).date()
    for decision in latest_decisions(calls.exclude(slug__in=sisters)):
        on = decided_on(decision)
        if not _years_before(today) <= on <= today:
            continue
        for one in _decided(decision):
            if one.outcome == "selected":
                yield Elsewhere(EARLIER, decision.call, one.reference, one.named, one.outcome, on)


def _years_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - YEARS)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - YEARS, day=28)


@dataclass(frozen=True, slots=True)
class _Decided:
    reference: str
    named: Named
    outcome: str


def _decided(decision: Any) -> tuple[_Decided, ...]:
    """Who applied in a decided call, and what became of it; nothing where the record cannot be read."""
    try:
        return _of_record(decision.record_sha256)
    except (Malformed, files.NotKept, files.Corrupted, files.StoreGone):
        return ()


@lru_cache(maxsize=32)
def _of_record(sha256: str) -> tuple[_Decided, ...]:
    record = read(files.read(sha256).decode())
    decided = record.named("decided")
    found = []
    for one in record.applications():
        id_ = str(one["id"])
        named = str(one.get("organisation", "")), str(one.get("applicant", ""))
        found.append(_Decided(id_, named, str(decided.get(id_, {}).get("outcome", ""))))
    return tuple(found)


def _links(person: Person, others: Iterable[Elsewhere]) -> dict[tuple[int, str], str]:
    """Addresses of those that this person reads at a desk."""
    wanted = {(one.call.pk, one.reference) for one in others}
    rows = Dossier.objects.filter(call__in={call for call, _ in wanted}, reference__in={name for _, name in wanted})
    seen = visible_to(person, READ_DOSSIER, rows).values_list("call", "reference", "uid")
    return {(call, name): reverse("office:dossier", args=[uid]) for call, name, uid in seen}


def _told(one: Elsewhere, sure: bool, links: dict[tuple[int, str], str]) -> Context:
    wording = reader()
    names = {
        "selected": gettext("selected"),
        "reserve": gettext("in reserve"),
        "not_selected": gettext("not selected"),
        "ineligible": gettext("not eligible"),
    }
    return {
        "kind": one.kind,
        "title": gettext("Applied in a sister call of the season")
        if one.kind == SISTER
        else gettext("Selected within three years"),
        "call": wording.of(one.call.title),
        "reference": one.reference,
        "applicant": one.named[1],
        "sure": sure,
        "outcome": names.get(one.outcome, ""),
        "on": one.on.isoformat() if one.on else "",
        "url": links.get((one.call.pk, one.reference), ""),
    }
