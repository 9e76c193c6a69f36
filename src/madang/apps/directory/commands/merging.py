"""Two entries of one organisation become one, and two again where that was wrong."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import models

from madang.apps.directory import rules
from madang.apps.directory.commands.shared import (
    given_text,
    is_below,
    merged_faults,
    people_state,
    restate,
    sorted_duties,
)
from madang.apps.directory.events import OrganisationsMerged
from madang.apps.directory.models import (
    Affiliation,
    Domain,
    Invitation,
    JoinRequest,
    Merge,
    Organisation,
    RegistryNumber,
)
from madang.apps.directory.queries import left_to_move, managers_of, open_invitations
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.permissions import allowed

MOST_AT_ONCE: Final = 1000
"""Rows that one journal row of a room that follows a merge names; whoever follows repeats until none is left."""


@command("directory.merge_organisations")
def merge_organisations(*, actor: Actor, kept: Organisation, absorbed: Organisation, reason: str) -> Merge:
    """Two entries are one organisation: what stands in `absorbed` (people, numbers, domains, invitations, requests,
    parts) moves to `kept`, to which the old entry points from now on. Who belongs to both gets the duties of both.

    Its names stay with the old entry, and `kept` is found by them. Raises `Refused`.
    Side effects: an `OrganisationsMerged` event, by which other rooms move what is theirs.
    """
    refuse_if(allowed(actor, rules.MERGE_ORGANISATIONS))
    reason = given_text(reason, "reason", missing="merge_needs_reason")
    if kept.pk == absorbed.pk:
        raise Refused([Reason("merge_with_itself")])
    kept, absorbed = _both_locked(kept, absorbed)
    refuse_if([*merged_faults(kept), *merged_faults(absorbed)])
    if kept.is_sample != absorbed.is_sample:
        raise Refused([Reason("merge_mixes_samples")])
    if is_below(kept, absorbed):
        raise Refused([Reason("merge_into_own_part")])
    before = people_state(kept)
    moved: dict[str, Any] = {"managers": [len(managers_of(kept)), len(managers_of(absorbed))]}
    moved |= _move_people(kept, absorbed)
    claimed = kept.domains.filter(ended_at__isnull=True).values("domain")
    asking = kept.join_requests.filter(answered_at__isnull=True).values("person")
    inside = kept.affiliations.filter(ended_at__isnull=True).values("person")
    what = {
        "directory.registrynumber": absorbed.numbers.filter(ended_at__isnull=True),
        "directory.domain": absorbed.domains.filter(ended_at__isnull=True).exclude(domain__in=claimed),
        "directory.invitation": open_invitations(absorbed).select_related(None),
        "directory.joinrequest": absorbed.join_requests.filter(answered_at__isnull=True)
        .exclude(person__in=asking)
        .exclude(person__in=inside),
    }
    for table, rows in what.items():
        moved[table] = sorted(rows.values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=moved[table]).update(organisation=kept)
    children = absorbed.children.exclude(pk=kept.pk)
    moved["directory.organisation"] = sorted(children.values_list("pk", flat=True))
    Organisation.objects.filter(pk__in=moved["directory.organisation"]).update(parent=kept)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    restate(absorbed)
    restate(kept)
    merge = Merge.objects.create(
        kept=kept, absorbed=absorbed, moved=moved, reason=reason, merged_at=now(), merged_by=actor.id
    )
    counts = {table: len(ids) for table, ids in moved.items() if table != "managers"}
    payload = {"merge_id": merge.pk, "absorbed": absorbed.uid, "moved": counts}
    record(kept, before=before, after=people_state(kept), payload=payload)
    announce(OrganisationsMerged(merge_id=merge.pk, kept_id=kept.pk, absorbed_id=absorbed.pk))
    return merge


def _move_people(kept: Organisation, absorbed: Organisation) -> dict[str, Any]:
    here = {one.person_id: one for one in kept.affiliations.filter(ended_at__isnull=True)}
    moved, joined = [], []
    for one in absorbed.affiliations.filter(ended_at__isnull=True):
        same = here.get(one.person_id)
        if same is None:
            one.organisation = kept
            one.save(update_fields=["organisation"])
            moved.append(one.pk)
            continue
        union = sorted_duties({*same.duties, *one.duties})
        joined.append({"ended": one.pk, "kept": same.pk, "before": same.duties, "after": union})
        same.duties, one.ended_at = union, now()
        same.save(update_fields=["duties"])
        one.save(update_fields=["ended_at"])
    return {"directory.affiliation": sorted(moved), "joined": joined}


_TABLES: Final[dict[str, type[models.Model]]] = {
    "directory.affiliation": Affiliation,
    "directory.registrynumber": RegistryNumber,
    "directory.domain": Domain,
    "directory.invitation": Invitation,
    "directory.joinrequest": JoinRequest,
}


@command("directory.undo_merge")
def undo_merge(*, actor: Actor, merge: Merge) -> Merge:
    """They were two after all: exactly what moved goes back, in the state in which it is now; what came to the kept
    one later stays there, and who left it meanwhile stays out of both. Undone already: nothing changes.

    Raises `Refused`: the kept one was itself merged since, or one of the two would be left without a manager.
    Side effects: an `OrganisationsMerged` event with `undone`.
    """
    refuse_if(allowed(actor, rules.MERGE_ORGANISATIONS))
    kept, absorbed = _both_locked(merge.kept, merge.absorbed)
    merge = locked(Merge.objects).get(pk=merge.pk)
    if merge.undone_at:
        return unchanged(merge)
    if kept.merged_into_id is not None:
        raise Refused([Reason("undo_later_merge_first")])
    before = people_state(kept)
    for table, model in _TABLES.items():
        rows = model._default_manager.filter(pk__in=merge.moved[table], organisation=kept)
        rows.update(organisation=absorbed)
    for pair in merge.moved["joined"]:
        _part(pair)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    for child in Organisation.objects.filter(pk__in=merge.moved["directory.organisation"], parent=kept):
        if not is_below(absorbed, child):  # somebody may have put the one below the other meanwhile
            child.parent = absorbed
            child.save(update_fields=["parent"])
    for organisation, managed in zip((kept, absorbed), merge.moved["managers"], strict=True):
        if managed and not managers_of(organisation):
            raise Refused([Reason("undo_leaves_no_manager", {"organisation": organisation.name})])
    restate(absorbed)
    restate(kept)
    merge.undone_at = now()
    merge.save(update_fields=["undone_at"])
    payload = {"merge_id": merge.pk, "absorbed": absorbed.uid}
    record(kept, before=before, after=people_state(kept), payload=payload)
    announce(OrganisationsMerged(merge_id=merge.pk, kept_id=kept.pk, absorbed_id=absorbed.pk, undone=True))
    return merge


def _part(pair: Mapping[str, Any]) -> None:
    """Somebody belongs to both again, each with the duties it had; duties given since stay. Who left stays out."""
    same = Affiliation.objects.get(pk=pair["kept"])
    if same.ended_at is not None:
        return
    if same.duties == pair["after"]:
        same.duties = pair["before"]
        same.save(update_fields=["duties"])
    Affiliation.objects.filter(pk=pair["ended"]).update(ended_at=None)


def move_by_merge(merge: Merge, rows: models.QuerySet[Any], *, by: str, what: str) -> int:
    """The body of another room's command `by`, which follows a merge: rows with an `organisation` go from the absorbed
    entry to the kept one; once the merge is undone, exactly those that went and still stand there go back.

    What is true when it runs counts, not what was told. Returns how many moved, `MOST_AT_ONCE` at most; nothing left:
    nothing changes. The journal row stands at the merge and names the rows under `what`.
    """
    _both_locked(merge.kept, merge.absorbed)
    merge = locked(Merge.objects).get(pk=merge.pk)
    ids = left_to_move(merge, rows, by=by, what=what)[:MOST_AT_ONCE]
    if not ids:
        return unchanged(0)
    undone = merge.undone_at is not None
    list(locked(rows.filter(pk__in=ids)).only("pk").order_by("pk"))  # in this order, as everywhere
    rows.filter(pk__in=ids).update(organisation=merge.absorbed_id if undone else merge.kept_id)
    record(merge, payload={"merge": merge.pk, what: ids} | ({"undone": True} if undone else {}))
    return len(ids)


def _both_locked(one: Organisation, other: Organisation) -> tuple[Organisation, Organisation]:
    """In the order of their ids, whichever comes first here: two merges at once never wait for each other."""
    found = {row.pk: row for row in locked(Organisation.objects).filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    return found[one.pk], found[other.pk]
