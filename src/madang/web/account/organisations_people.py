"""Who belongs to an organisation: inviting, asking, joining, duties, leaving, and handing over."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from madang.apps.accounts.enums import ROLE_NAMES
from madang.apps.accounts.models import Grant, Person, is_person
from madang.apps.applications.models import DraftMember
from madang.apps.directory import commands, queries
from madang.apps.directory.models import Affiliation, Organisation
from madang.apps.directory.rules import HAND_OVER, HAND_OVER_FOR_OTHERS, MANAGE_ORGANISATION
from madang.apps.enquiries.models import Enquiry
from madang.core.lifecycle.draft import WRITING
from madang.core.lifecycle.enquiry import CLOSED
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.account.organisations_parts import (
    Context,
    Faults,
    acting,
    crumbs,
    day,
    duties_in_words,
    duties_offered,
    duty_badges,
    found,
    managed,
    me,
    offered,
    page_of,
    particulars,
)
from madang.web.local import asked_next

_MOST: Final = 4000  # characters taken from a field


# --- Letting in -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest, uid: str) -> HttpResponse:
    """Mail an invitation to `email` with `duties`."""
    organisation, faults = managed(request, uid), Faults()
    email, duties = request.POST.get("email", "")[:_MOST], request.POST.getlist("duties")[:20]
    if request.method == "POST":
        try:
            commands.invite_person(actor=acting(request), organisation=organisation, email=email, duties=duties)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            messages.success(request, _("An invitation was sent to %s.") % email.strip())
            return HttpResponseRedirect(page_of(organisation), status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Invite a colleague"), ""), organisation=organisation),
        "organisation": organisation,
        "email": email,
        "duties": duties_offered(duties if request.method == "POST" else ["fill"]),
        "faults": faults,
        "days": commands.INVITATION_GOOD_FOR.days,
    }
    return render(request, "organisations/invite.html", context, status=422 if faults.all else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, uid: str, pk: int) -> HttpResponse:
    """Take an invitation back."""
    organisation = managed(request, uid)
    invitation = get_object_or_404(queries.open_invitations(organisation), pk=pk)
    commands.revoke_invitation(actor=acting(request), invitation=invitation)
    messages.success(request, _("The invitation is taken back."))
    return HttpResponseRedirect(page_of(organisation), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to (GET, for everybody who has the link), and accepting it (POST).

    Who is not signed in goes to sign in or register, and comes back here by `next`. A link that opens nothing any
    more answers 410 with its reason.
    """
    one = queries.invitation_of(token)
    if one is None:
        raise Http404("no such invitation")
    organisation, faults = one.organisation, Faults()
    if request.method == "POST":
        if not is_person(request.user):
            return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}", status=303)
        try:
            affiliation = commands.accept_invitation(actor=acting(request), token=token)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            messages.success(request, _("You belong to %s now.") % affiliation.organisation.name)
            return HttpResponseRedirect(page_of(affiliation.organisation), status=303)
    over = commands.invitation_faults(one)
    wrong = ""
    if is_person(request.user) and not over and one.email not in queries.verified_addresses(me(request)):
        wrong = commands.masked(one.email)
    context = particulars(organisation) | {
        "faults": faults.take(over) if over else faults,
        "over": bool(over),
        "inviter": one.invited_by.shown,
        "email": commands.masked(one.email),
        "wrong": wrong,
        "duties": [str(text["name"]) for text in duties_offered(one.duties) if text["chosen"]],
        "here": request.path,
    }
    status = 410 if over else 422 if faults.all else 200
    return render(request, "organisations/invitation.html", context, status=status)


