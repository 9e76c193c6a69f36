"""The letters of a call as a list, and its sending list: who gets what by which way."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier, DraftMember
from madang.apps.applications.rules import READ_DOSSIER
from madang.apps.review.models import Letter
from madang.core.callspec import Definition
from madang.core.callspec.model import Notify
from madang.kernel.permissions import visible_to
from madang.papers.classifications import country_label
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.form_view import language
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, words_of
from madang.web.office.enquiries_shared import FORMS, person_of
from madang.web.office.letters import ACTS, DIRECTIONS, letter_words

A_PAGE: Final = 50
HOME: Final = "KR"
FOREIGN_GOVERNMENT: Final = ("government", "city")
"""A government of another country is a foreign one."""
BY: Final = {"mail": _("Mail of this site"), "official_letter": _("Official letter")}

Context = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What somebody asked the list for, from the address; blank means everything that stands."""

    q: str = ""
    direction: str = ""
    act: str = ""
    removed: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        said = {name: request.GET.get(name, "").replace("\0", "").strip()[:200] for name in cls.__dataclass_fields__}
        return cls(
            q=said["q"],
            direction=said["direction"] if said["direction"] in DIRECTIONS else "",
            act=said["act"] if said["act"] in ACTS else "",
            removed="1" if said["removed"] else "",
        )

    def rows(self, letters: QuerySet[Letter]) -> QuerySet[Letter]:
        rows = letters if self.removed else letters.filter(removed_at=None)
        rows = rows.filter(direction=self.direction) if self.direction else rows
        rows = rows.filter(act=self.act) if self.act else rows
        if self.q:
            words = Q(number__icontains=self.q) | Q(title__icontains=self.q) | Q(counterpart__icontains=self.q)
            rows = rows.filter(words | Q(dossier__reference__icontains=self.q))
        return rows.order_by("-dated", "-pk")

    def address(self, slug: str, **more: str) -> str:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("office:letters", args=[slug]) + (f"?{query}" if query else "")


def _seen(person: Person, words: CallWords) -> QuerySet[Dossier]:
    return visible_to(person, READ_DOSSIER, Dossier.objects.filter(call=words.call).order_by())


def _at(request: HttpRequest, slug: str) -> tuple[Person, CallWords, str]:
    """Who asks, the call, and the form of the file asked for; 404 for whoever reads none of its applications."""
    person, words = person_of(request), CallWords.at(slug)
    if not _seen(person, words).exists():
        raise Http404
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    return person, words_of([words.call])[words.call.pk], form


