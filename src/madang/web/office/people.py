"""People and their roles: who holds what, given and ended by an administrator, with the history from the journal."""

import json
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of, close_account, end_role, grant_role, open_account
from madang.apps.accounts.enums import ROLE_NAMES, Role
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import matching_people, role_holders
from madang.apps.accounts.rules import GRANT_ROLE, READ_PERSON, READ_ROLES
from madang.apps.calls.models import Programme
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import coming_back
from madang.kernel.permissions import may, visible_to
from madang.web.account.views import person_of
from madang.web.reasons import told

PAGE: Final = 30
MOST_SEARCHED: Final = 100
MOST_HISTORY: Final = 200

ACTS: Final = {
    "accounts.register_person": _("Registered"),
    "accounts.edit_person": _("Particulars changed"),
    "accounts.set_password": _("Password set"),
    "accounts.change_address": _("E-mail address changed"),
    "accounts.set_consents": _("Consents changed"),
    "accounts.grant_role": _("Role given"),
    "accounts.end_role": _("Role ended"),
    "accounts.close_account": _("Account closed"),
    "accounts.forget_sign_ons": _("Single sign-on disconnected, as the address was confirmed"),
    "accounts.open_account": _("Account opened again"),
}


def _may_read(request: HttpRequest) -> None:
    if not may(request.user, READ_ROLES):
        raise Http404("not for this person")


@never_cache
@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Who holds which role; `q` searches everybody by name or address."""
    _may_read(request)
    query = request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCHED]
    context: dict[str, Any] = {"section": "office", "q": query, "crumbs": _crumbs()}
    if query:
        page = Paginator(visible_to(request.user, READ_PERSON, matching_people(query)), PAGE)
        context["found"] = page.get_page(request.GET.get("page"))
    context["roles"] = _by_role(person_of(request))
    return render(request, "office/people.html", context)


def _by_role(reader: Person) -> list[dict[str, Any]]:
    """The roles in their order, each with who holds it."""
    held: dict[str, list[dict[str, Any]]] = {}
    for grant in role_holders():
        held.setdefault(grant.role, []).append(
            {
                "person": grant.person,
                "where": _where(grant.programme, grant.secretariat),
                "since": f"{grant.granted_at.astimezone(ZoneInfo(reader.zone)):%Y-%m-%d}",
            }
        )
    return [{"name": ROLE_NAMES[role], "grants": held[role.value]} for role in Role if role.value in held]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person(request: HttpRequest, uid: str) -> HttpResponse:
    """One person: roles held, history. POST gives a role: `role`, `programme` and `secretariat` (blank: every one)."""
    _may_read(request)
    found = _found(request, uid)
    if request.method != "POST":
        return _person(request, found)
    if not may(request.user, GRANT_ROLE, found):
        raise Http404("not for this person")
    given = {
        name: request.POST.get(name, "").replace("\0", "").strip() for name in ("role", "programme", "secretariat")
    }
    problem = _fault(given)
    if not problem:
        try:
            grant_role(actor=actor_of(person_of(request)), person=found, **given)
        except Refused as refused:
            problem = " ".join(told(refused))
        else:
            messages.success(request, gettext("The role is given."))
            return HttpResponseRedirect(reverse("office:person", args=[uid]), status=303)
    return _person(request, found, given=given, problem=problem, status=422)


def _fault(given: dict[str, str]) -> str:
    if not given["role"]:
        return gettext("Choose a role.")
    if given["programme"] and given["programme"] not in set(_programmes()):
        return gettext("There is no programme %(slug)s.") % {"slug": given["programme"][:80]}
    if len(given["secretariat"]) > 80:
        return gettext("The secretariat's id is too long: at most 80 characters.")
    return ""


def _programmes() -> list[str]:
    return list(Programme.objects.order_by("slug").values_list("slug", flat=True))


def _person(
    request: HttpRequest, found: Person, *, given: dict[str, str] | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    zone = ZoneInfo(person_of(request).zone)
    context = {
        "section": "office",
        "person": found,
        "may_grant": may(request.user, GRANT_ROLE, found),
        "is_self": found.pk == person_of(request).pk,
        "grants": [
            {
                "pk": grant.pk,
                "name": ROLE_NAMES[Role(grant.role)],
                "where": _where(grant.programme, grant.secretariat),
                "since": f"{grant.granted_at.astimezone(zone):%Y-%m-%d}",
            }
            for grant in found.held
        ],
        "comes_back": bool(coming_back([found.email])),
        "history": list(_history(found, zone)),
        "roles": [(role.value, name) for role, name in ROLE_NAMES.items()],
        "programmes": _programmes(),
        "given": given or {},
        "problem": problem,
        "crumbs": [*_crumbs(url=True), {"text": found.shown}],
    }
    return render(request, "office/person.html", context, status=status)


def _history(found: Person, zone: ZoneInfo) -> Any:
    """The journal's rows about this person, the newest first; who acted is looked up as long as the account exists."""
    rows = list(
        JournalEntry.objects.filter(object_kind="accounts.person", object_id=str(found.pk)).order_by("-id")[
            :MOST_HISTORY
        ]
    )
    acting = {one.uid: one.shown for one in Person.objects.filter(uid__in={row.actor_id for row in rows})}
    for row in rows:
        payload = json.loads(row.payload)
        role = payload.get("role", "")
        about = [str(ROLE_NAMES[Role(role)]), _where(payload["programme"], payload["secretariat"])] if role else []
        yield {
            "when": f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}",
            "datetime": row.at.isoformat(timespec="seconds"),
            "title": " · ".join([str(ACTS.get(row.command, row.command)), *about]),
            "text": gettext("by %(actor)s") % {"actor": acting.get(row.actor_id, row.actor_label or row.actor_id)},
        }


