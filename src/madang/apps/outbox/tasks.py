"""What this room does by itself: it reads the mails that come back, from a Maildir."""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings

from madang.apps.outbox.commands import take_bounce
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.commands import Refused
from madang.kernel.mail.bounces import MOST_BYTES, Bounce, read_bounces

log = logging.getLogger(__name__)

_AT_ONCE: Final = 200


def take_bounces() -> int:
    """Read what is new in the Maildir of `MADANG_MAIL_BOUNCES`; returns how many mails were marked by it."""
    return sum(marked for _, marked in read_maildir(Path(settings.MAIL_BOUNCES), actor=SYSTEM))


def read_maildir(folder: Path, *, actor: Actor) -> Iterator[tuple[Bounce, bool]]:
    """Each failure told by a mail in `new/`, and whether it was one of ours; what was read moves to `cur/`."""
    (folder / "cur").mkdir(exist_ok=True)
    for path in islice(sorted((folder / "new").iterdir()), _AT_ONCE):
        with path.open("rb") as file:
            yield from take_report(file.read(MOST_BYTES), actor=actor)
        path.rename(folder / "cur" / f"{path.name}:2,S")


def take_report(raw: bytes, *, actor: Actor) -> Iterator[tuple[Bounce, bool]]:
    """Each failure that one report tells, and whether it was one of ours; for any other mail nothing."""
    for bounce in read_bounces(raw):
        try:
            take_bounce(actor=actor, bounce=bounce)
        except Refused:
            log.warning("a mail that came back names no mail of ours")
            yield bounce, False
        else:
            yield bounce, True