@require_safe
@never_cache
@login_required
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The letters of a call at my desk, filtered by `q`, `direction`, `act`, `removed`; `format=csv|xlsx`."""
    person, words, form = _at(request, slug)
    asked = Asked.of(request)
    letters = Letter.objects.filter(dossier__in=_seen(person, words).values("pk"))
    rows = asked.rows(letters).select_related("dossier", "entered_by", "removed_by")
    if form:
        sheet = Sheet(gettext("Letters"), *_cells([_row(one) for one in rows]))
        return csv_file(f"letters-{slug}", sheet) if form == "csv" else xlsx_file(f"letters-{slug}", [sheet])
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "office",
        "title": words.title,
        "asked": asked,
        "rows": [_row(one) for one in shown],
        "count": ngettext("%(n)s letter", "%(n)s letters", shown.paginator.count) % {"n": shown.paginator.count},
        "earlier": asked.address(slug, page=str(shown.previous_page_number())) if shown.has_previous() else "",
        "later": asked.address(slug, page=str(shown.next_page_number())) if shown.has_next() else "",
        "directions": DIRECTIONS.items(),
        "acts": ACTS.items(),
        "files": [(name.upper(), asked.address(slug, format=name)) for name in FORMS],
        "sending": reverse("office:sending-list", args=[slug]),
        "crumbs": _crumbs(words, gettext("Letters")),
    }
    return render(request, "office/letters/list.html", context)


def _row(one: Letter) -> Context:
    return letter_words(one) | {
        "reference": one.dossier.reference,
        "url": reverse("office:dossier-letters", args=[one.dossier.uid]),
        "dated_iso": one.dated.isoformat(),
        "mistake": one.removed_reason if one.removed_at else "",
    }


def _cells(rows: list[Context]) -> tuple[list[str], list[list[Cell]]]:
    names = {
        "reference": gettext("Application"),
        "direction": gettext("Out or in"),
        "number": gettext("Document number"),
        "dated_iso": gettext("Date of the letter"),
        "counterpart": gettext("From or to"),
        "title": pgettext("letter", "Title"),
        "way": gettext("By which way"),
        "act": gettext("What it is about"),
        "scan_name": gettext("Scan"),
        "mistake": gettext("Marked as a mistake"),
    }
    return list(names.values()), [[row[name] for name in names] for row in rows]


# --- Who gets what by which way ---------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def sending(request: HttpRequest, slug: str) -> HttpResponse:
    """Every application of the call at my desk that stands: to whom its results go, by which way; `format=csv|xlsx`."""
    person, words, form = _at(request, slug)
    rows = list(_sent_to(words, _seen(person, words)))
    header = [
        gettext("Application"), gettext("Applicant"), gettext("Country"), gettext("Type"), gettext("By which way"),
        gettext("Through"), gettext("Mail addresses"), gettext("Letters so far"),
    ]  # fmt: skip
    names = ("reference", "applicant", "country", "track", "by", "through", "mails", "letters")
    if form:
        sheet = Sheet(gettext("Sending list"), header, [[row[name] for name in names] for row in rows])
        return csv_file(f"sending-{slug}", sheet) if form == "csv" else xlsx_file(f"sending-{slug}", [sheet])
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    address = reverse("office:sending-list", args=[slug])
    context = {
        "section": "office",
        "title": words.title,
        "rows": list(shown),
        "count": ngettext("%(n)s application", "%(n)s applications", len(rows)) % {"n": len(rows)},
        "earlier": f"{address}?page={shown.previous_page_number()}" if shown.has_previous() else "",
        "later": f"{address}?page={shown.next_page_number()}" if shown.has_next() else "",
        "files": [(name.upper(), f"{address}?format={name}") for name in FORMS],
        "crumbs": _crumbs(words, gettext("Sending list")),
    }
    return render(request, "office/letters/sending.html", context)


def _sent_to(words: CallWords, seen: QuerySet[Dossier]) -> Iterator[Context]:
    """Three statements, whatever the number of applications."""
    standing = Application.objects.filter(dossier__in=seen.values("pk"), undone_at=None).order_by("reference")
    standing = standing.select_related("dossier", "filing").defer("answers", "members", "filing__form")
    addresses = defaultdict(list)
    filers = DraftMember.objects.filter(draft__call=words.call, ended_at=None, may_file=True).select_related("person")
    for member in filers.order_by("since", "pk"):
        addresses[member.draft_id].append(member.person.email)
    sent_out: dict[int, list[str]] = defaultdict(list)
    letters = Letter.objects.filter(dossier__in=seen.values("pk"), direction="out", removed_at=None)
    for one in letters.order_by("dated", "pk"):
        sent_out[one.dossier_id].append(f"{one.number or one.title} ({one.dated})")
    form_words = FormWords(words.definition, language())
    for row in standing:
        notify = notice_for(words.definition, row)
        yield {
            "reference": row.reference,
            "url": reverse("office:dossier-letters", args=[row.dossier.uid]),
            "applicant": row.applicant_name,
            "country": country_label(row.country, language()) if row.country else "",
            "track": words.track(row.track),
            "by": str(BY[notify.by]),
            "through": form_words.body(notify.through) if notify.through else "",
            "mails": ", ".join(addresses[row.filing.draft_id] if row.filing else []),
            "letters": ", ".join(sent_out[row.dossier_id]),
        }


def notice_for(definition: Definition, row: Application) -> Notify:
    """The rule of the announcement for this kind of applicant: the nearest one; by mail where it says nothing.

    A foreign city is told as its government is: both are the foreign ministry's to write to.
    """
    foreign = row.kind in FOREIGN_GOVERNMENT and row.country not in ("", HOME)
    wanted = ["foreign_government"] if foreign else []
    for kind in [*wanted, row.kind, "all"]:
        for rule in definition.announcement.notify:
            if rule.applicant == kind:
                return rule
    return Notify(applicant="all")


def _crumbs(words: CallWords, last: str) -> list[Context]:
    return [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Applications"), "url": reverse("office:dossiers")},
        {"text": words.title, "url": reverse("office:dossiers-call", args=[words.call.slug])},
        {"text": last},
    ]
