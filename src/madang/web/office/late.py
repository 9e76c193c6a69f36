"""Late admissions at the desk: who asks, because of which outage; one proposes, another one admits.

The answers of the draft are not shown: before it is filed, no office sees them.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import LateAdmission
from madang.apps.enquiries.rules import SEE_DESK
from madang.core.lifecycle.late_admission import OPEN, PROPOSED, STATES
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, Field, age, field_named, given, put_faults, uid_or_404, words_of
from madang.web.late_view import STATES as STATE_NAMES
from madang.web.late_view import exact, outage_words, state_badge
from madang.web.office.enquiries_shared import FORMS, TEXT_FAULTS, person_of, see_other, value_of
from madang.web.office.moments import in_field, wall_moment

LONGEST_REASON: Final = 2_000
PLACES: Final = {
    **dict.fromkeys(("late_needs_reason", *TEXT_FAULTS), "reason"),
    **dict.fromkeys(("late_ends_in_the_past", "late_ends_too_late"), "until"),
}

Context = dict[str, Any]


def waits_for(person: Person, admission: LateAdmission) -> bool:
    """Whether this person can take the next step: propose, or decide what somebody else has proposed."""
    if admission.state not in OPEN or not may(person, rules.ADMIT_LATE, admission.draft):
        return False
    return admission.state != PROPOSED or admission.proposed_by_id != person.pk


def waiting_for(person: Person) -> int:
    """How many wait for this person."""
    return sum(waits_for(person, one) for one in queries.late_at_the_desk(person))


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What somebody asked the list for, from the address; blank means everything."""

    state: str = ""
    call: str = ""
    mine: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        said = {name: request.GET.get(name, "").replace("\0", "").strip()[:200] for name in cls.__dataclass_fields__}
        state = said["state"] if said["state"] in STATES else ""
        return cls(state=state, call=said["call"], mine="1" if said["mine"] else "")

    def fits(self, person: Person, one: LateAdmission) -> bool:
        return (
            self.state in ("", one.state)
            and self.call in ("", one.draft.call.slug)
            and (not self.mine or waits_for(person, one))
        )

    def address(self, **more: str) -> str:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("office:late") + (f"?{query}" if query else "")

    def chips(self, calls: Mapping[str, str]) -> Iterator[Context]:
        names = {
            "state": str(STATE_NAMES.get(self.state, "")),
            "call": calls.get(self.call, self.call),
            "mine": gettext("My turn"),
        }
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


