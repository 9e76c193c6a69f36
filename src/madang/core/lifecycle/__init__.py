"""Lifecycles: which moves an object may make from which state, and what each move needs.

Each object's lifecycle is a literal in its own module, to be read by the officer who answers for it. Nothing is
generated from it: commands ask `check` before they write.
"""

from madang.core.lifecycle.call import CALL, call_state
from madang.core.lifecycle.definition import DEFINITION
from madang.core.lifecycle.draft import DRAFT
from madang.core.lifecycle.enquiry import ENQUIRY
from madang.core.lifecycle.exporting import EXPORT
from madang.core.lifecycle.importing import IMPORT
from madang.core.lifecycle.late_admission import LATE_ADMISSION
from madang.core.lifecycle.mail import MAIL, MAIL_BATCH
from madang.core.lifecycle.press import PRESS_REPORT
from madang.core.lifecycle.review import REVIEW
from madang.core.lifecycle.supplement import SUPPLEMENT
from madang.core.lifecycle.table import Lifecycle, Move, check
from madang.core.lifecycle.upload import UPLOAD

__all__ = [
    "CALL",
    "DEFINITION",
    "DRAFT",
    "ENQUIRY",
    "EXPORT",
    "IMPORT",
    "LATE_ADMISSION",
    "MAIL",
    "MAIL_BATCH",
    "PRESS_REPORT",
    "REVIEW",
    "SUPPLEMENT",
    "UPLOAD",
    "Lifecycle",
    "Move",
    "call_state",
    "check",
]
