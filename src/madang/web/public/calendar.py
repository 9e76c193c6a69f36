"""Dates of calls for one's own calendar (iCalendar, RFC 5545): all calls of a list, or one call.

An event keeps its UID for ever, so that a calendar that subscribes moves it when the call is amended. DTSTAMP is the
version's publication, SEQUENCE its number. Moments are in the call's zone, with the zone's own rules in the file.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from madang.apps.calls.queries import all_calls
from madang.web.keeping import kept
from madang.web.public.call_lists import view_of, views_of
from madang.web.public.call_view import CallView
from madang.web.public.calls import Asked
from madang.web.public.deadline import calendar_line

MOST_CALLS: Final = 300
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"


@require_safe
@kept
def listing(request: HttpRequest) -> HttpResponse:
    """Every date of the calls that fit the list's filters; `language` for readers that are no browser."""
    with _language(request):
        views = views_of(list(Asked.of(request).calls()[:MOST_CALLS]))
        return _file("madang-calls", gettext("Calls"), views)


@require_safe
@kept
def of_call(request: HttpRequest, slug: str) -> HttpResponse:
    """Every date of one call."""
    call = get_object_or_404(all_calls(), slug=slug)
    with _language(request):
        view = view_of(call)
        return _file(slug, view.title, [view])


def _language(request: HttpRequest) -> Any:
    asked = request.GET.get("language", "")
    return translation.override(asked if asked in dict(settings.LANGUAGES) else translation.get_language())


def _file(name: str, title: str, views: Iterable[CallView]) -> HttpResponse:
    calendar = Calendar()
    calendar.add("prodid", "-//Madang//calls//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    for view in views:
        for event in _events(view):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    headers = {"Content-Disposition": f'attachment; filename="{name}.ics"'}
    return HttpResponse(calendar.to_ical(), content_type=CONTENT_TYPE, headers=headers)


def _events(view: CallView) -> Iterator[Event]:
    """Opening, closing, cut-offs, and every stage that has a day."""
    schedule = view.definition.schedule
    if schedule.opens:
        yield _event(view, "opens", gettext("Opens"), schedule.opens, sample=schedule.is_sample("opens"))
    if closes := schedule.closes:
        sample = schedule.is_sample("closes") or closes.sample is True or closes.is_sample("hour")
        yield _event(view, "closes", gettext("Closes"), closes.at, sample=sample, more=calendar_line(view))
    for number, cut in enumerate(view.definition.intake.cut_offs, start=1):
        sample = cut.sample is True or cut.is_sample("hour")
        yield _event(view, f"cut-off-{number}", gettext("Cut-off"), cut.at, sample=sample)
    for stage in schedule.stages:
        first, last = stage.first_day or stage.last_day, stage.last_day or stage.first_day
        if first is None or last is None:
            continue  # only a phrase ("in autumn"), or a legal period: the page tells it
        name = view.wording.of(stage.title) or view.wording.label(f"stage.{stage.kind}")
        sample = stage.sample is True or schedule.is_sample("stages") or any(map(stage.is_sample, ("on", "from", "to")))
        about = view.wording.of(stage.approximate) or (gettext("expected") if stage.approximate else "")
        yield _event(view, stage.id, name, first, last, sample=sample, about=about)


def _event(
    view: CallView,
    what: str,
    name: str,
    first: str,
    last: str = "",
    *,
    sample: bool = False,
    about: str = "",
    more: str = "",
) -> Event:
    """One event: a moment where an hour is written, whole days otherwise."""
    event = Event()
    marks = [f"[{gettext('Sample')}]"] if view.is_sample else []
    expected = [f"({gettext('expected')})"] if about else []
    event.add("uid", f"{view.call.slug}/{what}@{urlsplit(settings.SITE_ADDRESS).hostname}")
    event.add("dtstamp", view.version.published_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("last-modified", view.version.published_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("sequence", view.version.number - 1)
    event.add("summary", " ".join([*marks, f"{name}: {view.title}", *expected]))
    if " " in first:
        event.add("dtstart", dt.datetime.fromisoformat(first).replace(tzinfo=view.zone))
    else:
        event.add("dtstart", dt.date.fromisoformat(first))
        event.add("dtend", dt.date.fromisoformat((last or first)[:10]) + dt.timedelta(days=1))
    told = [gettext("About: %(when)s") % {"when": about}] if about else []
    told += [more] if more else []
    told += [gettext("This date, or its hour, is a sample and was never published.")] if sample else []
    told.append(gettext("What counts is what the call's page says."))
    event.add("description", "\n".join(told))
    event.add("url", settings.SITE_ADDRESS + view.url)
    event.add("transp", "TRANSPARENT")
    return event
