"""Who gets what at the addresses of applications at the desk."""

from typing import Final

from madang.web.access import PERSONAS, Access, Who

DESK: Final = ("officer", "approver", "secretariat")
READERS: Final = (*DESK, "auditor")
STRANGERS: Final = tuple(one for one in PERSONAS if one not in (*READERS, "other_secretariat", "visitor"))
"""Signed in, and without any desk: they learn that there is none for them."""

ACCESS: Final = {
    "office:dossiers": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), why="Each one sees those of their desk."
    ),
    "office:dossiers-call": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403), thing="call", why="Each one sees those of their desk."
    ),
    "office:dossier": Access(get=Who(READERS), thing="dossier"),
    # Lists, who handles it, notes.
    "office:dossiers-assign": Access(
        get=Who(DESK, otherwise=404, forbidden=STRANGERS),
        post=Who(DESK, ok=422, forbidden=STRANGERS),
        thing="call",
        why="Auditors read lists and assign nobody.",
    ),
    "office:dossiers-figures": Access(
        get=Who((*READERS, "other_secretariat"), otherwise=403),
        thing="call",
        why="Each one counts those of their desk.",
    ),
    "office:dossiers-save": Access(post=Who(DESK, ok=303, forbidden=STRANGERS), thing="call"),
    "office:dossiers-saved": Access(
        post=Who(("secretariat",), ok=303, forbidden=STRANGERS), thing="saved_list", why="Its owner alone."
    ),
    "office:dossiers-assign-undo": Access(
        post=Who(("secretariat",), ok=303, forbidden=STRANGERS), thing="assignment", why="Whoever assigned."
    ),
    "office:dossiers-handover": Access(
        get=Who((*DESK, "other_secretariat"), forbidden=STRANGERS),
        post=Who((*DESK, "other_secretariat"), ok=422, forbidden=STRANGERS),
    ),
    "office:dossier-officer": Access(post=Who(DESK, ok=303), thing="dossier"),
    "office:dossier-note": Access(post=Who(DESK, ok=422), thing="dossier"),
    "office:dossier-note-remove": Access(
        post=Who(("secretariat",), ok=303), thing="dossier_note", why="Whoever wrote it."
    ),
    "office:dossier-changes": Access(get=Who(READERS), thing="dossier"),
    "office:dossier-file": Access(get=Who(READERS), thing="dossier_file", why="Of a filed revision only."),
    "office:dossier-file-view": Access(get=Who(READERS), thing="dossier_file", why="Of a filed revision only."),
}
