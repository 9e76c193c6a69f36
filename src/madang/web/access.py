"""Who gets what at every address: one table for each audience (`web/<audience>/access.py`), from which
`docs/permissions.md` is written, and which a test walks cell by cell against the running site.

The table states; the views decide, by the permissions of the rooms. The test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PERSONAS: Final = (
    "visitor",  # not signed in
    "stranger",  # signed in, without role, organisation or draft
    "member",  # belongs to the organisation, writes in none of its drafts
    "manager",  # manages the organisation
    "filler",  # invited to fill the draft, not to file it
    "filer",  # started the draft, may file it, asked the enquiry
    "officer",  # the ministry's programme officer, who wrote the definition's draft
    "approver",  # another programme officer
    "secretariat",  # of the call's track
    "other_secretariat",  # of another programme
    "opinion_desk",
    "evaluator",
    "decision_maker",
    "auditor",
    "administrator",
)

SIGN_IN: Final = 302
"""What a visitor gets where one must be signed in: the way to the sign-in page."""


@dataclass(frozen=True, slots=True)
class Who:
    """`allowed` personas get `ok`; the visitor gets `visitor`; `forbidden` ones 403; everybody else `otherwise`.

    404 where the thing's existence is nobody's business, 403 where the page is known but not for this person.
    """

    allowed: tuple[str, ...]
    ok: int = 200
    visitor: int = SIGN_IN
    otherwise: int = 404
    forbidden: tuple[str, ...] = ()  # read the page of it, and may not do this

    def status(self, persona: str) -> int:
        if persona in self.allowed:
            return self.ok
        if persona in self.forbidden:
            return 403
        return self.visitor if persona == "visitor" else self.otherwise


ALL: Final = Who(PERSONAS)
SIGNED_IN: Final = Who(PERSONAS[1:])
NOBODY: Final = Who((), visitor=405, otherwise=405)
"""The address does not know this method."""


@dataclass(frozen=True, slots=True)
class Access:
    """One address. `get` and `post` hold in every state of the thing unless `states` names the state.

    A POST is walked with an empty form: `ok` is what an allowed person gets for that (422 where the form is refused
    with its faults, 303 where nothing needs to be given). `thing` names what the address is about, as the walk's world
    builds it: `call`, `draft`, `organisation`, `definition`, `enquiry`, ... `states` maps a state to (get, post).
    """

    get: Who = NOBODY
    post: Who = NOBODY
    thing: str = ""
    states: Mapping[str, tuple[Who, Who]] = field(default_factory=dict)
    why: str = ""  # one line for the document, where the table alone does not tell
