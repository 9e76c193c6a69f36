"""Who handles an application: assign one or many, hand all cases of somebody over, and take an assignment back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import About, text_faults, tidy
from madang.apps.review import rules
from madang.apps.review.models import AssignedCase, Assignment, Handling
from madang.apps.review.queries import assignment_digest, cases_of, officers_of
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed, may

AT_ONCE: Final = 500
"""Rows that one statement takes."""


@command("review.assign_officers")
def assign_officers(
    *, actor: Actor, dossiers: Collection[int], officer: Person | None, reason: str = "", seen: str = ""
) -> Assignment | None:
    """Give these applications (keys of dossiers) to one officer; none: nobody handles them any more.

    `seen`, where it is given, is the digest of what stood in the preview (`queries.assignment_digest`): if another
    officer got one of them since, nothing is written. What the officer has already stays. Nothing to do: no assignment.
    Raises `Refused`: no right on one of them, no desk of the officer's for one, changed since it was seen.
    """
    person, rows = _acting(actor), _locked(dossiers)
    _refuse_without_right(actor, rows)
    held = officers_of([one.pk for one in rows])
    _refuse_if_changed(held, seen)
    if officer is not None:
        _refuse_without_desk(officer, rows)
    reason = _given(reason)
    wanted = {one.pk: officer.pk if officer else None for one in rows}
    if all(held[key] == to for key, to in wanted.items()):
        return unchanged(None)
    assignment = Assignment.objects.create(call=_call_of(rows), to=officer, reason=reason, by=person, at=now())
    _write(assignment, held, wanted)
    return assignment


@command("review.hand_over_cases")
def hand_over_cases(*, actor: Actor, of: Person, to: Person, reason: str, seen: str = "") -> Assignment | None:
    """Give every case of one officer to another, of all calls of which the actor handles the applications.

    `seen` as in `assign_officers`. Raises `Refused`: no reason, both are the same, no desk of the other's for one of
    them, changed since it was seen. No cases: nothing happens.
    """
    person = _acting(actor)
    reason = _given(reason)
    if not reason:
        raise Refused([Reason("handover_needs_reason")])
    if of.pk == to.pk:
        raise Refused([Reason("handover_to_same")])
    mine = [one.pk for one in cases_of(of) if not allowed(actor, HANDLE_DOSSIER, one)]
    rows = _locked(mine)
    held = {key: officer for key, officer in officers_of(mine).items() if officer == of.pk}
    _refuse_if_changed(held, seen)
    rows = [one for one in rows if one.pk in held]
    _refuse_without_desk(to, rows)
    if not held:
        return unchanged(None)
    assignment = Assignment.objects.create(
        call=_call_of(rows), to=to, handed_over_by=of, reason=reason, by=person, at=now()
    )
    _write(assignment, held, dict.fromkeys(held, to.pk))
    return assignment


@command("review.undo_assignment")
def undo_assignment(*, actor: Actor, assignment: Assignment) -> Assignment:
    """Give every application of the assignment back to whoever had it before; one that changed hands since stays.

    Done already: the same. Raises `Refused`: not one's own assignment, no right on one of them any more.
    """
    person = _acting(actor)
    cases = list(assignment.cases.all())
    rows = _locked([one.dossier_id for one in cases])
    if undone := Assignment.objects.filter(undoes=assignment).first():
        return unchanged(undone)
    refuse_if(allowed(actor, rules.UNDO_ASSIGNMENT, assignment))
    _refuse_without_right(actor, rows)
    held = officers_of([one.dossier_id for one in cases])
    back = {one.dossier_id: one.before_id for one in cases if held[one.dossier_id] == one.after_id}
    undoing = Assignment.objects.create(call=assignment.call, undoes=assignment, by=person, at=now())
    _write(undoing, held, back)
    return undoing


def _acting(actor: Actor) -> Person:
    if not isinstance(actor.person, Person):
        raise Refused([Reason("people_only")])
    return actor.person


def _given(reason: str) -> str:
    reason = tidy(reason)
    refuse_if(text_faults(reason, "", rules.LONGEST_REASON))
    return reason


def _locked(dossiers: Collection[int]) -> list[Dossier]:
    """The dossiers with their calls, locked in one order, so that two such acts wait for each other."""
    found: list[Dossier] = []
    for keys in _parts(sorted(set(dossiers))):
        rows = locked(Dossier.objects).filter(pk__in=keys).select_related("call__programme").defer("call__search_text")
        found += rows.order_by("pk")
    return found


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _abouts(rows: Iterable[Dossier]) -> list[About]:
    """Rights hang on call and type alone: each pair is asked about once."""
    return list({(one.call_id, one.track): About(one.call, one.track) for one in rows}.values())


def _refuse_without_right(actor: Actor, rows: Iterable[Dossier]) -> None:
    for about in _abouts(rows):
        refuse_if(allowed(actor, HANDLE_DOSSIER, about))


def _refuse_without_desk(officer: Person, rows: Collection[Dossier]) -> None:
    closed = {(one.call.pk, one.track) for one in _abouts(rows) if not may(officer, HANDLE_DOSSIER, one)}
    if n := sum((one.call_id, one.track) in closed for one in rows):
        raise Refused([Reason("officer_has_no_desk", {"count": n})])


def _refuse_if_changed(held: Mapping[int, int | None], seen: str) -> None:
    if seen and seen != assignment_digest(held):
        raise Refused([Reason("assignment_changed")])


def _call_of(rows: Collection[Dossier]) -> Call | None:
    calls = {one.call_id: one.call for one in rows}
    return next(iter(calls.values())) if len(calls) == 1 else None


def _write(assignment: Assignment, held: Mapping[int, int | None], wanted: Mapping[int, int | None]) -> None:
    """Handlings, the cases with whose they were, and the journal row, which counts them: there may be ten thousand."""
    changed = {key: to for key, to in wanted.items() if held[key] != to}
    moment = assignment.at
    for keys in _parts(sorted(changed)):
        known = list(Handling.objects.filter(dossier__in=keys))
        for one in known:
            one.officer_id, one.officer_since, one.changed_at = changed[one.dossier_id], moment, moment
        Handling.objects.bulk_update(known, ["officer", "officer_since", "changed_at"], batch_size=AT_ONCE)
        new = set(keys) - {one.dossier_id for one in known}
        Handling.objects.bulk_create(
            Handling(dossier_id=key, officer_id=changed[key], officer_since=moment, changed_at=moment)
            for key in sorted(new)
        )
    AssignedCase.objects.bulk_create(
        [
            AssignedCase(assignment=assignment, dossier_id=key, before_id=held[key], after_id=to)
            for key, to in sorted(changed.items())
        ],
        batch_size=AT_ONCE,
    )
    told = {
        "assignment": assignment.uid,
        "call": assignment.call.slug if assignment.call else "",
        "to": assignment.to.uid if assignment.to else "",
        "handed_over_by": assignment.handed_over_by.uid if assignment.handed_over_by else "",
        "undoes": assignment.undoes.uid if assignment.undoes else "",
        "count": len(changed),
        "cases": assignment_digest(changed),
    }
    record(assignment, after=told, payload=told)
