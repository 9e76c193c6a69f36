"""A later closing for everybody: an amendment that moves the closing and nothing else."""

import datetime as dt
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from madang.apps.calls import rules
from madang.apps.calls.commands.drafting import (
    against_words,
    edit_definition,
    start_definition_draft,
    submit_definition,
)
from madang.apps.calls.models import Call, DefinitionDraft
from madang.apps.calls.queries import current_definition, inspected, state_of
from madang.core.callspec.edit.operation import Edit
from madang.core.lifecycle import CALL, check
from madang.core.lifecycle.definition import OPEN
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import command, locked, record, refuse_if
from madang.kernel.permissions import allowed

CLOSING: Final = ("schedule", "closes", "at")
LONGEST: Final = dt.timedelta(days=366)
"""How much later a new closing may lie: a year that was mistyped is found."""


@command("calls.extend_deadline")
def extend_deadline(*, actor: Actor, call: Call, closes: dt.datetime, reason: str, notice: str) -> DefinitionDraft:
    """Write an amendment that moves the closing of a published call to this minute, and send it for approval.

    Nothing else of the text is touched. Where something does not fit any more (a stage that would lie before the
    closing), the amendment is not sent: it stays to be written on, with reason and notice kept for its sending.
    A call that has closed takes applications again once this is published. Raises `Refused`: no right, decided, no
    closing, not later than now and than the old one, an amendment is open already, no reason or notice.
    """
    call = locked(Call.objects).select_related("programme").get(pk=call.pk)
    refuse_if(allowed(actor, rules.WRITE_DEFINITION, call))
    reason, notice = reason.strip(), notice.strip()
    refuse_if([*_against(call, closes, reason, notice), *against_words(reason, notice)])
    zone = ZoneInfo(current_definition(call).schedule.zone)
    draft = start_definition_draft(actor=actor, start="amendment", of=call.slug)
    edit = Edit("set", values={CLOSING: f"{closes.astimezone(zone):%Y-%m-%d %H:%M}"})
    draft = edit_definition(actor=actor, draft=draft, edit=edit, seen_revision=draft.revision)
    fits = not inspected(draft.text).faults
    if fits:
        draft = submit_definition(actor=actor, draft=draft, seen_revision=draft.revision, reason=reason, notice=notice)
    else:
        draft.reason, draft.notice = reason, notice
        draft.save(update_fields=["reason", "notice"])
    record(call, payload={"draft": draft.uid, "closes": closes.isoformat(timespec="minutes"), "sent": fits})
    return draft


def _against(call: Call, closes: dt.datetime, reason: str, notice: str) -> Iterator[Reason]:
    """Why the closing cannot be moved there."""
    facts = CALL.move("amend").needs.keys() - ({"reason_given"} if not reason else set())
    yield from check(CALL, "amend", state_of(call), facts - ({"notice_given"} if not notice else set()))
    if call.decided_at:
        return
    if call.closes_at is None:
        yield Reason("extension_needs_closing")
    elif closes <= call.closes_at:
        yield Reason("extension_not_later")
    elif closes <= now():
        yield Reason("extension_in_the_past")
    elif closes > max(now(), call.closes_at) + LONGEST:
        yield Reason("extension_too_far", {"days": LONGEST.days})
    if call.drafts.filter(state__in=OPEN).exists():
        yield Reason("extension_amendment_open")
