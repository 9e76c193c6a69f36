"""Who gets what at the addresses of requests for a supplement."""

from typing import Final

from madang.web.access import Access, Who
from madang.web.office.access_dossiers import DESK, READERS

_READ: Final = Who(READERS)
_ACT: Final = Who(DESK)
_FORM: Final = Who(DESK, ok=422)

ACCESS: Final = {
    "office:dossier-supplements": Access(get=_READ, thing="dossier"),
    "office:supplement-new": Access(
        get=_ACT, post=_FORM, thing="dossier", why="An empty form asks for nothing, and says what it needs."
    ),
    "office:supplements": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), why="Each one sees those of their desk."
    ),
    "office:supplement": Access(get=_READ, thing="supplement"),
    "office:supplement-extend": Access(get=_ACT, post=_FORM, thing="supplement"),
    "office:supplement-cancel": Access(get=_ACT, post=_FORM, thing="supplement"),
    "office:supplement-answer": Access(
        get=_ACT, post=_FORM, thing="supplement", why="Of an application that came in a batch; else it is refused."
    ),
    "office:supplement-scan": Access(get=_READ, thing="supplement_scan", why="Where something came on paper."),
}
"""Addresses of these pages."""
