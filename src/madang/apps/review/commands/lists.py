"""Lists of the desk that are kept under a name, for oneself or for everybody at the call's desks."""

from __future__ import annotations

from typing import Any

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import About, text_faults
from madang.apps.review import rules
from madang.apps.review.models import SavedList
from madang.core.reasons import Reason
from madang.core.record.canonical import text_digest
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed


@command("review.save_list")
def save_list(*, actor: Actor, call: Call, name: str, query: str, shared: bool = False) -> SavedList:
    """Keep a search (the canonical query of its address) under a name.

    Raises `Refused`: no desk of the call, no name, a name that one has, too many lists, a search that is too long.
    """
    call = locked(Call.objects.select_related("programme")).get(pk=call.pk)
    refuse_if(allowed(actor, rules.SAVE_LIST, About(call)))
    if not isinstance(actor.person, Person):
        raise Refused([Reason("people_only")])
    own = SavedList.objects.filter(call=call, owner=actor.person, removed_at__isnull=True)
    name = _name(name)
    if own.count() >= rules.MOST_LISTS:
        raise Refused([Reason("list_too_many", {"most": rules.MOST_LISTS})])
    if own.filter(name=name).exists():
        raise Refused([Reason("list_name_taken", {"name": name})])
    if len(query) > rules.LONGEST_SEARCH:
        raise Refused([Reason("list_search_too_long")])
    saved = SavedList.objects.create(
        call=call, owner=actor.person, name=name, query=query, shared=shared, saved_at=now()
    )
    record(saved, after=_state(saved), payload=_state(saved))
    return saved


@command("review.change_list")
def change_list(*, actor: Actor, saved: SavedList, name: str, shared: bool) -> SavedList:
    """Another name for a list of one's own, and whether it is shared. Raises `Refused`: somebody else's, no name, a
    name that another list of one's own has.
    """
    saved = _locked(saved)
    refuse_if(allowed(actor, rules.CHANGE_LIST, saved))
    name = _name(name)
    if (name, shared) == (saved.name, saved.shared):
        return unchanged(saved)
    own = SavedList.objects.filter(call=saved.call, owner=saved.owner, removed_at__isnull=True).exclude(pk=saved.pk)
    if own.filter(name=name).exists():
        raise Refused([Reason("list_name_taken", {"name": name})])
    before = _state(saved)
    saved.name, saved.shared = name, shared
    saved.save(update_fields=["name", "shared"])
    record(saved, before=before, after=_state(saved), payload=_state(saved))
    return saved


@command("review.remove_list")
def remove_list(*, actor: Actor, saved: SavedList) -> SavedList:
    """Remove a list of one's own, for everybody. Removed already: the same. Raises `Refused`: somebody else's."""
    saved = _locked(saved)
    refuse_if(allowed(actor, rules.CHANGE_LIST, saved))
    if saved.removed_at is not None:
        return unchanged(saved)
    before, saved.removed_at = _state(saved), now()
    saved.save(update_fields=["removed_at"])
    record(saved, before=before, after=_state(saved), payload=_state(saved))
    return saved


def _locked(saved: SavedList) -> SavedList:
    return locked(SavedList.objects.select_related("call__programme", "owner")).get(pk=saved.pk)


def _name(name: str) -> str:
    """One line."""
    name = " ".join(name.split())
    refuse_if(text_faults(name, "list_needs_name", rules.LONGEST_NAME))
    return name


def _state(saved: SavedList) -> dict[str, Any]:
    removed = saved.removed_at.isoformat() if saved.removed_at else None
    return {"list": saved.uid, "call": saved.call.slug, "shared": saved.shared, "removed_at": removed} | {
        "sha256": text_digest(f"{saved.name}\n{saved.query}")  # a name may be somebody's
    }
