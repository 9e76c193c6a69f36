"""The desk: the calls of this person with what is new, what is due, and whose turn it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.enquiries.rules import DESK
from madang.apps.review import queries
from madang.core.lifecycle.call import CLOSED, DECIDED, OPEN, PUBLISHED
from madang.kernel.clock import now
from madang.papers.describe.teller import Teller
from madang.web.enquiry_view import CallWords, words_of
from madang.web.office.dossier_lists import TONES, AskedList
from madang.web.office.dossier_shared import desk_person
from madang.web.public.call_view import STATE_NAMES
from madang.web.public.call_view import TONES as CALL_TONES

Context = dict[str, Any]

SOON: Final = 14
"""Days ahead that the desk tells of."""
MINE: Final = 10
"""Applications of one's own that it names; the list has all."""


@dataclass(frozen=True)
class Due:
    """Something with a day. `at`: a moment; `text`: what; `where`: of which call; `url`: where to do it."""

    at: dt.datetime
    text: str
    where: str
    url: str


DueOf = Callable[[Person, Mapping[int, CallWords]], Iterable[Due]]
"""Everything that is due for a person in these calls (by key), in one or two statements."""


def closings(person: Person, calls: Mapping[int, CallWords]) -> Iterator[Due]:
    """Calls that close."""
    for words in calls.values():
        closes = words.call.closes_at
        if closes is not None and closes >= now():
            url = reverse("office:dossiers-call", args=[words.call.slug])
            yield Due(closes, gettext("The call closes"), words.title, url)


def stages(person: Person, calls: Mapping[int, CallWords]) -> Iterator[Due]:
    """Steps of the procedure that begin or end on a day, as the definition names them."""
    for words in calls.values():
        titles = Teller(words.definition, words.wording.language).stages
        for stage in words.definition.schedule.stages:
            title = titles[stage.id]
            days = {stage.first_day: gettext("%(what)s begins"), stage.last_day: gettext("%(what)s ends")}
            if stage.first_day == stage.last_day:
                days = {stage.first_day: "%(what)s"}
            for day, said in days.items():
                if day:
                    at = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(23, 59, 59), words.zone)
                    url = reverse("public:call", args=[words.call.slug])
                    yield Due(at, said % {"what": title}, words.title, url)


DUE: Final[tuple[DueOf, ...]] = (closings, stages)
"""Who tells what is due; whoever adds something with a day (a supplement, an outside check) adds its teller here."""


@never_cache
@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The calls at this person's desks: what came, what is due, whose turn it is, and one's own applications."""
    person = desk_person(request)
    calls = list(_calls(person))
    words = words_of(calls)
    counted = queries.desk_counts(person, {key: one.zone for key, one in words.items()}, _midnight(person))
    running = {one.pk: words[one.pk] for one in calls if one.state in (OPEN, CLOSED, PUBLISHED)}
    shown = {key: one for key, one in running.items() if key in counted or one.call.state != PUBLISHED}
    over = [one for one in calls if one.state == DECIDED and one.pk in counted]
    mine = list(queries.oldest_cases(person, MINE))
    context = {
        "section": "office",
        "calls": [_call(words[key], counted.get(key, {}), person) for key in shown],
        "over": [{"title": words[one.pk].title, "url": reverse("office:dossiers-call", args=[one.slug]),
                  "count": counted[one.pk]["all"]} for one in over],
        "due": _due(person, running),
        "mine": [_mine(one, words) for one in mine if one.call_id in words],
        "hands_over": any(one.role in ("officer", "secretariat") for one in person.held),
        "crumbs": [{"text": gettext("Office"), "url": reverse("office:home")}, {"text": gettext("Applications")}],
    }  # fmt: skip
    return render(request, "office/dossiers/calls.html", context)


def waiting_for(person: Person) -> int:
    """One's own applications of which the review is open. One statement."""
    return queries.open_cases(person).count()


def _calls(person: Person) -> Iterable[Call]:
    """Published calls of every programme at whose desk the person is, the last to close first."""
    programmes = {one.programme for one in person.held if one.role in DESK}
    rows = all_calls().defer("search_text")
    return rows if "" in programmes else rows.filter(programme__slug__in=programmes)


def _midnight(person: Person) -> dt.datetime:
    zone = ZoneInfo(person.zone)
    return dt.datetime.combine(now().astimezone(zone).date(), dt.time.min, zone)


def _call(words: CallWords, counted: Mapping[str, int], person: Person) -> Context:
    """One call with its numbers, each of which leads to the applications that it counts."""
    call = words.call
    base = reverse("office:dossiers-call", args=[call.slug])
    today = f"{now().astimezone(words.zone):%Y-%m-%d}"
    numbers = [
        ("today", gettext("new today"), f"received:>={today}"),
        ("open", gettext("in review"), "status:open"),
        ("nobody", gettext("of them nobody's"), "officer:none status:open"),
        ("mine", gettext("of them mine"), "officer:me status:open"),
        ("passed", gettext("passed"), "status:passed"),
        ("excluded", gettext("excluded"), "status:excluded"),
    ]
    state = call.state
    return {
        "title": words.title,
        "url": base,
        "sample": call.is_sample,
        "badge": {"text": STATE_NAMES[state], "tone": CALL_TONES[state]},
        "closes": words.spoken(call.closes_at) if call.closes_at else "",
        "zone": words.zone_name,
        "all": counted.get("all", 0),
        "earlier": counted.get("earlier"),
        "numbers": [
            {"count": counted.get(name, 0), "text": text, "url": AskedList(words, person, query).address()}
            for name, text, query in numbers
        ],
        "figures": reverse("office:dossiers-figures", args=[call.slug]),
    }


def _due(person: Person, calls: Mapping[int, CallWords]) -> list[Context]:
    """What has a day within the next two weeks, the next first; what is today says so."""
    start, zone = _midnight(person), ZoneInfo(person.zone)
    end = start + dt.timedelta(days=SOON)
    found = sorted((one for tells in DUE for one in tells(person, calls) if start <= one.at < end), key=lambda d: d.at)
    return [
        {
            "text": one.text,
            "where": one.where,
            "url": one.url,
            "at": f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
            "day": one.at.astimezone(zone).date(),
            "days": (one.at.astimezone(zone).date() - start.date()).days,
        }
        for one in found
    ]


def _mine(one: Application, words: Mapping[int, CallWords]) -> Context:
    of = words[one.call_id]
    return {
        "text": one.applicant_name,
        "reference": one.reference,
        "call": of.title,
        "track": of.track(one.track) if len(of.tracks) > 1 else "",
        "url": f"{reverse('office:dossier', args=[one.dossier.uid])}?q=officer%3Ame+status%3Aopen",
        "received": f"{one.received_at.astimezone(of.zone):%Y-%m-%d}",
        "tone": TONES["open"],
    }
