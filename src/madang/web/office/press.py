"""Reports for the press at the desk: which there are, one of them with its check, and what goes out."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.enquiries.rules import SEE_DESK, About
from madang.apps.review import commands, queries, rules
from madang.apps.review.models import PressReport
from madang.core.lifecycle.press import FINISHED
from madang.kernel import files
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.papers.press.making import NotMade
from madang.papers.press.model import FORMS, LANGUAGES, TABLES, USUAL
from madang.web.downloads import XLSX, attachment
from madang.web.enquiry_view import CallWords, Context, Field, given, put_faults, uid_or_404, words_of
from madang.web.office.enquiries_shared import TEXT_FAULTS, person_of, see_other
from madang.web.office.press_view import ReportView, badge, choices, context_of, crumbs, pack_view

TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "hwpx": "application/hwp+zip",
    "xlsx": XLSX,
    "json": "application/json; charset=utf-8",
}
AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Papers that one web process makes at the same time; a third reader is asked to come back."""
PLACES: Final = {
    "press_day_ahead": "as_of",
    **dict.fromkeys(
        ("press_text_missing", "press_figure_unknown", "press_too_many_numbers", *TEXT_FAULTS),
        "text_{language}",
    ),
}


# --- Which there are --------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def calls(request: HttpRequest) -> HttpResponse:
    """The calls of which this person may tell the reception."""
    person = person_of(request)
    if not may(person, SEE_DESK):
        raise PermissionDenied
    mine = [one for one in all_calls().select_related("programme") if may(person, rules.READ_PRESS, About(one))]
    rows = [
        {
            "title": words.title,
            "sample": words.call.is_sample,
            "reports": reverse("office:press", args=[words.call.slug]),
            "tables": reverse("office:tables", args=[words.call.slug]),
        }
        for words in words_of(mine).values()
    ]
    context = {"section": "office", "rows": rows, "crumbs": [*crumbs()[:1], {"text": gettext("Figures for the press")}]}
    return render(request, "office/press/calls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The reports of a call. POST begins one: `as_of` (a day, or blank for everything), `tables`."""
    person, words = _call(request, slug, to_write=request.method == "POST")
    field = _day_field()
    chosen = list(USUAL)
    faults: list[Context] = []
    if request.method == "POST":
        field.value, chosen = given(request.POST, "as_of", 20), _chosen(request)
        report, faults = _started(person, words.call, field, chosen)
        if report is not None:
            return see_other("office:press-report", report.uid)
    rows = [_row(report, words) for report in queries.press_reports(person, words.call)]
    context = {
        "section": "office",
        "words": words,
        "rows": rows,
        "field": field,
        "choices": choices(TABLES, chosen, words.wording.language),
        "faults": faults,
        "writes": may(person, rules.WRITE_PRESS, About(words.call)),
        "crumbs": [*crumbs(), {"text": words.title}],
    }
    return render(request, "office/press/list.html", context, status=422 if faults else 200)


def _row(report: PressReport, words: CallWords) -> Context:
    """The title is that of the text as saved: nothing is counted for a list."""
    opened = queries.opened(report)
    assert opened is not None, "a report has a revision"
    texts = opened.revision.texts
    text = texts.get(words.wording.language) or texts["en"]
    as_of = opened.revision.as_of
    return {
        "title": next((line for line in text.splitlines() if line.strip()), report.uid),
        "url": reverse("office:press-report", args=[report.uid]),
        "as_of": words.wording.date(as_of.isoformat()) if as_of else gettext("everything"),
        "badge": badge(report),
        "changed": words.spoken(report.changed_at),
        "by": opened.revision.by.shown if opened.revision.by else "",
    }


def _started(person: Person, call: Call, field: Field, tables: list[str]) -> tuple[PressReport | None, list[Context]]:
    as_of, faults = _day_in(field)
    if faults:
        return None, faults
    try:
        return commands.start_press_report(actor=actor_of(person), call=call, as_of=as_of, tables=tables), []
    except Refused as refused:
        return None, put_faults([field], refused.reasons, PLACES)


# --- One --------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """A report with its check. POST saves `text_ko`, `text_en` and `tables`; `seen`: the revision that was edited."""
    person, report, words = _found(request, uid, to_write=request.method == "POST")
    if request.method != "POST":
        return _page(request, person, report, words)
    typed = {language: given(request.POST, f"text_{language}") for language in LANGUAGES}
    chosen = _chosen(request)
    try:
        commands.edit_press_report(
            actor=actor_of(person), report=report, seen=_seen(request), texts=typed, tables=chosen
        )
    except Refused as refused:
        return _page(request, person, report, words, refused=refused, typed=typed, chosen=chosen)
    messages.success(request, gettext("Saved. The numbers were checked."))
    return see_other("office:press-report", uid)


@require_POST
@never_cache
@login_required
def anew(request: HttpRequest, uid: str) -> HttpResponse:
    """Take the figures as of another day (`as_of`; blank: everything), as they are known now."""
    person, report, words = _found(request, uid, to_write=True)
    field = _day_field(given(request.POST, "as_of", 20))
    as_of, faults = _day_in(field)
    if faults:
        return _page(request, person, report, words, faults=faults, day=field)
    try:
        commands.take_press_figures(actor=actor_of(person), report=report, seen=_seen(request), as_of=as_of)
    except Refused as refused:
        return _page(request, person, report, words, refused=refused, day=field)
    messages.success(request, gettext("The figures were taken anew. Read both texts once more."))
    return see_other("office:press-report", uid)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def finish(request: HttpRequest, uid: str) -> HttpResponse:
    """The last check. POST finishes: `confirm` holds the keys of numbers that were ticked, `reason-KEY` why."""
    person, report, words = _found(request, uid, to_write=True)
    opened = _opened(report)
    view = ReportView(opened, words)
    faults: list[Context] = []
    ticked = set(request.POST.getlist("confirm"))
    reasons = {one["key"]: given(request.POST, f"reason-{one['key']}", 2_000) for one in _wrong(view)}
    if request.method == "POST":
        confirmed = {key: reason for key, reason in reasons.items() if key in ticked}
        try:
            commands.finish_press_report(
                actor=actor_of(person), report=report, seen=_seen(request), confirmed=confirmed
            )
        except Refused as refused:
            faults = put_faults([], refused.reasons, {})
        else:
            messages.success(request, gettext("Finished. The papers can be taken now."))
            return see_other("office:press-report", uid)
    lines = [
        {**one, "reason": reasons[one["key"]] or one["reason"], "ticked": one["key"] in ticked or bool(one["reason"])}
        for one in _wrong(view)
    ]
    context = context_of(view, faults=faults, lines=lines, checked=view.checked(), tables=view.tables())
    return render(request, "office/press/finish.html", context, status=422 if faults else 200)


@require_POST
@never_cache
@login_required
def reopen(request: HttpRequest, uid: str) -> HttpResponse:
    """Open a finished report for changes."""
    person, report, words = _found(request, uid, to_write=True)
    try:
        commands.reopen_press_report(actor=actor_of(person), report=report)
    except Refused as refused:
        return _page(request, person, report, words, refused=refused)
    return see_other("office:press-report", uid)


def _page(
    request: HttpRequest,
    person: Person,
    report: PressReport,
    words: CallWords,
    *,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
    chosen: list[str] | None = None,
    faults: list[Context] | None = None,
    day: Field | None = None,
) -> HttpResponse:
    opened = _opened(report)
    view = ReportView(opened, words, typed, chosen)
    fields = view.fields()
    revision = opened.revision
    day = day or _day_field(revision.as_of.isoformat() if revision.as_of else "")
    faults = [*(faults or []), *(put_faults([*fields, day], refused.reasons, PLACES) if refused else [])]
    finished = report.state == FINISHED
    context = context_of(
        view,
        fields=fields,
        checked=view.checked(),
        tables=view.tables(),
        day=day,
        faults=faults,
        finished=finished,
        writes=may(person, rules.WRITE_PRESS, report),
        differences=view.differences(queries.changed_today(opened, now())),
        pack=pack_view(report, queries.pack_of(revision)) if finished else None,
        anew=reverse("office:press-anew", args=[report.uid]),
    )
    return render(request, "office/press/one.html", context, status=422 if faults else 200)


def _wrong(view: ReportView) -> list[Context]:
    return [
        {**line, "name": part["name"], "lang": part["language"]} for part in view.checked() for line in part["wrong"]
    ]


# --- What goes out ----------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def file(request: HttpRequest, uid: str, name: str) -> HttpResponse:
    """A finished report as a file, `ko.pdf`. 503 while two others are waiting for theirs, or where it is too much."""
    _, report, words = _found(request, uid)
    language, _, form = name.partition(".")
    if report.state != FINISHED or language not in LANGUAGES or form not in FORMS:
        raise Http404
    from madang.papers.press.pack import file_of  # with it comes what draws

    opened = _opened(report)
    content = _made(lambda: file_of(opened.paper, language, form))
    if content is None:
        context = context_of(ReportView(opened, words))
        return render(request, "office/press/not_now.html", context, status=503)
    day = opened.counts.day
    return attachment(f"{report.call.slug}-press-{day}-{language}.{form}", content, TYPES[form])


def _made(make: Callable[[], bytes]) -> bytes | None:
    """Nothing where it could not be made now."""
    if not AT_ONCE.acquire(timeout=10):
        return None
    try:
        return make()
    except NotMade:
        return None
    finally:
        AT_ONCE.release()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def pack(request: HttpRequest, uid: str) -> HttpResponse:
    """The pack for the sites. POST asks the worker for it; GET takes it, once it is made."""
    person, report, _ = _found(request, uid)
    if report.state != FINISHED:
        raise Http404
    if request.method == "POST":
        commands.ask_press_pack(actor=actor_of(person), report=report)
        return see_other("office:press-report", uid)
    found = queries.pack_of(_opened(report).revision)
    if found is None or found.state != "made":
        raise Http404
    return attachment(f"{report.call.slug}-press.zip", files.read(found.sha256), "application/zip")


@require_safe
@never_cache
@login_required
def pack_state(request: HttpRequest, uid: str) -> HttpResponse:
    """How far the pack is: a piece of the report's page that asks again by itself."""
    _, report, _ = _found(request, uid)
    if report.state != FINISHED:
        raise Http404
    found = pack_view(report, queries.pack_of(_opened(report).revision))
    return render(request, "office/press/_pack.html", {"pack": found})


# --- Finding and reading ----------------------------------------------------------------------------------------------


def _call(request: HttpRequest, slug: str, *, to_write: bool = False) -> tuple[Person, CallWords]:
    """The call, for whoever may tell of its reception; 404 for everybody else."""
    person, words = person_of(request), CallWords.at(slug)
    right = rules.WRITE_PRESS if to_write else rules.READ_PRESS
    if not may(person, right, About(words.call)):
        raise Http404
    return person, words


def _found(request: HttpRequest, uid: str, *, to_write: bool = False) -> tuple[Person, PressReport, CallWords]:
    person = person_of(request)
    report = queries.press_report_of(person, uid_or_404(uid))
    if report is None or (to_write and not may(person, rules.WRITE_PRESS, report)):
        raise Http404
    return person, report, CallWords(report.call)


def _opened(report: PressReport) -> queries.Opened:
    found = queries.opened(report)
    assert found is not None, "a report has a revision"
    return found


def _seen(request: HttpRequest) -> int:
    """The revision that was edited; 0, which there is none of, where the form does not say."""
    told = request.POST.get("seen", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0


def _chosen(request: HttpRequest) -> list[str]:
    return [name for name in request.POST.getlist("tables")[:20] if name in TABLES]


def _day_field(value: str = "") -> Field:
    field = Field("as_of", gettext("As of the end of"), "date", value=value)
    field.help = gettext("A day in the zone of the call. Blank: everything that was received.")
    return field


def _day_in(field: Field) -> tuple[dt.date | None, list[Context]]:
    """The day of the field, nothing where it is blank; and what is wrong with it."""
    if not field.value.strip():
        return None, []
    try:
        return dt.date.fromisoformat(field.value.strip()), []
    except ValueError:
        text = gettext("Give a day, as 2021-04-20.")
        field.errors.append(text)
        return None, [{"text": text, "field": field.id}]
