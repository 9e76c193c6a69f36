"""Tell the writers of a draft that its call closes soon."""

import datetime as dt
from collections.abc import Collection
from zoneinfo import ZoneInfo

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.shared import locked_draft
from madang.apps.applications.models import Draft
from madang.apps.applications.queries import form_state
from madang.apps.calls.queries import definition_of
from madang.core.lifecycle.draft import REVISING, WRITABLE
from madang.core.reasons import Reason
from madang.core.record.numbers import receipt_number
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, record, unchanged


@command("applications.remind_writers")
def remind_writers(*, actor: Actor, draft: Draft, people: Collection[Person], before: dt.timedelta) -> int:
    """Tell these people that their draft is not filed and its call closes soon; returns how many mails were new.

    At most one mail for each person, draft and stage (`before`: a week or a day). By the platform only.
    """
    draft = locked_draft(draft)
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    closes = draft.call.closes_at
    if draft.state not in WRITABLE or closes is None or closes <= now():
        return unchanged(0)
    told = mail.known_keys(rules.reminder_key(draft, person, before) for person in people)
    people = [person for person in people if rules.reminder_key(draft, person, before) not in told]
    if not people:
        return unchanged(0)
    definition = definition_of(draft.version)
    state, zone = form_state(draft), ZoneInfo(definition.schedule.zone)
    for person in people:
        mail.post(
            "draft-reminder",
            to=person.email,
            language=person.language,
            key=rules.reminder_key(draft, person, before),
            about=rules.mails_about(draft),
            languages=definition.languages,
            stoppable="reminders",
            reader=person.uid,
            context={
                "call": mail.words_in(draft.call.title, person.language, definition.languages),
                "organisation": draft.organisation.name,
                "closes": f"{closes.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})",
                "closes_here": f"{closes.astimezone(ZoneInfo(person.zone)):%Y-%m-%d %H:%M} ({person.zone})",
                "elsewhere": person.zone != zone.key,
                "missing": len(state.missing),
                "revising": draft.state == REVISING,
                "number": receipt_number(draft.number or "", draft.standing.revision) if draft.standing else "",
                "path": f"/applications/{draft.uid}",
            },
        )
    draft.reminded_at = now()
    draft.save(update_fields=["reminded_at"])
    record(
        draft, payload={"draft": draft.uid, "people": len(people), "hours_before": int(before.total_seconds() // 3600)}
    )
    return len(people)
