"""Who gets what at the addresses of the enquiry desk."""

from typing import Final

from madang.web.access import Access, Who

_DESK: Final = ("officer", "approver", "secretariat")
_READERS: Final = (*_DESK, "auditor")
_ANY_DESK: Final = (*_READERS, "other_secretariat")


def _reads(*, ok: int = 200) -> Who:
    return Who(_READERS, ok=ok)


ACCESS: Final = {
    "office:enquiries": Access(get=Who(_ANY_DESK, otherwise=403), why="Each one sees the questions of their desk."),
    "office:enquiry": Access(get=_reads(), post=Who(_DESK, ok=422), thing="enquiry"),
    "office:enquiry-close": Access(get=Who(_DESK), post=Who(_DESK, ok=422), thing="enquiry"),
    "office:enquiries-call": Access(get=_reads(), thing="call"),
    "office:contact": Access(get=Who(_DESK), post=Who(_DESK, ok=422), thing="call"),
    "office:answer": Access(get=Who(_DESK), post=Who(_DESK, ok=422), thing="call"),
    "office:briefing-new": Access(get=Who(_DESK), post=Who(_DESK, ok=422), thing="call"),
    "office:briefing": Access(get=_reads(), thing="briefing"),
    "office:briefing-change": Access(get=Who(_DESK), post=Who(_DESK, ok=422), thing="briefing"),
    "office:briefing-cancel": Access(get=Who(_DESK), post=Who(_DESK, ok=303), thing="briefing"),
}
