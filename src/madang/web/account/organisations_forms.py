"""Founding an organisation and changing what is said of it, its register numbers and its mail domains."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.models import Person
from madang.apps.directory import commands, queries
from madang.apps.directory.enums import SCHEME_NAMES
from madang.apps.directory.models import Domain, Organisation
from madang.apps.directory.rules import MANAGE_ORGANISATION
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.account.organisations import domain_shown
from madang.web.account.organisations_parts import (
    Context,
    Faults,
    acting,
    countries,
    crumbs,
    day,
    kinds,
    managed,
    me,
    number_shown,
    offer,
    page_of,
    particulars,
    schemes,
)
from madang.web.local import asked_next

_FIELDS: Final = ("name", "name_ko", "name_en", "kind", "country", "parent", "scheme", "number", "domain")
_MOST: Final = 2000
"""Characters that are taken from a field; the command says what is too long, and by how much is nobody's business."""


def _given(request: HttpRequest, names: tuple[str, ...] = _FIELDS) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:_MOST] for name in names}


def _names(given: dict[str, str], kept: dict[str, str] | None = None) -> dict[str, str]:
    """Names by language: those of the form's fields, and those in other languages as they were."""
    typed = {"ko": given["name_ko"].strip(), "en": given["name_en"].strip()}
    return {language: text for language, text in ((kept or {}) | typed).items() if text}


def _parents(person: Person, without: Organisation | None = None) -> list[Context]:
    """Organisations that the person manages, as choices of a parent."""
    managing = [one.organisation for one in queries.mine(person) if may(person, MANAGE_ORGANISATION, one.organisation)]
    return [{"value": one.uid, "name": one.name} for one in managing if without is None or one.pk != without.pk]


def _parent(person: Person, given: dict[str, str], standing: Organisation | None = None) -> Organisation | None:
    """The parent chosen. The one that stands is never lost by somebody who may not choose it. Raises `Refused`."""
    uid = given["parent"]
    if standing is not None and not may(person, MANAGE_ORGANISATION, standing) and uid in ("", standing.uid):
        return standing
    if not uid:
        return None
    found = Organisation.objects.filter(uid=uid).first() if uid.isalnum() else None
    if found is None:
        raise Refused([Reason("parent_of_another")])
    return found


# --- Founding ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def found_organisation(request: HttpRequest) -> HttpResponse:
    """Register an organisation. Entries that look like it are shown first; whoever says that it is another one
    (`another`) goes on. A taken number or domain offers to ask its managers.
    """
    person = me(request)
    if request.method != "POST":
        return _founding(request, {"name": request.GET.get("name", "")[:_MOST].replace("\0", "")}, Faults())
    given, faults = _given(request), Faults()
    alike = list(queries.looking_like(given["name"], given["country"])[:5])
    if alike and request.POST.get("another") != "yes":
        return _founding(request, given, faults, alike=alike, ask=True)
    numbers = [(given["scheme"], given["number"])] if given["number"].strip() else []
    claimed = [given["domain"]] if given["domain"].strip() else []
    try:
        organisation = commands.found_organisation(
            actor=acting(request),
            kind=given["kind"],
            country=given["country"],
            name=given["name"],
            names=_names(given),
            parent=_parent(person, given),
            numbers=numbers,
            claimed_domains=claimed,
            sure=request.POST.get("sure") == "yes",
        )
    except Refused as refused:
        faults.take(refused.reasons)
        return _founding(request, given, faults, alike=alike)
    messages.success(request, _("%s is registered. Invite your colleagues next.") % organisation.name)
    return HttpResponseRedirect(asked_next(request, page_of(organisation)), status=303)


def _founding(
    request: HttpRequest, given: dict[str, str], faults: Faults, *, alike: Any = (), ask: bool = False
) -> HttpResponse:
    person = me(request)
    holder = None
    if "number_is_taken" in faults.codes:
        holder = queries.holder_of_number(given["scheme"], given["number"], given["country"])
    elif "domain_is_taken" in faults.codes:
        holder = queries.holder_of_domain(given["domain"])
    context = {
        "section": "me",
        "crumbs": crumbs((_("Register an organisation"), "")),
        "given": given,
        "faults": faults,
        "kinds": kinds(),
        "countries": countries(sample=person.is_sample),
        "schemes": schemes(),
        "parents": _parents(person),
        "alike": _alike(person, alike),
        "another": bool(alike),
        "ask": ask,
        "taken": offer(person, holder, named=False) if holder else "",
        "sure": "corporate_number_check_digit" in faults.codes or request.POST.get("sure") == "yes",
        "sure_chosen": request.POST.get("sure") == "yes",
    }
    status = 422 if faults.all or ask else 200
    return render(request, "organisations/found.html", context, status=status)


