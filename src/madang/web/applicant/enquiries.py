"""One's own questions about calls, and briefing sessions with registration."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from icalendar import Calendar, Event

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person, is_person
from madang.apps.directory.models import Organisation
from madang.apps.enquiries import rules
from madang.apps.enquiries.commands import ask as ask_command
from madang.apps.enquiries.commands import ask_on, cancel_registration, register
from madang.apps.enquiries.models import Briefing, Enquiry, Registration
from madang.apps.enquiries.queries import at_desk, seated, seats_taken, standing, whose_turn
from madang.core.lifecycle.enquiry import CLOSED
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import visible_to
from madang.web.enquiry_view import (
    CallWords,
    Context,
    Field,
    answer_words,
    briefing_words,
    contact_words,
    given,
    language_name,
    put_faults,
    spoken_reason,
    state_badge,
    thread,
    uid_or_404,
)
from madang.web.public.call_view import reader

PLACES: Final = {
    "question_needs_text": "question",
    "words_too_long": "question",
    "words_have_control": "question",
    "words_turn_direction": "question",
    "question_track_unknown": "track",
    "no_such_language": "language",
    "asks_for_another_organisation": "organisation",
}


def _person(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Http404("nobody is signed in")
    return request.user


def _see_other(name: str, *args: Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=args), status=303)


# --- Asking -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a private question about a call. Signing in comes first, so that nothing typed is lost by it."""
    words, person = CallWords.at(slug), _person(request)
    organisations = Organisation.objects.filter(affiliations__person=person, affiliations__ended_at__isnull=True)
    own = {one.uid: one for one in organisations.order_by("name", "pk")}
    fields = _ask_fields(request, words, own)
    faults: list[Context] = []
    if request.method == "POST":
        data = {field.name: field.value for field in fields}
        chosen = given(request.POST, "organisation", 80)
        try:
            enquiry = ask_command(
                actor=actor_of(person),
                call=words.call,
                question=given(request.POST, "question"),
                language=data["language"],
                track=given(request.POST, "track", 80),
                organisation=own[chosen] if chosen in own else _theirs(chosen),
            )
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, PLACES)
        else:
            messages.success(request, gettext("Your question has been sent. We tell you by mail when it is answered."))
            return _see_other("applicant:enquiry", enquiry.uid)
    context = {
        "section": "calls",
        "words": words,
        "fields": fields,
        "faults": faults,
        "answers": reverse("public:questions", args=[slug]),
        "crumbs": words.crumbs(gettext("Ask a question")),
    }
    return render(request, "applicant/enquiries/ask.html", context, status=422 if faults else 200)


def _theirs(uid: str) -> Organisation | None:
    """An organisation that is not in the list, for the command to refuse; an unknown one is 404."""
    return get_object_or_404(Organisation, uid=uid_or_404(uid)) if uid else None


def _ask_fields(request: HttpRequest, words: CallWords, own: dict[str, Organisation]) -> list[Field]:
    sent = request.POST if request.method == "POST" else request.GET
    languages = dict.fromkeys([*words.definition.languages, *dict(settings.LANGUAGES)])
    wording = reader()
    fields = [
        Field(
            "question",
            gettext("Your question"),
            "area",
            given(request.POST, "question"),
            gettext("Only the call's office reads it. Ask one thing at a time, and send no personal data of others."),
            rules.LONGEST_QUESTION,
            required=True,
        )
    ]
    if len(words.tracks) > 1:
        options = [("", gettext("About the whole call")), *words.tracks.items()]
        fields.append(Field("track", gettext("Type"), "select", given(sent, "track", 80), options=options))
    if own:
        mine = [("", gettext("For myself")), *((uid, one.name) for uid, one in own.items())]
        hint = gettext("When you change post, questions asked for an organisation pass on to your successor.")
        fields.append(
            Field("organisation", gettext("Asked for"), "select", given(sent, "organisation", 80), hint, options=mine)
        )
    named = [(tag, language_name(tag, wording)) for tag in languages]
    chosen = given(request.POST, "language", 20) or get_language() or "ko"
    fields.append(Field("language", gettext("Language of the question"), "select", chosen, options=named))
    return fields


# --- Reading ----------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My questions, the newest first, with whose turn it is."""
    wording = reader()
    rows = [
        {
            "url": reverse("applicant:enquiry", args=[one.uid]),
            "question": one.question,
            "call": wording.of(one.call.title),
            "sample": one.call.is_sample,
            "when": wording.day(f"{one.asked_at:%Y-%m-%d}"),
            "organisation": one.organisation.name if one.organisation else "",
            "badge": state_badge(one),
            "my_turn": whose_turn(one) == "asker",
        }
        for one in at_desk(visible_to(request.user, rules.ASK_ON, Enquiry.objects.all()))
    ]
    context = {"section": "me", "rows": rows, "crumbs": _my_crumbs(gettext("My questions"))}
    return render(request, "applicant/enquiries/list.html", context)


