"""A call with two desks, and applications at them: some from a sheet, one filed here. All invented."""

from __future__ import annotations

import io
from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands
from madang.apps.applications.models import Dossier, Draft
from madang.apps.calls.models import Call
from madang.core.deciding.case import Application, Case
from madang.kernel.actors import DEMO
from madang.kernel.clock import now
from tests.factories.applications import application
from tests.factories.enquiries import call_with_desks
from tests.factories.filing import PDF
from tests.factories.people import belongs, organisation, person

MORE = "documents:\n  - {id: plan, formats: [pdf], label: {en: Plan, ko: 계획서}}\n"


def secretary(secretariat: str, *, name: str = "", programme: str = "sample-programme") -> Person:
    found: Person = person(
        name or secretariat, role="secretariat", programme=programme, secretariat=secretariat, language="en"
    )
    return found


class Desk:
    """Northern and southern officers, the ministry's, an auditor; six applications of a sheet (1-6: odd ones plans)."""

    def __init__(self, *numbers: int, applications: tuple[Application, ...] = ()) -> None:
        self.call = call_with_desks(more=MORE)
        self.north, self.south = secretary("north"), secretary("south")
        self.north_too = secretary("north", name="north-too")
        self.ministry = person("ministry", role="officer", programme="sample-programme", language="en")
        self.auditor = person("auditor", role="auditor", language="en")
        self.elsewhere = secretary("north", name="elsewhere", programme="another-programme")
        rows = applications or tuple(application(n) for n in numbers or range(1, 7))
        commands.receive_from_folder(actor=DEMO, call=self.call, case=Case(applications=rows, sample=True))

    def dossier(self, reference: str) -> Dossier:
        return Dossier.objects.select_related("call__programme").get(call=self.call, reference=reference)


def filed_here(call: Call, *, by: Person | None = None, track: str = "plan", amount: str = "100") -> Draft:
    """An application filed for the call with its one document."""
    by = by or person("filer")
    home = by.affiliations.first()
    city = home.organisation if home else belongs(organisation("City of Boram"), by, "manage", "file").organisation
    actor = actor_of(by)
    draft = commands.start_draft(actor=actor, call=call, organisation=city, track=track, language="en")
    commands.save_entries(actor=actor, draft=draft, changes={"requested": amount}, base={})
    attach(draft, by, "plan.pdf")
    return press(draft, by)


def attach(draft: Draft, by: Person, name: str) -> Any:
    return commands.attach_file(
        actor=actor_of(by), draft=draft, key="documents.plan", name=name, content=io.BytesIO(PDF)
    )


def press(draft: Draft, by: Person) -> Draft:
    draft.refresh_from_db()
    commands.file_draft(actor=actor_of(by), draft=draft, seen_revision=draft.revision, arrived_at=now())
    draft.refresh_from_db()
    return draft


def revised(draft: Draft, by: Person, **changes: str) -> Draft:
    """Filed once more with these changes."""
    commands.revise_filed(actor=actor_of(by), draft=draft)
    draft.refresh_from_db()
    base = dict(draft.entries.values_list("key", "revision"))
    commands.save_entries(actor=actor_of(by), draft=draft, changes=changes, base=base)
    return press(draft, by)