def _alike(person: Person, organisations: Any) -> list[Context]:
    """Those that look the same: with the way to ask, or the way in for those who belong."""
    inside = {one.organisation_id for one in queries.mine(person)}
    return [
        particulars(one)
        | {"inside": one.pk in inside, "offer": "" if one.pk in inside else offer(person, one, named=True)}
        for one in organisations
    ]


@require_safe
@login_required
def similar(request: HttpRequest) -> HttpResponse:
    """Entries that look like the name being typed: a fragment for the form, empty where there is none."""
    person = me(request)
    name, country = (request.GET.get(field, "")[:_MOST].replace("\0", "") for field in ("name", "country"))
    alike = _alike(person, queries.looking_like(name, country)[:5])
    return render(request, "organisations/_alike.html", {"alike": alike})


# --- Changing ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Names, kind, country and parent. `correction`: the old name was a slip and is not kept."""
    organisation, person, faults = managed(request, uid), me(request), Faults()
    given = {
        "name": organisation.name,
        "name_ko": organisation.names.get("ko", ""),
        "name_en": organisation.names.get("en", ""),
        "kind": organisation.kind,
        "country": organisation.country,
        "parent": organisation.parent.uid if organisation.parent else "",
    }
    if request.method == "POST":
        given = _given(request)
        try:
            organisation = commands.edit_organisation(
                actor=acting(request),
                organisation=organisation,
                kind=given["kind"],
                country=given["country"],
                name=given["name"],
                names=_names(given, organisation.names),
                parent=_parent(person, given, organisation.parent),
                correction=request.POST.get("correction") == "yes",
            )
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(page_of(organisation), status=303)
    parents = _parents(person, organisation)
    if organisation.parent and organisation.parent.uid not in {one["value"] for one in parents}:
        parents.append({"value": organisation.parent.uid, "name": organisation.parent.name})
    context = {
        "section": "me",
        "crumbs": crumbs((_("Change particulars"), ""), organisation=organisation),
        "organisation": organisation,
        "given": given,
        "faults": faults,
        "kinds": kinds(),
        "countries": countries(sample=organisation.is_sample),
        "parents": parents,
        "correction": request.POST.get("correction") == "yes",
    }
    return render(request, "organisations/edit.html", context, status=422 if faults.all else 200)


# --- Register numbers -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def numbers(request: HttpRequest, uid: str) -> HttpResponse:
    """The numbers that stand, and adding one."""
    organisation, faults = managed(request, uid), Faults()
    given = _given(request, ("scheme", "number"))
    taken = ""
    if request.method == "POST":
        try:
            commands.add_number(
                actor=acting(request),
                organisation=organisation,
                scheme=given["scheme"],
                number=given["number"],
                sure=request.POST.get("sure") == "yes",
            )
        except Refused as refused:
            faults.take(refused.reasons)
            if "number_is_taken" in faults.codes:
                holder = queries.holder_of_number(given["scheme"], given["number"], organisation.country)
                taken = offer(me(request), holder, named=False) if holder else ""
        else:
            messages.success(request, _("The number is added."))
            return HttpResponseRedirect(reverse("account:organisation-numbers", args=[organisation.uid]), status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Register numbers"), ""), organisation=organisation),
        "organisation": organisation,
        "rows": [
            {"pk": one.pk, "name": str(SCHEME_NAMES.get(one.scheme, one.scheme)), "number": number_shown(one)}
            for one in organisation.numbers.filter(ended_at__isnull=True)
        ],
        "schemes": schemes(),
        "given": given,
        "faults": faults,
        "taken": taken,
        "sure": "corporate_number_check_digit" in faults.codes or request.POST.get("sure") == "yes",
        "sure_chosen": request.POST.get("sure") == "yes",
    }
    return render(request, "organisations/numbers.html", context, status=422 if faults.all else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_number(request: HttpRequest, uid: str, pk: int) -> HttpResponse:
    """Asks first (GET), ends the number (POST)."""
    organisation = managed(request, uid)
    number = get_object_or_404(organisation.numbers.filter(ended_at__isnull=True), pk=pk)
    back = reverse("account:organisation-numbers", args=[organisation.uid])
    if request.method == "POST":
        commands.end_number(actor=acting(request), number=number)
        messages.success(request, _("The number is ended."))
        return HttpResponseRedirect(back, status=303)
    name = SCHEME_NAMES.get(number.scheme, number.scheme)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Register numbers"), back), (_("End a number"), ""), organisation=organisation),
        "title": _("End this number?"),
        "text": _("%(name)s %(number)s then counts for this organisation no longer, and another may take it.")
        % {"name": name, "number": number_shown(number)},
        "act": _("End the number"),
        "back": back,
    }
    return render(request, "organisations/confirm.html", context)


