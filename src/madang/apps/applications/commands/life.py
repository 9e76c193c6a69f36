"""A draft begins, is discarded and restored, follows its call, and passes to others."""

from typing import Final

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.shared import acting_person, facts_of, language_faults, locked_draft
from madang.apps.applications.models import Draft, DraftMember
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_version, definition_of, state_of
from madang.apps.directory.commands import move_by_merge
from madang.apps.directory.models import Handover, Merge, Organisation
from madang.apps.directory.queries import handed_over_in, was_followed
from madang.core.form.keys import Keys
from madang.core.form.written import shown
from madang.core.lifecycle import CALL, DRAFT, check
from madang.core.lifecycle.call import OPEN
from madang.core.lifecycle.draft import DISCARDED, WRITABLE, WRITING
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed


@command("applications.start_draft")
def start_draft(*, actor: Actor, call: Call, organisation: Organisation, track: str = "", language: str) -> Draft:
    """Begin an application in an organisation's name; whoever begins it writes in it.

    Begun twice with nothing written in between (a button pressed twice) it is the same draft. Whoever files or manages
    for the organisation may also file it. Raises `Refused`: the call is not open, no duty for the organisation, an
    unknown type or language.
    """
    person = acting_person(actor)
    organisation = locked(Organisation.objects).get(pk=organisation.pk)
    refuse_if(allowed(actor, rules.START_DRAFT, organisation))
    if (state := state_of(call)) != OPEN:
        raise Refused([Reason(CALL.wrong_state[state])])
    version = current_version(call)
    assert version is not None, "an open call is published"
    tracks = [one.id for one in definition_of(version).tracks]
    if track and track not in tracks:
        raise Refused([Reason("draft_unknown_type", {"track": shown(track)})])
    refuse_if(language_faults(language))
    track = track or (tracks[0] if len(tracks) == 1 else "")
    same = Draft.objects.filter(call=call, organisation=organisation, state=WRITING, started_by=person, revision=0)
    if standing := same.filter(track=track).first():
        return unchanged(standing)
    draft = Draft.objects.create(
        call=call,
        version=version,
        organisation=organisation,
        track=track,
        language=language,
        started_by=person,
        created_at=now(),
        changed_at=now(),
    )
    may_file = rules.files_for(person, organisation)
    DraftMember.objects.create(draft=draft, person=person, may_file=may_file, since=now())
    told = {"call": call.slug, "organisation": organisation.uid, "version": version.number, "track": track}
    record(draft, after={"uid": draft.uid, "state": draft.state}, payload={"draft": draft.uid, **told})
    return draft


@command("applications.discard_draft")
def discard_draft(*, actor: Actor, draft: Draft) -> Draft:
    """Put a draft away; it stays, and `restore_draft` brings it back while the call is open."""
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.DISCARD_DRAFT, draft))
    if draft.state == DISCARDED:
        return unchanged(draft)
    refuse_if(check(DRAFT, "discard", draft.state))
    draft.state, draft.discarded_at = DRAFT.move("discard").to, now()
    draft.save(update_fields=["state", "discarded_at"])
    record(draft, before={"state": WRITING}, after={"state": draft.state}, payload={"draft": draft.uid})
    return draft


@command("applications.restore_draft")
def restore_draft(*, actor: Actor, draft: Draft) -> Draft:
    """Bring a discarded draft back, on the call's current version. Raises `Refused`: the call takes none now."""
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.DISCARD_DRAFT, draft))
    if draft.state == WRITING:
        return unchanged(draft)
    refuse_if(check(DRAFT, "restore", draft.state, facts_of(draft)))
    before = draft.state
    draft.state, draft.discarded_at = DRAFT.move("restore").to, None
    draft.version = current_version(draft.call) or draft.version
    draft.save(update_fields=["state", "discarded_at", "version"])
    told = {"draft": draft.uid, "version": draft.version.number}
    record(draft, before={"state": before}, after={"state": draft.state}, payload=told)
    return draft


