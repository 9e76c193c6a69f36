"""The enquiry desk: whose turn it is, private replies, answers to all, contacts, and briefing sessions."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.enquiries import commands, rules
from madang.apps.enquiries.models import Briefing, Contact, Enquiry, PublicAnswer
from madang.apps.enquiries.queries import (
    answers_of,
    at_desk,
    contacts_of,
    known_names,
    seated,
    seats_taken,
    standing,
    takes_seat,
    whose_turn,
)
from madang.core.lifecycle.enquiry import ANSWERED, ASKED, STATES
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import (
    STATES as STATE_NAMES,
)
from madang.web.enquiry_view import (
    CallWords,
    Context,
    Field,
    age,
    answer_words,
    briefing_words,
    contact_words,
    given,
    language_name,
    put_faults,
    spoken_reason,
    state_badge,
    thread,
    turn_names,
    uid_or_404,
    words_of,
)
from madang.web.public.call_view import reader

PAGE: Final = 50
MOST_SEARCHED: Final = 200
FORMS: Final = ("csv", "xlsx")
TEXT_FAULTS: Final = ("words_too_long", "words_have_control", "words_turn_direction")


def _person(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Http404("nobody is signed in")
    return request.user


def _see_other(name: str, *args: Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=args), status=303)


def _crumbs(*more: Context | str) -> list[Context]:
    first: list[Context] = [{"text": gettext("Questions"), "url": reverse("office:enquiries")}]
    return first + [{"text": one} if isinstance(one, str) else one for one in more]


def _call_crumb(words: CallWords) -> Context:
    return {"text": words.title, "url": reverse("office:enquiries-call", args=[words.call.slug])}


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What somebody asked the list for, from the address; blank means everything."""

    q: str = ""
    state: str = ""
    call: str = ""
    track: str = ""
    sort: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        said = {name: request.GET.get(name, "").replace("\0", "").strip() for name in cls.__dataclass_fields__}
        known = {"state": STATES, "sort": ("newest",)}
        said = {name: value if value in known.get(name, (value,)) else "" for name, value in said.items()}
        return cls(**{name: value[:MOST_SEARCHED] for name, value in said.items()})

    def rows(self, person: Person) -> QuerySet[Enquiry]:
        """The questions that fit, those that have waited longest first."""
        found = at_desk(visible_to(person, rules.READ_AT_DESK, Enquiry.objects.all()))
        found = found.annotate(moved_at=Coalesce(Max("replies__at"), "asked_at"))
        found = found.filter(state=self.state) if self.state else found
        found = found.filter(call__slug=self.call) if self.call else found
        found = found.filter(track=self.track) if self.track else found
        for word in self.q.split():
            found = found.filter(
                Q(question__icontains=word) | Q(asker__name__icontains=word) | Q(organisation__name__icontains=word)
            )
        return found.order_by("-asked_at", "-pk") if self.sort else found.order_by("moved_at", "pk")

    def address(self, **more: str) -> str:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("office:enquiries") + (f"?{query}" if query else "")

    def chips(self, calls: dict[str, str]) -> Iterator[Context]:
        names = {
            "q": f"“{self.q}”",
            "state": str(STATE_NAMES.get(self.state, "")),
            "call": calls.get(self.call, self.call),
            "track": self.track,
        }
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


