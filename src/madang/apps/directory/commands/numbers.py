"""Numbers in public registers that an organisation shows."""

from django.db import IntegrityError, transaction

from madang.apps.directory import rules
from madang.apps.directory.commands.shared import locked_organisation, merged_faults, restate, state_of
from madang.apps.directory.models import Organisation, RegistryNumber
from madang.core.identity import normalised_number, number_faults
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed


@command("directory.add_number")
def add_number(
    *, actor: Actor, organisation: Organisation, scheme: str, number: str, sure: bool = False
) -> RegistryNumber:
    """A number in a public register, normalised and held against its check digit. There already: nothing changes.

    `sure`: the certificate says so, whatever the check digit (`core.identity.number_faults`). Raises `Refused`.
    """
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    refuse_if(number_faults(scheme, number, sure=sure))
    plain = normalised_number(scheme, number, organisation.country)  # type: ignore[arg-type]  # number_faults looked
    if standing := organisation.numbers.filter(scheme=scheme, number=plain, ended_at__isnull=True).first():
        return unchanged(standing)
    found = new_number(organisation, scheme, number, sure=sure)
    restate(organisation)
    record(organisation, after=state_of(organisation), payload={"scheme": scheme, "number_id": found.pk})
    return found


@command("directory.end_number")
def end_number(*, actor: Actor, number: RegistryNumber) -> RegistryNumber:
    """The organisation has the number no longer; ended already: nothing changes. Raises `Refused`."""
    organisation = locked_organisation(number.organisation)
    number = locked(RegistryNumber.objects).get(pk=number.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    if number.ended_at:
        return unchanged(number)
    before = state_of(organisation)
    number.ended_at = now()
    number.save(update_fields=["ended_at"])
    restate(organisation)
    payload = {"scheme": number.scheme, "number_id": number.pk}
    record(organisation, before=before, after=state_of(organisation), payload=payload)
    return number


def new_number(organisation: Organisation, scheme: str, number: str, *, sure: bool) -> RegistryNumber:
    """The number of a locked organisation. Raises `Refused`: no number, or another organisation's."""
    refuse_if(number_faults(scheme, number, sure=sure))
    plain = normalised_number(scheme, number, organisation.country)  # type: ignore[arg-type]  # looked at above
    try:
        with transaction.atomic():  # two who found the same company at once meet at the constraint
            return RegistryNumber.objects.create(organisation=organisation, scheme=scheme, number=plain)
    except IntegrityError:
        raise Refused([Reason("number_is_taken", {"number": number.strip()[:80]})]) from None
