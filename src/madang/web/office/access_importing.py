"""Who gets what at the addresses of imports and exports of applications."""

from typing import Final

from madang.web.access import Access, Who
from madang.web.office.access_dossiers import DESK, READERS

_READ: Final = Who(READERS)
_WRITE: Final = Who(DESK, ok=303)
_OWN: Final = Who(("secretariat",))
_MINE: Final = "An import is seen by whoever handed it in."

ACCESS: Final = {
    "office:export-start": Access(_READ, Who(READERS, ok=422), thing="call", why="without a form it is refused"),
    "office:export": Access(_OWN, thing="export", why="An export is seen by whoever asked for it."),
    "office:export-file": Access(_OWN, thing="export", why="For a day."),
    "office:import-start": Access(
        _READ,
        Who(DESK, ok=422),
        thing="call",
        states={
            "published": (_READ, Who(DESK, ok=422)),
            "decided": (_READ, Who(DESK, ok=422)),
        },
        why="An empty hand-in is refused; an auditor reads what was imported.",
    ),
    "office:import-template": Access(_READ, thing="call"),
    "office:import": Access(_OWN, thing="import", why=_MINE),
    "office:import-act": Access(
        post=Who(("secretariat",), ok=422), thing="import", why="`act` is `confirm`, without a note"
    ),
    "office:batch": Access(_READ, thing="batch"),
    "office:batch-original": Access(_READ, thing="batch"),
    "office:batch-undo": Access(Who(DESK), Who(DESK, ok=422), thing="batch", why="without a reason it is refused"),
    "office:received-file": Access(_READ, thing="received_file"),
}
