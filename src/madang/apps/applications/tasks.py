"""What this room does by itself: it hears of amendments and handovers, and reminds people of drafts not filed."""

from collections import defaultdict

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands import follow_version, remind_writers, take_over_draft
from madang.apps.applications.models import Draft, DraftMember
from madang.apps.applications.queries import behind_their_call, to_be_reminded, writers
from madang.apps.calls.events import DefinitionPublished
from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Handover
from madang.kernel import mail
from madang.kernel.actors import SYSTEM
from madang.kernel.clock import now


def follow_amendment(event: DefinitionPublished) -> None:
    """Drafts of an amended call move to the new version, each by itself."""
    for draft in behind_their_call().filter(call=event.call_id):
        follow_version(actor=SYSTEM, draft=draft)


def follow_all() -> int:
    """The same for drafts that an earlier try left behind (a crash after the amendment)."""
    return len([follow_version(actor=SYSTEM, draft=draft) for draft in behind_their_call()[:200]])


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

    Nothing for drafts that were filed or discarded. Where nothing is due it only reads: three statements.
    Returns how many mails were posted.
    """
    moment = now()
    due = {draft.pk: draft for draft in to_be_reminded(moment, rules.WEEK) if rules.reminder_due(draft, moment)}
    waiting = {}
    for member in writers(due.values()):
        before = rules.reminder_due(due[member.draft_id], moment)
        if before and rules.is_awake(member.person, moment):
            waiting[rules.reminder_key(due[member.draft_id], member.person, before)] = member
    for known in mail.known_keys(waiting):
        del waiting[known]
    people: dict[int, list[Person]] = defaultdict(list)
    for member in waiting.values():
        people[member.draft_id].append(member.person)
    posted = 0
    for pk, readers in people.items():
        before = rules.reminder_due(due[pk], moment)
        assert before is not None, "only these were asked for"
        posted += remind_writers(actor=SYSTEM, draft=due[pk], people=readers, before=before)
    return posted
