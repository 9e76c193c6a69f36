"""Tell everybody who writes in an application of a call that its closing has moved."""

from collections import defaultdict
from typing import Final
from zoneinfo import ZoneInfo

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.shared import in_words
from madang.apps.applications.models import Draft
from madang.apps.applications.queries import members_told_by
from madang.apps.calls.commands import window
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import closing_moved, definition_of
from madang.core.lifecycle.draft import STANDING, WITHDRAWN
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.commands import Refused, command, locked, record, unchanged

MOST_TOLD: Final = 100
"""People in one transaction: nobody who files waits long behind it."""


@command("applications.tell_new_deadline")
def tell_new_deadline(*, actor: Actor, version: DefinitionVersion) -> int:
    """Tell up to `MOST_TOLD` people who wrote in an application of the call when this version was published that its
    closing has moved, and why; returns how many. Call it until it returns 0.

    One mail for each person and version, however many drafts. By the platform only. Nothing where the closing did not
    move, or moved again since.
    """
    call = locked(Call.objects).get(pk=version.call_id)
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    before = closing_moved(version)
    if before is None:
        return unchanged(0)
    drafts: dict[Person, list[Draft]] = defaultdict(list)
    for member in members_told_by(version):
        drafts[member.person].append(member.draft)
    told = mail.known_keys(rules.deadline_key(version, person) for person in drafts)
    waiting = [person for person in drafts if rules.deadline_key(version, person) not in told][:MOST_TOLD]
    for person in waiting:
        _tell(call, version, before, person, drafts[person])
    if not waiting:
        return unchanged(0)
    record(call, payload={"version": version.number, "people": len(waiting)})
    return len(waiting)


def _tell(
    call: Call, version: DefinitionVersion, before: DefinitionVersion, person: Person, drafts: list[Draft]
) -> None:
    """The old and the new closing in the call's zone, the new one in the reader's too where it differs."""
    new, old = (window(definition_of(one))[1] for one in (version, before))
    assert new is not None, "only a closing can move"
    assert old is not None, "only a closing can move"
    definition = definition_of(version)
    there, here = ZoneInfo(definition.schedule.zone), ZoneInfo(person.zone)
    states = {draft.state for draft in drafts}
    context = {
        "call": mail.words_in(call.title, person.language, definition.languages),
        "new": in_words(new, there),
        "old": in_words(old, there),
        "new_here": in_words(new, here),
        "elsewhere": new.astimezone(there).utcoffset() != new.astimezone(here).utcoffset(),
        "filed": not states.isdisjoint(STANDING),
        "withdrawn": states == {WITHDRAWN},
        "reason": version.reason,
        "notice": version.notice,
        "path": f"/applications/{drafts[0].uid}" if len(drafts) == 1 else "/applications",
    }
    mail.post(
        "deadline-moved",
        to=person.email,
        language=person.language,
        key=rules.deadline_key(version, person),
        about=call.slug if any(one.number for one in drafts) else mail.OF_A_DRAFT,
        languages=definition.languages,
        context=context,
    )
