"""An officer changes post: duties and roles pass to somebody else."""

from collections.abc import Sequence
from typing import Any

from madang.apps.accounts.commands import end_role, grant_role
from madang.apps.accounts.models import Grant, Person
from madang.apps.directory import rules
from madang.apps.directory.commands.shared import given_text, let_in, locked_organisation, merged_faults, sorted_duties
from madang.apps.directory.enums import Joined
from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Affiliation, Handover, Organisation
from madang.apps.directory.queries import open_invitations, verified_addresses
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, record, refuse_if
from madang.kernel.events import announce
from madang.kernel.permissions import allowed


@command("directory.hand_over")
def hand_over(
    *,
    actor: Actor,
    giver: Person,
    taker: Person,
    organisation: Organisation | None = None,
    grants: Sequence[Grant] = (),
    leaves: bool = True,
    reason: str,
) -> Handover:
    """An officer changes post: the giver's duties in the organisation pass to the taker, in addition to their own; the
    giver leaves it, or stays without duties (`leaves` false). An administrator may pass on roles (`grants`) too.

    By the giver, a manager of the organisation, or an administrator. The taker belongs to the organisation, or has
    verified an address that it invited. Raises `Refused`.
    Side effects: role commands write their own journal rows; a `HandedOver` event, by which drafts and enquiries pass.
    """
    reason = given_text(reason, "reason", missing="hand_over_needs_reason")
    if giver.pk == taker.pk or not taker.is_active:
        raise Refused([Reason("hand_over_to_another")])
    given: Affiliation | None = None
    parts: dict[str, Any] = {"grants": sorted(grant.pk for grant in grants)}
    if organisation is not None:
        organisation = locked_organisation(organisation)
        given = giver.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
        if given is None:
            refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
            raise Refused([Reason("giver_does_not_belong")])
        refuse_if(allowed(actor, rules.HAND_OVER, given))
        refuse_if(merged_faults(organisation))
        parts |= {"affiliation": given.pk, "duties": given.duties, "leaves": leaves}
    elif not grants:
        raise Refused([Reason("nothing_to_hand_over")])
    if grants:
        refuse_if(allowed(actor, rules.HAND_OVER_FOR_OTHERS))
        if any(grant.person_id != giver.pk or grant.ended_at for grant in grants):
            raise Refused([Reason("role_of_another")])
    if organisation is not None and given is not None:
        _pass_on(organisation, given, taker, leaves)
    for grant in grants:
        end_role(actor=actor, grant=grant)
        where = {"programme": grant.programme, "secretariat": grant.secretariat}
        grant_role(actor=actor, person=taker, role=grant.role, **where)
    handover = Handover.objects.create(
        giver=giver, taker=taker, organisation=organisation, parts=parts, reason=reason, at=now(), by=actor.id
    )
    payload = {"handover": handover.uid, "giver": giver.uid, "taker": taker.uid, "roles": len(grants)}
    record(organisation or handover, payload=payload | {"duties": parts.get("duties", []), "leaves": leaves})
    announce(HandedOver(handover_id=handover.pk))
    return handover


def _pass_on(organisation: Organisation, given: Affiliation, taker: Person, leaves: bool) -> None:
    taken = taker.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
    if taken is None:
        invited = open_invitations(organisation).filter(email__in=verified_addresses(taker))
        if not invited:
            raise Refused([Reason("taker_must_belong")])
        duties = {duty for invitation in invited for duty in invitation.duties}
        taken = let_in(organisation, taker, duties, Joined.HANDOVER)
        invited.update(accepted_at=now())
    taken.duties = sorted_duties({*taken.duties, *given.duties})
    taken.save(update_fields=["duties"])
    given.duties = given.duties if leaves else []
    given.ended_at = now() if leaves else None
    given.save(update_fields=["duties", "ended_at"])
