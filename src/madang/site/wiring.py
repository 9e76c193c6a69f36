"""Who hears what, and what the worker does: the one page that says so."""

from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Handover
from madang.apps.enquiries.commands import take_over_enquiries
from madang.kernel import events, mail, worker
from madang.kernel.actors import SYSTEM


def connect() -> None:
    """Called once, when Django is ready."""
    worker.every(1, "mail", mail.deliver_due)
    events.listen(HandedOver, _pass_enquiries_on)


def _pass_enquiries_on(event: HandedOver) -> None:
    """The giver's questions about calls now belong to the taker."""
    take_over_enquiries(actor=SYSTEM, handover=Handover.objects.get(pk=event.handover_id))
