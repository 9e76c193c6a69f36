"""Where Django looks for models; each stands in the module of its subject."""

from madang.kernel.journal import JournalEntry
from madang.kernel.mail.models import MailBatch, MailEdit, MailServer, MailStop, OutgoingMail
from madang.kernel.outages import Outage, Pulse
from madang.kernel.sealing import Seal, SealedRow

__all__ = [
    "JournalEntry",
    "MailBatch",
    "MailEdit",
    "MailServer",
    "MailStop",
    "Outage",
    "OutgoingMail",
    "Pulse",
    "Seal",
    "SealedRow",
]