@require_safe
@never_cache
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Questions of my desks, filtered by `q`, `state`, `call`, `track`, in the order `sort`; `format=csv|xlsx`."""
    person = _person(request)
    if not may(person, rules.SEE_DESK):
        raise PermissionDenied
    asked = Asked.of(request)
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    mine = visible_to(person, rules.READ_AT_DESK, Enquiry.objects.all())
    calls = {call.slug: reader().of(call.title) for call in _calls(person)}
    if form:
        return _list_file(asked, person, form)
    page = Paginator(asked.rows(person), PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    words = words_of({one.call for one in listed})
    counts = {state: mine.filter(state=state).count() for state in STATES}
    context = {
        "section": "office",
        "asked": asked,
        "rows": [_row(one, words[one.call_id]) for one in listed],
        "page": page,
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "chips": list(asked.chips(calls)),
        "states": [(state, STATE_NAMES[state]) for state in STATES],
        "calls": [(slug, title, reverse("office:enquiries-call", args=[slug])) for slug, title in calls.items()],
        "tiles": [
            {"name": str(STATE_NAMES[state]), "value": counts[state], "url": Asked(state=state).address()}
            for state in STATES
        ],
        "files": [(form.upper(), asked.address(format=form)) for form in FORMS],
        "crumbs": _crumbs(),
    }
    return render(request, "office/enquiries/list.html", context)


def _calls(person: Person) -> list[Call]:
    """The published calls for which the person works (or which they audit), the newest first."""
    return [call for call in all_calls() if may(person, rules.READ_AT_DESK, rules.About(call))]


def _row(enquiry: Enquiry, words: CallWords) -> Context:
    return {
        "url": reverse("office:enquiry", args=[enquiry.uid]),
        "question": enquiry.question,
        "lang": enquiry.language,
        "call": words.title,
        "track": words.track(enquiry.track) if enquiry.track else "",
        "who": enquiry.asker.shown,
        "organisation": enquiry.organisation.name if enquiry.organisation else "",
        "sample": enquiry.call.is_sample,
        "badge": state_badge(enquiry),
        "turn": turn_names().get(whose_turn(enquiry), ""),
        "age": age(enquiry.moved_at),
        "office": whose_turn(enquiry) == "office",
    }


def _list_file(asked: Asked, person: Person, form: str) -> HttpResponse:
    header = [
        gettext("Call"),
        gettext("Type"),
        gettext("State"),
        gettext("Whose turn"),
        gettext("Asked at"),
        gettext("Last message at"),
        gettext("Asked by"),
        gettext("Organisation"),
        gettext("Language"),
        gettext("Question"),
        gettext("Sample"),
        gettext("Address"),
    ]
    listed = list(asked.rows(person))
    words = words_of({one.call for one in listed})
    rows = [_file_row(one, _row(one, words[one.call_id])) for one in listed]
    sheet = Sheet(gettext("Questions"), header, rows)
    return csv_file("questions", sheet) if form == "csv" else xlsx_file("questions", [sheet])


def _file_row(one: Enquiry, row: Context) -> list[Cell]:
    return [
        row["call"],
        row["track"],
        row["badge"]["text"],
        row["turn"],
        one.asked_at.isoformat(timespec="seconds"),
        one.moved_at.isoformat(timespec="seconds"),
        row["who"],
        row["organisation"],
        one.language,
        one.question,
        reader().label("yes" if row["sample"] else "no"),
        row["url"],
    ]


# --- One question -----------------------------------------------------------------------------------------------------


def _enquiry(request: HttpRequest, uid: str) -> Enquiry:
    rows = Enquiry.objects.select_related("call__programme", "asker", "organisation")
    return get_object_or_404(visible_to(_person(request), rules.READ_AT_DESK, rows), uid=uid_or_404(uid))


def _to_answer(request: HttpRequest, uid: str) -> Enquiry:
    enquiry = _enquiry(request, uid)
    if not may(request.user, rules.ANSWER, enquiry):
        raise Http404("reads here, and writes nothing")
    return enquiry


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """A question with its thread; POST replies privately."""
    enquiry = _to_answer(request, uid) if request.method == "POST" else _enquiry(request, uid)
    words = CallWords(enquiry.call)
    field = Field("text", gettext("Private reply"), "area", most=rules.LONGEST_REPLY, required=True)
    field.help = gettext("Only the asker and the desk read it.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "text")
        try:
            commands.reply(actor=actor_of(_person(request)), enquiry=enquiry, text=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, dict.fromkeys(["reply_needs_text", *TEXT_FAULTS], "text"))
        else:
            messages.success(request, gettext("The reply has been sent. The asker is told by mail."))
            return _see_other("office:enquiry", uid)
    publish = f"{reverse('office:answer', args=[enquiry.call.slug])}?{urlencode({'enquiry': uid})}"
    context = {
        "section": "office",
        "words": words,
        "enquiry": enquiry,
        "badge": state_badge(enquiry),
        "turn": turn_names().get(whose_turn(enquiry), ""),
        "facts": list(_facts(enquiry, words)),
        "thread": thread(enquiry, words, for_office=True),
        "answers": [answer_words(a, words) for a in enquiry.public_answers.order_by("number")],
        "field": field,
        "faults": faults,
        "may_answer": may(request.user, rules.ANSWER, enquiry),
        "open": enquiry.state in (ASKED, ANSWERED),
        "publish": publish,
        "crumbs": _crumbs(_call_crumb(words), gettext("Question")),
    }
    return render(request, "office/enquiries/one.html", context, status=422 if faults else 200)


def _facts(enquiry: Enquiry, words: CallWords) -> Iterator[Context]:
    yield {"name": gettext("Call"), "value": words.title, "url": words.url}
    yield {"name": gettext("Type"), "value": words.track(enquiry.track) if enquiry.track else gettext("The whole call")}
    yield {"name": gettext("Asked by"), "value": enquiry.asker.shown, "note": enquiry.asker.email}
    if enquiry.organisation:
        yield {"name": gettext("Organisation"), "value": enquiry.organisation.name}
    yield {"name": gettext("Language"), "value": language_name(enquiry.language, words.wording)}
    yield {"name": gettext("Asked at"), "value": words.spoken(enquiry.asked_at), "note": words.zone_name}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def close(request: HttpRequest, uid: str) -> HttpResponse:
    """End a thread with a reason that the asker reads. The page itself is the confirmation."""
    enquiry = _to_answer(request, uid)
    words = CallWords(enquiry.call)
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=4, required=True)
    field.help = gettext("The asker reads it.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.close(actor=actor_of(_person(request)), enquiry=enquiry, reason=field.value)
        except Refused as refused:
            faults = put_faults(
                [field], refused.reasons, dict.fromkeys(["closing_needs_reason", *TEXT_FAULTS], "reason")
            )
        else:
            messages.success(request, gettext("The question is closed."))
            return _see_other("office:enquiry", uid)
    context = {
        "section": "office",
        "enquiry": enquiry,
        "field": field,
        "faults": faults,
        "back": reverse("office:enquiry", args=[uid]),
        "crumbs": _crumbs(_call_crumb(words), gettext("Close the question")),
    }
    return render(request, "office/enquiries/close.html", context, status=422 if faults else 200)


# --- An answer to all -------------------------------------------------------------------------------------------------


def _desk_call(request: HttpRequest, slug: str, *, to_write: bool) -> CallWords:
    """The call, for whoever reads (or works) at its desk; 404 for everybody else."""
    words = CallWords.at(slug)
    if not may(request.user, rules.READ_AT_DESK, rules.About(words.call)):
        raise Http404("not at this desk")
    if to_write and not may(request.user, rules.ANSWER, rules.About(words.call)):
        raise Http404("reads here, and writes nothing")
    return words


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer to all: write (GET), look once more (POST `step=check`), publish (POST `step=publish`).

    `enquiry`: the private question that it begins with; `corrects`: the number of the answer that it replaces.
    """
    words = _desk_call(request, slug, to_write=True)
    enquiry = _to_answer(request, uid) if (uid := request.GET.get("enquiry", "")) else None
    if enquiry and enquiry.call_id != words.call.pk:
        raise Http404("a question about another call")
    corrects = _corrected(words.call, request.GET.get("corrects", ""))
    fields = _answer_fields(request, words, enquiry, corrects)
    faults: list[Context] = []
    reasons: list[Reason] = []
    step = request.POST.get("step", "check") if request.method == "POST" else "write"
    question = {tag: rules.tidy(_value(fields, f"question-{tag}")) for tag in words.definition.languages}
    said = {tag: rules.tidy(_value(fields, f"answer-{tag}")) for tag in words.definition.languages}
    track, looked = _value(fields, "track"), request.POST.get("looked") == "yes"
    if step == "publish":
        try:
            published = commands.publish_answer(
                actor=actor_of(_person(request)),
                call=words.call,
                question=question,
                answer=said,
                track=track,
                enquiry=enquiry,
                corrects=corrects,
                looked=looked,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, gettext("Answer %(n)s is published.") % {"n": published.number})
            return HttpResponseRedirect(
                f"{reverse('public:questions', args=[slug])}#answer-{published.number}", status=303
            )
    elif step == "check":
        reasons = [
            *rules.track_faults(words.definition, track),
            *rules.against_answer(words.call, question, said, enquiry, corrects, looked=looked),
        ]
    if reasons:
        places = {"answer_lacks_question": "question-{language}", "answer_lacks_words": "answer-{language}"}
        faults = put_faults(fields, reasons, places | {"question_track_unknown": "track"})
    names = known_names(enquiry)
    context = {
        "section": "office",
        "words": words,
        "enquiry": enquiry,
        "private": _marked(enquiry.question, names) if enquiry else "",
        "marks": _mark_words(enquiry.question, names) if enquiry else [],
        "corrects": corrects,
        "fields": fields,
        "faults": faults,
        "looking": looked or any(reason.code == "answer_may_name_somebody" for reason in reasons),
        "looked": looked,
        "track": words.track(track) if track else "",
        "preview": [
            {"tag": tag, "name": name, "question": question[tag], "answer": said[tag]}
            for tag, name in words.languages.items()
        ],
        "address": request.get_full_path(),
        "back": reverse("office:enquiry", args=[enquiry.uid])
        if enquiry
        else reverse("office:enquiries-call", args=[slug]),
        "crumbs": _crumbs(_call_crumb(words), gettext("Answer to all")),
    }
    page = "check" if step == "check" and not reasons else "answer"
    return render(request, f"office/enquiries/{page}.html", context, status=422 if faults else 200)


