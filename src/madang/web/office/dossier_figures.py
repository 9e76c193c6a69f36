"""The figures of one call for its office: the intake curve, and the reception's tables with ways into the list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application
from madang.apps.applications.queries import reception
from madang.apps.calls.models import Call
from madang.apps.review import rules
from madang.apps.review.queries import previous_call
from madang.core.deciding.case import Case
from madang.core.listing import Term
from madang.core.statistics import NOT_ITEMISED, UNCLASSIFIED, of_call
from madang.kernel.clock import now
from madang.kernel.permissions import visible_to
from madang.papers import classifications
from madang.papers.charts import bar_chart
from madang.papers.charts_intake import cumulative, intake_chart
from madang.web.enquiry_view import CallWords
from madang.web.office.dossier_lists import AskedList, kind_name
from madang.web.office.dossier_shared import desk_person
from madang.web.preferences import mode_of
from madang.web.public.reception import ReceptionView

Context = dict[str, Any]

FIELDS = {"by_type": "track", "by_region": "region", "by_country": "country", "by_field": "field"}


class DeskReception(ReceptionView):
    """The reception as this person's desks see it: their types only, also while others may still file. Each row leads
    to its applications.
    """

    def __init__(self, words: CallWords, person: Person, themes: Sequence[str]) -> None:
        self.view = cast(Any, words)  # it has what the tables ask of a call: its words, definition and title
        self.as_of, self.themes = None, themes
        self.language, self.definition = words.wording.language, words.definition
        self.asked = AskedList(words, person, "")
        tracks = set(self.asked.search.listed().order_by().values_list("track", flat=True).distinct())
        case = reception(words.call)
        kept = tuple(one for one in case.applications if one.track in tracks)
        self.whole = len(kept) == len(case.applications)
        self.case: Case = replace(case, applications=kept, rounds=case.rounds if self.whole else ())
        self.sample = self.case.sample
        sets = classifications.for_call(self.definition.classifications, sample=self.case.sample)
        self.statistics = of_call(self.definition, self.case, sets)

    def table(self, name: str) -> Context:
        table = super().table(name)
        for row, counted in zip(table["rows"], self.statistics[name], strict=True):
            if counted["id"] not in (NOT_ITEMISED, UNCLASSIFIED) and FIELDS[name] in self.asked.fields:
                row[0] = {"text": row[0], "url": self.way(FIELDS[name], counted["id"])}
        return table

    def way(self, field: str, value: str) -> str:
        """The list of the applications behind a row."""
        return self.asked.asking(self.asked.query.plus(Term(field, value)))

    def kinds(self) -> Context | None:
        """By kind of applicant; nothing where the call has one kind only."""
        counted = Counter(one.kind for one in self.case.applications if one.kind)
        if len(counted) < 2:
            return None
        bars = [(kind_name(kind, self.language), n) for kind, n in counted.most_common()]
        title = gettext("Applications by kind of applicant")
        told = ", ".join(f"{name} {n:,}" for name, n in bars)
        columns = [{"text": gettext("Kind")}, {"text": self.says("cases"), "kind": "number"}]
        rows = [
            [{"text": kind_name(kind, self.language), "url": self.way("kind", kind)}, f"{n:,}"]
            for kind, n in counted.most_common()
        ]
        table = {"id": "table-by_kind", "caption": title, "columns": columns, "rows": rows}
        chart = bar_chart(bars, title=title, description=f"{told}.")
        return {"id": "by_kind", "title": title, "figure": self._figure(chart, table)}

    def curve(self, person: Person) -> Context | None:
        """How many had arrived by each day before the close, beside the earlier call of the programme; nothing for a
        call that never closes, or of which nothing has a day.
        """
        call, earlier = self.view.call, previous_call(self.view.call)
        if call.closes_at is None:
            return None
        mine = _arrived(person, call, self.view.zone)
        before = _arrived(person, earlier, CallWords(earlier).zone) if earlier is not None else Counter[int]()
        if not mine and not before:
            return None
        today = (now().astimezone(self.view.zone).date() - call.closes_at.astimezone(self.view.zone).date()).days
        curve, other = cumulative(mine, min(today, 0)), cumulative(before, 0) if before else {}
        names = gettext("this round"), gettext("earlier round")
        at = min(today, 0)
        same_day = other.get(at, 0) if other else None
        title = gettext("Applications received by each day before the close")
        told = gettext("%(n)s so far.") % {"n": f"{curve[max(curve)]:,}"}
        if same_day is not None:
            told += " " + gettext("The earlier round had %(n)s on the same day.") % {"n": f"{same_day:,}"}
        axis = gettext("days before the close (0: the last day)")
        chart = intake_chart(curve, other, names=names, title=title, description=told, axis=axis)
        days = sorted({*curve, *other})
        columns = [{"text": gettext("Day before the close")}]
        columns += [{"text": name, "kind": "number"} for name in (names if other else names[:1])]
        rows = [
            [str(-day), f"{curve[day]:,}" if day in curve else "", *([f"{other.get(day, 0):,}"] if other else [])]
            for day in days
        ]
        table = {"id": "table-intake", "caption": title, "columns": columns, "rows": rows}
        return {"title": title, "told": told, "figure": self._figure(chart, table) | {"open": False}}


def _arrived(person: Person, call: Call, zone: Any) -> Counter[int]:
    """Day before the close -> how many arrived on it, of those that say when. One statement."""
    rows = visible_to(person, rules.LIST_APPLICATIONS, Application.objects.filter(call=call, undone_at__isnull=True))
    closes = call.closes_at.astimezone(zone).date() if call.closes_at else dt.date.max
    days = (text[:10] for text in rows.order_by().values_list("received", flat=True) if text)
    return Counter((dt.date.fromisoformat(day) - closes).days for day in days)


@never_cache
@require_safe
@login_required
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """What was received for a call, counted by the core, for whoever reads its applications."""
    person = desk_person(request)
    words = CallWords.at(slug)
    mode = mode_of(request)
    counted = DeskReception(words, person, ["light", "high-contrast"] if mode == "theme" else [mode])
    context = {
        "section": "office",
        "title": words.title,
        "call": words.call,
        "counted": counted,
        "curve": counted.curve(person) if counted.total["cases"] else None,
        "kinds": counted.kinds(),
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Applications"), "url": reverse("office:dossiers")},
            {"text": words.title, "url": reverse("office:dossiers-call", args=[slug])},
            {"text": gettext("Figures")},
        ],
    }
    return render(request, "office/dossiers/figures.html", context)
