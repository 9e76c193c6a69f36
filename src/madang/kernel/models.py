"""Where Django looks for models; each stands in the module of its subject."""

from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail

__all__ = ["JournalEntry", "OutgoingMail"]