def _value(fields: list[Field], name: str) -> str:
    return next((field.value for field in fields if field.name == name), "")


def _corrected(call: Call, number: str) -> PublicAnswer | None:
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise Http404("no such answer")
    return get_object_or_404(PublicAnswer, call=call, number=int(number))


def _answer_fields(
    request: HttpRequest, words: CallWords, enquiry: Enquiry | None, corrects: PublicAnswer | None
) -> list[Field]:
    """Type, then question and answer in each language of the call; begun with what there is."""
    start: dict[str, str] = {}
    if request.method == "POST":
        start = {name: given(request.POST, name) for name in request.POST}
    elif corrects:
        start = {f"question-{tag}": text for tag, text in corrects.question.items()}
        start |= {f"answer-{tag}": text for tag, text in corrects.answer.items()} | {"track": corrects.track}
    elif enquiry:
        last = enquiry.replies.filter(by_office=True).order_by("-pk").first()
        tag = enquiry.language
        start = {f"question-{tag}": enquiry.question, f"answer-{tag}": last.text if last else ""}
        start["track"] = enquiry.track
    fields = []
    if len(words.tracks) > 1:
        options = [("", gettext("The whole call")), *words.tracks.items()]
        fields.append(Field("track", gettext("Type"), "select", start.get("track", "")[:80], options=options))
    most = rules.LONGEST_REPLY
    for tag, name in words.languages.items():
        for part, label, rows in (("question", gettext("Question"), 4), ("answer", gettext("Answer"), 7)):
            key = f"{part}-{tag}"
            text = start.get(key, "")
            fields.append(Field(key, f"{label} ({name})", "area", text, most=most, rows=rows, required=True, lang=tag))
    return fields


