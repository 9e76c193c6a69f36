"""The enquiry desk: briefing sessions, and who is registered."""

import datetime as dt
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.enquiries import commands, rules
from madang.apps.enquiries.models import Briefing
from madang.apps.enquiries.queries import (
    seated,
    seats_taken,
    standing,
    takes_seat,
)
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import (
    CallWords,
    Context,
    Field,
    briefing_words,
    given,
    language_name,
    put_faults,
    spoken_reason,
    uid_or_404,
)
from madang.web.office.enquiries_shared import (
    FORMS,
    call_at_desk,
    call_crumb,
    crumbs_of,
    person_of,
    see_other,
    value_of,
)


def _session(request: HttpRequest, uid: str, *, to_write: bool) -> tuple[Briefing, CallWords]:
    session = get_object_or_404(Briefing.objects.select_related("call__programme"), uid=uid_or_404(uid))
    about = rules.About(session.call)
    if not may(request.user, rules.READ_AT_DESK, about):
        raise Http404("not at this desk")
    if to_write and not may(request.user, rules.ANSWER, about):
        raise Http404("reads here, and writes nothing")
    return session, CallWords(session.call)


@require_safe
@never_cache
@login_required
def briefing(request: HttpRequest, uid: str) -> HttpResponse:
    """A session with everybody registered, in order, and who waits; `format=csv|xlsx` as a file."""
    session, words = _session(request, uid, to_write=False)
    everybody = standing(session)
    seats = seated(session, everybody)
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    rows = [
        {
            "order": order,
            "name": one.person.shown,
            "email": one.person.email,
            "language": language_name(one.person.language, words.wording),
            "how": gettext("Online") if one.online else gettext("On site"),
            "when": words.spoken(one.registered_at),
            "waits": one not in seats,
            "state": pgettext("registration", "Has a place") if one in seats else pgettext("registration", "Waits"),
            "sample": one.person.is_sample,
        }
        for order, one in enumerate(everybody, start=1)
    ]
    if form:
        return _registrations_file(rows, words, form)
    context = {
        "section": "office",
        "words": words,
        "briefing": briefing_words(session, words),
        "link": session.link,
        "rows": rows,
        "taken": seats_taken(session, everybody),
        "online": sum(not takes_seat(session, one) or (one.online and not session.place) for one in everybody),
        "waiting": len(everybody) - len(seats),
        "own": may(request.user, rules.ANSWER, rules.About(session.call)),
        "files": [(form.upper(), f"{request.path}?format={form}") for form in FORMS],
        "crumbs": crumbs_of(call_crumb(words), gettext("Briefing session")),
    }
    return render(request, "office/enquiries/briefing.html", context)


