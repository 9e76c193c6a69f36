"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class OrganisationsMerged(Event):
    """`undone`: the merge was taken back."""

    merge_id: int
    kept_id: int
    absorbed_id: int
    undone: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """Drafts and open enquiries of the giver in the named organisation are now the taker's; roles alone pass none."""

    handover_id: int
