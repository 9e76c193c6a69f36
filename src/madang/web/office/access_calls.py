"""Who gets what at the addresses of calls in the office, and of the office's front page."""

from typing import Final

from madang.web.access import Access, Who

OFFICERS: Final = ("officer", "approver")
READERS: Final = (*OFFICERS, "auditor")
STAFF: Final = (
    *READERS, "secretariat", "other_secretariat", "opinion_desk", "evaluator", "decision_maker", "administrator",
)  # fmt: skip

_READ: Final = Who(READERS)


def _writes(ok: int) -> Who:
    """Officers may; an auditor, who reads the page, is refused; nobody else knows of it."""
    return Who(OFFICERS, ok=ok, forbidden=("auditor",))


ACCESS: Final = {
    "office:home": Access(Who(STAFF, otherwise=403), why="whoever holds a role"),
    "office:calls": Access(Who(READERS, otherwise=403)),
    "office:call-new": Access(
        Who(READERS, otherwise=403), Who(OFFICERS, ok=422, otherwise=403), why="an auditor sees the page, not the form"
    ),
    "office:definition": Access(_READ, thing="definition"),
    "office:definition-form": Access(_READ, _writes(422), thing="definition"),
    "office:definition-part": Access(_READ, _writes(422), thing="definition", why="`at` names a part: `schedule`"),
    "office:definition-act": Access(post=_writes(404), thing="definition", why="an empty act names no place"),
    "office:definition-text": Access(_READ, _writes(422), thing="definition"),
    "office:definition-preview": Access(_READ, thing="definition"),
    "office:definition-differences": Access(_READ, thing="definition"),
    "office:definition-undo": Access(post=_writes(303), thing="definition"),
    "office:definition-trial": Access(_READ, _READ, thing="definition", why="tries a rule out, writes nothing"),
    "office:definition-submit": Access(_READ, _writes(422), thing="definition"),
    "office:definition-approval": Access(_READ, _writes(422), thing="definition"),
    "office:definition-publish": Access(_READ, _writes(422), thing="definition"),
    "office:definition-discard": Access(
        _READ, _writes(303), thing="definition", states={"published": (_READ, _writes(422))}
    ),
}
