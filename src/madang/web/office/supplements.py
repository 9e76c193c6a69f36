"""Supplements at the desk: those of one application with its clocks, one of them, and what the office does about it."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Supplement
from madang.apps.review.models import Handling
from madang.core.callspec import Definition
from madang.core.callspec.blocks import Clock
from madang.core.clocks import SUPPLEMENT, Count, Terms, count_days, stops_of
from madang.core.lifecycle import REVIEW
from madang.core.lifecycle.review import OPEN as REVIEW_OPEN
from madang.core.lifecycle.supplement import EXPIRED, LIMITING, OPEN
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.papers import calendars
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.form_view import language, moment_of
from madang.web.enquiry_view import Field, given, put_faults, uid_or_404
from madang.web.office.dossier_shared import Page, found
from madang.web.office.enquiries_shared import TEXT_FAULTS, person_of, see_other
from madang.web.public.call_view import reader
from madang.web.sending import sent
from madang.web.supplement_view import also_open, count_words, counted_again, rule_words, state_badge, things_of

LONGEST_REASON: Final = 4_000
ROUTE: Final = "office:dossier-supplements"
PLACES: Final = {
    **dict.fromkeys(("supplement_needs_reason", *TEXT_FAULTS), "reason"),
    **dict.fromkeys(("supplement_ends_no_later", "supplement_ends_too_late", "supplement_needs_day"), "day"),
    **dict.fromkeys(("supplement_arrived_before", "supplement_arrives_later", "supplement_over"), "day"),
    "supplement_needs_note": "reason",
    **dict.fromkeys(("supplement_needs_scan", "supplement_scan_format", "form_file_too_large"), "scan"),
}

Context = dict[str, Any]


@require_safe
@never_cache
@login_required
def tab(request: HttpRequest, uid: str) -> HttpResponse:
    """The supplements of one application, and how its clocks stand because of them."""
    page = found(request, uid)
    every = queries.supplements_of(page.dossier)
    waits = any(one.state == OPEN for one in every)
    barred = against_asking(page) if page.handles and not waits else []
    context = page.context(ROUTE) | {
        "requests": [told(one, page.person) for one in every],
        "clocks": list(_clocks(page)),
        "new": reverse("office:supplement-new", args=[uid]) if page.handles and not barred and not waits else "",
        "barred": [one["text"] for one in put_faults([], barred, {})],
        "handles": page.handles,
    }
    return render(request, "office/supplements/tab.html", context)


def against_asking(page: Page) -> list[Reason]:
    """Why nothing can be asked now. Whether the review is over, the command cannot see: asked here."""
    found = Handling.objects.filter(dossier=page.dossier).first()
    if found is not None and found.state != REVIEW_OPEN:
        return [Reason(REVIEW.wrong_state[found.state])]
    return list(commands.against_asking(page.dossier, now()))


@require_safe
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One supplement with what the office can do about it."""
    supplement, page = _at(request, uid)
    context = _context(supplement, page, gettext("Supplement"))
    return render(request, "office/supplements/one.html", context)


