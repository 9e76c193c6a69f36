"""The list of supplements at my desks: filtered, as a table to take along, with what waits for a decision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.applications import queries, rules
from madang.apps.applications.models import Supplement
from madang.apps.calls.models import Call
from madang.core.lifecycle.review import OPEN as REVIEW_OPEN
from madang.core.lifecycle.review import STATES as REVIEW_STATES
from madang.core.lifecycle.supplement import EXPIRED
from madang.kernel.permissions import may
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, words_of
from madang.web.office.dossier_shared import desk_person
from madang.web.office.enquiries_shared import FORMS
from madang.web.supplement_view import STATES, exact, state_badge

UNDECIDED: Final = "undecided"
"""As a state in the list: expired, and nothing followed yet."""
A_PAGE: Final = 50

Context = dict[str, Any]


def undecided(rows: QuerySet[Supplement]) -> QuerySet[Supplement]:
    """Those that nobody answered in time, of applications that are still under review."""
    closed = [state for state in REVIEW_STATES if state != REVIEW_OPEN]
    return rows.filter(state=EXPIRED, dossier__call__decided_at=None).exclude(dossier__handling__state__in=closed)


def waiting_for(person: Person) -> int:
    """How many wait for this person's decision. A few rows: the right is asked for in Python."""
    rows = undecided(queries.supplements_at_desk(person))
    return sum(may(person, rules.HANDLE_DOSSIER, one.dossier) for one in rows)


@dataclass(frozen=True)
class Asked:
    """What somebody asked the list for, from the address; blank means everything."""

    state: str = ""
    call: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        said = {name: request.GET.get(name, "").replace("\0", "").strip()[:200] for name in cls.__dataclass_fields__}
        return cls(state=said["state"] if said["state"] in (*STATES, UNDECIDED) else "", call=said["call"])

    def rows(self, person: Person) -> QuerySet[Supplement]:
        rows = queries.supplements_at_desk(person)
        if self.call:
            rows = rows.filter(dossier__call__slug=self.call)
        if self.state == UNDECIDED:
            return undecided(rows)
        return rows.filter(state=self.state) if self.state else rows

    def address(self, **more: str) -> str:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("office:supplements") + (f"?{query}" if query else "")

    def chips(self, calls: Mapping[str, str]) -> Iterator[Context]:
        names = {"state": str(states().get(self.state, "")), "call": calls.get(self.call, self.call)}
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


def states() -> dict[str, Any]:
    return {UNDECIDED: _("Not answered, to be decided"), **STATES}


@require_safe
@never_cache
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Supplements of my desks, those that end first at the top; filtered by `state`, `call`; `format=csv|xlsx`."""
    person = desk_person(request)
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    asked = Asked.of(request)
    rows = asked.rows(person)
    if form:
        words = words_of({one.dossier.call for one in rows})
        sheet = Sheet(gettext("Supplements"), *_cells([_row(one, words[one.dossier.call_id]) for one in rows]))
        return csv_file("supplements", sheet) if form == "csv" else xlsx_file("supplements", [sheet])
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    mine = queries.supplements_at_desk(person).order_by().values_list("dossier__call", flat=True).distinct()
    calls = {one.call.slug: one for one in words_of(_calls(mine)).values()}
    context = {
        "section": "office",
        "asked": asked,
        "rows": [_row(one, calls[one.dossier.call.slug]) for one in shown],
        "shown": shown,
        "earlier": asked.address(page=str(shown.previous_page_number())) if shown.has_previous() else "",
        "later": asked.address(page=str(shown.next_page_number())) if shown.has_next() else "",
        "count": ngettext("%(n)s supplement", "%(n)s supplements", shown.paginator.count)
        % {"n": shown.paginator.count},
        "chips": list(asked.chips({slug: one.title for slug, one in calls.items()})),
        "states": states().items(),
        "calls": sorted(((slug, one.title) for slug, one in calls.items()), key=lambda call: call[1]),
        "files": [(name.upper(), asked.address(format=name)) for name in FORMS],
        "crumbs": [{"text": gettext("Office"), "url": reverse("office:home")}, {"text": gettext("Supplements")}],
    }
    return render(request, "office/supplements/list.html", context)


def _calls(keys: Any) -> QuerySet[Call]:
    return Call.objects.filter(pk__in=list(keys))


def _row(one: Supplement, words: CallWords) -> Context:
    return {
        "url": reverse("office:supplement", args=[one.uid]),
        "reference": one.dossier.reference,
        "applicant": one.application.applicant_name,
        "call": words.title,
        "track": words.track(one.dossier.track),
        "sample": one.application.is_sample,
        "round": one.round,
        "badge": state_badge(one),
        "asked": exact(one.asked_at, words.zone),
        "until": exact(one.until, words.zone),
        "ended": exact(one.ended_at, words.zone) if one.ended_at else "",
    }


def _cells(rows: list[Context]) -> tuple[list[str], list[list[Cell]]]:
    names = {
        "reference": gettext("Number"),
        "applicant": gettext("Applicant"),
        "call": gettext("Call"),
        "track": gettext("Type"),
        "round": gettext("Round"),
        "badge": gettext("State"),
        "asked": gettext("Asked on"),
        "until": gettext("Due by"),
        "ended": gettext("Ended on"),
    }
    cells = [{**row, "badge": row["badge"]["text"]} for row in rows]
    return list(names.values()), [[row[name] for name in names] for row in cells]
