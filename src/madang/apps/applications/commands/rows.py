"""Rows of a repeated place: add, remove, bring back, move."""

from madang.apps.accounts.models import Person
from madang.apps.applications.commands.saving import write
from madang.apps.applications.commands.shared import acting_person, against_place, writable_draft
from madang.apps.applications.models import Draft, DraftChange
from madang.apps.applications.queries import removed_rows
from madang.apps.calls.queries import definition_of
from madang.core.form.keys import Keys, Named
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.commands import Refused, command, refuse_if, unchanged
from madang.kernel.tokens import new_row_id


@command("applications.add_row")
def add_row(*, actor: Actor, draft: Draft, key: str) -> str:
    """One more row in a repeated place; returns its id. Raises `Refused`: no such place, or as many as it may have."""
    person, draft, named, order = _rows(actor, draft, key)
    most = Keys(definition_of(draft.version)).most_rows(named)
    if len(order) >= most:
        raise Refused([Reason("form_rows_full", {"most": most})])
    taken = {*order, *removed_rows(draft, key)}
    row = next(id_ for id_ in iter(new_row_id, "") if id_ not in taken)
    write(draft, person, {key: (*order, row)})
    return row


@command("applications.remove_row")
def remove_row(*, actor: Actor, draft: Draft, key: str, row: str) -> Draft:
    """Take a row out. What was typed in it is kept, and `restore_row` brings it back. Gone already: nothing changes."""
    person, draft, _, order = _rows(actor, draft, key)
    if row not in order:
        return unchanged(draft)
    write(draft, person, {key: tuple(one for one in order if one != row)})
    return draft


@command("applications.restore_row")
def restore_row(*, actor: Actor, draft: Draft, key: str, row: str) -> Draft:
    """Bring a removed row back, to where it stood if that can be. Raises `Refused`: there never was such a row."""
    person, draft, named, order = _rows(actor, draft, key)
    if row in order:
        return unchanged(draft)
    most = Keys(definition_of(draft.version)).most_rows(named)
    if len(order) >= most:
        raise Refused([Reason("form_rows_full", {"most": most})])
    earlier = DraftChange.objects.filter(draft=draft, key=key).order_by("-revision", "-pk")
    before = next((typed for typed in earlier.values_list("typed", flat=True) if row in (typed or ())), None)
    if before is None:
        raise Refused([Reason("form_row_not_there")])
    ahead = set(before[: before.index(row)])
    at = max((number for number, one in enumerate(order, 1) if one in ahead), default=0)
    write(draft, person, {key: (*order[:at], row, *order[at:])})
    return draft


@command("applications.move_row")
def move_row(*, actor: Actor, draft: Draft, key: str, row: str, up: bool) -> Draft:
    """One place up or down. At the end already: nothing changes. Raises `Refused`: there is no such row."""
    person, draft, _, order = _rows(actor, draft, key)
    if row not in order:
        raise Refused([Reason("form_row_not_there")])
    at = order.index(row)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return unchanged(draft)
    moved = list(order)
    moved[at], moved[to] = moved[to], moved[at]
    write(draft, person, {key: tuple(moved)})
    return draft


def _rows(actor: Actor, draft: Draft, key: str) -> tuple[Person, Draft, Named, tuple[str, ...]]:
    """The person, the locked draft, the repeated place and the ids of its rows."""
    person, draft = acting_person(actor), writable_draft(actor, draft)
    named = Keys(definition_of(draft.version)).named(key)
    if named is None or named.kind != "rows":
        raise Refused([Reason("form_no_such_place")])
    refuse_if(against_place(draft, key))
    entry = draft.entries.filter(key=key).first()
    return person, draft, named, tuple(entry.typed) if entry else ()
