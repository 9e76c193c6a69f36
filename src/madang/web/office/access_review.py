"""Who gets what at the addresses of reviews."""

from typing import Final

from madang.web.access import PERSONAS, Access, Who
from madang.web.office.access_dossiers import DESK, READERS

_NO_DESK: Final = tuple(sorted({*PERSONAS[1:]} - {*READERS, "other_secretariat"}))
_NO_FORM: Final = Who(DESK, ok=422)

_NOT_THERE: Final = Who((), forbidden=_NO_DESK)
_HANDLED: Final = {
    "published": (_NOT_THERE, _NOT_THERE),
    "open": (Who(DESK, forbidden=_NO_DESK), Who(DESK, ok=422, forbidden=_NO_DESK)),
    "closed": (_NOT_THERE, _NOT_THERE),
    "decided": (_NOT_THERE, _NOT_THERE),
}
"""Only where there is an application that one handles."""

ACCESS: Final = {
    "office:dossier-review": Access(get=Who(READERS), post=_NO_FORM, thing="dossier"),
    "office:review-confirm": Access(post=_NO_FORM, thing="dossier"),
    "office:review-pass": Access(post=Who(DESK, ok=303), thing="dossier"),
    "office:review-reopen": Access(get=Who(DESK), post=_NO_FORM, thing="dossier"),
    "office:review-exclude": Access(get=Who(DESK), post=_NO_FORM, thing="dossier"),
    "office:dossier-checks": Access(get=Who(READERS), post=_NO_FORM, thing="dossier"),
    "office:review-proof": Access(get=Who(()), thing="dossier", why="Who reads the dossier; this result has no proof."),
    "office:review-call": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), thing="call", why="Each one sees those of their desk."
    ),
    "office:review-pass-together": Access(thing="call", states=_HANDLED),
    "office:review-import": Access(thing="call", states=_HANDLED),
    "office:review-undo": Access(
        get=_NOT_THERE, post=_NOT_THERE, thing="call", why="Who handles what was passed together under this name."
    ),
}
