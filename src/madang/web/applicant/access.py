"""Who gets what at the addresses of those who apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from madang.web.access import NOBODY, SIGNED_IN, Access, Who

READERS: Final = ("manager", "filler", "filer")
"""Who writes in the draft, and who manages its organisation."""
WRITERS: Final = ("filler", "filer")

_read = Who(READERS)
_post = Who(READERS, ok=303)

_FILED: Final = ("filed", "revising", "withdrawn")


def _press(ok: int) -> Who:
    return Who(("filer",), ok=ok, forbidden=("filler", "manager"))


def _withdraw(ok: int) -> Who:
    return Who(("filer", "manager"), ok=ok)


ACCESS: Final[Mapping[str, Access]] = {
    "applicant:apply": Access(
        get=SIGNED_IN,
        post=Who(SIGNED_IN.allowed, ok=422),
        thing="call",
        why="Everybody signed in sees what is needed; who may begin for which organisation, the command says.",
    ),
    "applicant:drafts": Access(get=SIGNED_IN, why="One's own drafts, and those of organisations one manages."),
    "applicant:draft": Access(
        get=Who(READERS, ok=302), thing="draft", why="Leads to the first step that needs something."
    ),
    "applicant:step": Access(
        get=_read,
        post=Who(WRITERS, ok=303),
        thing="draft",
        why="A manager who does not write there reads the form, and has nothing to send.",
        states={state: (_read, Who(WRITERS, ok=422)) for state in ("discarded", "closed", "filed", "withdrawn")},
    ),
    "applicant:save": Access(
        post=Who(READERS, ok=400, visitor=401),
        thing="draft",
        why="What the page's script sends; an empty body is none. 401 lets what was typed stay there.",
    ),
    "applicant:changes": Access(
        get=Who(READERS, ok=204, visitor=401),
        thing="draft",
        states={state: (Who(READERS, visitor=401), NOBODY) for state in ("writing", *_FILED)},
        why="204: nothing has changed since; in a draft in which something was written it has.",
    ),
    "applicant:resolve": Access(post=_post, thing="draft"),
    "applicant:people": Access(get=_read, post=Who(READERS, ok=422), thing="draft"),
    "applicant:partners": Access(get=_read, post=Who(READERS, ok=422), thing="draft"),
    "applicant:press": Access(
        get=Who(READERS, ok=302),
        post=_press(422),
        thing="draft",
        states={state: (Who(READERS, ok=302), _press(303)) for state in ("filed", "revising")},
        why="GET leads to the page of the press. What is filed already gives its receipt again; an empty draft is "
        "refused with its reasons, whoever may not file with who may.",
    ),
    "applicant:receipt": Access(get=_read, thing="draft_receipt"),
    "applicant:receipt-file": Access(get=_read, thing="draft_receipt"),
    "applicant:receipt-pdf": Access(get=_read, thing="draft_receipt"),
    "applicant:filed-pdf": Access(get=_read, thing="draft_receipt"),
    "applicant:filed-changes": Access(get=_read, thing="draft_receipt"),
    "applicant:revise": Access(post=_post, thing="draft", why="Refusals are said on the page that it leads to."),
    "applicant:keep": Access(
        get=Who(()),
        post=_post,
        thing="draft",
        states={"revising": (Who(WRITERS), _post)},
        why="Asked first, where something is being changed. A manager who does not write there is told so.",
    ),
    "applicant:withdraw": Access(
        get=Who(()),
        post=_post,
        thing="draft",
        states={
            "filed": (_withdraw(200), _post),
            "revising": (_withdraw(200), _post),
            "withdrawn": (_withdraw(302), _post),
        },
        why="Asked first, where something is filed. Who may only write is told so.",
    ),
    "applicant:resume": Access(post=_post, thing="draft"),
    "applicant:late": Access(
        get=_read,
        post=Who(READERS, ok=422),
        thing="draft",
        why="Asks to be admitted late; an empty form does not, and before the end nobody needs to.",
    ),
    "applicant:supplement": Access(
        get=_read,
        thing="draft_supplement",
        why="Where the office has asked for one: what, until when, and what became of it.",
    ),
    "applicant:discard": Access(post=_post, thing="draft", why="Refusals are said on the list that it leads to."),
    "applicant:restore": Access(post=_post, thing="draft"),
    "applicant:preview": Access(get=_read, thing="draft"),
    "applicant:file": Access(get=_read, thing="draft_file"),
    "applicant:file-view": Access(get=_read, thing="draft_file", why="For a PDF; other formats are only downloaded."),
    "applicant:uploads": Access(
        post=Who(WRITERS, ok=400, visitor=401),
        thing="draft",
        why="What the page's script sends for a large file; an empty body is none.",
    ),
    "applicant:upload": Access(
        get=Who(("filer",), visitor=401),
        thing="draft_upload",
        why="For whoever began it, who also sends the pieces (PATCH) and may give it up (DELETE).",
    ),
    "applicant:invitation": Access(
        get=SIGNED_IN,
        post=Who(SIGNED_IN.allowed, ok=303),
        thing="draft_invitation",
        why="Whoever has the link may take it up, once; it goes to one address and names nobody else.",
        states={"discarded": (SIGNED_IN, Who(SIGNED_IN.allowed, ok=422))},
    ),
}
