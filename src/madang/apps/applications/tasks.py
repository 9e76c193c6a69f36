"""What this room does by itself: it hears of amendments, handovers and merges, and reminds of drafts not filed."""

import datetime as dt
from collections import defaultdict

from madang.apps.accounts.models import Person
from madang.apps.applications import commands, rules
from madang.apps.applications.commands import (
    FOLLOW_MERGE,
    IMPORT_GOOD_FOR,
    TAKE_OVER,
    UPLOAD_GOOD_FOR,
    expire_upload,
    follow_version,
    remind_writers,
)
from madang.apps.applications.models import Draft
from madang.apps.applications.queries import (
    abandoned_uploads,
    behind_their_call,
    due_supplements,
    exports_at_work,
    exports_past,
    imports_at_work,
    imports_left_behind,
    open_uploads,
    supplements_to_remind,
    to_be_reminded,
    writers,
)
from madang.apps.calls.events import DefinitionPublished
from madang.apps.calls.models import DefinitionVersion
from madang.apps.calls.queries import amended_since
from madang.apps.directory.events import HandedOver, OrganisationsMerged
from madang.apps.directory.models import Merge
from madang.apps.directory.queries import handovers_to_follow, left_to_move, recent_merges
from madang.kernel import mail, spool
from madang.kernel.actors import SYSTEM
from madang.kernel.clock import now


def follow_amendment(event: DefinitionPublished) -> None:
    """Drafts of an amended call move to the new version, each by itself."""
    for draft in behind_their_call().filter(call=event.call_id):
        follow_version(actor=SYSTEM, draft=draft)


def follow_all() -> int:
    """The same for drafts that an earlier try left behind (a crash after the amendment)."""
    return len([follow_version(actor=SYSTEM, draft=draft) for draft in behind_their_call()[:200]])


def tell_new_deadline(event: DefinitionPublished) -> None:
    """Who writes in an application of the call hears that its closing has moved."""
    version = DefinitionVersion.objects.filter(pk=event.version_id).select_related("call").first()
    if version is not None and version.number > 1:
        _tell_new_deadline(version)


def tell_new_deadlines() -> int:
    """The same for those who were not told (a crash after the amendment). Usually one statement that finds nothing."""
    return sum(_tell_new_deadline(version) for version in amended_since(now() - rules.TOLD_WITHIN))


def _tell_new_deadline(version: DefinitionVersion) -> int:
    told = 0
    while some := commands.tell_new_deadline(actor=SYSTEM, version=version):
        told += some
    return told


def take_over_drafts(event: HandedOver) -> None:
    """Drafts of the organisation that the giver writes in pass to the taker; earlier handovers go first."""
    _take_over_due()


def follow_merge(event: OrganisationsMerged) -> None:
    """Drafts move to the organisation that counts, or back."""
    _follow(Merge.objects.select_related("kept", "absorbed").get(pk=event.merge_id))


def catch_up() -> int:
    """The same for handovers and merges that nobody was told of (a crash after they were made).

    Where nothing is left it only reads: one statement each for handovers and merges, and two for each that is recent.
    """
    passed = _take_over_due()
    left = (
        merge for merge in recent_merges() if left_to_move(merge, Draft.objects.all(), by=FOLLOW_MERGE, what="drafts")
    )
    return passed + sum(_follow(merge) for merge in left)


def _take_over_due() -> int:
    return sum(commands.take_over_drafts(actor=SYSTEM, handover=one) for one in handovers_to_follow(TAKE_OVER))


def _follow(merge: Merge) -> int:
    moved = 0
    while some := commands.follow_merge(actor=SYSTEM, merge=merge):
        moved += some
    return moved


def end_uploads() -> int:
    """Uploads that nothing has come of for a day are ended, and what was left in the spool is thrown away.

    Where nothing is due it only reads: one statement, and a look at the folder.
    """
    before = now() - UPLOAD_GOOD_FOR
    ended = [one for one in abandoned_uploads(before)[:200] if _untouched_since(before, one.uid)]
    for upload in ended:
        expire_upload(actor=SYSTEM, upload=upload)
    old = [uid for uid in spool.uids() if spool.last_written(uid) and _untouched_since(before, uid)][:200]
    left = set(old) - {one.uid for one in ended} - (open_uploads(old) if old else set())
    for uid in left:  # a crash between the row and the file
        spool.remove(uid)
    return len(ended) + len(left)


def _untouched_since(moment: dt.datetime, uid: str) -> bool:
    last = spool.last_written(uid)
    return last is None or last <= moment


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


def expire_supplements() -> int:
    """Supplements of which the last second is over, also those that ended while nothing ran. Where none is due it only
    reads: one statement.
    """
    due = due_supplements(now() - rules.SETTLES)[:200]
    return len([commands.expire_supplement(actor=SYSTEM, supplement=one) for one in due])


def remind_of_supplements() -> int:
    """One reminder two days before a supplement ends, and again after its end was moved. Where none is due it only
    reads: one statement. Returns how many mails were posted.
    """
    due = supplements_to_remind(now())[:200]
    return sum(commands.remind_supplement(actor=SYSTEM, supplement=one) for one in due)


def work_on_imports() -> int:
    """What waits to be read or taken in, one after the other. Usually one statement that finds nothing."""
    waiting = list(imports_at_work()[:20])
    for imported in waiting:
        commands.work_on(imported)
    return len(waiting)


def end_imports() -> int:
    """What was handed in a day ago and not taken in is dropped. Usually one statement that finds nothing."""
    left = imports_left_behind(now() - IMPORT_GOOD_FOR)[:200]
    return len([commands.drop_import(actor=SYSTEM, imported=one) for one in left])


def make_exports() -> int:
    """What was asked for to take along, one after the other. Usually one statement that finds nothing."""
    return len([commands.make_export(one) for one in exports_at_work()[:20]])


def end_exports() -> int:
    """What was taken along a day ago is thrown away. Usually one statement that finds nothing."""
    return len([commands.expire_export(actor=SYSTEM, export=one) for one in exports_past()[:200]])