# --- Mail domains -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def domains(request: HttpRequest, uid: str) -> HttpResponse:
    """The domains that stand, and claiming one."""
    organisation, faults, taken = managed(request, uid), Faults(), ""
    given = _given(request, ("domain",))
    if request.method == "POST":
        try:
            domain = commands.claim_domain(actor=acting(request), organisation=organisation, domain=given["domain"])
        except Refused as refused:
            faults.take(refused.reasons)
            if "domain_is_taken" in faults.codes:
                holder = queries.holder_of_domain(given["domain"])
                taken = offer(me(request), holder, named=False) if holder else ""
        else:
            if domain.verified_at:
                messages.success(request, _("%s is confirmed by your own address.") % domain.domain)
                return HttpResponseRedirect(_domains_of(organisation), status=303)
            return HttpResponseRedirect(_domain_of(domain), status=303)
    person = me(request)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Mail domains"), ""), organisation=organisation),
        "organisation": organisation,
        "rows": [
            {
                "pk": one.pk,
                "domain": domain_shown(one.domain),
                "verified": day(one.verified_at, person) if one.verified_at else "",
            }
            for one in organisation.domains.filter(ended_at__isnull=True)
        ],
        "given": given,
        "faults": faults,
        "taken": taken,
    }
    return render(request, "organisations/domains.html", context, status=422 if faults.all else 200)


def _domains_of(organisation: Organisation) -> str:
    return reverse("account:organisation-domains", args=[organisation.uid])


def _domain_of(domain: Domain) -> str:
    return reverse("account:organisation-domain", args=[domain.organisation.uid, domain.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def domain(request: HttpRequest, uid: str, pk: int) -> HttpResponse:
    """Confirm a domain: `act=send` mails a code to `mailbox` there, `act=verify` takes `code`."""
    organisation, faults = managed(request, uid), Faults()
    one = get_object_or_404(organisation.domains.filter(ended_at__isnull=True), pk=pk)
    if one.verified_at:
        return HttpResponseRedirect(_domains_of(organisation), status=303 if request.method == "POST" else 302)
    given = _given(request, ("mailbox", "code"))
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ("send", "verify"):
            raise Http404("no such act")
        try:
            if act == "send":
                commands.send_domain_code(actor=acting(request), domain=one, mailbox=given["mailbox"])
                messages.success(request, _("A code was sent to %s.") % f"{given['mailbox'].strip()}@{one.domain}")
                return HttpResponseRedirect(_domain_of(one), status=303)
            one = commands.verify_domain(actor=acting(request), domain=one, code=given["code"])
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            if one.verified_at:
                messages.success(request, _("%s is confirmed: its people can join by themselves now.") % one.domain)
                return HttpResponseRedirect(_domains_of(organisation), status=303)
            faults.take([Reason("domain_code_wrong", {"left": commands.CODE_TRIES - one.code_tries})])
    crumb = (_("Mail domains"), _domains_of(organisation))
    context = {
        "section": "me",
        "crumbs": crumbs(crumb, (_("Confirm the domain"), ""), organisation=organisation),
        "organisation": organisation,
        "domain": one.domain,
        "shown": domain_shown(one.domain),
        "sent": one.code_sent_at is not None and bool(one.code_sha256),
        "given": given,
        "faults": faults,
    }
    return render(request, "organisations/domain.html", context, status=422 if faults.all else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_domain(request: HttpRequest, uid: str, pk: int) -> HttpResponse:
    """Asks first (GET), ends the domain (POST)."""
    organisation = managed(request, uid)
    one = get_object_or_404(organisation.domains.filter(ended_at__isnull=True), pk=pk)
    back = _domains_of(organisation)
    if request.method == "POST":
        commands.end_domain(actor=acting(request), domain=one)
        messages.success(request, _("The domain is ended."))
        return HttpResponseRedirect(back, status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Mail domains"), back), (_("End a domain"), ""), organisation=organisation),
        "title": _("End this domain?"),
        "text": _("Nobody joins by an address at %s any more. Whoever joined stays.") % domain_shown(one.domain),
        "act": _("End the domain"),
        "back": back,
    }
    return render(request, "organisations/confirm.html", context)
