"""How a supplement ends without the office: a press answers it, its application is withdrawn, its time is over."""

from typing import Any

from madang.apps.applications import rules
from madang.apps.applications.commands.supplement_mails import tell_applicants, tell_office
from madang.apps.applications.events import SupplementEnded
from madang.apps.applications.models import Draft, Filing, Supplement
from madang.core.lifecycle import SUPPLEMENT, check
from madang.core.lifecycle.supplement import OPEN
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, locked_whole, record, refuse_if, unchanged
from madang.kernel.events import announce


@command("applications.answer_supplement")
def answer_by_press(*, actor: Actor, draft: Draft, filing: Filing) -> Supplement:
    """The press that was just filed answers the draft's supplement. Use `file_draft`, which has asked for the right and
    for what it may change. Side effects: a mail to whoever asked for it; `SupplementEnded`.
    """
    supplement = whole(draft.supplement_id)
    in_time = {"arrived_in_time"} if filing.arrived_at <= supplement.until else set()
    refuse_if(check(SUPPLEMENT, "answer", supplement.state, in_time))
    before = state_of(supplement)
    supplement.filing = filing
    end(supplement, "answer", by=filing.by)
    lift(supplement, draft)
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement, revision=filing.revision))
    tell_office(supplement, "supplement-answered")
    announce(SupplementEnded(dossier_id=supplement.dossier_id, supplement_id=supplement.pk, state=supplement.state))
    return supplement


@command("applications.end_supplement_by_withdrawal")
def end_by_withdrawal(*, actor: Actor, draft: Draft) -> Supplement:
    """The draft was withdrawn: nothing is asked of it any more. By the platform, with `withdraw_application`."""
    _by_the_platform(actor)
    supplement = whole(draft.supplement_id)
    before = state_of(supplement)
    end(supplement, "cancel")
    lift(supplement, draft)
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement))
    announce(SupplementEnded(dossier_id=supplement.dossier_id, supplement_id=supplement.pk, state=supplement.state))
    return supplement


@command("applications.expire_supplement")
def expire_supplement(*, actor: Actor, supplement: Supplement) -> Supplement:
    """Its last second is over, and nothing came: what was filed stands as it is, and the office decides. By the
    platform only. Ended meanwhile: nothing changes. Side effects: mails to those who write in it
    and to whoever asked for it.
    """
    _by_the_platform(actor)
    supplement = whole(supplement.pk)
    if supplement.state != OPEN:
        return unchanged(supplement)
    over = {"time_over"} if now() > supplement.until + rules.SETTLES else set()
    refuse_if(check(SUPPLEMENT, "expire", supplement.state, over))
    before = state_of(supplement)
    end(supplement, "expire")
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement))
    tell_applicants(supplement, "supplement-expired")
    tell_office(supplement, "supplement-expired-office")
    announce(SupplementEnded(dossier_id=supplement.dossier_id, supplement_id=supplement.pk, state=supplement.state))
    return supplement


# --- Shared with the office's commands -------------------------------------------------------------------------------


def whole(pk: Any) -> Supplement:
    """The locked supplement with everything that its commands read. Its draft is locked first, as a press does."""
    locked(Draft.objects.filter(supplements=pk)).only("pk").first()
    rows = Supplement.objects.select_related(
        "dossier__call__programme", "application", "draft__organisation", "draft__version", "asked_by"
    )
    found: Supplement = locked_whole(rows.defer("dossier__call__search_text", "draft__version__data"), pk)
    return found


def end(supplement: Supplement, move: str, *, by: Any = None) -> None:
    """Move it to its end, and write it."""
    supplement.state, supplement.ended_at, supplement.ended_by = SUPPLEMENT.move(move).to, now(), by
    supplement.save()


def lift(supplement: Supplement, draft: Draft | None) -> None:
    """It limits its draft no longer."""
    if draft is not None and draft.supplement_id == supplement.pk:
        draft.supplement = None
        draft.save(update_fields=["supplement"])


def state_of(supplement: Supplement) -> dict[str, Any]:
    return {"uid": supplement.uid, "state": supplement.state, "until": supplement.until.isoformat()}


def told(supplement: Supplement, **more: Any) -> dict[str, Any]:
    """Without the reasons: they are people's words."""
    return {**state_of(supplement), "dossier": supplement.dossier.uid, "round": supplement.round, **more}


def _by_the_platform(actor: Actor) -> None:
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
