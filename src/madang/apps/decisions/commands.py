"""Writes: seal a decision."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.calls.commands import mark_decided
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import definition_of, state_of
from madang.apps.calls.rules import may_publish
from madang.apps.decisions import rules
from madang.apps.decisions.events import DecisionSealed
from madang.apps.decisions.models import Decision
from madang.core.callspec import Definition
from madang.core.lifecycle import CALL, check
from madang.core.lifecycle.call import DECIDED
from madang.core.problem import Status
from madang.core.reasons import Malformed
from madang.core.record.read import Record
from madang.core.record.verify import verify
from madang.kernel import files
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce

UNSETTLED = frozenset({Status.UNDETERMINED, Status.INFEASIBLE, Status.UNKNOWN})


def seal_decision(
    *,
    actor: Actor,
    call: Call,
    record_text: str,
    report: bytes | None = None,
    workbook: bytes | None = None,
    reason: str | None = None,
) -> Decision:
    """Keep a decision record of `madang decide` as a decision of the call, with the papers made from it.

    Everything in the record is computed again first (before any row is locked: it takes about as long as deciding).
    The record that is sealed already, sealed again, changes nothing. A further decision of a decided call needs its
    reason. A call that is decided in one go is decided from now on, unless the result is not settled (`UNSETTLED`):
    such a run is kept and shown, and decides nothing.
    Raises `Malformed` when the record cannot be read, `Refused` when it does not hold or does not fit the call.
    Side effects: files in the store; a `DecisionSealed` event.
    """
    found = verify(record_text)
    if found.record is None:
        raise Malformed(found.faults)
    refuse_if(rules.holds(found))
    papers = {"record": record_text.encode(), "report": report, "workbook": workbook}
    return _seal(actor=actor, call=call, verified=found.record, papers=papers, reason=(reason or "").strip())


@command("decisions.seal_decision")
def _seal(*, actor: Actor, call: Call, verified: Record, papers: dict[str, bytes | None], reason: str) -> Decision:
    call = locked(Call.objects).get(pk=call.pk)
    if sealed := Decision.objects.filter(call=call, root=verified.root).first():
        return unchanged(sealed)
    refuse_if(may_publish(actor, call))
    versions = {version.sha256: version for version in DefinitionVersion.objects.filter(call=call)}
    refuse_if(rules.belongs(verified, call=call.slug, sample=call.is_sample, published=versions))
    version = versions[verified.meta["definition_sha256"]]
    move = _move(call, version)
    refuse_if(check(CALL, move, state_of(call), {"reason_given"} if reason else ()))
    decision = Decision.objects.create(
        call=call,
        definition_version=version,
        number=Decision.objects.filter(call=call).count() + 1,
        root=verified.root,
        status=verified.values["computed/summary"]["status"],
        sealed_at=now(),
        is_sample=call.is_sample,
        summary=_summary(verified),
        reason=reason,
        **{f"{name}_sha256": files.keep(content).sha256 for name, content in papers.items() if content is not None},
    )
    if move == "decide" and decision.status not in UNSETTLED:
        mark_decided(actor=actor, call=call, root=decision.root, decided_at=_stated(verified, definition_of(version)))
    record(decision, after=_state(decision), payload={**_state(decision), "call": call.slug, "reason": reason})
    announce(DecisionSealed(call_id=call.pk, decision_id=decision.pk, number=decision.number))
    return decision


def _stated(verified: Record, definition: Definition) -> dt.datetime | None:
    """When it was decided, as the record says it in the zone of the call, but never later than now."""
    try:
        stated = dt.datetime.fromisoformat(str(verified.meta["decided_at"]))
    except ValueError:
        return None
    return min(stated.replace(tzinfo=ZoneInfo(definition.schedule.zone)), now())


def _move(call: Call, version: DefinitionVersion) -> str:
    """Which move of the lifecycle this is. Without a closing moment there is no 'one go': what is there is decided."""
    if call.closes_at is None or definition_of(version).decide.close == "per_case":
        return "decide_case"
    return "decide_again" if state_of(call) == DECIDED else "decide"


def _summary(verified: Record) -> dict[str, Any]:
    """What lists show without opening the record."""
    return {
        "applications": len(verified.under("applications")),
        "outcomes": verified.values["computed/counts"],
        "decided_at": verified.meta["decided_at"],
        "signed_by": [signature["key"] for signature in verified.signatures],
    }


def _state(decision: Decision) -> dict[str, Any]:
    return {
        "number": decision.number,
        "root": decision.root,
        "status": decision.status,
        "definition_sha256": decision.definition_version.sha256,
        "record_sha256": decision.record_sha256,
        "report_sha256": decision.report_sha256,
        "workbook_sha256": decision.workbook_sha256,
    }
