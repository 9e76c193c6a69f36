"""Organisations for the office: all of them, entries that look alike, merging two and undoing that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.directory import commands, queries
from madang.apps.directory.models import Merge, Organisation
from madang.apps.directory.rules import LIST_ORGANISATIONS, MERGE_ORGANISATIONS, READ_ORGANISATION
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.account.organisations_parts import (
    Context,
    Faults,
    acting,
    country_name,
    day,
    duties_in_words,
    kinds,
    me,
    number_shown,
    particulars,
)
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file

PAGE: Final = 50
PAIRS: Final = 20
MOST_SEARCHED: Final = 200
SORTS: Final = {
    "name": gettext_lazy("Name"),
    "newest": gettext_lazy("Newest first"),
    "people": gettext_lazy("Most people"),
}
WHY: Final = {
    queries.SAME_NAME: gettext_lazy("The names look the same"),
    queries.SAME_DOMAIN: gettext_lazy("Both name the same mail domain"),
    queries.SAME_NUMBER: gettext_lazy("Both have had the same register number"),
    queries.NEAR_NAME: gettext_lazy("The names differ by little"),
}


def _listed(request: HttpRequest) -> None:
    if not may(request.user, LIST_ORGANISATIONS):
        raise Http404("not for this reader")


def _merging(request: HttpRequest) -> None:
    if not may(request.user, MERGE_ORGANISATIONS):
        raise Http404("not for this reader")


def _crumbs(*more: tuple[str, str]) -> list[Context]:
    steps = [(_("Office"), reverse("office:home")), (_("Organisations"), reverse("office:organisations")), *more]
    return [{"text": text, "url": url} for text, url in steps]


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the list was asked for; blank means everything."""

    q: str = ""
    kind: str = ""
    country: str = ""
    sort: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        given = {name: request.GET.get(name, "").replace("\0", "").strip() for name in cls.__dataclass_fields__}
        sort = given["sort"] if given["sort"] in SORTS else ""
        return cls(**given | {"q": given["q"][:MOST_SEARCHED], "sort": sort})

    def rows(self, request: HttpRequest) -> QuerySet[Organisation]:
        """The organisations that fit and that the reader may see, each with `people`."""
        found = visible_to(request.user, READ_ORGANISATION, queries.standing_organisations())
        found = found.filter(kind=self.kind) if self.kind else found
        found = found.filter(country=self.country) if self.country else found
        found = queries.with_people(queries.matching(found, self.q))
        order = {"newest": ("-created_at", "-pk"), "people": ("-people", "name", "pk")}.get(self.sort, ("name", "pk"))
        return found.order_by(*order).prefetch_related("numbers", "domains")

    def address(self, **more: str) -> str:
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in given.items() if value})
        return reverse("office:organisations") + (f"?{query}" if query else "")

    def chips(self) -> Iterator[Context]:
        """What is filtered, each with the list without it."""
        names = {
            "q": f"“{self.q}”",
            "kind": dict(kinds()).get(self.kind, self.kind),
            "country": country_name(self.country),
        }
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """All organisations, filtered by `q`, `kind` and `country`, in the order `sort`; `format=csv|xlsx` as a file."""
    _listed(request)
    asked, form = Asked.of(request), request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        return _file(asked, form, request)
    if form:
        raise BadRequest("no such format")
    page = Paginator(asked.rows(request), PAGE).get_page(request.GET.get("page"))
    present = visible_to(request.user, READ_ORGANISATION, queries.standing_organisations())
    codes = present.order_by().values_list("country", flat=True).distinct()
    context = {
        "section": "office",
        "asked": asked,
        "page": page,
        "table": _table(list(page)),
        "chips": list(asked.chips()),
        "kinds": kinds(),
        "countries": sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1]),
        "sorts": SORTS.items(),
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "files": [("XLSX", asked.address(format="xlsx")), ("CSV", asked.address(format="csv"))],
        "merging": may(request.user, MERGE_ORGANISATIONS),
        "crumbs": _crumbs(),
    }
    return render(request, "office/organisations/list.html", context)


def _cells(one: Organisation) -> tuple[str, str, str, str]:
    numbers = ", ".join(number_shown(number) for number in one.numbers.all() if number.ended_at is None)
    domains = ", ".join(domain.domain for domain in one.domains.all() if domain.ended_at is None and domain.verified_at)
    return dict(kinds()).get(one.kind, one.kind), country_name(one.country), numbers, domains


def _table(rows: list[Organisation]) -> Context:
    return {
        "id": "organisations",
        "caption": _("Organisations"),
        "columns": [
            {"text": _("Organisation")},
            {"text": _("Kind")},
            {"text": _("Country")},
            {"text": _("Register numbers")},
            {"text": _("Confirmed domains")},
            {"text": _("People"), "kind": "number"},
        ],
        "rows": [[_link(one), *_cells(one), f"{one.people:,}"] for one in rows],
    }