@require_POST
@login_required
def join_by_domain(request: HttpRequest, uid: str) -> HttpResponse:
    """Join by one's verified address; 404 where none is at a domain of the organisation."""
    organisation = get_object_or_404(queries.joinable_by_domain(me(request)), uid=uid)
    commands.join_by_domain(actor=acting(request), organisation=organisation)
    messages.success(request, _("You belong to %s now. A manager can give you duties.") % organisation.name)
    return HttpResponseRedirect(asked_next(request, page_of(organisation)), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Ask an organisation to be let in that one cannot see. `offer` is from one of our own pages, for this person."""
    person, faults = me(request), Faults()
    token = request.POST.get("offer", "") if request.method == "POST" else request.GET.get("offer", "")
    organisation, named = offered(person, token)
    note = request.POST.get("note", "")[:_MOST]
    if request.method == "POST":
        try:
            commands.ask_to_join(actor=acting(request), organisation=organisation, note=note)
        except Refused as refused:
            faults.take(refused.reasons, line_too_long="note", name_has_hidden_characters="note")
        else:
            messages.success(request, _("Your request was sent to the managers. You get a mail when they answer."))
            return HttpResponseRedirect(reverse("account:organisations"), status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Ask to be let in"), "")),
        "known": particulars(organisation) if named else None,
        "offer": token,
        "note": note,
        "most": commands.MOST["note"],
        "faults": faults,
    }
    return render(request, "organisations/ask.html", context, status=422 if faults.all else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join_request(request: HttpRequest, uid: str, pk: int) -> HttpResponse:
    """Let in who asked (`answer=yes`, with `duties`), or not (`answer=no`)."""
    organisation, faults = managed(request, uid), Faults()
    one = get_object_or_404(queries.open_requests(organisation), pk=pk)
    duties = request.POST.getlist("duties")[:20]
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in ("yes", "no"):
            raise Http404("no such answer")
        try:
            commands.answer_request(actor=acting(request), request=one, approve=answer == "yes", duties=duties)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            done = _("%s belongs to the organisation now.") if answer == "yes" else _("%s was not let in.")
            messages.success(request, done % one.person.shown)
            return HttpResponseRedirect(page_of(organisation), status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Request to join"), ""), organisation=organisation),
        "organisation": organisation,
        "facts": [
            {"name": _("Name"), "value": one.person.shown},
            {"name": _("Mail address"), "value": one.person.email},
            {"name": _("Asked on"), "value": day(one.asked_at, me(request))},
            {"name": _("What they say"), "value": one.note or "–"},
        ],
        "duties": duties_offered(duties if request.method == "POST" else ["fill"]),
        "faults": faults,
    }
    return render(request, "organisations/request.html", context, status=422 if faults.all else 200)


# --- Duties and leaving -----------------------------------------------------------------------------------------------


def _affiliation(organisation: Organisation, person_uid: str) -> Affiliation:
    return get_object_or_404(queries.people_of(organisation), person__uid=person_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def colleague(request: HttpRequest, uid: str, person: str) -> HttpResponse:
    """A colleague's duties and post."""
    organisation, faults = managed(request, uid), Faults()
    affiliation = _affiliation(organisation, person)
    duties, post = affiliation.duties, affiliation.post
    if request.method == "POST":
        duties, post = request.POST.getlist("duties")[:20], request.POST.get("post", "")[:_MOST]
        try:
            commands.set_duties(actor=acting(request), affiliation=affiliation, duties=duties, post=post)
        except Refused as refused:
            faults.take(refused.reasons, line_too_long="post", name_has_hidden_characters="post")
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(page_of(organisation), status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((affiliation.person.shown, ""), organisation=organisation),
        "organisation": organisation,
        "colleague": affiliation.person,
        "post": post,
        "duties": duties_offered(duties),
        "faults": faults,
    }
    return render(request, "organisations/colleague.html", context, status=422 if faults.all else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: HttpRequest, uid: str, person: str) -> HttpResponse:
    """Leave the organisation, or (for managers) take a colleague off: asks first (GET), then does it (POST)."""
    organisation, faults, oneself = found(request, uid), Faults(), me(request).uid == person
    if not oneself:
        organisation = managed(request, uid)
    affiliation = _affiliation(organisation, person)
    if request.method == "POST":
        try:
            commands.end_affiliation(actor=acting(request), affiliation=affiliation)
        except Refused as refused:
            faults.take(refused.reasons)
        else:
            if oneself:
                messages.success(request, _("You left %s.") % organisation.name)
                return HttpResponseRedirect(reverse("account:organisations"), status=303)
            messages.success(request, _("%s belongs to the organisation no longer.") % affiliation.person.shown)
            return HttpResponseRedirect(page_of(organisation), status=303)
    names = {"person": affiliation.person.shown, "organisation": organisation.name}
    context = {
        "section": "me",
        "crumbs": crumbs((_("Leave") if oneself else names["person"], ""), organisation=organisation),
        "title": _("Leave %(organisation)s?") % names
        if oneself
        else _("Take %(person)s off %(organisation)s?") % names,
        "text": _(
            "Access to the organisation's page and to what is shared there ends at once. What was written stays. To "
            "come back, an invitation is needed. To pass duties and drafts to a colleague, hand over instead."
        ),
        "act": _("Leave the organisation") if oneself else _("Take off"),
        "back": page_of(organisation),
        "faults": faults,
    }
    return render(request, "organisations/confirm.html", context, status=422 if faults.all else 200)


# --- Handing over -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hand_over(request: HttpRequest, uid: str) -> HttpResponse:
    """Pass one's duties (a manager: a colleague's, `from`) to a colleague: choose (GET), see what passes on
    (`step=look`), confirm (`step=confirm`). Administrators may pass on roles too.
    """
    organisation, person, faults = found(request, uid), me(request), Faults()
    sent = request.POST if request.method == "POST" else request.GET
    giver = _affiliation(organisation, sent.get("from", "")[:40].replace("\0", "") or person.uid)
    if not may(person, HAND_OVER, giver):
        raise Http404("not this reader's to hand over")
    others = [one for one in queries.people_of(organisation) if one.pk != giver.pk and one.person.is_active]
    taker = next((one for one in others if one.person.uid == request.POST.get("taker", "")), None)
    reason, leaves = request.POST.get("reason", "")[:_MOST], request.POST.get("stays") != "yes"
    passing = [grant for grant in _roles(person, giver.person) if str(grant.pk) in request.POST.getlist("roles")]
    step = request.POST.get("step", "look")
    if request.method == "POST":
        if taker is None:
            faults.take([Reason("hand_over_to_another")])
        if not reason.replace("\0", "").strip():
            faults.take([Reason("hand_over_needs_reason")])
        elif len(reason) > commands.MOST["reason"]:
            faults.take([Reason("line_too_long", {"most": commands.MOST["reason"]})])
        if taker is not None and not faults.all and step == "confirm":
            try:
                commands.hand_over(
                    actor=acting(request),
                    giver=giver.person,
                    taker=taker.person,
                    organisation=organisation,
                    grants=passing,
                    leaves=leaves,
                    reason=reason,
                )
            except Refused as refused:
                faults.take(refused.reasons)
            else:
                messages.success(request, _("Handed over to %s.") % taker.person.shown)
                gone = giver.person_id == person.pk and leaves and not may(person, MANAGE_ORGANISATION, organisation)
                onward = reverse("account:organisations") if gone else page_of(organisation)
                return HttpResponseRedirect(onward, status=303)
    context = {
        "section": "me",
        "crumbs": crumbs((_("Hand over"), ""), organisation=organisation),
        "organisation": organisation,
        "giver": giver.person,
        "oneself": giver.person_id == person.pk,
        "others": [
            {
                "uid": one.person.uid,
                "name": one.person.shown,
                "post": one.post,
                "badges": duty_badges(one),
                "chosen": taker is not None and taker.pk == one.pk,
            }
            for one in others
        ],
        "taker": taker.person if taker else None,
        "reason": reason,
        "stays": not leaves,
        "passes": _passes(giver, organisation, passing, leaves),
        "roles": [
            {"pk": grant.pk, "name": _role_shown(grant), "chosen": grant in passing}
            for grant in _roles(person, giver.person)
        ],
        "invite": may(person, MANAGE_ORGANISATION, organisation),
        "look": request.method == "POST" and not faults.all,
        "most": commands.MOST["reason"],
        "faults": faults,
    }
    return render(request, "organisations/hand_over.html", context, status=422 if faults.all else 200)


def _roles(person: Person, giver: Person) -> list[Grant]:
    """The giver's roles, where this person may pass them on."""
    return list(giver.held) if may(person, HAND_OVER_FOR_OTHERS) else []


def _role_shown(grant: Grant) -> str:
    where = ", ".join(part for part in (grant.programme, grant.secretariat) if part)
    name = str(ROLE_NAMES.get(grant.role, grant.role))
    return f"{name} ({where})" if where else name


def _passes(giver: Affiliation, organisation: Organisation, roles: list[Grant], leaves: bool) -> list[Context]:
    """What passes on, as facts: duties, drafts being written, questions asked, roles."""
    drafts = DraftMember.objects.filter(
        person=giver.person, ended_at__isnull=True, draft__organisation=organisation, draft__state=WRITING
    ).count()
    questions = Enquiry.objects.filter(asker=giver.person, organisation=organisation).exclude(state=CLOSED).count()
    facts: list[Context] = [
        {"name": _("Duties"), "value": ", ".join(duties_in_words(giver.duties)) or _("none")},
        {"name": _("Drafts"), "value": ngettext("%d draft being written", "%d drafts being written", drafts) % drafts},
        {"name": _("Questions"), "value": ngettext("%d open question", "%d open questions", questions) % questions},
    ]
    if roles:
        facts.append({"name": _("Roles"), "lines": [_role_shown(grant) for grant in roles]})
    after = _("leaves the organisation") if leaves else _("stays, without duties")
    facts.append({"name": giver.person.shown, "value": after})
    return facts
