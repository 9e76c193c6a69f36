"""All reviews of a call in one table: applications by rules, lines of the checklist and outside checks; bulk acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER, READ_DOSSIER
from madang.apps.review import commands, rules
from madang.apps.review.queries import Reviewed, bulk_acts, reviewed
from madang.core.checklist import DIFFER, SECOND, STALE
from madang.core.lifecycle.review import OPEN, STATES
from madang.core.record.canonical import digest
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, Field, given, put_faults
from madang.web.office.dossier_shared import Context, desk_person
from madang.web.office.enquiries_shared import FORMS, see_other
from madang.web.office.review_hints import hints_for
from madang.web.office.review_pages import REASON_PLACES
from madang.web.office.review_view import STATE_NAMES, CallTeller, check_badge, item_badge, rule_badge, state_badge

ROUTE: Final = "office:review-call"
PAGE: Final = 50
MOST_NAMED: Final = 200
"""Applications that a preview names; of more it says how many."""
SHOWS: Final = {
    "open": gettext_lazy("Something is open"),
    "against": gettext_lazy("Something speaks against it"),
    "clean": gettext_lazy("Can be passed"),
    "second": gettext_lazy("Waits for a second person"),
    "stale": gettext_lazy("Judged on an earlier revision"),
}


# --- The table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column: a rule, a line of the checklist or an outside check. `id` stands in addresses."""

    id: str
    title: str
    group: str


@dataclass(frozen=True)
class Asked:
    """What somebody asked the table for, from the address; blank means everything."""

    state: str = ""
    show: str = ""
    column: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: HttpRequest, columns: Sequence[Column]) -> Asked:
        said = {name: given(request.GET, name, 200) for name in ("state", "show", "column", "page")}
        number = said["page"]
        return cls(
            state=said["state"] if said["state"] in STATES else "",
            show=said["show"] if said["show"] in SHOWS else "",
            column=said["column"] if said["column"] in {one.id for one in columns} else "",
            page=max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 6 else 1,
        )

    @property
    def filters(self) -> bool:
        return bool(self.state or self.show)

    def address(self, slug: str, **more: Any) -> str:
        said = {"state": self.state, "show": self.show, "column": self.column, "page": self.page} | more
        query = urlencode({name: value for name, value in said.items() if value and (name != "page" or value != 1)})
        return reverse(ROUTE, args=[slug]) + (f"?{query}" if query else "")

    def fits(self, review: Reviewed) -> bool:
        if self.state and review.state != self.state:
            return False
        match self.show:
            case "":
                return True
            case "clean":
                return review.clean
        return any(self.show in marks for id_, marks in _marks(review) if self.column in ("", id_))


def columns_of(words: CallWords) -> list[Column]:
    tell, d = CallTeller(words), words.definition
    found = [Column("other", gettext("Party, money, time"), gettext("Eligibility"))]
    found += [Column(f"eligibility.{one.id}", tell.rule(one.id), gettext("Eligibility")) for one in d.eligibility]
    found += [Column(f"review.{one.id}", tell.item(one.id), gettext("Checklist")) for one in d.review]
    checks = d.outside_checks
    return found + [Column(f"outside_checks.{one.id}", tell.check(one.id), gettext("Outside checks")) for one in checks]


def _marks(review: Reviewed) -> Iterator[tuple[str, set[str]]]:
    """Column -> what a filter may ask of it: `open`, `against`, `second`, `stale`."""
    yield "other", {"against"} if review.examined.before else set()
    for rule, holds in review.examined.rules:
        yield f"eligibility.{rule.id}", {"against"} if holds is False else set() if holds is True else {"open"}
    for item in review.items:
        marks = set() if item.answered else {"open"}
        marks |= {"against"} if item.against else set()
        marks |= {"second"} if item.asked and item.line.state in (SECOND, DIFFER) else set()
        yield f"review.{item.spec.id}", marks | ({"stale"} if item.asked and item.line.state == STALE else set())
    for check in review.checks:
        marks = {"against"} if check.found else set()
        yield f"outside_checks.{check.spec.id}", marks if check.answered else {"open"}


