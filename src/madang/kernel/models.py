"""Where Django looks for models; each stands in the module of its subject."""

from madang.kernel.journal import JournalEntry
from madang.kernel.mail.models import MailBatch, MailEdit, MailServer, MailStop, OutgoingMail

__all__ = ["JournalEntry", "MailBatch", "MailEdit", "MailServer", "MailStop", "OutgoingMail"]
