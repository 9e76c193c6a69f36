"""The applications of a call as a list: searched by words and fields, typed or clicked, sorted, shared, taken along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application
from madang.apps.review import queries, rules
from madang.apps.review.models import Assignment, SavedList
from madang.apps.review.queries import NEWEST, ORDERS, STATUSES, Search
from madang.core.listing import WORDS, Query, Term, parse
from madang.core.reasons import Malformed
from madang.kernel.permissions import may, visible_to
from madang.papers.classifications import country_label, load
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords
from madang.web.office.dossier_shared import desk_person
from madang.words import say_fault
from madang.words.labels import label

Context = dict[str, Any]

PAGE: Final = 50
UNDO_WITHIN: Final = dt.timedelta(hours=8)
STATUS_NAMES: Final[dict[str, str | Promise]] = {
    "open": pgettext_lazy("application", "In review"),
    "passed": pgettext_lazy("application", "Passed"),
    "excluded": pgettext_lazy("application", "Excluded"),
    "withdrawn": pgettext_lazy("application", "Withdrawn"),
}
TONES: Final = {"open": "wait", "passed": "done", "excluded": "danger", "withdrawn": "closed"}
COLUMNS: Final[dict[str, str | Promise]] = {
    "applicant": _("Applicant"),
    "reference": _("Number"),
    "track": _("Type"),
    "kind": _("Kind"),
    "country": _("Country"),
    "region": _("Region"),
    "field": _("Field"),
    "received": pgettext_lazy("application", "Received"),
    "source": _("Source"),
    "status": _("Status"),
    "officer": _("Officer"),
}
USUAL: Final = ("applicant", "reference", "track", "country", "received", "status", "officer")
FIELD_NAMES: Final[dict[str, str | Promise]] = COLUMNS | {
    "late": _("Admitted late"),
    "sample": _("Sample"),
    "missing": _("Missing"),
}


class AskedList:
    """What the list of a call was asked for: the query, its order, the columns. `faults`: what of it is not understood,
    in sentences; the list is empty then.
    """

    def __init__(self, words: CallWords, person: Person, typed: str, sort: str = "", columns: str = "") -> None:
        self.words, self.person, self.typed = words, person, typed
        self.search = Search(words.call, words.definition, person)
        self.fields = self.search.fields
        self.faults: list[str] = []
        self.query = Query()
        try:
            self.query = parse(typed, self.fields)
        except Malformed as wrong:
            self.faults = [say_fault(one, words.wording.language) for one in wrong.faults]
        self.sort = sort if sort.removeprefix("-") in ORDERS and sort.count("-") < 2 else NEWEST
        wanted = [one for one in columns.split(",") if one in self.columns_there]
        self.columns = tuple(dict.fromkeys(["applicant", *wanted])) if wanted else self._usual

    @classmethod
    def of(cls, request: HttpRequest, words: CallWords, person: Person) -> AskedList:
        given = request.GET if request.method != "POST" else request.POST
        return cls(words, person, given.get("q", ""), given.get("sort", ""), given.get("columns", ""))

    # -- what there is ------------------------------------------------------------------------------------------------

    @cached_property
    def columns_there(self) -> dict[str, str]:
        """Columns that this call can have: name -> title; amounts by their places in the form."""
        there = {name: str(title) for name, title in COLUMNS.items() if name not in ("track", "region", "field")}
        optional = [name for name in ("track", "region", "field") if name in self.fields]
        named = {name: str(COLUMNS[name]) for name in COLUMNS if name in there or name in optional}
        return named | {id_: self.place(id_) for id_ in self.search.amounts if id_ not in named}

    @property
    def _usual(self) -> tuple[str, ...]:
        return tuple(one for one in USUAL if one in self.columns_there)

    def rows(self) -> QuerySet[Application]:
        """Those that fit and that the person may read, in order; none where the search is not understood."""
        if self.faults:
            return Application.objects.none()
        return queries.ordered(self.search.found(self.query), self.sort)

    @cached_property
    def amounts(self) -> dict[str, str]:
        """Alias -> place, of the amounts that are shown."""
        shown = [id_ for id_ in self.search.amounts if id_ in self.columns]
        return {f"shown_amount_{n}": id_ for n, id_ in enumerate(shown)}

    # -- addresses ----------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The search as it stands in addresses: canonical, or as typed where it is not understood."""
        return self.typed.strip() if self.faults else self.query.text

    def parameters(self, **more: str) -> str:
        """The query string of this list; what is as usual is left out."""
        given = {
            "q": self.text,
            "sort": self.sort if self.sort != NEWEST else "",
            "columns": ",".join(self.columns) if self.columns != self._usual else "",
        } | more
        return urlencode({name: value for name, value in given.items() if value})

    def address(self, **more: str) -> str:
        query = self.parameters(**more)
        return reverse("office:dossiers-call", args=[self.words.call.slug]) + (f"?{query}" if query else "")

    def asking(self, query: Query) -> str:
        """The address of the same list with another search."""
        return self.address(q=query.text)

    # -- words --------------------------------------------------------------------------------------------------------

    def place(self, id_: str) -> str:
        """What a place of the form, or a document, is called."""
        definition, said = self.words.definition, self.words.wording.of
        named = {one.id: one.label for one in (*definition.fields(), *definition.documents)}
        return said(dict(named[id_])) if id_ in named else id_

    def value(self, name: str, value: str) -> str:
        """A value of a field in words."""
        language, chosen = self.words.wording.language, self.words.definition.classifications
        match name:
            case "status":
                return str(STATUS_NAMES.get(value, value))
            case "track":
                return self.words.track(value)
            case "kind":
                return kind_name(value, language)
            case "country":
                return country_label(value, language, self.search.on) if value else ""
            case "region" | "field":
                return load(chosen[name]).label(value, language, self.search.on) if chosen.get(name) else value
            case "missing":
                return self.place(value)
            case "late" | "sample":
                return gettext("yes") if value == queries.YES else gettext("no")
            case "source":
                return gettext("Filed here") if value == queries.FILED else gettext("Imported")
            case "officer":
                return {queries.ME: gettext("me"), queries.NOBODY: gettext("nobody")}.get(value, value)
        return f"{int(value):,}" if name in self.search.amounts else value

    def told(self, term: Term) -> str:
        """A term in words: `Region: New Southern`, `not Field: Transport`."""
        if term.field == WORDS:
            text = f"“{term.value}”"
        else:
            name = str(FIELD_NAMES.get(term.field) or self.place(term.field))
            text = f"{name}: {term.comparison}{self.value(term.field, term.value)}"
        return gettext("not %(what)s") % {"what": text} if term.negated else text