def _where(programme: str, secretariat: str) -> str:
    return ", ".join(part for part in (programme, secretariat) if part) or gettext("everywhere")


@require_POST
@login_required
def end(request: HttpRequest, uid: str) -> HttpResponse:
    """End one role from now on: `grant` is its number, of this very person."""
    found = _to_change(request, uid)
    mine = {str(one.pk): one for one in found.held}
    grant = mine.get(request.POST.get("grant", ""))
    if grant is None:
        raise Http404("no such role of this person")
    return _done(request, uid, lambda actor: end_role(actor=actor, grant=grant), gettext("The role is ended."))


@require_POST
@login_required
def close(request: HttpRequest, uid: str) -> HttpResponse:
    """Close the account of somebody who left, or open it again (`open=yes`)."""
    found = _to_change(request, uid)
    if request.POST.get("open") == "yes":
        said = gettext("The account is open again.")
        return _done(request, uid, lambda actor: open_account(actor=actor, person=found), said)
    said = gettext("The account is closed.")
    return _done(request, uid, lambda actor: close_account(actor=actor, person=found), said)


def _to_change(request: HttpRequest, uid: str) -> Person:
    found = _found(request, uid)
    if not may(request.user, GRANT_ROLE, found):
        raise Http404("not for this person")
    return found


def _done(request: HttpRequest, uid: str, act: Any, said: str) -> HttpResponse:
    try:
        act(actor_of(person_of(request)))
    except Refused as refused:
        messages.error(request, " ".join(told(refused)))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("office:person", args=[uid]), status=303)


def _found(request: HttpRequest, uid: str) -> Person:
    return get_object_or_404(visible_to(request.user, READ_PERSON, Person.objects.all()), uid=uid)


def _crumbs(*, url: bool = False) -> list[dict[str, str]]:
    crumbs = [{"text": gettext("Office"), "url": reverse("office:home")}, {"text": gettext("People and roles")}]
    return [crumbs[0], crumbs[1] | ({"url": reverse("office:people")} if url else {})]
