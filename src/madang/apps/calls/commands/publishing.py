"""Writes: publish and amend a call's definition."""

import datetime as dt
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.calls import rules
from madang.apps.calls.events import CallDecided, DefinitionPublished
from madang.apps.calls.models import Call, DefinitionVersion, Programme
from madang.apps.calls.queries import current_version, state_of
from madang.core import callspec
from madang.core.callspec import Definition
from madang.core.lifecycle import CALL, check
from madang.core.reasons import Malformed
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.papers import calendars, classifications


@command("calls.publish_definition")
def publish_definition(
    *, actor: Actor, text: str, sample: bool, reason: str | None = None, notice: str | None = None
) -> DefinitionVersion:
    """Publish a call definition: a new call, or an amendment of a published one, which needs reason and notice.

    `notice` says where the amendment was made known. The text that already counts, published again, changes nothing.
    Raises `Malformed` with every fault of the text, and `Refused`.
    Side effects: creates programme and call; a `DefinitionPublished` event.
    """
    definition = sound(text)
    call = _call_of(definition, sample)
    last = current_version(call)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if last and last.sha256 == sha256 and call.is_sample == sample:
        return unchanged(last)
    refuse_if(rules.may_publish(actor, call))
    facts = {
        "reason_given": bool(reason and reason.strip()),
        "notice_given": bool(notice and notice.strip()),
        "same_programme": call.programme.slug == definition.programme,
        "same_origin": call.is_sample == sample,
        "ends_ahead": _ends_ahead(call, definition),
    }
    refuse_if(
        check(CALL, "amend" if last else "publish", state_of(call), {fact for fact, holds in facts.items() if holds})
    )
    version = DefinitionVersion.objects.create(
        call=call,
        number=last.number + 1 if last else 1,
        text=text,
        sha256=sha256,
        data=definition.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        published_at=now(),
        reason=(reason or "").strip() if last else "",
        notice=(notice or "").strip(),
    )
    _copy_to_call(call, definition, version)
    record(
        call,
        before=_state(last) if last else None,
        after=_state(version),
        payload={**_state(version), "sample": sample, "reason": version.reason, "notice": version.notice},
    )
    announce(DefinitionPublished(call_id=call.pk, version_id=version.pk, number=version.number))
    return version


@command("calls.mark_decided")
def mark_decided(*, actor: Actor, call: Call, root: str, decided_at: dt.datetime | None = None) -> Call:
    """The call is decided, by the sealed record with this root. `decisions.seal_decision` asks for it, nobody else.

    `decided_at` is the moment that the record states, else now; the journal keeps the moment of sealing.
    Raises `Refused`. Side effects: a `CallDecided` event.
    """
    call = locked(Call.objects).get(pk=call.pk)
    refuse_if(rules.may_publish(actor, call))
    refuse_if(check(CALL, "decide", state_of(call)))
    call.decided_at = decided_at or now()
    call.save(update_fields=["decided_at"])
    record(call, before={"decided": None}, after={"decided": root}, payload={"root": root})
    announce(CallDecided(call_id=call.pk))
    return call


def sound(text: str) -> Definition:
    """The definition of a text without any fault. Raises `Malformed`."""
    known = {name: frozenset(classifications.load(name).ids) for name in classifications.names()}
    definition, faults = callspec.check(text, known, calendars.find)
    if faults or definition is None:
        raise Malformed(faults)
    return definition


def window(definition: Definition) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The first and the last second that count. A day without an hour counts from its start, or to its end."""
    schedule = definition.schedule
    zone = ZoneInfo(schedule.zone)
    opens = _moment(schedule.opens, zone, "00:00:00") if schedule.opens else None
    closes = _moment(schedule.closes.at, zone, "23:59:59") if schedule.closes else None
    return opens, closes


def _ends_ahead(call: Call, definition: Definition) -> bool:
    """Whether an end that moves forward still lies ahead: who has pressed before the amendment was in time."""
    _, closes = window(definition)
    if closes is None or definition.schedule.closes is None:
        return True
    until = closes + dt.timedelta(minutes=definition.schedule.closes.printed_grace_minutes)
    return until >= now() or (call.counts_until is not None and until >= call.counts_until)


def _moment(text: str, zone: ZoneInfo, of_a_day: str) -> dt.datetime:
    written = text if " " in text else f"{text} {of_a_day}"
    return dt.datetime.fromisoformat(written).replace(tzinfo=zone)


def _call_of(definition: Definition, sample: bool) -> Call:
    """The call's row, locked; a draft when it was not there. Two who publish at once meet at the unique slug."""
    programme, _ = Programme.objects.get_or_create(slug=definition.programme)
    call, _ = Call.objects.get_or_create(slug=definition.id, defaults={"programme": programme, "is_sample": sample})
    return locked(Call.objects).select_related("programme").get(pk=call.pk)


def _copy_to_call(call: Call, definition: Definition, version: DefinitionVersion) -> None:
    call.opens_at, call.closes_at = window(definition)
    closes = definition.schedule.closes
    call.grace_minutes = closes.printed_grace_minutes if closes else 0
    call.title = dict(definition.title)
    call.published_at = call.published_at or version.published_at
    unit = definition.host.unit or {}
    words = [*definition.title.values(), definition.host.organisation, *unit.values(), definition.programme, call.slug]
    call.search_text = "\n".join(words).lower()
    call.save()


def _state(version: DefinitionVersion) -> dict[str, Any]:
    return {"version": version.number, "definition_sha256": version.sha256}
