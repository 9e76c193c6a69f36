"""The enquiry desk: whose turn it is, private replies, and the end of a thread."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.enquiries import commands, rules
from madang.apps.enquiries.models import Enquiry
from madang.apps.enquiries.queries import at_desk, whose_turn
from madang.core.lifecycle.enquiry import ANSWERED, ASKED, STATES
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import STATES as STATE_NAMES
from madang.web.enquiry_view import (
    CallWords,
    Context,
    Field,
    age,
    answer_words,
    given,
    language_name,
    put_faults,
    state_badge,
    thread,
    turn_names,
    words_of,
)
from madang.web.office.enquiries_shared import (
    FORMS,
    TEXT_FAULTS,
    call_crumb,
    crumbs_of,
    enquiry_at,
    enquiry_to_answer,
    person_of,
    see_other,
)
from madang.web.public.call_view import reader

PAGE: Final = 50
MOST_SEARCHED: Final = 200


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
    person = person_of(request)
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
        "crumbs": crumbs_of(),
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


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """A question with its thread; POST replies privately."""
    enquiry = enquiry_to_answer(request, uid) if request.method == "POST" else enquiry_at(request, uid)
    words = CallWords(enquiry.call)
    field = Field("text", gettext("Private reply"), "area", most=rules.LONGEST_REPLY, required=True)
    field.help = gettext("Only the asker and the desk read it.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "text")
        try:
            commands.reply(actor=actor_of(person_of(request)), enquiry=enquiry, text=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, dict.fromkeys(["reply_needs_text", *TEXT_FAULTS], "text"))
        else:
            messages.success(request, gettext("The reply has been sent. The asker is told by mail."))
            return see_other("office:enquiry", uid)
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
        "crumbs": crumbs_of(call_crumb(words), gettext("Question")),
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
    enquiry = enquiry_to_answer(request, uid)
    words = CallWords(enquiry.call)
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=4, required=True)
    field.help = gettext("The asker reads it.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.close(actor=actor_of(person_of(request)), enquiry=enquiry, reason=field.value)
        except Refused as refused:
            faults = put_faults(
                [field], refused.reasons, dict.fromkeys(["closing_needs_reason", *TEXT_FAULTS], "reason")
            )
        else:
            messages.success(request, gettext("The question is closed."))
            return see_other("office:enquiry", uid)
    context = {
        "section": "office",
        "enquiry": enquiry,
        "field": field,
        "faults": faults,
        "back": reverse("office:enquiry", args=[uid]),
        "crumbs": crumbs_of(call_crumb(words), gettext("Close the question")),
    }
    return render(request, "office/enquiries/close.html", context, status=422 if faults else 200)