def kind_name(kind: str, language: str) -> str:
    """What kind of organisation, in words."""
    try:
        return label("describe", f"organisation.{kind}", language) if kind else ""
    except KeyError:
        return kind


# --- The page ---------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
@login_required
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """The applications of a call that this person reads: `q` (words and fields), `sort`, `columns`, `page`;
    `format=csv|xlsx` as a file. `set-NAME` puts one filter into `q` and leads to the list's own address.
    """
    person = desk_person(request)
    words = CallWords.at(slug)
    asked = AskedList.of(request, words, person)
    if clicked := _clicked(request, asked):
        return HttpResponseRedirect(clicked, status=303)
    form = request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        return _file(asked, form)
    if form:
        raise BadRequest("no such format")
    page, shown = _paged(asked, request.GET.get("page", ""))
    handles = may(person, rules.SAVE_LIST, rules.About(words.call))
    people = queries.desk_people(words.call.programme.slug) if handles or person.held else []
    context = {
        "section": "office",
        "title": words.title,
        "call": words.call,
        "asked": asked,
        "page": page,
        "columns": list(_heads(asked)),
        "rows": [_row(asked, one) for one in shown],
        "chips": [{"text": asked.told(one), "without": asked.asking(asked.query.without(one))} for one in
                  asked.query.terms],
        "filters": list(_filters(asked, people)),
        "choices": [(name, title, name in asked.columns) for name, title in asked.columns_there.items()],
        "saved": list(_saved(asked)),
        "handles": handles,
        "undo": _undo(queries.last_assignment(person, words.call, UNDO_WITHIN)) if handles else None,
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "files": [("XLSX", asked.address(format="xlsx")), ("CSV", asked.address(format="csv"))],
        "known": _known(asked),
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Applications"), "url": reverse("office:dossiers")},
            {"text": words.title},
        ],
    }  # fmt: skip
    return render(request, "office/dossiers/list.html", context, status=422 if asked.faults else 200)


