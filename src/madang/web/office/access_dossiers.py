"""Who gets what at the addresses of applications at the desk."""

from typing import Final

from madang.web.access import Access, Who

DESK: Final = ("officer", "approver", "secretariat")
READERS: Final = (*DESK, "auditor")

ACCESS: Final = {
    "office:dossiers": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), why="Each one sees those of their desk."
    ),
    "office:dossiers-call": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), thing="call", why="Each one sees those of their desk."
    ),
    "office:dossier": Access(get=Who(READERS), thing="dossier"),
}