def _link(one: Organisation) -> Context:
    return {
        "text": one.name,
        "url": reverse("account:organisation", args=[one.uid]),
        "sample": one.is_sample,
    }


def _file(asked: Asked, form: str, request: HttpRequest) -> HttpResponse:
    """The list with its filters. People are counted, never named."""
    header = [
        _("Organisation"), _("Korean"), _("English"), _("Kind"), _("Country"), _("Register numbers"),
        _("Confirmed domains"), _("People"), _("Registered on"), _("Sample"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.name, one.names.get("ko", ""), one.names.get("en", ""), *_cells(one),
            one.people, one.created_at.date().isoformat(), _("yes") if one.is_sample else "",
        ]
        for one in asked.rows(request)
    ]  # fmt: skip
    sheet = Sheet(_("Organisations"), header, rows)
    return csv_file("organisations", sheet) if form == "csv" else xlsx_file("organisations", [sheet])


# --- Entries that look alike ------------------------------------------------------------------------------------------


@require_safe
@login_required
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one organisation, with both sides beside each other."""
    _listed(request)
    pairs = queries.possible_duplicates(queries.standing_organisations())
    page = Paginator(pairs, PAIRS).get_page(request.GET.get("page"))
    address = reverse("office:organisation-duplicates")
    context = {
        "section": "office",
        "crumbs": _crumbs((_("Possible duplicates"), "")),
        "page": page,
        "pairs": [_pair(request, pair) for pair in page],
        "merging": may(request.user, MERGE_ORGANISATIONS),
        "before": f"{address}?page={page.previous_page_number()}" if page.has_previous() else "",
        "after": f"{address}?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "office/organisations/duplicates.html", context)


def _pair(request: HttpRequest, pair: queries.Alike) -> Context:
    return {
        "why": [str(WHY[word]) for word in pair.why],
        "sides": [_side(pair.one, request), _side(pair.other, request)],
        "keep_first": _merge_address(pair.one, pair.other),
        "keep_second": _merge_address(pair.other, pair.one),
    }


def _merge_address(kept: Organisation, absorbed: Organisation) -> str:
    return f"{reverse('office:organisation-merge')}?{urlencode({'kept': kept.uid, 'absorbed': absorbed.uid})}"


def _side(one: Organisation, request: HttpRequest) -> Context:
    """One of the two, as facts to compare."""
    people = queries.people_of(one).count()
    domains = [domain.domain for domain in one.domains.filter(ended_at__isnull=True)]
    numbers = [number_shown(number) for number in one.numbers.filter(ended_at__isnull=True)]
    shown = particulars(one)
    names = [*one.names.values(), *(former.name for former in one.former_names.all())]
    return shown | {
        "facts": [
            {"name": _("Kind"), "value": shown["kind"]},
            {"name": _("Country"), "value": shown["country"]},
            {"name": _("Other names"), "value": ", ".join(dict.fromkeys(names)) or "–"},
            {"name": _("Register numbers"), "value": ", ".join(numbers) or "–"},
            {"name": _("Mail domains"), "value": ", ".join(domains) or "–"},
            {"name": _("People"), "value": f"{people:,}"},
            {"name": _("Registered on"), "value": day(one.created_at, me(request))},
        ],
        "uid": one.uid,
    }


# --- Merging ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def merge(request: HttpRequest) -> HttpResponse:
    """What moves when `absorbed` is merged into `kept` (uids), with its reason and confirmation."""
    _merging(request)
    sent = request.POST if request.method == "POST" else request.GET
    kept, absorbed = (_of_uid(sent.get(name, "")) for name in ("kept", "absorbed"))
    faults, reason = Faults(), request.POST.get("reason", "")[:4000]
    if request.method == "POST":
        try:
            done = commands.merge_organisations(actor=acting(request), kept=kept, absorbed=absorbed, reason=reason)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            names = {"absorbed": done.absorbed.name, "kept": done.kept.name}
            messages.success(request, _("%(absorbed)s was merged into %(kept)s. It can be undone below.") % names)
            return HttpResponseRedirect(reverse("office:organisation-merges"), status=303)
    context = {
        "section": "office",
        "crumbs": _crumbs((_("Possible duplicates"), reverse("office:organisation-duplicates")), (_("Merge"), "")),
        "kept": _side(kept, request),
        "absorbed": _side(absorbed, request),
        "moves": _moves(kept, absorbed),
        "other_way": _merge_address(absorbed, kept),
        "reason": reason,
        "most": commands.MOST["reason"],
        "faults": faults,
    }
    return render(request, "office/organisations/merge.html", context, status=422 if faults.all else 200)


def _of_uid(uid: str) -> Organisation:
    if not uid.isalnum():
        raise Http404("no such organisation")
    return get_object_or_404(queries.standing_organisations(), uid=uid)


def _moves(kept: Organisation, absorbed: Organisation) -> list[Context]:
    """What would move, in words and by name, so that nobody merges blindly."""
    here = {one.person_id: one for one in queries.people_of(kept)}
    facts: list[Context] = []
    people = list(queries.people_of(absorbed))
    lines = []
    for one in people:
        duties = ", ".join(duties_in_words(one.duties)) or _("Reads only")
        if (same := here.get(one.person_id)) is not None:
            union = ", ".join(duties_in_words({*same.duties, *one.duties})) or _("Reads only")
            lines.append(_("%(name)s belongs to both: %(duties)s") % {"name": one.person.shown, "duties": union})
        else:
            lines.append(f"{one.person.shown}: {duties}")
    facts.append({"name": _("People"), "lines": lines} if lines else {"name": _("People"), "value": _("none")})
    rows: list[tuple[str, list[str]]] = [
        (_("Register numbers"), [number_shown(one) for one in absorbed.numbers.filter(ended_at__isnull=True)]),
        (_("Mail domains"), [one.domain for one in absorbed.domains.filter(ended_at__isnull=True)]),
        (_("Its parts"), [one.name for one in absorbed.children.all()]),
    ]
    for name, values in rows:
        facts.append({"name": name, "lines": values} if values else {"name": name, "value": _("none")})
    invitations, requests = queries.open_invitations(absorbed).count(), queries.open_requests(absorbed).count()
    waiting = [
        ngettext("%d open invitation", "%d open invitations", invitations) % invitations,
        ngettext("%d request to join", "%d requests to join", requests) % requests,
    ]
    facts.append({"name": _("Waiting"), "lines": waiting})
    note = _("Found by these from now on; the old addresses lead to the kept entry.")
    facts.append({"name": _("Names"), "value": ", ".join([absorbed.name, *absorbed.names.values()]), "note": note})
    return facts


@require_safe
@login_required
def merges(request: HttpRequest) -> HttpResponse:
    """Every merge, the newest first."""
    _listed(request)
    page = Paginator(queries.merges(), PAIRS).get_page(request.GET.get("page"))
    address = reverse("office:organisation-merges")
    person = me(request)
    context = {
        "section": "office",
        "crumbs": _crumbs((_("Merges"), "")),
        "rows": [
            {
                "pk": one.pk,
                "kept": particulars(one.kept),
                "absorbed": one.absorbed.name,
                "reason": one.reason,
                "when": day(one.merged_at, person),
                "undone": day(one.undone_at, person) if one.undone_at else "",
            }
            for one in page
        ],
        "page": page,
        "merging": may(request.user, MERGE_ORGANISATIONS),
        "before": f"{address}?page={page.previous_page_number()}" if page.has_previous() else "",
        "after": f"{address}?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "office/organisations/merges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes back and what stays (GET), undoing it (POST)."""
    _merging(request)
    one = get_object_or_404(queries.merges().filter(undone_at__isnull=True), pk=pk)
    faults = Faults()
    if request.method == "POST":
        try:
            commands.undo_merge(actor=acting(request), merge=one)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            messages.success(
                request, _("The merge is undone: %s is an organisation of its own again.") % one.absorbed.name
            )
            return HttpResponseRedirect(reverse("office:organisation-merges"), status=303)
    context = {
        "section": "office",
        "crumbs": _crumbs((_("Merges"), reverse("office:organisation-merges")), (_("Undo"), "")),
        "absorbed": one.absorbed.name,
        "kept": one.kept.name,
        "reason": one.reason,
        "facts": _goes_back(one),
        "faults": faults,
    }
    return render(request, "office/organisations/undo.html", context, status=422 if faults.all else 200)


def _goes_back(one: Merge) -> list[Context]:
    """Counts of what moved, and of what came to the kept entry since."""
    moved: dict[str, Any] = one.moved
    people, joined = len(moved["directory.affiliation"]), len(moved["joined"])
    things = {
        _("Register numbers"): "directory.registrynumber",
        _("Mail domains"): "directory.domain",
        _("Invitations"): "directory.invitation",
        _("Requests to join"): "directory.joinrequest",
        _("Its parts"): "directory.organisation",
    }
    facts: list[Context] = [
        {"name": _("People"), "value": ngettext("%d person goes back", "%d people go back", people) % people},
        {
            "name": _("People of both"),
            "value": ngettext("%d person belongs to both again", "%d people belong to both again", joined) % joined,
        },
    ]
    facts += [{"name": name, "value": f"{len(moved[table])}"} for name, table in things.items() if moved[table]]
    since = one.kept.affiliations.filter(ended_at__isnull=True, since__gte=one.merged_at)
    later = since.exclude(pk__in=moved["directory.affiliation"]).count()
    stays = ngettext("%d person who joined since stays there", "%d people who joined since stay there", later) % later
    facts.append({"name": _("Stays with the kept entry"), "value": stays})
    return facts
