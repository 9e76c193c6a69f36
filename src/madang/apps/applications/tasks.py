"""What this room does by itself: it hears of amendments and handovers, and reminds people of drafts not filed."""

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from madang.apps.accounts.models import Person
from madang.apps.applications.commands import DAY, WAKING, WEEK, follow_version, remind_writers, take_over_draft
from madang.apps.applications.models import Draft, DraftMember
from madang.apps.applications.queries import to_be_reminded, writers
from madang.apps.calls.events import DefinitionPublished
from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Handover
from madang.core.lifecycle.draft import WRITING
from madang.kernel.actors import SYSTEM
from madang.kernel.clock import now


def follow_amendment(event: DefinitionPublished) -> None:
    """Drafts of an amended call move to the new version, each by itself."""
    behind = Draft.objects.filter(call=event.call_id, state=WRITING).exclude(version=event.version_id)
    for draft in behind:
        follow_version(actor=SYSTEM, draft=draft)


def take_over_drafts(event: HandedOver) -> None:
    """Drafts that the giver writes in (of the organisation, where one is named) pass to the taker."""
    handover = Handover.objects.select_related("giver", "taker").get(pk=event.handover_id)
    written = DraftMember.objects.filter(person=handover.giver, ended_at__isnull=True).values("draft")
    drafts = Draft.objects.filter(pk__in=written)
    if handover.organisation_id:
        drafts = drafts.filter(organisation=handover.organisation_id)
    for draft in drafts:
        take_over_draft(actor=SYSTEM, draft=draft, handover=handover)


def remind() -> int:
    """One reminder within the last week before closing and one within the last day, in the reader's waking hours.

    Nothing for drafts that were filed or discarded. While somebody is at work on a draft (changed within a day) the
    week's reminder waits; the day's does not. Returns how many mails were posted.
    """
    moment = now()
    drafts = {draft.pk: draft for draft in to_be_reminded(moment, WEEK)}
    by_draft: dict[int, list[Person]] = defaultdict(list)
    for member in writers(drafts.values()):
        if _awake(member.person, moment):
            by_draft[member.draft_id].append(member.person)
    posted = 0
    for pk, people in by_draft.items():
        draft = drafts[pk]
        assert draft.call.closes_at is not None, "only calls that close are asked for"
        last = draft.call.closes_at - moment <= DAY
        if last or draft.changed_at <= moment - DAY:
            posted += remind_writers(actor=SYSTEM, draft=draft, people=people, before=DAY if last else WEEK)
    return posted


def _awake(person: Person, moment: dt.datetime) -> bool:
    first, last = WAKING
    return first <= moment.astimezone(ZoneInfo(person.zone)).time() < last