@command("applications.follow_version")
def follow_version(*, actor: Actor, draft: Draft) -> Draft:
    """Move a draft to the call's current version; every answer stays, also those that are asked no longer.

    The platform does this by itself after an amendment. On it already, or under a supplement, which is about what was
    filed and is answered under its version: nothing changes.
    """
    draft = locked_draft(draft)
    if actor.kind != "system":
        refuse_if(allowed(actor, rules.WRITE_DRAFT, draft))
    version = current_version(draft.call)
    if version is None or version.pk == draft.version_id or draft.state not in WRITABLE or draft.supplement_id:
        return unchanged(draft)
    refuse_if(check(DRAFT, "follow", draft.state))
    before, draft.version = draft.version.number, version
    definition = definition_of(version)
    keys = Keys(definition)
    left = [key for key in draft.entries.values_list("key", flat=True) if keys.named(key) is None]
    if draft.track not in [one.id for one in definition.tracks]:
        draft.track = definition.tracks[0].id if len(definition.tracks) == 1 else ""
    draft.changed_at = now()
    draft.save(update_fields=["version", "track", "changed_at"])
    told = {"draft": draft.uid, "version": version.number, "left_behind": len(left)}
    record(draft, before={"version": before}, after={"version": version.number}, payload=told)
    return draft


TAKE_OVER: Final = "applications.take_over_drafts"
FOLLOW_MERGE: Final = "applications.follow_merge"


@command(TAKE_OVER)
def take_over_drafts(*, actor: Actor, handover: Handover) -> int:
    """What a handover passes on in this room: the applications of its organisation that the giver writes in, filed ones
    too, pass to the taker. A handover of roles alone passes on none. Returns how many.

    By the platform only; the right was asked for when the handover was written. Passed on already: nothing changes.
    """
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    locked(Person.objects).get(pk=handover.giver_id)  # a handover is written once, and cannot be locked itself
    handover = Handover.objects.select_related("giver", "taker").get(pk=handover.pk)
    if handover.organisation_id is None or was_followed(handover, TAKE_OVER):
        return unchanged(0)
    written = DraftMember.objects.filter(person=handover.giver, ended_at__isnull=True, since__lte=handover.at)
    written = written.exclude(draft__state=DISCARDED)
    drafts = Draft.objects.filter(organisation__in=handed_over_in(handover), pk__in=written.values("draft"))
    passed = list(drafts.order_by("pk"))
    for draft in passed:
        take_over_draft(actor=actor, draft=draft, handover=handover)
    record(handover, payload={"handover": handover.uid, "drafts": [draft.pk for draft in passed]})
    return len(passed)


@command("applications.take_over_draft")
def take_over_draft(*, actor: Actor, draft: Draft, handover: Handover) -> Draft:
    """What the giver of a handover did in this draft, its taker does from now on. Done already: nothing changes.

    By the platform only, when a handover was made. Who was let in again after the handover stays.
    """
    draft = locked_draft(draft)
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    given = draft.people.filter(person=handover.giver, ended_at__isnull=True, since__lte=handover.at).first()
    if given is None or draft.state == DISCARDED:
        return unchanged(draft)
    given.ended_at = now()
    given.save(update_fields=["ended_at"])
    taker = draft.people.filter(person=handover.taker, ended_at__isnull=True).first()
    if taker is None:
        since = handover.at  # not now: whoever hands over in turn, before this was passed on, passes it on too
        DraftMember.objects.create(draft=draft, person=handover.taker, may_file=given.may_file, since=since)
    elif given.may_file and not taker.may_file:
        taker.may_file = True
        taker.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "handover": handover.uid})
    return draft


@command(FOLLOW_MERGE)
def follow_merge(*, actor: Actor, merge: Merge) -> int:
    """Drafts of an absorbed organisation belong to the kept one; once the merge is undone, those that went go back.

    By the platform only. Returns how many (see `move_by_merge`); followed already: nothing changes.
    """
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    return move_by_merge(merge, Draft.objects.all(), by=FOLLOW_MERGE, what="drafts")
