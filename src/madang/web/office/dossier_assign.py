"""Who handles applications: assign those of a list with a preview, take it back, hand all cases of somebody over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.review import commands, queries, rules
from madang.apps.review.models import Assignment
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.enquiry_view import CallWords, given, spoken_reason, uid_or_404, words_of
from madang.web.local import local
from madang.web.office.dossier_lists import AskedList
from madang.web.office.dossier_shared import desk_person, found

Context = dict[str, Any]

NOBODY: Final = "none"
MOST_NAMED: Final = 20
MOST_SELECTED: Final = 500


class Selection:
    """The applications of a list that were chosen, ticked or all that fit: those that the person handles."""

    def __init__(self, asked: AskedList, data: QueryDict) -> None:
        self.asked, self.all = asked, data.get("which") == "all"
        self.ticked = [uid for uid in data.getlist("one")[:MOST_SELECTED] if uid.isascii() and uid.isalnum()]
        rows = asked.rows()
        if not self.all:
            rows = asked.search.listed().filter(undone_at__isnull=True, dossier__uid__in=self.ticked)
        programme = asked.words.call.programme.slug
        desks = asked.search.desks
        self.tracks: dict[int, str] = {}
        self.names: list[str] = []
        for key, track, name, reference in rows.values_list("dossier_id", "track", "applicant_name", "reference"):
            if rules.has_desk(asked.person, programme, desks.get(track, "")):
                self.tracks[key] = track
                if len(self.names) < MOST_NAMED:
                    self.names.append(f"{name} ({reference})")
        self.held = queries.officers_of(self.tracks)
        self.desks, self.programme = desks, programme

    def without_desk(self, officer: Person) -> int:
        """How many of them could not be the officer's."""
        return sum(
            not rules.has_desk(officer, self.programme, self.desks.get(track, "")) for track in self.tracks.values()
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Who would get which application from whom; the press (POST with `seen`) does it. 404 for who only reads."""
    person = desk_person(request)
    words = CallWords.at(slug)
    if not may(person, rules.SAVE_LIST, rules.About(words.call)):
        raise Http404
    data = request.POST if request.method == "POST" else request.GET
    asked = AskedList.of(request, words, person)
    chosen = Selection(asked, data)
    people = queries.desk_people(words.call.programme.slug)
    officer = next((one for one in people if one.uid == data.get("officer")), None)
    to_nobody = data.get("officer") == NOBODY
    faults: list[str] = []
    if request.method == "POST":
        if officer is None and not to_nobody:
            faults = [gettext("Choose who is to handle them.")]
        elif not chosen.tracks:
            faults = [gettext("No application is chosen.")]
        else:
            try:
                done = commands.assign_officers(
                    actor=actor_of(person),
                    dossiers=list(chosen.tracks),
                    officer=officer,
                    reason=given(data, "reason"),
                    seen=data.get("seen", "") or "-",
                )
            except Refused as refused:
                faults = [spoken_reason(one) for one in refused.reasons]
            else:
                _say(request, done, officer)
                return HttpResponseRedirect(asked.address(), status=303)
    context = {
        "section": "office",
        "asked": asked,
        "title": words.title,
        "call": words.call,
        "chosen": chosen,
        "count": len(chosen.tracks),
        "people": [(one.uid, one.shown) for one in people],
        "officer": officer.uid if officer else NOBODY if to_nobody else "",
        "preview": _preview(chosen.held, officer, people) if officer or to_nobody else None,
        "no_desk": chosen.without_desk(officer) if officer else 0,
        "to": officer.shown if officer else gettext("nobody"),
        "seen": queries.assignment_digest(chosen.held),
        "reason": given(data, "reason"),
        "faults": faults,
        "more": len(chosen.tracks) - len(chosen.names),
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Applications"), "url": reverse("office:dossiers")},
            {"text": words.title, "url": asked.address()},
            {"text": gettext("Assign")},
        ],
    }
    return render(request, "office/dossiers/assign.html", context, status=422 if faults else 200)


def _preview(held: Mapping[int, int | None], officer: Person | None, people: Sequence[Person]) -> list[Context]:
    """Whose they are now, how many of each, and what becomes of them."""
    to = officer.pk if officer else None
    names = {one.pk: one.shown for one in people}
    missing = {key for key in held.values() if key is not None and key not in names}
    names |= {one.pk: one.shown for one in Person.objects.filter(pk__in=missing)}
    counted = Counter(held.values())
    lines = [
        {"from": names[key] if key else gettext("nobody"), "count": n, "stays": key == to} for key, n in counted.items()
    ]
    return sorted(lines, key=lambda line: (line["stays"], -line["count"], line["from"]))


def _say(request: HttpRequest, done: Assignment | None, officer: Person | None) -> None:
    if done is None:
        messages.info(request, gettext("Nothing changed: they were assigned so already."))
        return
    n = done.cases.count()
    if officer is None:
        said = ngettext("%(n)s application has no officer now.", "%(n)s applications have no officer now.", n)
        messages.success(request, said % {"n": n})
    else:
        said = ngettext("%(n)s application is assigned to %(who)s.", "%(n)s applications are assigned to %(who)s.", n)
        messages.success(request, said % {"n": n, "who": officer.shown})


@require_POST
@login_required
def undo(request: HttpRequest, uid: str) -> HttpResponse:
    """Take an assignment of one's own back; those that changed hands since stay. Leads to `next`."""
    person = desk_person(request)
    assignment = get_object_or_404(Assignment.objects.filter(by=person).select_related("call"), uid=uid_or_404(uid))
    try:
        undone = commands.undo_assignment(actor=actor_of(person), assignment=assignment)
    except Refused as refused:
        for one in refused.reasons:
            messages.error(request, spoken_reason(one))
    else:
        n, all_ = undone.cases.count(), assignment.cases.count()
        said = ngettext(
            "Undone: %(n)s application is as it was before.", "Undone: %(n)s applications are as before.", n
        )
        messages.success(request, said % {"n": n})
        if n < all_:
            left = ngettext("%(n)s changed hands since and stays.", "%(n)s changed hands since and stay.", all_ - n)
            messages.warning(request, left % {"n": all_ - n})
    return HttpResponseRedirect(local(request, request.POST.get("next", ""), reverse("office:dossiers")), status=303)


@require_POST
@login_required
def officer(request: HttpRequest, uid: str) -> HttpResponse:
    """Who handles this one application: `officer` is a person's uid, `me` or `none`. Leads back to its page."""
    page = found(request, uid, to_write=True)
    wanted = request.POST.get("officer", "")
    people = queries.desk_people(page.dossier.call.programme.slug)
    chosen = page.person if wanted == "me" else next((one for one in people if one.uid == wanted), None)
    if chosen is None and wanted != NOBODY:
        messages.error(request, gettext("Choose who is to handle it."))
        return HttpResponseRedirect(page.url, status=303)
    try:
        done = commands.assign_officers(actor=actor_of(page.person), dossiers=[page.dossier.pk], officer=chosen)
    except Refused as refused:
        for one in refused.reasons:
            messages.error(request, spoken_reason(one))
    else:
        _say(request, done, chosen)
    return HttpResponseRedirect(page.url, status=303)


# --- Handing over -----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def handover(request: HttpRequest) -> HttpResponse:
    """All cases of one officer to another: `of` and `to` (uids), with a reason; first what it means, then the press."""
    person = desk_person(request)
    data = request.POST if request.method == "POST" else request.GET
    people = _colleagues(person)
    if not people:
        raise Http404
    of, to = (next((one for one in people if one.uid == data.get(name)), None) for name in ("of", "to"))
    cases = [one for one in queries.cases_of(of) if may(person, HANDLE_DOSSIER, one)] if of else []
    faults: list[str] = []
    if request.method == "POST":
        if of is None or to is None:
            faults = [gettext("Choose whose cases they are, and who takes them over.")]
        else:
            try:
                done = commands.hand_over_cases(
                    actor=actor_of(person), of=of, to=to, reason=given(data, "reason"), seen=data.get("seen", "") or "-"
                )
            except Refused as refused:
                faults = [spoken_reason(one) for one in refused.reasons]
            else:
                _say(request, done, to)
                return HttpResponseRedirect(reverse("office:dossiers"), status=303)
    words = words_of({one.call_id: one.call for one in cases}.values())
    counted = Counter(one.call_id for one in cases)
    context = {
        "section": "office",
        "people": [(one.uid, one.shown) for one in people],
        "of": of,
        "to": to,
        "count": len(cases),
        "calls": [{"title": words[key].title, "count": n} for key, n in counted.items()],
        "seen": queries.assignment_digest({one.pk: of.pk for one in cases}) if of else "",
        "reason": given(data, "reason"),
        "faults": faults,
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Applications"), "url": reverse("office:dossiers")},
            {"text": gettext("Hand over cases")},
        ],
    }
    return render(request, "office/dossiers/handover.html", context, status=422 if faults else 200)


def _colleagues(person: Person) -> list[Person]:
    """Everybody with a desk in a programme where this person has one; nobody for who only audits."""
    programmes = {one.programme for one in person.held if one.role in ("officer", "secretariat")}
    found: dict[int, Person] = {}
    for programme in programmes:
        found |= {one.pk: one for one in queries.desk_people(programme)}
    return sorted(found.values(), key=lambda one: (one.shown.casefold(), one.pk))