def _my_crumbs(*more: str) -> list[Context]:
    return [{"text": gettext("My page"), "url": reverse("account:home")}, *({"text": text} for text in more)]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One of my questions with what was answered; POST asks on."""
    person = _person(request)
    rows = visible_to(person, rules.ASK_ON, Enquiry.objects.select_related("call__programme", "asker", "organisation"))
    enquiry = get_object_or_404(rows, uid=uid_or_404(uid))
    words = CallWords(enquiry.call)
    field = Field("text", gettext("Add to your question"), "area", most=rules.LONGEST_QUESTION, rows=5, required=True)
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "text")
        try:
            ask_on(actor=actor_of(person), enquiry=enquiry, text=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, dict.fromkeys(PLACES, "text"))
        else:
            messages.success(request, gettext("Your message has been sent."))
            return _see_other("applicant:enquiry", uid)
    contacts = [c for c in words.call.contacts.filter(ended_at__isnull=True) if c.track in ("", enquiry.track)]
    context = {
        "section": "me",
        "words": words,
        "enquiry": enquiry,
        "badge": state_badge(enquiry),
        "track": words.track(enquiry.track) if enquiry.track else "",
        "thread": thread(enquiry, words, for_office=False),
        "answers": [answer_words(a, words) for a in enquiry.public_answers.order_by("number")],
        "contacts": [contact_words(c, words) for c in contacts],
        "field": field,
        "faults": faults,
        "open": enquiry.state != CLOSED,
        "crumbs": [
            *_my_crumbs(),
            {"text": gettext("My questions"), "url": reverse("applicant:enquiries")},
            {"text": words.title},
        ],
    }
    return render(request, "applicant/enquiries/one.html", context, status=422 if faults else 200)


# --- Briefing sessions ------------------------------------------------------------------------------------------------


def _briefing(slug: str, uid: str) -> tuple[Briefing, CallWords]:
    words = CallWords.at(slug)
    return get_object_or_404(Briefing, call=words.call, uid=uid_or_404(uid)), words


def _own(request: HttpRequest, briefing: Briefing) -> Registration | None:
    if not is_person(request.user):
        return None
    return briefing.registrations.filter(person=request.user.pk, cancelled_at__isnull=True).first()


@require_safe
@never_cache
def briefing(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """A session: when, where, how many seats are left, and whether I am in. The link is for those who have a place."""
    session, words = _briefing(slug, uid)
    everybody = standing(session)
    own = next((r for r in everybody if is_person(request.user) and r.person_id == request.user.pk), None)
    seats = seated(session, everybody)
    queue = [r for r in everybody if r not in seats]
    context = {
        "section": "calls",
        "words": words,
        "briefing": briefing_words(session, words),
        "own": own,
        "waits": own in queue if own else False,
        "place_in_queue": queue.index(own) + 1 if own in queue else 0,
        "link": session.link if own and own in seats and not session.cancelled_at else "",
        "left": session.seats - seats_taken(session, everybody) if session.seats is not None else None,
        "waiting": len(queue),
        "hybrid": bool(session.place and session.link),
        "open": session.cancelled_at is None and session.begins_at > now(),
        "sign_in": f"{reverse('account_login')}?next={request.path}",
        "crumbs": words.crumbs(gettext("Briefing session")),
    }
    return render(request, "applicant/enquiries/briefing.html", context)


@require_POST
@login_required
def briefing_register(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Take part; the page then tells whether there was a seat."""
    session, _ = _briefing(slug, uid)
    try:
        register(actor=actor_of(_person(request)), briefing=session, online=request.POST.get("how") == "online")
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, spoken_reason(reason))
    return _see_other("applicant:briefing", slug, uid)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def briefing_leave(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Not come after all: asks once more (GET), then gives the seat to the first who waits (POST)."""
    session, words = _briefing(slug, uid)
    own = _own(request, session)
    if own is None:
        raise Http404("not registered")
    if request.method == "POST":
        try:
            cancel_registration(actor=actor_of(_person(request)), registration=own)
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, spoken_reason(reason))
        else:
            messages.success(request, gettext("Your registration has been cancelled."))
        return _see_other("applicant:briefing", slug, uid)
    context = {
        "section": "calls",
        "words": words,
        "briefing": briefing_words(session, words),
        "crumbs": words.crumbs(gettext("Briefing session")),
    }
    return render(request, "applicant/enquiries/leave.html", context)


@require_safe
@never_cache
def briefing_calendar(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """The session as an iCalendar file; with the online link for whoever has a place."""
    session, words = _briefing(slug, uid)
    shown, own = briefing_words(session, words), _own(request, session)
    has_place = own is not None and own in seated(session, standing(session))
    event = Event()
    event.add("uid", f"{session.uid}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", now())
    event.add("dtstart", session.begins_at.astimezone(words.zone))
    event.add("dtend", session.ends_at.astimezone(words.zone))
    event.add("summary", f"{shown['title']}: {words.title}")
    event.add("url", f"{settings.SITE_ADDRESS}{shown['url']}")
    event.add("status", "CANCELLED" if session.cancelled_at else "CONFIRMED")
    if shown["place"]:
        event.add("location", shown["place"])
    if session.link and has_place:
        event.add("description", session.link)
    calendar = Calendar()
    calendar.add("prodid", "-//Madang//briefing//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return HttpResponse(
        calendar.to_ical(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{slug}-briefing.ics"'},
    )
