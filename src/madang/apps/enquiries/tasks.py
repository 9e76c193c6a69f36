"""What this room does when it hears something, and when nobody told it."""

from madang.apps.directory.events import HandedOver, OrganisationsMerged
from madang.apps.directory.models import Merge
from madang.apps.directory.queries import handovers_to_follow, left_to_move, recent_merges
from madang.apps.enquiries import commands
from madang.apps.enquiries.commands import FOLLOW_MERGE, TAKE_OVER
from madang.apps.enquiries.models import Enquiry
from madang.kernel.actors import SYSTEM


def take_over(event: HandedOver) -> None:
    """The giver's open questions for the organisation pass to the taker; what was handed over earlier goes first."""
    _take_over_due()


def follow_merge(event: OrganisationsMerged) -> None:
    """Questions move to the organisation that counts, or back."""
    _follow(Merge.objects.select_related("kept", "absorbed").get(pk=event.merge_id))


def catch_up() -> int:
    """The same for handovers and merges that nobody was told of (a crash after they were made).

    Where nothing is left it only reads: one statement each for handovers and merges, and two for each that is recent.
    """
    passed, asked = _take_over_due(), Enquiry.objects.all()
    left = (one for one in recent_merges() if left_to_move(one, asked, by=FOLLOW_MERGE, what="enquiries"))
    return passed + sum(_follow(merge) for merge in left)


def _take_over_due() -> int:
    return sum(commands.take_over_enquiries(actor=SYSTEM, handover=one) for one in handovers_to_follow(TAKE_OVER))


def _follow(merge: Merge) -> int:
    moved = 0
    while some := commands.follow_merge(actor=SYSTEM, merge=merge):
        moved += some
    return moved