def _badges(review: Reviewed) -> Iterator[Context]:
    """What stands in each column."""
    yield rule_badge(not review.examined.before)
    for _, holds in review.examined.rules:
        yield rule_badge(holds)
    yield from map(item_badge, review.items)
    yield from map(check_badge, review.checks)


@require_safe
@never_cache
@login_required
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The reviews of a call that this person reads, filtered by `state`, `show` and `column`; `format=csv|xlsx`."""
    person, words = desk_person(request), CallWords.at(slug)
    form = given(request.GET, "format", 10)
    if form and form not in FORMS:
        raise BadRequest("no such format")
    columns = columns_of(words)
    asked = Asked.of(request, columns)
    mine = _standing(visible_to(person, READ_DOSSIER, Dossier.objects.filter(call=words.call)))
    first = (asked.page - 1) * PAGE
    if asked.filters or form:
        fitting = [one for one in reviewed(words.call, list(mine), words.definition) if asked.fits(one)]
        count, page = len(fitting), fitting[first : first + PAGE]
    else:
        count = mine.count()
        fitting = page = reviewed(words.call, list(mine[first : first + PAGE]), words.definition)
    if form:
        sheet = Sheet(gettext("Reviews"), *_cells(fitting, columns, words), head=[words.title])
        return csv_file(f"reviews-{slug}", sheet) if form == "csv" else xlsx_file(f"reviews-{slug}", [sheet])
    handles = (
        any(may(person, HANDLE_DOSSIER, one.dossier) for one in page[:1]) or rules.handled_by(person, mine).exists()
    )
    hints = hints_for(words, [one.application for one in page], person)
    pages = max(1, -(-count // PAGE))
    context = {
        "section": "office",
        "words": words,
        "asked": asked,
        "columns": columns,
        "rows": [_row(one, columns, words, len(hints[one.application.pk])) for one in page],
        "hinted": any(hints.values()),
        "count": count,
        "states": STATE_NAMES.items(),
        "shows": SHOWS.items(),
        "files": [(name.upper(), asked.address(slug, format=name, page=1)) for name in FORMS],
        "handles": handles,
        "has_checks": bool(words.definition.outside_checks),
        "before": asked.address(slug, page=asked.page - 1) if asked.page > 1 else "",
        "after": asked.address(slug, page=asked.page + 1) if asked.page < pages else "",
        "pages": pages,
        "crumbs": crumbs_of(words),
    }
    return render(request, "office/review/call.html", context)


def _standing(dossiers: Any) -> Any:
    """Those of which a row stands, in the order of their references."""
    standing = Application.objects.filter(dossier=OuterRef("pk"), undone_at__isnull=True)
    return dossiers.filter(Exists(standing)).order_by("reference")


def _row(one: Reviewed, columns: Sequence[Column], words: CallWords, hints: int) -> Context:
    return {
        "reference": one.dossier.reference,
        "applicant": one.application.applicant_name,
        "track": words.track(one.dossier.track),
        "url": reverse("office:dossier-review", args=[one.dossier.uid]),
        "badge": state_badge(one.state),
        "cells": [
            {"column": column.title, "badge": badge} for column, badge in zip(columns, _badges(one), strict=True)
        ],
        "hints": hints,
    }


def _cells(
    reviews: Sequence[Reviewed], columns: Sequence[Column], words: CallWords
) -> tuple[list[str], list[list[Cell]]]:
    header = [gettext("Reference"), gettext("Applicant"), gettext("Type"), gettext("State")]
    rows: list[list[Cell]] = []
    for one in reviews:
        head: list[Cell] = [one.dossier.reference, one.application.applicant_name, words.track(one.dossier.track)]
        rows.append([*head, state_badge(one.state)["text"], *(badge["text"] for badge in _badges(one))])
    return [*header, *(column.title for column in columns)], rows


def crumbs_of(words: CallWords, *more: str) -> list[Context]:
    return [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Applications"), "url": reverse("office:dossiers")},
        {"text": words.title, "url": reverse("office:dossiers-call", args=[words.call.slug])},
        {"text": gettext("Reviews"), "url": reverse(ROUTE, args=[words.call.slug]) if more else ""},
        *({"text": text} for text in more),
    ]


def _act(one: Any, words: CallWords) -> Context:
    return {
        "text": ngettext("%(n)s passed together", "%(n)s passed together", one.count) % {"n": one.count},
        "still": one.still,
        "by": one.by,
        "at": f"{one.at.astimezone(words.zone):%Y-%m-%d %H:%M}",
        "undo": reverse("office:review-undo", args=[words.call.slug, one.name]) if one.still else "",
    }


# --- Bulk acts --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def pass_together(request: HttpRequest, slug: str) -> HttpResponse:
    """Names who would be passed, and who not and why; POST (`seen`: the preview that was read) passes them."""
    person, words, mine = handled(request, slug)
    open_ones = [one for one in reviewed(words.call, list(mine), words.definition) if one.state == OPEN]
    clean = [one for one in open_ones if one.clean]
    seen = digest({"dossiers": [[one.dossier.uid, one.application.pk] for one in clean]})
    faults: list[Context] = []
    if request.method == "POST":
        if given(request.POST, "seen", 100) != seen or not clean:
            text = gettext("Something has changed since you looked at this list. Look again.")
            faults = [{"text": text, "field": ""}]
        else:
            done = commands.pass_together(
                actor=actor_of(person), call=words.call, dossiers=[one.dossier for one in clean]
            )
            count = len(done.done)
            text = ngettext("%(n)s application passed.", "%(n)s applications passed.", count) % {"n": count}
            messages.success(request, text)
            return see_other("office:review-pass-together", slug)
    tell = CallTeller(words)
    not_clean = [one for one in open_ones if not one.clean]
    context = {
        "section": "office",
        "words": words,
        "seen": seen,
        "faults": faults,
        "clean": [_named(one, words) for one in clean[:MOST_NAMED]],
        "clean_count": len(clean),
        "rest": [
            _named(one, words) | {"why": [tell.reason(reason) for reason in one.against("pass")]}
            for one in not_clean[:MOST_NAMED]
        ],
        "rest_count": len(not_clean),
        "most": MOST_NAMED,
        "acts": [_act(one, words) for one in bulk_acts(words.call, person)],
        "back": reverse(ROUTE, args=[slug]),
        "crumbs": crumbs_of(words, gettext("Pass all that are clean")),
    }
    return render(request, "office/review/pass.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def undo(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Open again what was passed together; needs a reason. The page itself is the confirmation."""
    person, words, _mine = handled(request, slug)
    act = next((one for one in bulk_acts(words.call, person) if one.name == name), None)
    if act is None:
        raise Http404
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=4, required=True)
    field.help = gettext("For the office and its auditors. The applicant is not told.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            done = commands.undo_together(actor=actor_of(person), call=words.call, name=name, reason=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, REASON_PLACES)
        else:
            count = len(done.done)
            text = ngettext("%(n)s review is open again.", "%(n)s reviews are open again.", count) % {"n": count}
            messages.success(request, text)
            return see_other(ROUTE, slug)
    context = {
        "section": "office",
        "words": words,
        "act": _act(act, words),
        "field": field,
        "faults": faults,
        "back": reverse(ROUTE, args=[slug]),
        "crumbs": crumbs_of(words, gettext("Undo")),
    }
    return render(request, "office/review/undo.html", context, status=422 if faults else 200)


def handled(request: HttpRequest, slug: str) -> tuple[Person, CallWords, Any]:
    """The dossiers of the call that this person handles; 404 for whoever handles none."""
    person, words = desk_person(request), CallWords.at(slug)
    mine = _standing(rules.handled_by(person, Dossier.objects.filter(call=words.call)))
    if not mine.exists():
        raise Http404
    return person, words, mine


def _named(one: Reviewed, words: CallWords) -> Context:
    return {
        "reference": one.dossier.reference,
        "applicant": one.application.applicant_name,
        "track": words.track(one.dossier.track),
        "url": reverse("office:dossier-review", args=[one.dossier.uid]),
    }