@require_safe
@never_cache
@login_required
def scan(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The scan of what came on paper, only to be saved."""
    supplement, _ = _at(request, uid)
    if not supplement.scan_sha256:
        raise Http404
    return sent(request, sha256=supplement.scan_sha256, size=supplement.scan_bytes, name=supplement.scan_name)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def extend(request: HttpRequest, uid: str) -> HttpResponse:
    """More time, until the end of `day`, for `reason`; with `all`, for everybody of the round. The page confirms."""
    day = Field("day", gettext("Until the end of"), "date", required=True)
    day.help = gettext("It ends with the last second of that day, in the time of the call.")

    def act(supplement: Supplement, person: Person, fields: list[Field], everybody: bool) -> int:
        until, reason = _day(fields[0].value), fields[1].value
        if until is None:
            raise Refused([Reason("supplement_needs_day")])
        if everybody:
            return commands.extend_round(actor=actor_of(person), supplement=supplement, day=until, reason=reason)
        commands.extend_supplement(actor=actor_of(person), supplement=supplement, day=until, reason=reason)
        return 1

    title, said = gettext("Give more time"), gettext("Extended. Everybody who writes in it is told by mail.")
    return _acted(request, uid, "extend", title, [day, _reason()], act, said)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def cancel(request: HttpRequest, uid: str) -> HttpResponse:
    """Take it back for `reason`; with `all`, everybody's of the round. The page confirms."""

    def act(supplement: Supplement, person: Person, fields: list[Field], everybody: bool) -> int:
        if everybody:
            return commands.cancel_round(actor=actor_of(person), supplement=supplement, reason=fields[0].value)
        commands.cancel_supplement(actor=actor_of(person), supplement=supplement, reason=fields[0].value)
        return 1

    title, said = gettext("Take it back"), gettext("Taken back. Everybody who writes in it is told by mail.")
    return _acted(request, uid, "cancel", title, [_reason()], act, said)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def answer(request: HttpRequest, uid: str) -> HttpResponse:
    """Enter what came on paper: `reason` (the note), `day` on which it arrived, the file `scan`."""
    note = Field("reason", gettext("What arrived"), "area", rows=4, most=LONGEST_REASON, required=True)
    note.help = gettext("For the office: what came, from whom, by which way.")
    day = Field("day", gettext("Arrived on"), "date", required=True)
    file = Field("scan", gettext("Scan"), "file", required=True)
    file.help = gettext("PDF, PNG or JPG, at most %(n)s MB.") % {"n": commands.MOST_SCAN_MB}

    def act(supplement: Supplement, person: Person, fields: list[Field], everybody: bool) -> int:
        upload: Any = request.FILES.get("scan")
        commands.enter_paper_answer(
            actor=actor_of(person),
            supplement=supplement,
            note=note.value,
            arrived_on=_day(day.value),
            name=upload.name or "" if upload else "",
            content=upload,
        )
        return 1

    title, said = gettext("Enter what came on paper"), gettext("Entered. The supplement is answered.")
    return _acted(request, uid, "answer", title, [day, note, file], act, said)


# --- Shared ----------------------------------------------------------------------------------------------------------


def _acted(
    request: HttpRequest,
    uid: str,
    what: str,
    title: str,
    fields: list[Field],
    act: Callable[[Supplement, Person, list[Field], bool], int],
    said: str,
) -> HttpResponse:
    """The page of an act, and the act. 422 with the form where it is refused."""
    supplement, page = _at(request, uid, to_write=True)
    everybody, faults = request.POST.get("all") == "1", []
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name)
        try:
            act(supplement, page.person, fields, everybody)
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, PLACES)
        else:
            messages.success(request, said)
            return see_other("office:supplement", uid)
    others = queries.open_in_round(supplement, page.person).exclude(pk=supplement.pk).count()
    context = _context(supplement, page, gettext("Supplement"), title) | {
        "what": what,
        "title": title,
        "fields": fields,
        "faults": faults,
        "everybody": everybody,
        "others": others if what != "answer" else 0,
        "back": reverse("office:supplement", args=[uid]),
    }
    return render(request, "office/supplements/act.html", context, status=422 if faults else 200)


def _at(request: HttpRequest, uid: str, *, to_write: bool = False) -> tuple[Supplement, Page]:
    """The supplement and its dossier's page, for whoever reads (or handles) it at its desk; 404 for everybody else."""
    supplement = queries.supplement_at_desk(person_of(request), uid_or_404(uid))
    if supplement is None:
        raise Http404
    return supplement, found(request, supplement.dossier.uid, to_write=to_write)


def _context(supplement: Supplement, page: Page, *more: str) -> Context:
    handles = may(page.person, rules.HANDLE_DOSSIER, supplement.dossier)
    runs = rules.runs(supplement, now())
    return page.context(ROUTE, *more) | {
        "supplement": supplement,
        "one": told(supplement, page.person),
        "extends": handles and runs,
        "cancels": handles and supplement.state in LIMITING,
        "enters": handles and supplement.state in LIMITING and supplement.draft_id is None,
        "expired": supplement.state == EXPIRED,
        "waits": supplement.state == OPEN and not runs,
    }


