"""Who gets what at a partner's link: whoever holds it, signed in or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from madang.web.access import ALL, NOBODY, PERSONAS, Access, Who

_REFUSED: Final = Who(PERSONAS, ok=422, visitor=422)
_GONE: Final = Who(PERSONAS, ok=410, visitor=410)

ACCESS: Final[Mapping[str, Access]] = {
    "partner:papers": Access(
        get=ALL,
        post=_REFUSED,
        thing="paper_link",
        why="Whoever holds the link, sent to one address: what is asked for, what came by it, and nothing else.",
        states={"ended": (_GONE, _GONE)},
    ),
    "partner:handed": Access(get=ALL, thing="paper_link", states={"ended": (_GONE, NOBODY)}),
    "partner:file": Access(get=ALL, thing="paper_link", states={"ended": (_GONE, NOBODY)}),
}