class _Counted(Paginator):
    """Pages of a number that is known already."""

    def __init__(self, rows: QuerySet[Application], count: int) -> None:
        super().__init__(rows, PAGE)
        self.count = count


def _paged(asked: AskedList, number: str) -> tuple[Page[Application], list[Application]]:
    """A page with its rows. The keys come first, so that no more than fifty rows are put together; a first page that is
    not full is all there is, and nothing is counted then.
    """
    keys = asked.rows().values_list("pk", flat=True)
    if number in ("", "1"):
        first = list(keys[: PAGE + 1])
        count = len(first) if len(first) <= PAGE else queries.counted(asked.rows(), asked.query)
        page, shown = _Counted(asked.rows(), count).get_page(1), first[:PAGE]
    else:
        page = _Counted(asked.rows(), queries.counted(asked.rows(), asked.query)).get_page(number)
        start = page.start_index() - 1 if page.paginator.count else 0
        shown = list(keys[start : start + PAGE])
    rows = queries.for_a_list(Application.objects.filter(pk__in=shown), asked.amounts).in_bulk()
    return page, [rows[key] for key in shown]


def _clicked(request: HttpRequest, asked: AskedList) -> str:
    """Where a filter form leads: the address that typing the same would have."""
    given = request.GET
    query, changed = asked.query, False
    for name in asked.fields:
        value = given.get(f"set-{name}")
        if value is None or value == "*":
            continue
        changed = True
        try:
            chosen = parse(Term(name, value).text if value else "", asked.fields)
        except Malformed:
            continue
        query = query.only(name, chosen.terms[0].value if chosen.terms else "")
    if "column" in given:
        asked.columns = tuple(
            one for one in asked.columns_there if one == "applicant" or one in given.getlist("column")
        )
        changed = True
    return asked.address(q=asked.text if asked.faults else query.text) if changed else ""


def _heads(asked: AskedList) -> Iterator[Context]:
    """Columns with the address that sorts by each: first up, then down (of the day received: first the newest)."""
    for name in asked.columns:
        head: Context = {"name": name, "text": asked.columns_there[name], "number": name in asked.search.amounts}
        if name in ORDERS:
            now_by = asked.sort.removeprefix("-") == name
            down = asked.sort.startswith("-") if now_by else name != "received"
            turned = name if down else f"-{name}"
            head["url"] = asked.address(sort=turned if turned != NEWEST else "")
            if now_by:
                head["sorted"] = "descending" if asked.sort.startswith("-") else "ascending"
        yield head


def _row(asked: AskedList, one: Application) -> Context:
    query = urlencode({"q": asked.text, "sort": asked.sort})
    return {
        "uid": one.dossier.uid,
        "url": f"{reverse('office:dossier', args=[one.dossier.uid])}?{query}",
        "applicant": one.applicant_name,
        "sample": one.is_sample,
        "late": bool(one.admitted),
        "cells": [{"name": name, **_cell(asked, one, name)} for name in asked.columns if name != "applicant"],
    }


def status_of(one: Application) -> str:
    """`open`, `passed`, `excluded`, or `withdrawn` where it does not stand."""
    if one.undone_at is not None:
        return queries.WITHDRAWN
    handling = getattr(one.dossier, "handling", None)
    return handling.state if handling is not None else "open"


def officer_of(one: Application) -> Person | None:
    handling = getattr(one.dossier, "handling", None)
    return handling.officer if handling is not None else None


def _cell(asked: AskedList, one: Application, name: str) -> Context:
    match name:
        case "status":
            status = status_of(one)
            return {"text": str(STATUS_NAMES.get(status, status)), "tone": TONES.get(status, "plain")}
        case "received":
            at = one.received_at.astimezone(asked.search.zone)
            return {"text": f"{at:%Y-%m-%d %H:%M}" if one.received[10:] or one.filing_id else f"{at:%Y-%m-%d}"}
        case "officer":
            officer = officer_of(one)
            return {"text": officer.shown if officer else ""}
        case "region":
            region = asked.search.sets.region_of(one.country, asked.search.on) if one.country else None
            return {"text": asked.value("region", region) if region else ""}
        case "source":
            return {"text": asked.value("source", queries.FILED if one.filing_id else queries.IMPORTED)}
        case "reference" | "track" | "kind" | "country" | "field":
            return {"text": asked.value(name, getattr(one, name)), "mono": name == "reference"}
    alias = next(alias for alias, id_ in asked.amounts.items() if id_ == name)
    amount = getattr(one, alias)
    return {"text": f"{int(amount):,}" if amount and str(amount).isdigit() else "", "number": True}


