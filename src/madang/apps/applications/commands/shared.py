"""What the commands about drafts ask and write alike: who acts, the locked draft, its history, its journal row."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import regex
from django.db import connection

from madang.apps.accounts.models import Person, is_person
from madang.apps.applications import rules
from madang.apps.applications.models import Draft, DraftChange
from madang.apps.applications.queries import with_everything
from madang.apps.calls.models import Call
from madang.apps.calls.queries import definition_of, state_of
from madang.core.form.written import shown
from madang.core.lifecycle import DRAFT, check
from madang.core.lifecycle.call import OPEN
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, locked, record, refuse_if
from madang.kernel.permissions import allowed
from madang.kernel.prepared import Prepared

_LANGUAGE = regex.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_EMAIL = 254
"""Characters that an address may have, by the standard of mail and in our tables."""
_NAMED_KEYS = 50  # keys that one journal row names; of more it says how many


def note_changes(draft: Draft, person: Person, stored: Mapping[str, Any]) -> None:
    """Keep these values in the draft's history, at its revision."""
    written: dict[str, Any] = {"revision": draft.revision, "by": person, "at": draft.changed_at}
    DraftChange.objects.bulk_create(
        [DraftChange(draft=draft, key=key, typed=value, **written) for key, value in stored.items()]
    )


def record_changes(draft: Draft, before: int, keys: Collection[str], **more: Any) -> None:
    """Keys and counts: what was typed belongs to the people who wrote it, and the journal never forgets."""
    told = {"draft": draft.uid, "revision": draft.revision, "count": len(keys), "keys": sorted(keys)[:_NAMED_KEYS]}
    record(draft, before={"revision": before}, after={"revision": draft.revision}, payload={**told, **more})


def acting_person(actor: Actor) -> Person:
    """Whoever acts, as a person: what is written in a draft has somebody who wrote it."""
    if not is_person(actor.person):
        raise Refused([Reason("people_only")])
    person: Person = actor.person
    return person


def locked_draft(draft: Draft) -> Draft:
    """The draft as it is now, locked, with its call, definition and organisation."""
    if connection.features.has_select_for_update:
        _LOCK.first(draft.pk)
    found = _WHOLE.first(draft.pk)
    if found is None:
        raise Draft.DoesNotExist(draft.pk)
    return found


# Locked first, read then (`locked_whole`): whoever waited for the row would else get what is joined to it as it was.
_LOCK: Prepared[Draft] = Prepared(lambda pk: locked(Draft.objects.filter(pk=pk)).only("pk"), int)
_WHOLE: Prepared[Draft] = Prepared(lambda pk: with_everything(Draft.objects.filter(pk=pk)), int)


def writable_draft(actor: Actor, draft: Draft) -> Draft:
    """The locked draft, which this person may write in, and which can be written in now."""
    draft = locked_draft(draft)
    refuse_if(against_writing(actor, draft))
    return draft


def against_writing(actor: Actor, draft: Draft) -> Iterable[Reason]:
    """The reasons against; what is wrong with the moment only concerns those who have the right."""
    return allowed(actor, rules.WRITE_DRAFT, draft) or against_moment(draft, "write")


def against_moment(draft: Draft, move: str) -> list[Reason]:
    """The lifecycle's reasons against a move now; under a supplement its own time is what is over."""
    reasons = list(check(DRAFT, move, draft.state, facts_of(draft)))
    if draft.supplement is None:
        return reasons
    over = Reason("supplement_over", {"until": in_words(draft.supplement.until, zone_of(draft))})
    return [over if one.code == "call_takes_no_drafts" else one for one in reasons]


def against_place(draft: Draft, key: str) -> list[Reason]:
    """The reasons against changing this place: under a supplement only what was asked for can be changed."""
    return [] if rules.may_change(draft, key) else [Reason("supplement_not_this_place")]


def facts_of(draft: Draft) -> set[str]:
    """What the lifecycle of a draft asks about its call now: it is open, or in the grace that its notice prints; under
    a supplement, that this still runs.
    """
    found = set() if draft.call.decided_at else {"not_decided"}
    if draft.supplement is not None:
        takes = rules.runs(draft.supplement, now())
    else:
        takes = state_of(draft.call) == OPEN or rules.in_time(draft, now())
    return found | {"call_takes_drafts"} if takes else found


def in_words(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A moment to the second, with its zone, for a sentence in a mail or a refusal."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone.key})"


def zone_of(draft: Draft) -> ZoneInfo:
    """The zone in which the call counts."""
    return ZoneInfo(definition_of(draft.version).schedule.zone)


def end_of(draft: Draft) -> str:
    """Until when a press counts, in words; blank where the call never closes by the clock."""
    until = rules.counts_until(draft)
    return in_words(until, zone_of(draft)) if until else ""


def language_faults(language: str) -> Iterable[Reason]:
    """Why this names no language; nothing where it does."""
    if len(language) > 10 or not _LANGUAGE.fullmatch(language):
        yield Reason("no_such_language", {"language": shown(language)[:20]})


def call_title(call: Call, language: str) -> str:
    """The title for a reader of this language, else in the first that there is."""
    return str(call.title.get(language) or next(iter(call.title.values()), call.slug))
