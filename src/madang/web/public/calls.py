"""Pages around a call: the list, the call in words, its definition as a file, its reception statistics."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from madang.apps.applications.queries import batches, with_counts
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import FILTERS, all_calls, closing_within, fitting, in_state, programmes
from madang.core.callspec.model import OrganisationKind
from madang.core.lifecycle.call import CLOSED, DECIDED, OPEN, PUBLISHED
from madang.core.selftest import questions_of
from madang.papers.describe import describe
from madang.web.downloads import Cell, Sheet, attachment, csv_file, xlsx_file
from madang.web.keeping import kept
from madang.web.preferences import mode_of
from madang.web.public import deadline
from madang.web.public.call_lists import related, view_of, views_of
from madang.web.public.call_sections import sections
from madang.web.public.call_view import STATE_NAMES, CallView, programme_name, reader
from madang.web.public.questions import about
from madang.web.public.reception import FORMS, ReceptionView

PAGE: Final = 20
SORTS: Final = {"newest": _("Newest first"), "closing": _("Closing date"), "applications": _("Most applications")}
KINDS: Final = ("award", "membership", "certificate", "designation", "site")
RULES: Final = ("rank", "threshold", "grade", "vote", "appointment")
WHO: Final = get_args(OrganisationKind)
SOON: Final = "soon"
SOON_DAYS: Final = 14
STATES: Final = {SOON: _("Closes within 14 days"), **STATE_NAMES}
MOST_SEARCHED: Final = 200  # characters; nobody looks for more, and a database should not

Context = dict[str, Any]


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What a reader asked the list for, from the address; blank means everything."""

    q: str = ""
    programme: str = ""
    kind: str = ""
    rule: str = ""
    who: str = ""
    state: str = ""
    sort: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        given = {name: request.GET.get(name, "").replace("\0", "").strip() for name in cls.__dataclass_fields__}
        sort = given["sort"] if given["sort"] in SORTS else ""
        return cls(**given | {"q": given["q"][:MOST_SEARCHED], "sort": sort})

    def calls(self) -> QuerySet[Call]:
        """The calls that fit, in the order asked for."""
        found = fitting(all_calls(), self.filters())
        if self.state == SOON:
            found = closing_within(found, SOON_DAYS)
        elif self.state:
            found = in_state(found, self.state)
        if self.sort == "applications":  # counted only where it orders: it reads every application
            return with_counts(found).order_by(F("cases").desc(), "slug")
        first = F("closes_at").asc(nulls_last=True) if self.sort == "closing" else F("opens_at").desc(nulls_last=True)
        return found.order_by(first, "slug")

    def filters(self) -> dict[str, str]:
        """What an alert or a calendar would keep: not the state and the order, which change with the day."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    def address(self, at: str = "public:calls", **more: str) -> str:
        """The list (or another page of it) with these filters, to be shared."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in given.items() if value})
        return reverse(at) + (f"?{query}" if query else "")

    def chips(self) -> Iterator[Context]:
        """What is filtered, each with the list without it."""
        names = {
            "q": f"“{self.q}”",
            "programme": programme_name(self.programme, reader()),
            "kind": reader().label(f"badge.{self.kind}") if self.kind in KINDS else self.kind,
            "rule": reader().label(f"badge.{self.rule}") if self.rule in RULES else self.rule,
            "who": who_name(self.who) if self.who in WHO else self.who,
            "state": str(STATES.get(self.state, self.state)),
        }
        for name, text in names.items():
            if getattr(self, name):
                yield {"name": name, "text": text, "without": replace(self, **{name: ""}).address()}


@require_safe
@kept
def listing(request: HttpRequest) -> HttpResponse:
    """All published calls, filtered by `q`, `programme`, `kind` (what is to be had), `rule` (how it is decided) and
    `state`, in the order `sort`; `format=csv|xlsx` as a file.
    """
    asked = Asked.of(request)
    form = request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        return _list_file(asked, form, request)
    if form:
        raise BadRequest(f"no such format: {form}")
    page = Paginator(asked.calls(), PAGE).get_page(request.GET.get("page"))
    wording = reader()
    context = {
        "section": "calls",
        "asked": asked,
        "calls": views_of(list(page.object_list)),
        "page": page,
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "chips": list(asked.chips()),
        "programmes": [(one.slug, programme_name(one.slug, wording)) for one in programmes()],
        "kinds": [(kind, wording.label(f"badge.{kind}")) for kind in KINDS],
        "rules": [(rule, wording.label(f"badge.{rule}")) for rule in RULES],
        "whos": [(kind, who_name(kind)) for kind in WHO],
        "states": STATES.items(),
        "calendar": asked.address(at="public:calendar", language=wording.language, sort=""),
        "share": request.build_absolute_uri(asked.address()),
        "alert": asked.filters(),
        "alert_words": [chip["text"] for chip in asked.chips() if chip["name"] in FILTERS],
        "sorts": SORTS.items(),
        "files": [(form.upper(), asked.address(format=form)) for form in ("csv", "xlsx")],
        "crumbs": [{"text": gettext("Calls")}],
    }
    return render(request, "public/calls/list.html", context)


