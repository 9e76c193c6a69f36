"""Who gets what at the addresses of late admissions at the desk, and of a deadline that is extended."""

from typing import Final

from madang.web.access import Access, Who
from madang.web.office.access_calls import OFFICERS

_DESK: Final = ("officer", "approver", "secretariat")
_READERS: Final = (*_DESK, "auditor")
_DECIDE: Final = Who(_DESK)

ACCESS: Final = {
    "office:late": Access(
        get=Who((*_READERS, "other_secretariat"), otherwise=403), why="Each one sees those of their desk."
    ),
    "office:late-one": Access(
        get=Who(_READERS), post=Who(_DESK, ok=422), thing="late_admission", why="POST proposes; an empty form does not."
    ),
    "office:late-admit": Access(
        get=_DECIDE,
        post=Who(_DESK, ok=422),
        thing="late_admission",
        states={"proposed": (_DECIDE, Who(_DESK, ok=303))},
        why="Somebody else than who proposed it; the table's proposals are a colleague's.",
    ),
    "office:late-refuse": Access(
        get=_DECIDE, post=Who(_DESK, ok=422), thing="late_admission", why="A reason must be given."
    ),
    "office:extend": Access(get=Who(OFFICERS), post=Who(OFFICERS, ok=422), thing="call"),
}
