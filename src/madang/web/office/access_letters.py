"""Who gets what at the addresses of official letters."""

from typing import Final

from madang.web.access import Access, Who
from madang.web.office.access_dossiers import DESK, READERS

_CALL: Final = Who(READERS)

ACCESS: Final = {
    "office:dossier-letters": Access(get=Who(READERS), thing="dossier"),
    "office:letter-new": Access(
        get=Who(DESK),
        post=Who(DESK, ok=422),
        thing="dossier",
        why="An empty form says what it needs.",
    ),
    "office:letter-scan": Access(get=Who(READERS), thing="letter"),
    "office:letter-remove": Access(get=Who(DESK), post=Who(DESK, ok=422), thing="letter", why="It needs a reason."),
    "office:letters": Access(get=_CALL, thing="letters_call", why="Each one sees those of their desk."),
    "office:sending-list": Access(get=_CALL, thing="letters_call", why="Each one sees those of their desk."),
}
"""Addresses of these pages."""