def _list_file(asked: Asked, form: str, request: HttpRequest) -> HttpResponse:
    header = [
        gettext("Call"),
        gettext("Title"),
        gettext("Programme"),
        gettext("What is to be had"),
        gettext("How it is decided"),
        gettext("State"),
        gettext("Opens"),
        gettext("Closes"),
        gettext("Time zone"),
        gettext("Applications"),
        gettext("Countries"),
        gettext("Sample"),
        gettext("Address"),
    ]
    rows = [_list_row(view, request) for view in views_of(list(asked.calls()))]
    sheet = Sheet(gettext("Calls"), header, rows)
    return csv_file("calls", sheet) if form == "csv" else xlsx_file("calls", [sheet])


def _list_row(view: CallView, request: HttpRequest) -> list[Cell]:
    schedule = view.definition.schedule
    return [
        view.call.slug,
        view.title,
        view.programme,
        view.wording.label(f"badge.{view.definition.outcome.kind}"),
        view.wording.label(f"badge.{view.definition.decide.by}"),
        view.state_name,
        schedule.opens or "",
        schedule.closes.at if schedule.closes else "",
        schedule.zone,
        view.received.cases,
        view.received.countries,
        view.wording.label("yes" if view.is_sample else "no"),
        request.build_absolute_uri(view.url),
    ]


def who_name(kind: str) -> str:
    """A kind of organisation in words."""
    return reader().label(f"organisation.{kind}")


# --- One call ---------------------------------------------------------------------------------------------------------


def _view(slug: str) -> CallView:
    """The published call of this address, or 404."""
    return view_of(get_object_or_404(all_calls(), slug=slug))


def _crumbs(view: CallView, *more: str) -> list[Context]:
    crumbs = [{"text": gettext("Calls"), "url": reverse("public:calls")}, {"text": view.title, "url": view.url}]
    return [*crumbs, *({"text": text} for text in more)]


