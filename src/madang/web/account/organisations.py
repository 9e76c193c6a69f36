"""One's organisations: the list, and the page of one with its facts, people, invitations and history."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.directory import queries
from madang.apps.directory.enums import JOINED_NAMES, SCHEME_NAMES, Duty
from madang.apps.directory.models import Affiliation, Organisation
from madang.apps.directory.rules import LIST_ORGANISATIONS, MANAGE_ORGANISATION
from madang.core.conflicts.domains import canonical
from madang.kernel.journal import JournalEntry
from madang.kernel.permissions import may
from madang.web.account.organisations_parts import (
    Context,
    crumbs,
    day,
    duties_in_words,
    duty_badges,
    found,
    me,
    number_shown,
    page_of,
    particulars,
)
from madang.web.local import forward
from madang.web.public.call_view import reader

MOST_HISTORY: Final = 30


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """What I belong to, what I may join by my address, and what I asked to join."""
    person = me(request)
    mine = [
        particulars(one.organisation)
        | {"badges": duty_badges(one), "post": one.post, "since": day(one.since, person)}
        | {"waiting": _waiting(one)}
        for one in queries.mine(person)
    ]
    context = {
        "section": "me",
        "crumbs": [{"text": _("My page"), "url": "/me"}, {"text": _("My organisations")}],
        "mine": mine,
        "joinable": [particulars(one) | {"uid": one.uid} for one in queries.joinable_by_domain(person)],
        "asked": [day(one.asked_at, person) for one in queries.asked_by(person)],
        "staff": may(person, LIST_ORGANISATIONS),
        "forward": forward(request),
    }
    return render(request, "organisations/list.html", context)


def _waiting(affiliation: Affiliation) -> int:
    """Requests that wait for this manager."""
    if not affiliation.has(Duty.MANAGE):
        return 0
    return queries.open_requests(affiliation.organisation).count()


@require_safe
@login_required
def page(request: HttpRequest, uid: str) -> HttpResponse:
    """One organisation, for its people and the office."""
    organisation, person = found(request, uid), me(request)
    if organisation.uid != uid:
        return HttpResponseRedirect(page_of(organisation))
    manages = may(person, MANAGE_ORGANISATION, organisation)
    people = list(queries.people_of(organisation))
    mine = next((one for one in people if one.person_id == person.pk), None)
    context = particulars(organisation) | {
        "section": "me",
        "organisation": organisation,
        "crumbs": crumbs((organisation.name, "")),
        "manages": manages,
        "mine": mine,
        "my_badges": duty_badges(mine) if mine else [],
        "facts": _facts(organisation, person),
        "people": [_colleague(one, person, manages) for one in people],
        "managers": sum(one.has(Duty.MANAGE) for one in people),
        "invitations": [_invitation(one, person) for one in queries.open_invitations(organisation)] if manages else [],
        "requests": [
            {"pk": one.pk, "name": one.person.shown, "note": one.note, "when": day(one.asked_at, person)}
            for one in (queries.open_requests(organisation) if manages else ())
        ],
        "history": history(organisation, person),
    }
    return render(request, "organisations/page.html", context)


def _facts(organisation: Organisation, person: Person) -> list[Context]:
    shown = particulars(organisation)
    facts: list[Context] = [
        {"name": _("Kind"), "value": shown["kind"]},
        {"name": _("Country"), "value": shown["country"]},
    ]
    if organisation.names:
        labels = {"ko": _("Korean"), "en": _("English")}
        lines = [f"{text} ({labels.get(language, language)})" for language, text in organisation.names.items()]
        facts.append({"name": _("Also written"), "lines": lines})
    if former := list(organisation.former_names.all()):
        lines = [
            _("%(name)s (until %(day)s)") % {"name": one.name, "day": reader().day(one.until.isoformat())}
            if one.until
            else one.name
            for one in former
        ]
        facts.append({"name": _("Former names"), "lines": lines})
    if absorbed := [one.name for one in organisation.absorbed.all()]:
        facts.append({"name": _("Entries merged into this one"), "lines": absorbed})
    if organisation.parent:
        facts.append({"name": _("Part of"), "value": organisation.parent.name})
    if parts := [one.name for one in organisation.children.filter(merged_into__isnull=True)]:
        facts.append({"name": _("Its parts"), "lines": parts})
    numbers = organisation.numbers.filter(ended_at__isnull=True)
    facts += [{"name": str(SCHEME_NAMES.get(one.scheme, one.scheme)), "value": number_shown(one)} for one in numbers]
    for domain in organisation.domains.filter(ended_at__isnull=True):
        note = _("confirmed on %s") % day(domain.verified_at, person) if domain.verified_at else _("not confirmed yet")
        facts.append({"name": _("Mail domain"), "value": domain_shown(domain.domain), "note": note})
    return facts


def domain_shown(domain: str) -> str:
    """In its own script; the punycode beside it, which no letter of another script can imitate."""
    written = canonical(domain)
    return domain if written == domain else f"{written} ({domain})"


def _colleague(one: Affiliation, person: Person, manages: bool) -> Context:
    return {
        "name": one.person.shown,
        "uid": one.person.uid,
        "post": one.post,
        "email": one.person.email if manages else "",
        "badges": duty_badges(one),
        "since": day(one.since, person),
        "joined": str(JOINED_NAMES.get(one.joined_by, one.joined_by)),
        "me": one.person_id == person.pk,
    }


def _invitation(one: Any, person: Person) -> Context:
    return {
        "pk": one.pk,
        "email": one.email,
        "duties": ", ".join(duties_in_words(one.duties)) or _("Reads only"),
        "by": one.invited_by.shown,
        "until": day(one.expires_at, person),
    }


# --- History ----------------------------------------------------------------------------------------------------------

HAPPENED: Final = {
    "directory.found_organisation": gettext_lazy("Registered"),
    "directory.edit_organisation": gettext_lazy("Particulars changed"),
    "directory.add_number": gettext_lazy("Register number added"),
    "directory.end_number": gettext_lazy("Register number ended"),
    "directory.claim_domain": gettext_lazy("Mail domain claimed"),
    "directory.send_domain_code": gettext_lazy("Code for a mail domain sent"),
    "directory.verify_domain": gettext_lazy("Code for a mail domain typed in"),
    "directory.end_domain": gettext_lazy("Mail domain ended"),
    "directory.invite_person": gettext_lazy("Somebody invited"),
    "directory.revoke_invitation": gettext_lazy("Invitation taken back"),
    "directory.accept_invitation": gettext_lazy("Invitation accepted"),
    "directory.join_by_domain": gettext_lazy("Joined by the mail domain"),
    "directory.ask_to_join": gettext_lazy("Somebody asked to join"),
    "directory.answer_request": gettext_lazy("Request to join answered"),
    "directory.set_duties": gettext_lazy("Duties changed"),
    "directory.end_affiliation": gettext_lazy("Somebody left"),
    "directory.hand_over": gettext_lazy("Handed over"),
    "directory.merge_organisations": gettext_lazy("Another entry merged into this one"),
    "directory.undo_merge": gettext_lazy("Merge undone"),
}
"""What each command of the room is called in a history; a test holds it complete."""


OTHERS: Final = {
    "system": gettext_lazy("the platform"),
    "demo": gettext_lazy("the loader of samples"),
    "office": gettext_lazy("the office's console"),
}
"""Who acts without being a person (`madang.kernel.actors`)."""


def history(organisation: Organisation, person: Person, most: int = MOST_HISTORY) -> list[Context]:
    """The journal of one organisation, the newest first, with names looked up while the accounts exist."""
    rows = JournalEntry.objects.filter(object_kind="directory.organisation", object_id=str(organisation.pk))
    entries = list(rows.order_by("-id")[:most])
    details = [entry.details for entry in entries]
    uids = {uid for told in details for uid in (told.get("person"), told.get("giver"), told.get("taker")) if uid}
    uids |= {entry.actor_id for entry in entries}
    names = {one.uid: one.shown for one in Person.objects.filter(uid__in=uids)}
    return [_event(entry, told, names, person) for entry, told in zip(entries, details, strict=True)]


def _event(entry: JournalEntry, told: dict[str, Any], names: dict[str, str], person: Person) -> Context:
    title = str(HAPPENED.get(entry.command, entry.command))
    gone = _("somebody whose account is closed")
    who = names.get(entry.actor_id, gone) if entry.actor_kind == "person" else str(OTHERS[entry.actor_kind])
    parts = [_("by %s") % who]
    if entry.command == "directory.hand_over":
        pair = {"giver": names.get(told["giver"], gone), "taker": names.get(told["taker"], gone)}
        parts.append(_("%(giver)s to %(taker)s") % pair)
    elif told.get("person") not in (None, entry.actor_id):
        parts.append(names.get(told["person"], gone))
    if entry.command == "directory.answer_request":
        parts.append(_("let in") if told["approved"] else _("not let in"))
    if entry.command in ("directory.claim_domain", "directory.verify_domain"):
        parts.append(_("confirmed") if told["verified"] else _("not confirmed yet"))
    if "duties" in told:
        parts.append(", ".join(duties_in_words(told["duties"])) or _("Reads only"))
    return {
        "when": day(entry.at, person),
        "datetime": entry.at.isoformat(),
        "title": title,
        "text": " · ".join(parts),
    }
