"""Where Django looks for models; the journal itself stands in `journal.py`."""

from madang.kernel.journal import JournalEntry

__all__ = ["JournalEntry"]