@require_safe
@kept
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A call in words: everything that its definition says, as it counts now, and how it came to say it."""
    view = _view(slug)
    outline = describe(view.definition, view.wording.language)
    statistics = reverse("public:statistics", args=[slug])
    actions = [{"text": gettext("Reception statistics"), "url": statistics, "kind": "secondary"}]
    if not view.received.cases and not view.decision:
        actions = []
    has_questions = bool(questions_of(view.definition))
    self_test = reverse("public:self-test", args=[slug]) if has_questions else ""
    if self_test and view.state in (OPEN, PUBLISHED):
        actions.insert(0, {"text": gettext("Is it for us?"), "url": self_test, "kind": "secondary"})
    if view.state == OPEN and (apply := apply_address(slug)):
        actions.insert(0, {"text": gettext("Apply"), "url": apply, "kind": "primary"})
    if view.decision:
        actions.insert(0, {"text": gettext("See the result"), "url": view.result_url, "kind": "primary"})
    summary, steps = view.glance(), view.steps()
    if view.state != DECIDED and (grace := deadline.grace(view)):
        summary["note"] = format_html("{}<br>{}", summary["note"], grace)
    versions = list(view.call.versions.order_by("-number"))
    if view.state == OPEN and apply_address(slug):
        summary["action"] = {"text": gettext("Apply"), "url": apply_address(slug)}
    has_samples = view.wording.label("badge.sample") in outline.badges
    context = {
        "section": "calls",
        "view": view,
        "hero": {
            "title": outline.title,
            "lead": outline.summary,
            "sample": view.is_sample,
            "badges": [{"text": view.state_name, "tone": view.tone}, *({"text": text} for text in outline.badges)],
            "crumbs": _crumbs(view),
            "actions": actions,
            "note": _what_is_next(view, steps),
        },
        "summary": summary,
        "steps": steps,
        "sections": sections(outline),
        "has_samples": has_samples,
        "related": related(view),
        "questions": about(view.call, view.definition),
        "deadline": deadline.told(view, versions),
        "versions": _versions(view, versions),
        "self_test": self_test,
        "calendar": f"{reverse('public:call-calendar', args=[slug])}?language={view.wording.language}",
        "others": Asked(programme=view.definition.programme).address(),
    }
    return render(request, "public/calls/detail.html", context)


def _what_is_next(view: CallView, steps: list[Context]) -> str:
    """For a call that cannot be applied to now: when it can, or what follows; blank where the page itself says it."""
    if view.state == PUBLISHED:
        return gettext("Applications are not taken yet. They open on %(day)s.") % {"day": view.day}
    if view.state != CLOSED:
        return ""
    dated = (step for step in steps if step["when"] and not step.get("approximate"))  # "March" may be long past
    coming = next((step for step in dated if step["state"] in ("current", "future")), None)
    if coming is None:
        return gettext("Applications have closed. A result is shown on this page once it is published here.")
    told = {"step": coming["name"], "when": coming["when"]}
    return gettext("Applications have closed. What comes next: %(step)s, %(when)s.") % told


def apply_address(slug: str) -> str:
    """Where one applies; blank on an installation without that room."""
    try:
        return reverse("applicant:apply", args=[slug])
    except NoReverseMatch:
        return ""


def _versions(view: CallView, versions: list[DefinitionVersion]) -> list[Context]:
    """The newest first."""
    zone, moved = ZoneInfo(view.definition.schedule.zone), deadline.moves(view, versions)
    address = reverse("public:definition", args=[view.call.slug])
    return [
        {
            "number": version.number,
            "when": f"{version.published_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "datetime": version.published_at.isoformat(timespec="seconds"),
            "reason": version.reason,
            "notice": version.notice,
            "sha256": version.sha256,
            "url": f"{address}?version={version.number}",
            "counts": version.pk == view.version.pk,
            "moved": moved.get(version.number),
        }
        for version in versions
    ]


@require_safe
def definition(request: HttpRequest, slug: str) -> HttpResponse:
    """The definition as it was published, byte for byte, so that its SHA-256 holds; `version`: an earlier one."""
    call = get_object_or_404(all_calls(), slug=slug)
    asked = request.GET.get("version", "")
    if asked and not re.fullmatch(r"[0-9]{1,6}", asked):
        raise Http404("no such version")
    found: QuerySet[DefinitionVersion] = call.versions.order_by("-number")
    version = (found.filter(number=int(asked)) if asked else found).first()
    if version is None:
        raise Http404("no such version")
    return attachment(f"{slug}-v{version.number}.yaml", version.text.encode(), "text/plain; charset=utf-8")


# --- Statistics -------------------------------------------------------------------------------------------------------


@require_safe
def statistics(request: HttpRequest, slug: str) -> HttpResponse:
    """Who applied, counted; `as_of=YYYY-MM-DD`: what had arrived by the end of that day."""
    view = _view(slug)
    given, problem = request.GET.get("as_of", "").strip(), ""
    as_of = None
    try:
        as_of = _day(given)
    except ValueError:
        problem = gettext("This is not a date: %(given)s. Write it as 2021-04-20.") % {"given": given[:40]}
    mode = mode_of(request)
    counted = ReceptionView(view, as_of, ["light", "high-contrast"] if mode == "theme" else [mode])
    address = reverse("public:statistics", args=[slug])
    query = f"?as_of={as_of}" if as_of else ""
    context = {
        "section": "calls",
        "view": view,
        "counted": counted,
        "as_of": as_of.isoformat() if as_of else given,
        "as_of_words": view.wording.day(as_of.isoformat()) if as_of else "",
        "problem": problem,
        "address": address,
        "note": view.wording.of(_note(view.call)),
        "files": [(form.upper(), f"{address}.{form}{query}") for form in FORMS],
        "crumbs": _crumbs(view, gettext("Reception statistics")),
    }
    return render(request, "public/calls/statistics.html", context, status=400 if problem else 200)


@require_safe
def statistics_file(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The same numbers as a file: `json`, `csv` or `xlsx`."""
    if form not in FORMS:
        raise Http404("no such form")
    try:
        as_of = _day(request.GET.get("as_of", "").strip())
    except ValueError as error:
        raise BadRequest("as_of is not a date") from error
    view = _view(slug)
    return ReceptionView(view, as_of).file(form, _note(view.call))


def _day(text: str) -> dt.date | None:
    """A day as `2021-04-20`, or nothing. Raises ValueError."""
    if text and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text) if text else None


def _note(call: Call) -> dict[str, str]:
    """Where the applications come from, in words; blank where nothing was said."""
    return next((batch.note for batch in batches(call) if batch.undone_at is None and batch.note), {})
