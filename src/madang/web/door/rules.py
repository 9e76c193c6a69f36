"""What an address takes: how large a body, for how long, and where its requests wait.

Django under ASGI writes a whole body to disk before any view can look at it, so the limits stand here. They are the
outer ones: what a definition, a form or a view allows is less, and said by them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

KB: Final = 1024
MB: Final = 1024 * 1024


class Room(Enum):
    """Where a request waits for its place, and which places there are (`plan`)."""

    PAGES = "pages"
    PRESS = "press"
    """The press that files an application: before everything else."""
    PASSWORDS = "passwords"
    """What may hash a password: one at a time."""
    UPLOADS = "uploads"
    """Large bodies, once they are here."""
    SLOW = "slow"
    """What waits for a process of its own: papers, previews, verifications."""
    FILES = "files"
    """Style sheets, scripts, fonts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`most` bytes of a body, `visitors` the same without a session cookie; complete within `seconds` of arrival."""

    room: Room = Room.PAGES
    most: int = 0
    visitors: int = 0
    seconds: int = 30
    splits: bool = False
    """A body beyond `LARGE` waits with the uploads instead."""


LARGE: Final = 1 * MB
"""What is larger counts as an upload."""
BESIDE: Final = 4 * MB
"""What a form may carry beside its files."""
PRESS_MOST: Final = 16 * KB
PRESS_SECONDS: Final = 30
STALLED: Final = 60
"""Seconds without a single byte after which a body is given up, however long it may take as a whole."""
HOURS: Final = 3600

PLAIN: Final = Rule()
FORM: Final = Rule(most=BESIDE, visitors=64 * KB, seconds=120, splits=True)
STEP: Final = Rule(most=2_000 * MB + BESIDE, visitors=64 * KB, seconds=12 * HOURS, splits=True)
PIECE: Final = Rule(Room.UPLOADS, most=8 * MB + 64 * KB, visitors=64 * KB, seconds=900)
PRESS: Final = Rule(Room.PRESS, most=PRESS_MOST, visitors=PRESS_MOST, seconds=PRESS_SECONDS)
PASSWORD: Final = Rule(Room.PASSWORDS, most=64 * KB, visitors=64 * KB)
VERIFY: Final = Rule(Room.SLOW, most=72 * MB, visitors=72 * MB, seconds=900)
HANDED: Final = Rule(most=STEP.most, visitors=STEP.most, seconds=12 * HOURS, splits=True)
"""Papers that a partner hands over by a link, without an account: up to what the definition says, as in a form."""
IMPORTED: Final = Rule(most=1_000 * MB + BESIDE, visitors=64 * KB, seconds=HOURS, splits=True)
"""A table, or a ZIP with files, that an office imports."""
CHECKED: Final = Rule(most=36 * MB, visitors=36 * MB, seconds=900, splits=True)
"""A receipt to be checked, with the form that it stands for."""

PROOF: Final = Rule(most=20 * MB + BESIDE, visitors=64 * KB, seconds=3600, splits=True)
"""What another body wrote, or its list for many applications, handed in at the desk."""

READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_GET: Final = frozenset({"GET", "HEAD"})
_POST: Final = frozenset({"POST"})
_SENDING: Final = frozenset({"POST", "PUT", "PATCH"})
_ONE: Final = r"[^/]+"
_SMALL: Final = "(save|resolve|people|partners|uploads|discard|restore|revise|keep|withdraw|resume)"
"""What is posted to an application and is no step of its form."""

TABLE: Final = tuple(
    (methods, re.compile(pattern), rule)
    for methods, pattern, rule in (
        (_GET, r"/static/.*|/healthz|/readyz", Rule(Room.FILES)),  # whoever watches the site need not stand in line
        (_GET, rf"/applications/{_ONE}/(preview|receipts/\d+/{_ONE})\.pdf|/results/{_ONE}/\d+/{_ONE}", Rule(Room.SLOW)),
        (_POST, rf"/applications/{_ONE}/file", PRESS),
        (_POST, rf"/applications/{_ONE}/{_SMALL}", FORM),
        (_POST, rf"/applications/{_ONE}/{_ONE}", STEP),
        (_SENDING, rf"/applications/{_ONE}/uploads/{_ONE}", PIECE),
        (_POST, rf"/papers/{_ONE}", HANDED),
        (_POST, rf"/office/applications/calls/{_ONE}/import", IMPORTED),
        (_POST, r"/account/(login|signup|reauthenticate|password/.+)/?", PASSWORD),
        (_POST, rf"/office/applications/({_ONE}/checks|calls/{_ONE}/review/import)", PROOF),
        (_POST, r"/verify", VERIFY),
        (_POST, r"/verify/receipt", CHECKED),
        (_SENDING, r".*", FORM),
    )
)
"""The first that fits counts; what fits none has no body."""


def rule_of(method: str, path: str) -> Rule:
    """The rule of a request. `path` is the one that Django resolves: decoded, without the prefix of the server."""
    for methods, pattern, rule in TABLE:
        if method in methods and pattern.fullmatch(path):
            return rule
    return PLAIN
