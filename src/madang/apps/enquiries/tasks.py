"""What this room does when it hears something."""

from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Handover
from madang.apps.enquiries.commands import take_over_enquiries
from madang.kernel.actors import SYSTEM


def take_over(event: HandedOver) -> None:
    """The giver's questions about calls now belong to the taker."""
    take_over_enquiries(actor=SYSTEM, handover=Handover.objects.get(pk=event.handover_id))
