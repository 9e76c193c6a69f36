"""Verdicts on the lines of the checklist, by one person or by two."""

from typing import Any

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.enquiries.rules import text_faults, tidy
from madang.apps.review import rules
from madang.apps.review.commands.shared import locked_review
from madang.apps.review.models import Verdict
from madang.apps.review.queries import ItemState, Reviewed
from madang.core.checklist import AGAINST, OPEN, STALE, UNJUDGED, VERDICTS
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, record, refuse_if, unchanged


@command("review.judge")
def judge(
    *,
    actor: Actor,
    dossier: Dossier,
    item: str,
    verdict: str,
    reason: str = "",
    seen: int | None = None,
    after: int | None = None,
) -> Verdict:
    """Say what was found about a line of the checklist, of the revision that stands.

    `seen`: the application row that was on screen; `after`: the last verdict on it (0: none). Where either is given
    and has moved on, nothing is overwritten. Where two people must agree, the same verdict as a waiting one of somebody
    else confirms it. Said already by the same person: nothing changes.
    Raises `Refused`: no right, not open, decided, no such line, not asked here, no such verdict, a verdict against it
    without its reason, a newer revision, somebody else was quicker.
    """
    person, review = locked_review(actor, dossier)
    refuse_if(review.against("judge"))
    state = _asked(review, item)
    reason = tidy(reason)
    refuse_if(_faults(state, verdict, reason))
    if seen is not None and seen != review.application.pk:
        raise Refused([Reason("review_newer_revision", {"revision": review.revision})])
    last = state.rows[-1] if state.rows else None
    if last is not None and after is not None and last.pk != after and last.by_id != person.pk:
        raise Refused([Reason("review_judged_meanwhile", {"by": last.by.shown})])
    same = _standing_of(state, person)
    if same is not None and (same.verdict, same.reason) == (verdict, reason):
        return unchanged(same)
    follows = next((one for one in state.line.to_follow(person.pk) if one.verdict == verdict), None)
    return _written(review, person, item, verdict, reason, state.row(follows.id) if follows else None)


@command("review.confirm")
def confirm(*, actor: Actor, dossier: Dossier, verdict: Verdict, reason: str = "") -> Verdict:
    """Follow somebody else's verdict: with that it counts. Of two that differ, the one that is followed.

    Raises `Refused`: no right, not open, decided, no second person is asked, it does not wait any more, one's own.
    Confirmed already by the same person: nothing changes.
    """
    person, review = locked_review(actor, dossier)
    refuse_if(review.against("judge"))
    state = _asked(review, verdict.item)
    if not state.spec.four_eyes:
        raise Refused([Reason("review_one_person_judges")])
    if verdict.by_id == person.pk:
        raise Refused([Reason("review_needs_another_person")])
    if done := next((row for row in state.rows if row.confirms_id == verdict.pk and row.by_id == person.pk), None):
        return unchanged(done)
    if verdict.pk not in [one.id for one in state.line.to_follow(person.pk)]:
        raise Refused([Reason("review_not_waiting")])
    reason = tidy(reason)
    refuse_if(text_faults(reason, "", rules.LONGEST_REASON))
    return _written(review, person, verdict.item, verdict.verdict, reason, state.row(verdict.pk))


def _asked(review: Reviewed, item: str) -> ItemState:
    state = review.item(item)
    if state is None:
        raise Refused([Reason("review_no_such_item")])
    if not state.asked:
        raise Refused([Reason("review_item_not_asked")])
    return state


def _faults(state: ItemState, verdict: str, reason: str) -> list[Reason]:
    if verdict not in VERDICTS:
        return [Reason("review_no_such_verdict")]
    if verdict == OPEN and state.line.state in (UNJUDGED, STALE):
        return [Reason("review_not_judged_yet")]
    return list(text_faults(reason, "review_verdict_needs_reason" if verdict in AGAINST else "", rules.LONGEST_REASON))


def _standing_of(state: ItemState, person: Person) -> Verdict | None:
    """What this person said, where it stands now."""
    if state.line.state == STALE:
        return None
    return next((state.row(one.id) for one in state.line.opinions if one.by == person.pk), None)


def _written(
    review: Reviewed, person: Person, item: str, verdict: str, reason: str, confirms: Verdict | None
) -> Verdict:
    row = Verdict.objects.create(
        dossier=review.dossier,
        application=review.application,
        item=item,
        verdict=verdict,
        reason=reason,
        confirms=confirms,
        by=person,
        at=now(),
    )
    told: dict[str, Any] = {"item": item, "verdict": verdict, "confirms": confirms.pk if confirms else None}
    record(row, after=told, payload={**told, "dossier": review.dossier.uid, "revision": review.revision})
    return row
