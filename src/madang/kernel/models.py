"""Where Django looks for models; each stands in the module of its subject."""

from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.outages import Outage, Pulse
from madang.kernel.sealing import Seal, SealedRow

__all__ = ["JournalEntry", "Outage", "OutgoingMail", "Pulse", "Seal", "SealedRow"]