def _filters(asked: AskedList, people: Sequence[Person]) -> Iterator[Context]:
    """What can be clicked, each with what is chosen now; `*`: something else was typed, which stays."""
    options = {
        "status": [(one, asked.value("status", one)) for one in STATUSES],
        "track": [(one, asked.value("track", one)) for one in asked.words.tracks],
        "region": [(one.id, asked.value("region", one.id)) for one in asked.search.sets.regions],
        "field": [(one, asked.value("field", one)) for one in asked.search.sets.fields],
        "missing": [(one, asked.place(one)) for one in asked.search.places],
        "officer": [
            (queries.ME, gettext("me")),
            (queries.NOBODY, gettext("nobody")),
            *((one.shown, one.shown) for one in people),
        ],
    }  # fmt: skip
    for name, found in options.items():
        if name in asked.fields and found:
            standing = asked.query.having(name)
            chosen = standing[0].value if len(standing) == 1 and not standing[0].comparison else ""
            typed = bool(standing) and chosen not in dict(found)
            yield {
                "name": name,
                "title": FIELD_NAMES[name],
                "options": [("*", gettext("as typed")), *found] if typed else found,
                "chosen": "*" if typed else chosen,
            }


def _known(asked: AskedList) -> list[Context]:
    """Every field that can be typed, with what it takes: the help below the search."""
    found = []
    for name, one in asked.fields.items():
        title = str(FIELD_NAMES.get(name) or asked.place(name))
        values = list(one.values) if one.kind == "choice" else []
        takes = ", ".join(values[:6]) + (", …" if len(values) > 6 else "")
        if one.kind in ("day", "number"):
            takes = "2021-04-01, >2021-04-01, <=…" if one.kind == "day" else "300m, 3억, >300m, <=…"
        elif name == "officer":
            takes = gettext("me, none, or part of a name")
        found.append({"name": name, "title": title, "takes": takes or gettext("any text")})
    return found


def _saved(asked: AskedList) -> Iterator[Context]:
    """Kept lists: one's own first, then what others share. One statement."""
    rows = SavedList.objects.filter(call=asked.words.call, removed_at__isnull=True).select_related("owner", "call")
    lists = visible_to(asked.person, rules.READ_LIST, rows).order_by("name", "pk")
    address = reverse("office:dossiers-call", args=[asked.words.call.slug])
    here = asked.parameters()
    for one in sorted(lists, key=lambda saved: saved.owner_id != asked.person.pk):
        own = one.owner_id == asked.person.pk
        yield {
            "uid": one.uid,
            "name": one.name,
            "url": f"{address}?{one.query}" if one.query else address,
            "current": one.query == here,
            "own": own,
            "shared": one.shared,
            "by": "" if own else one.owner.shown,
        }


def _undo(assignment: Assignment | None) -> Context | None:
    """The last assignment of this person, to be taken back."""
    if assignment is None:
        return None
    return {"uid": assignment.uid, "to": assignment.to.shown if assignment.to else "", "at": assignment.at}


# --- Files ------------------------------------------------------------------------------------------------------------


def _file(asked: AskedList, form: str) -> HttpResponse:
    """The list with its search and columns, every row of it. A search that is not understood is no file."""
    if asked.faults:
        raise BadRequest("the search is not understood")
    rows = queries.for_a_list(asked.rows(), asked.amounts)
    header = [*(asked.columns_there[name] for name in asked.columns), gettext("Sample")]
    cells: list[list[Cell]] = [
        [
            one.applicant_name,
            *(_bare(asked, one, name) for name in asked.columns if name != "applicant"),
            gettext("yes") if one.is_sample else "",
        ]
        for one in rows.iterator(chunk_size=2000)
    ]
    head = [asked.words.title, asked.text] if asked.text else [asked.words.title]
    sheet = Sheet(gettext("Applications"), header, cells, head)
    name = f"{asked.words.call.slug}-applications"
    return csv_file(name, sheet) if form == "csv" else xlsx_file(name, [sheet])


def _bare(asked: AskedList, one: Application, name: str) -> Cell:
    text = str(_cell(asked, one, name)["text"])
    return int(text.replace(",", "")) if name in asked.search.amounts and text else text
