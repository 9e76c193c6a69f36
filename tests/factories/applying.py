"""Applications that are being written: a person, an organisation, a rich call, a draft."""

import io
from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands
from madang.apps.applications.models import Draft, DraftMember
from madang.apps.applications.queries import form_state
from madang.apps.calls.models import Call
from madang.kernel.clock import now
from tests.factories.people import belongs, organisation, person
from tests.factories.rich import rich_call


def begun(call: Call | None = None, *, by: Person | None = None, track: str = "trial", language: str = "en") -> Draft:
    """A draft that this person (or Aram, who manages the City of Aram) has begun."""
    by = by or person()
    home = by.affiliations.first()
    where = home.organisation if home else belongs(organisation(), by, "manage", "file").organisation
    return commands.start_draft(
        actor=actor_of(by), call=call or rich_call(), organisation=where, track=track, language=language
    )


def typed(draft: Draft, by: Person | None = None, **more: Any) -> Draft:
    """Type into the draft; `_` in a name stands for `-`. Cells of rows go by `row`."""
    changes = {key.replace("_", "-"): value for key, value in more.items()}
    return keep(draft, changes, by)


def keep(draft: Draft, changes: dict[str, Any], by: Person | None = None) -> Draft:
    base = dict(draft.entries.values_list("key", "revision"))
    actor = actor_of(by or draft.started_by)
    done = commands.save_entries(actor=actor, draft=draft, changes=changes, base=base)
    assert not done.conflicts
    assert not done.refused
    draft.refresh_from_db()
    return draft


def row(draft: Draft, key: str, **cells: str) -> str:
    """One more row with these cells; its id."""
    found = commands.add_row(actor=actor_of(draft.started_by), draft=draft, key=key)
    draft.refresh_from_db()
    keep(draft, {f"{key}.{found}.{cell}": value for cell, value in cells.items()})
    return found


def joined(draft: Draft, colleague: Person, *, may_file: bool = False) -> Person:
    """Somebody who writes in the draft too."""
    DraftMember.objects.create(draft=draft, person=colleague, may_file=may_file, since=now())
    return colleague


def completed(draft: Draft, by: Person | None = None) -> Draft:
    """Everything that the rich call asks of a plan; what stands there already stays."""
    by = by or draft.started_by
    wanted = {
        "name": "Quiet streets", "place": "Aram-dong (37.5, 127.1)", "country": "XA", "mou": "yes", "cost": "1000",
        "summary": "Less noise at night.", "contact": "aram@example.org", "own": "500",
    }  # fmt: skip
    standing = dict(draft.entries.values_list("key", "typed"))
    keep(draft, {key: value for key, value in wanted.items() if not standing.get(key)}, by)
    if not standing.get("goals"):
        row(draft, "goals", goal="Less noise", by="Neighbours")
    for key in ("mou-text", "documents.plan"):
        pdf = io.BytesIO(b"%PDF-1.7\n%%EOF\n")
        commands.attach_file(actor=actor_of(by), draft=draft, key=key, name=f"{key[-4:]}.pdf", content=pdf)
    draft.refresh_from_db()
    assert form_state(draft).complete, form_state(draft).missing
    return draft