def _mark_words(text: str, names: dict[str, list[str]]) -> list[Context]:
    """What may identify somebody in a text, in words."""
    kinds = {
        "person": gettext("name of a person"),
        "organisation": gettext("name of an organisation"),
        "address": gettext("e-mail or web address"),
        "phone": gettext("telephone number"),
    }
    return [{"found": m.found, "kind": kinds[m.kind], "known": m.known} for m in rules.marks([text], names)]


def _marked(text: str, names: dict[str, list[str]]) -> SafeString:
    """The text with every mark in `<mark>`."""
    found = sorted({m.found for m in rules.marks([text], names)}, key=len, reverse=True)
    spans: list[tuple[int, int]] = []
    for piece in found:
        at = text.find(piece)
        while at >= 0:
            if not any(begin < at + len(piece) and at < end for begin, end in spans):
                spans.append((at, at + len(piece)))
            at = text.find(piece, at + 1)
    pieces: list[tuple[SafeString]] = []
    place = 0
    for begin, end in sorted(spans):
        pieces += [(format_html("{}", text[place:begin]),), (format_html("<mark>{}</mark>", text[begin:end]),)]
        place = end
    return format_html_join("", "{}", [*pieces, (format_html("{}", text[place:]),)])


# --- A call's contacts, sessions and answers --------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """What the desk keeps for a call: contacts by track, briefing sessions, answers to all."""
    words = _desk_call(request, slug, to_write=False)
    standing_contacts = {one.track: one for one in contacts_of(words.call)}
    own = may(request.user, rules.ANSWER, rules.About(words.call))
    numbers = {one.corrects_id for one in answers_of(words.call) if one.corrects_id}
    context = {
        "section": "office",
        "words": words,
        "own": own,
        "contacts": [
            {
                "track": title,
                "contact": contact_words(standing_contacts[track], words) if track in standing_contacts else None,
                "url": f"{reverse('office:contact', args=[slug])}?{urlencode({'track': track})}"
                if may(request.user, rules.ANSWER, rules.About(words.call, track))
                else "",
            }
            for track, title in [("", gettext("All types")), *words.tracks.items()]
        ],
        "briefings": [
            briefing_words(one, words) | {"office": reverse("office:briefing", args=[one.uid])}
            for one in words.call.briefings.order_by("-begins_at", "-pk")
        ],
        "answers": [
            answer_words(one, words)
            | {
                "corrected": one.pk in numbers,
                "correct": f"{reverse('office:answer', args=[slug])}?corrects={one.number}",
            }
            for one in reversed(answers_of(words.call))
        ],
        "new_answer": reverse("office:answer", args=[slug]),
        "new_briefing": reverse("office:briefing-new", args=[slug]),
        "questions": Asked(call=slug).address(),
        "public": reverse("public:questions", args=[slug]),
        "crumbs": _crumbs(words.title),
    }
    return render(request, "office/enquiries/call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def contact(request: HttpRequest, slug: str) -> HttpResponse:
    """Who answers for a track (`track`; blank: all). POST names somebody, or with `step=end` nobody any more."""
    words = _desk_call(request, slug, to_write=False)
    track = request.GET.get("track", "")
    if track and track not in words.tracks:
        raise Http404("no such track")
    if not may(request.user, rules.ANSWER, rules.About(words.call, track)):
        raise Http404("reads here, and writes nothing")
    there = contacts_of(words.call).filter(track=track).first()
    actor = actor_of(_person(request))
    if request.method == "POST" and request.POST.get("step") == "end":
        if there:
            commands.end_contact(actor=actor, contact=there)
            messages.success(request, gettext("Nobody is named there any more."))
        return _see_other("office:enquiries-call", slug)
    fields = _contact_fields(request, words, there)
    faults: list[Context] = []
    if request.method == "POST":
        try:
            commands.set_contact(
                actor=actor,
                call=words.call,
                track=track,
                name={tag: _value(fields, f"name-{tag}") for tag in words.languages},
                email=_value(fields, "email"),
                phone=_value(fields, "phone"),
                hours={tag: _value(fields, f"hours-{tag}") for tag in words.languages},
            )
        except Refused as refused:
            places = {"contact_needs_name": "name-{language}", "contact_needs_way": "email", "not_an_address": "email"}
            faults = put_faults(fields, refused.reasons, places)
        else:
            messages.success(request, gettext("The contact is shown on the call's page."))
            return _see_other("office:enquiries-call", slug)
    context = {
        "section": "office",
        "words": words,
        "track": words.track(track) if track else gettext("All types"),
        "fields": fields,
        "faults": faults,
        "there": there,
        "address": request.get_full_path(),
        "back": reverse("office:enquiries-call", args=[slug]),
        "crumbs": _crumbs(_call_crumb(words), gettext("Contact")),
    }
    return render(request, "office/enquiries/contact.html", context, status=422 if faults else 200)


def _contact_fields(request: HttpRequest, words: CallWords, there: Contact | None) -> list[Field]:
    def start(name: str, value: str) -> str:
        return given(request.POST, name, 400) if request.method == "POST" else value

    fields = []
    most = rules.LONGEST_LINE
    for tag, name in words.languages.items():
        value = start(f"name-{tag}", there.name.get(tag, "") if there else "")
        label = f"{gettext('Name of the office')} ({name})"
        fields.append(Field(f"name-{tag}", label, value=value, most=most, required=True, lang=tag))
    hint = gettext("Everybody sees it. An office's address; a person's only with their consent.")
    fields.append(
        Field("email", gettext("E-mail address"), "email", start("email", there.email if there else ""), hint, 254)
    )
    fields.append(Field("phone", gettext("Telephone"), "tel", start("phone", there.phone if there else ""), most=40))
    for tag, name in words.languages.items():
        value = start(f"hours-{tag}", there.hours.get(tag, "") if there else "")
        fields.append(Field(f"hours-{tag}", f"{gettext('Hours')} ({name})", value=value, most=most, lang=tag))
    return fields


# --- Briefing sessions ------------------------------------------------------------------------------------------------


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
        "crumbs": _crumbs(_call_crumb(words), gettext("Briefing session")),
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
    return _briefing_form(request, _desk_call(request, slug, to_write=True), None)


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
            commands.cancel_briefing(actor=actor_of(_person(request)), briefing=session)
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, spoken_reason(reason))
        else:
            messages.success(request, gettext("The session is cancelled. Everybody registered is told by mail."))
        return _see_other("office:briefing", uid)
    context = {
        "section": "office",
        "briefing": briefing_words(session, words),
        "registered": len(standing(session)),
        "back": reverse("office:briefing", args=[uid]),
        "crumbs": _crumbs(_call_crumb(words), gettext("Cancel the session")),
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
            actor = actor_of(_person(request))
            if session:
                done = commands.change_briefing(actor=actor, briefing=session, **wanted)
            else:
                done = commands.plan_briefing(actor=actor, call=words.call, **wanted)
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, _BRIEFING_PLACES)
        else:
            messages.success(request, gettext("The session is shown on the call's page."))
            return _see_other("office:briefing", done.uid)
    back = reverse("office:briefing", args=[session.uid]) if session else ""
    context = {
        "section": "office",
        "words": words,
        "session": session,
        "fields": fields,
        "faults": faults,
        "back": back or reverse("office:enquiries-call", args=[words.call.slug]),
        "crumbs": _crumbs(_call_crumb(words), gettext("Briefing session")),
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
    wanted: dict[str, Any] = {"link": _value(fields, "link"), "language": _value(fields, "language")}
    for name in ("begins", "ends"):
        text = _value(fields, name).strip()
        try:
            wanted[f"{name}_at"] = dt.datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=words.zone)
        except ValueError:
            wrong.append(Reason("no_moment_given", {"given": text[:40], "field": name}))
    seats = _value(fields, "seats").strip()
    if seats and not (seats.isascii() and seats.isdigit() and len(seats) < 9):
        wrong.append(Reason("seats_not_a_number", {"given": seats[:40]}))
    else:
        wanted["seats"] = int(seats) if seats else None
    for key in ("title", "place"):
        wanted[key] = {tag: _value(fields, f"{key}-{tag}") for tag in words.languages}
    return wanted, wrong
