"""Calls in the office: the drafts by state and whose turn it is, the published calls, and a new one begun."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.commands import start_definition_draft
from madang.apps.calls.models import Call, DefinitionDraft
from madang.apps.calls.queries import all_calls, all_drafts, matching, with_drafts
from madang.apps.calls.queries import drafts_matching as drafts_with
from madang.apps.calls.rules import READ_DEFINITIONS, WRITE_DEFINITION
from madang.core.callspec.source import MAX_CHARACTERS
from madang.core.lifecycle.definition import OPEN
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.papers import library
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.office.definition_view import STATE_NAMES, DraftView
from madang.web.public.call_view import STATE_NAMES as CALL_STATES
from madang.web.public.call_view import TONES as CALL_TONES
from madang.web.public.call_view import programme_name, reader
from madang.words import say

PAGE: Final = 20
MOST_SEARCHED: Final = 200  # characters
STARTS: Final = ("clone", "programme", "text", "empty")
MOST_UPLOADED: Final = 4 * MAX_CHARACTERS  # bytes: no character takes more

Context = dict[str, Any]


def my_turns(person: Person) -> list[DraftView]:
    """The drafts that wait for this person."""
    drafts = visible_to(person, READ_DEFINITIONS, all_drafts().filter(state__in=OPEN))
    return [view for draft in drafts if (view := DraftView(draft, person)).is_my_turn]


def waiting_for(person: Person) -> int:
    """How many drafts wait for this person."""
    return len(my_turns(person))


@dataclass(frozen=True)
class Asked:
    """What a reader asked the list for, from the address; blank means everything."""

    q: str = ""
    state: str = ""
    mine: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        given = {name: request.GET.get(name, "").replace("\0", "").strip() for name in cls.__dataclass_fields__}
        state = given["state"] if given["state"] in STATE_NAMES else ""
        return cls(q=given["q"][:MOST_SEARCHED], state=state, mine="1" if given["mine"] else "")

    def drafts(self, person: Person) -> list[DraftView]:
        """The drafts that fit. Without a state: those that are not closed."""
        found: QuerySet[DefinitionDraft] = visible_to(person, READ_DEFINITIONS, all_drafts())
        found = found.filter(state=self.state) if self.state else found.filter(state__in=OPEN)
        found = drafts_with(found, self.q) if self.q else found
        views = [DraftView(draft, person) for draft in found]
        return [view for view in views if view.is_my_turn] if self.mine else views

    def address(self, **more: str) -> str:
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in given.items() if value})
        return reverse("office:calls") + (f"?{query}" if query else "")

    def chips(self) -> Iterator[Context]:
        names = {"q": f"“{self.q}”", "state": str(STATE_NAMES.get(self.state, "")), "mine": gettext("My turn")}
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Drafts and published calls; `q`, `state`, `mine`; `format=csv|xlsx` gives the drafts that fit as a file."""
    person: Any = request.user
    if not may(person, READ_DEFINITIONS):
        raise PermissionDenied
    asked = Asked.of(request)
    views = asked.drafts(person)
    form = request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        sheet = _sheet(views, request)
        return csv_file("definitions", sheet) if form == "csv" else xlsx_file("definitions", [sheet])
    if form:
        raise BadRequest(f"no such format: {form}")
    calls = with_drafts(matching(all_calls(), asked.q) if asked.q else all_calls())
    page = Paginator(calls, PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "office",
        "asked": asked,
        "views": views,
        "calls": [_call_row(call) for call in page.object_list],
        "page": page,
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "chips": list(asked.chips()),
        "states": STATE_NAMES.items(),
        "files": [(name.upper(), asked.address(format=name)) for name in ("csv", "xlsx")],
        "may_write": may(person, WRITE_DEFINITION),
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Calls in the office")},
        ],
    }
    return render(request, "office/calls/list.html", context)


def _call_row(call: Call) -> Context:
    open_draft = next(iter(call.open_drafts), None)
    return {
        "call": call,
        "title": reader().of(call.title),
        "state": CALL_STATES[call.state],
        "tone": CALL_TONES[call.state],
        "url": reverse("public:call", args=[call.slug]),
        "draft": reverse("office:definition", args=[open_draft.uid]) if open_draft else "",
        "may_amend": call.decided_at is None,
        "may_extend": call.decided_at is None and call.closes_at is not None,
    }


def _sheet(views: list[DraftView], request: HttpRequest) -> Sheet:
    header = [
        gettext("Call"),
        gettext("Title"),
        gettext("Kind"),
        gettext("State"),
        gettext("Whose turn"),
        gettext("Findings"),
        gettext("Revision"),
        gettext("Last changed (UTC)"),
        gettext("Address"),
    ]
    rows: list[list[Cell]] = [
        [
            view.draft.slug,
            view.title,
            view.kind,
            view.state_name,
            view.turn,
            len(view.findings),
            view.draft.revision,
            f"{view.draft.changed_at:%Y-%m-%d %H:%M}",
            request.build_absolute_uri(view.url),
        ]
        for view in views
    ]
    return Sheet(gettext("Definitions of calls"), header, rows)


# --- A new one --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a call: `start` is clone, programme, text (pasted or a file), empty, or amendment of a published call."""
    person: Any = request.user
    if not may(person, READ_DEFINITIONS):
        raise PermissionDenied
    if request.method != "POST":
        return _new_page(request, {"start": "clone", "clone": request.GET.get("of", "")[:80]})
    if not may(person, WRITE_DEFINITION):
        raise PermissionDenied
    given = {
        name: request.POST.get(name, "") for name in ("start", "clone", "programme", "amendment", "text", "sample")
    }
    start: Any = given["start"]
    if start not in (*STARTS, "amendment"):
        return _new_page(request, given, [gettext("Choose what to begin with.")])
    text = given["text"]
    if start == "text" and (file := request.FILES.get("file")):
        if (file.size or 0) > MOST_UPLOADED:
            return _new_page(request, given, [gettext("The file is too large for a definition.")])
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            return _new_page(
                request, given, [gettext("The file is not text in UTF-8. Save it as UTF-8 and try again.")]
            )
    if start == "text" and not text.strip():
        return _new_page(request, given, [gettext("Choose a file, or paste the text of a definition.")])
    try:
        draft = start_definition_draft(
            actor=actor_of(person),
            start=start,
            of=given.get(start, "") if start in ("clone", "programme", "amendment") else "",
            text=text,
            sample=bool(given["sample"]),
        )
    except Refused as refused:
        return _new_page(request, given, [say(reason, reader().language) for reason in refused.reasons])
    return HttpResponseRedirect(reverse("office:definition", args=[draft.uid]), status=303)


def _shipped(name: str) -> str:
    """A shipped definition by its programme and year; by its file where the house has no name for the programme."""
    slug, _, year = name.rpartition("-")
    known = programme_name(slug, reader())
    return f"{name}.yaml" if known == slug else f"{known} ({year})"


def _new_page(request: HttpRequest, given: Context, errors: list[str] | None = None) -> HttpResponse:
    wording = reader()
    context = {
        "section": "office",
        "given": given,
        "errors": errors or [],
        "calls": [(call.slug, wording.of(call.title)) for call in all_calls()],
        "programmes": [(name, _shipped(name)) for name in library.programmes()],
        "may_write": may(request.user, WRITE_DEFINITION),
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Calls in the office"), "url": reverse("office:calls")},
            {"text": gettext("New call")},
        ],
    }
    return render(request, "office/calls/new.html", context, status=422 if errors else 200)