def told(supplement: Supplement, person: Person) -> Context:
    """One request for `office/supplements/_request.html`, with what became of it."""
    words = FormWords(queries.supplement_definition(supplement), language())
    zone = words.d.schedule.zone
    extensions = [(moment_of(more.until, zone, person), more.reason) for more in supplement.extensions.all()]
    return {
        "uid": supplement.uid,
        "url": reverse("office:supplement", args=[supplement.uid]),
        "round": supplement.round,
        "badge": state_badge(supplement),
        "asked": moment_of(supplement.asked_at, zone, person),
        "asked_by": supplement.asked_by.shown,
        "until": moment_of(supplement.until, zone, person),
        "reason": mail.words_in(supplement.reason, language(), words.d.languages),
        "things": things_of(supplement, words),
        "also": also_open(supplement, words),
        "rule": rule_words(supplement.terms["item"], supplement.terms, words),
        "days": count_words(counted_again(supplement, _zone(words.d)), words.w),
        "extensions": [{"until": until, "reason": reason} for until, reason in extensions],
        "cancelled": supplement.ended_reason,
        "ended": moment_of(supplement.ended_at, zone, person) if supplement.ended_at else None,
        "ended_by": supplement.ended_by.shown if supplement.ended_by else "",
        "revision": supplement.filing.revision if supplement.filing else 0,
        "note": supplement.note,
        "arrived_on": reader().day(supplement.arrived_on.isoformat()) if supplement.arrived_on else "",
        "scan": reverse("office:supplement-scan", args=[supplement.uid]) if supplement.scan_sha256 else "",
        "scan_name": supplement.scan_name,
        "by_paper": supplement.draft_id is None,
    }


def _zone(definition: Definition) -> ZoneInfo:
    return ZoneInfo(definition.schedule.zone)


def _reason() -> Field:
    field = Field("reason", gettext("Reason"), "area", rows=4, most=LONGEST_REASON, required=True)
    field.help = gettext("Those who write in the application read it.")
    return field


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


# --- The legal clocks ------------------------------------------------------------------------------------------------


def _clocks(page: Page) -> Iterator[Context]:
    """The definition's clocks that a supplement stops, counted from the day on which the application came in."""
    definition, words = page.words.definition, reader()
    stopped = list(_stopping(definition))
    day = _day(page.application.received)
    if not stopped or day is None:
        return
    zone = _zone(definition)
    spans, today = queries.stopped_spans(page.dossier, zone), now().astimezone(zone).date()
    for name, clock in stopped:
        count = count_days(Terms.of(clock), day, calendars.load(clock.calendar), stops_of(clock.stops_on, spans), today)
        yield {
            "name": name,
            "from": words.day(day.isoformat()),
            "last": words.day(count.last.isoformat()) if count.last else "",
            "position": _position(count),
            "stops": [
                {"first": words.day(first.isoformat()), "last": words.day(last.isoformat()) if last else ""}
                for what, first, last in spans
                if what == SUPPLEMENT
            ],
        }


def _stopping(definition: Definition) -> Iterator[tuple[str, Clock]]:
    """What the definition's stages, and its decision, call themselves, where a supplement stops them."""
    words = FormWords(definition, language())
    for stage in definition.schedule.stages:
        if stage.clock is not None and SUPPLEMENT in stage.clock.stops_on:
            yield (words.w.of(stage.title) if stage.title else words.label(f"stage.{stage.kind}")), stage.clock
    named = any(stage.kind == "decision" and stage.clock for stage in definition.schedule.stages)
    clock = definition.decide.clock
    if not named and clock is not None and SUPPLEMENT in clock.stops_on:
        yield words.label("stage.decision"), clock


def _position(count: Count) -> str:
    at = count.position
    if at is None:
        return ""
    if at.overdue:
        return gettext("%(n)s days over") % {"n": at.late_days}
    text = gettext("%(used)s days used, %(left)s left") % {"used": at.used, "left": at.left}
    return gettext("%(text)s; it stands") % {"text": text} if at.standing else text