@require_safe
@never_cache
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Late admissions of my desks, filtered by `state`, `call`, `mine` (what waits for me); `format=csv|xlsx`."""
    person = person_of(request)
    if not may(person, SEE_DESK):
        raise PermissionDenied
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    asked, mine = Asked.of(request), queries.late_at_the_desk(person)
    words = words_of({one.draft.call for one in mine})
    rows = [_row(one, words[one.draft.call_id], person) for one in mine if asked.fits(person, one)]
    if form:
        sheet = Sheet(gettext("Late admissions"), *_cells(rows))
        return csv_file("late-admissions", sheet) if form == "csv" else xlsx_file("late-admissions", [sheet])
    calls = {one.call.slug: one.title for one in words.values()}
    context = {
        "section": "office",
        "asked": asked,
        "rows": rows,
        "chips": list(asked.chips(calls)),
        "states": STATE_NAMES.items(),
        "calls": sorted(calls.items(), key=lambda call: call[1]),
        "files": [(name.upper(), asked.address(format=name)) for name in FORMS],
        "crumbs": _crumbs(),
    }
    return render(request, "office/late/list.html", context)


def _row(one: LateAdmission, words: CallWords, person: Person) -> Context:
    return {
        "uid": one.uid,
        "url": reverse("office:late-one", args=[one.uid]),
        "organisation": one.draft.organisation.name,
        "call": words.title,
        "track": words.track(one.draft.track),
        "sample": one.draft.call.is_sample,
        "badge": state_badge(one),
        "turn": _turn(one, person),
        "my_turn": waits_for(person, one),
        "asked_at": one.asked_at,
        "age": age(one.asked_at),
        "until": exact(one.until, words.zone) if one.until else "",
    }


def _turn(one: LateAdmission, person: Person) -> str:
    """Whose turn it is, in a line."""
    if one.state not in OPEN:
        return ""
    if waits_for(person, one):
        return gettext("Yours: decide") if one.state == PROPOSED else gettext("Yours: propose or refuse")
    return gettext("Another person") if one.state == PROPOSED else pgettext("turn", "The office")


def _cells(rows: list[Context]) -> tuple[list[str], list[list[Cell]]]:
    names = {
        "organisation": gettext("Organisation"),
        "call": gettext("Call"),
        "track": gettext("Type"),
        "badge": gettext("State"),
        "turn": gettext("Whose turn"),
        "asked_at": gettext("Asked at"),
        "until": gettext("May be filed until"),
        "url": gettext("Address"),
    }
    cells = [
        {**row, "badge": row["badge"]["text"], "asked_at": row["asked_at"].isoformat(timespec="seconds")}
        for row in rows
    ]
    return list(names.values()), [[row[name] for name in names] for row in cells]


# --- One --------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One request with what the log says. POST proposes to admit it: `outage`, `reason` (published), `until`."""
    person, admission, words = _found(request, uid, to_write=request.method == "POST")
    chosen = request.POST.get("outage", "")[:40] if request.method == "POST" else admission.outage
    fields = _fields(words)
    faults: list[Context] = []
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name)
        faults = _proposed(person, admission, words, fields, chosen)
        if not faults:
            messages.success(request, gettext("Proposed. Another person of the office admits or refuses it."))
            return see_other("office:late-one", uid)
    context = _context(admission, words, person) | {"fields": fields, "chosen": chosen, "faults": faults}
    return render(request, "office/late/one.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def admit(request: HttpRequest, uid: str) -> HttpResponse:
    """Asks once more, and says what follows; POST admits. It cannot be taken back."""
    person, admission, words = _found(request, uid, to_write=True)
    faults: list[Context] = []
    if request.method == "POST":
        try:
            commands.admit_late(actor=actor_of(person), admission=admission)
        except Refused as refused:
            faults = put_faults([], refused.reasons, {})
        else:
            messages.success(request, gettext("Admitted. Those who write in the draft are told by mail."))
            return see_other("office:late-one", uid)
    context = _context(admission, words, person, gettext("Admit it")) | {"faults": faults}
    return render(request, "office/late/admit.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def refuse(request: HttpRequest, uid: str) -> HttpResponse:
    """Refuse with a reason that the applicant is told. The page itself is the confirmation."""
    person, admission, words = _found(request, uid, to_write=True)
    field = Field("reason", gettext("Reason"), "area", most=LONGEST_REASON, rows=4, required=True)
    field.help = gettext("Those who write in the draft read it. It is not published.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.refuse_late_admission(actor=actor_of(person), admission=admission, reason=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, PLACES)
        else:
            messages.success(request, gettext("Refused. Those who write in the draft are told by mail."))
            return see_other("office:late-one", uid)
    context = _context(admission, words, person, gettext("Refuse it")) | {"field": field, "faults": faults}
    return render(request, "office/late/refuse.html", context, status=422 if faults else 200)


def _found(request: HttpRequest, uid: str, *, to_write: bool) -> tuple[Person, LateAdmission, CallWords]:
    """The request, for whoever reads (or decides) at its desk; 404 for everybody else."""
    person = person_of(request)
    admission = queries.late_of_the_desk(person, uid_or_404(uid))
    if admission is None or (to_write and not may(person, rules.ADMIT_LATE, admission.draft)):
        raise Http404
    return person, admission, CallWords(admission.draft.call)


def _fields(words: CallWords) -> list[Field]:
    """What a proposal says. The end is proposed a day from now, at a full hour."""
    reason = Field("reason", gettext("Reason, as it is published"), "area", rows=4, most=LONGEST_REASON, required=True)
    reason.help = gettext("Everybody reads it on the page of the call. Name nobody, and nothing by which one is known.")
    until = Field("until", gettext("May be filed until"), "datetime-local", required=True)
    until.help = gettext("%(zone)s. At most %(days)s days from now.") % {
        "zone": words.zone_name,
        "days": rules.LATEST.days,
    }
    until.value = in_field((now() + dt.timedelta(hours=25)).replace(minute=0), words.zone)
    return [until, reason]


def _proposed(
    person: Person, admission: LateAdmission, words: CallWords, fields: list[Field], outage: str
) -> list[Context]:
    """Propose what the form says; what is wrong with it, nothing where it was done."""
    until = wall_moment(value_of(fields, "until"), words.zone)
    if until is None:
        text, field = gettext("Give the day and the hour until which it may be filed."), field_named(fields, "until")
        assert field is not None, "the form asks for it"
        field.errors.append(text)
        return [{"text": text, "field": field.id}]
    reason = value_of(fields, "reason")
    try:
        commands.propose_late_admission(
            actor=actor_of(person), admission=admission, outage=outage, reason=reason, until=until
        )
    except Refused as refused:
        faults = put_faults(fields, refused.reasons, PLACES)
        return [{**one, "field": one["field"] or "f-outage"} for one in faults]
    return []


def _context(admission: LateAdmission, words: CallWords, person: Person, *more: str) -> Context:
    decides = may(person, rules.ADMIT_LATE, admission.draft)
    outages = queries.outages_before_the_end(admission.draft.call)
    named = queries.outage_named(admission.outage)
    return {
        "section": "office",
        "admission": admission,
        "words": words,
        "badge": state_badge(admission),
        "turn": _turn(admission, person),
        "facts": list(_facts(admission, words)),
        "outages": [outage_words(outage, words.zone) for outage in outages],
        "named": outage_words(named, words.zone) if named else None,
        "until": exact(admission.until, words.zone) if admission.until else "",
        "decides": decides,
        "proposed_myself": admission.state == PROPOSED and admission.proposed_by_id == person.pk,
        "back": reverse("office:late-one", args=[admission.uid]),
        "crumbs": _crumbs(admission.draft.organisation.name, *more),
    }


def _facts(admission: LateAdmission, words: CallWords) -> Iterator[Context]:
    draft = admission.draft
    yield {"name": gettext("Call"), "value": words.title, "url": words.url}
    if draft.track:
        yield {"name": gettext("Type"), "value": words.track(draft.track)}
    yield {"name": gettext("Organisation"), "value": draft.organisation.name}
    yield {"name": gettext("Draft"), "value": draft.uid, "note": gettext("Its answers are seen by no office.")}
    if draft.call.counts_until:
        yield {
            "name": gettext("End of the call"),
            "value": exact(draft.call.counts_until, words.zone),
            "note": words.zone_name,
        }
    yield {"name": gettext("Last saved"), "value": exact(draft.changed_at, words.zone)}
    yield {
        "name": gettext("Asked at"),
        "value": exact(admission.asked_at, words.zone),
        "note": admission.asked_by.shown,
    }
    for name, by, at in (
        (gettext("Proposed by"), admission.proposed_by, admission.proposed_at),
        (gettext("Decided by"), admission.decided_by, admission.decided_at),
    ):
        if by is not None and at is not None:
            yield {"name": name, "value": by.shown, "note": exact(at, words.zone)}


def _crumbs(*more: str) -> list[Context]:
    first = [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Late admissions"), "url": reverse("office:late")},
    ]
    return [*first, *({"text": text} for text in more)]
