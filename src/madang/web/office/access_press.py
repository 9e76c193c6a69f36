"""Who gets what at the addresses of figures for the press."""

from typing import Final

from madang.web.access import NOBODY, Access, Who

OFFICERS: Final = ("officer", "approver")
WRITERS: Final = (*OFFICERS, "secretariat")
READERS: Final = (*WRITERS, "auditor")
EARLY: Final = (*OFFICERS, "auditor")
"""Before everybody may know the numbers: a secretariat knows of its own types only."""

WHY: Final = "A secretariat sees the whole reception once everybody may know its numbers."

ACCESS: Final = {
    "office:press-calls": Access(get=Who((*READERS, "other_secretariat"), otherwise=403)),
    "office:press": Access(
        get=Who(READERS),
        post=Who(WRITERS, ok=303),
        thing="call",
        states={
            "published": (Who(EARLY), Who(OFFICERS, ok=303)),
            "open": (Who(EARLY), Who(OFFICERS, ok=303)),
        },
        why=WHY,
    ),
    "office:tables": Access(
        get=Who(READERS),
        thing="call",
        states={"published": (Who(EARLY), NOBODY), "open": (Who(EARLY), NOBODY)},
        why=WHY,
    ),
    "office:press-report": Access(get=Who(READERS), post=Who(WRITERS, ok=422), thing="press_report"),
    "office:press-anew": Access(post=Who(WRITERS, ok=422), thing="press_report"),
    "office:press-finish": Access(get=Who(WRITERS), post=Who(WRITERS, ok=422), thing="press_report"),
    "office:press-reopen": Access(
        post=Who(WRITERS, ok=303),
        thing="press_report",
        states={"writing": (NOBODY, Who(WRITERS, ok=422))},
    ),
    "office:press-file": Access(
        get=Who(READERS), thing="press_report", states={"writing": (Who((), otherwise=404), NOBODY)}
    ),
    "office:press-pack": Access(
        get=Who((), otherwise=404),
        post=Who(READERS, ok=303),
        thing="press_report",
        states={"writing": (Who((), otherwise=404), Who((), otherwise=404))},
        why="There is a pack once the worker has made it.",
    ),
    "office:press-pack-state": Access(
        get=Who(READERS), thing="press_report", states={"writing": (Who((), otherwise=404), NOBODY)}
    ),
}