def _registrations_file(rows: list[Context], words: CallWords, form: str) -> HttpResponse:
    header = [
        gettext("Number"),
        gettext("Name"),
        gettext("E-mail address"),
        gettext("Language"),
        gettext("How"),
        gettext("Registered at"),
        gettext("State"),
        gettext("Sample"),
    ]
    names = ("order", "name", "email", "language", "how", "when", "state")
    cells: list[list[Cell]] = [
        [*(row[name] for name in names), words.wording.label("yes" if row["sample"] else "no")] for row in rows
    ]
    sheet = Sheet(gettext("Registrations"), header, cells)
    name = f"{words.call.slug}-briefing"
    return csv_file(name, sheet) if form == "csv" else xlsx_file(name, [sheet])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def briefing_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan a session."""
    return _briefing_form(request, call_at_desk(request, slug, to_write=True), None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def briefing_change(request: HttpRequest, uid: str) -> HttpResponse:
    """Change a session; whoever is registered is told when day, place or link change."""
    session, words = _session(request, uid, to_write=True)
    return _briefing_form(request, words, session)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def briefing_cancel(request: HttpRequest, uid: str) -> HttpResponse:
    """Cancel a session: says how many are told (GET), then does it (POST)."""
    session, words = _session(request, uid, to_write=True)
    if request.method == "POST":
        try:
            commands.cancel_briefing(actor=actor_of(person_of(request)), briefing=session)
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, spoken_reason(reason))
        else:
            messages.success(request, gettext("The session is cancelled. Everybody registered is told by mail."))
        return see_other("office:briefing", uid)
    context = {
        "section": "office",
        "briefing": briefing_words(session, words),
        "registered": len(standing(session)),
        "back": reverse("office:briefing", args=[uid]),
        "crumbs": crumbs_of(call_crumb(words), gettext("Cancel the session")),
    }
    return render(request, "office/enquiries/cancel.html", context)


def _briefing_form(request: HttpRequest, words: CallWords, session: Briefing | None) -> HttpResponse:
    fields = _briefing_fields(request, words, session)
    faults: list[Context] = []
    if request.method == "POST":
        wanted, unread = _read_briefing(fields, words)
        try:
            if unread:
                raise Refused(unread)
            actor = actor_of(person_of(request))
            if session:
                done = commands.change_briefing(actor=actor, briefing=session, **wanted)
            else:
                done = commands.plan_briefing(actor=actor, call=words.call, **wanted)
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, _BRIEFING_PLACES)
        else:
            messages.success(request, gettext("The session is shown on the call's page."))
            return see_other("office:briefing", done.uid)
    back = reverse("office:briefing", args=[session.uid]) if session else ""
    context = {
        "section": "office",
        "words": words,
        "session": session,
        "fields": fields,
        "faults": faults,
        "back": back or reverse("office:enquiries-call", args=[words.call.slug]),
        "crumbs": crumbs_of(call_crumb(words), gettext("Briefing session")),
    }
    return render(request, "office/enquiries/briefing_form.html", context, status=422 if faults else 200)


_BRIEFING_PLACES: Final = {
    "no_moment_given": "{field}",
    "seats_not_a_number": "seats",
    "briefing_ends_first": "ends",
    "briefing_is_past": "begins",
    "briefing_needs_place": "link",
    "briefing_place_lacks": "place-{language}",
    "briefing_link_is_no_address": "link",
    "briefing_seats_out_of_range": "seats",
    "seats_are_taken": "seats",
    "no_such_language": "language",
}


def _briefing_fields(request: HttpRequest, words: CallWords, session: Briefing | None) -> list[Field]:
    def start(name: str, value: str) -> str:
        return given(request.POST, name, 600) if request.method == "POST" else value

    def written(at: dt.datetime | None) -> str:
        return f"{at.astimezone(words.zone):%Y-%m-%dT%H:%M}" if at else ""

    zone = gettext("In the call's time zone: %(zone)s") % {"zone": words.zone_name}
    most = rules.LONGEST_LINE
    begins, ends = (session.begins_at, session.ends_at) if session else (None, None)
    fields = [
        Field("begins", gettext("Begins"), "datetime-local", start("begins", written(begins)), zone, required=True),
        Field("ends", gettext("Ends"), "datetime-local", start("ends", written(ends)), zone, required=True),
    ]
    for key, label in (("title", gettext("Name of the session")), ("place", gettext("Place"))):
        kept: dict[str, str] = getattr(session, key) if session else {}
        for tag, name in words.languages.items():
            value = start(f"{key}-{tag}", kept.get(tag, ""))
            fields.append(Field(f"{key}-{tag}", f"{label} ({name})", value=value, most=most, lang=tag))
    link_hint = gettext("Only those who have a place see it.")
    seats_hint = gettext("Of the room; whoever comes online takes none. Empty: as many as come.")
    seats = str(session.seats) if session and session.seats is not None else ""
    link = start("link", session.link if session else "")
    spoken = [("", gettext("Not said")), *words.languages.items()]
    language = start("language", session.language if session else "")
    fields.append(Field("link", gettext("Link of the online session"), "url", link, link_hint, 500))
    fields.append(Field("seats", gettext("Seats"), "number", start("seats", seats), seats_hint))
    fields.append(Field("language", gettext("Language spoken"), "select", language, options=spoken))
    return fields


def _read_briefing(fields: list[Field], words: CallWords) -> tuple[dict[str, Any], list[Reason]]:
    """The form as the command wants it, and what could not be read."""
    wrong: list[Reason] = []
    wanted: dict[str, Any] = {"link": value_of(fields, "link"), "language": value_of(fields, "language")}
    for name in ("begins", "ends"):
        text = value_of(fields, name).strip()
        try:
            wanted[f"{name}_at"] = dt.datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=words.zone)
        except ValueError:
            wrong.append(Reason("no_moment_given", {"given": text[:40], "field": name}))
    seats = value_of(fields, "seats").strip()
    if seats and not (seats.isascii() and seats.isdigit() and len(seats) < 9):
        wrong.append(Reason("seats_not_a_number", {"given": seats[:40]}))
    else:
        wanted["seats"] = int(seats) if seats else None
    for key in ("title", "place"):
        wanted[key] = {tag: value_of(fields, f"{key}-{tag}") for tag in words.languages}
    return wanted, wrong
