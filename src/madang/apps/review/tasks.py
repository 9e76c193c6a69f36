"""What this room does by itself: it makes the packs of press reports."""

import logging
from pathlib import Path

from madang.apps.review import commands
from madang.apps.review.models import PressPack
from madang.apps.review.queries import opened, packs_to_make
from madang.kernel import files
from madang.kernel.actors import SYSTEM
from madang.kernel.datadir import data_dir
from madang.papers.press.making import NotMade

log = logging.getLogger(__name__)


def make_packs() -> int:
    """Every pack that waits, one after the other. How far one is stands in a file (`progress_of`), not in the database.

    A pack that cannot be made is marked as failed; whoever wants it asks again.
    """
    return sum(_make(pack) for pack in packs_to_make())


def progress_of(pack: PressPack) -> int:
    """How many of `papers.press.pack.STEPS` steps are done."""
    try:
        return int(_progress(pack).read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _make(pack: PressPack) -> int:
    from madang.papers.press.pack import pack as made  # with it comes what draws

    report = opened(pack.revision.report, pack.revision.number)
    assert report is not None, "a pack is of a revision"
    place = _progress(pack)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept = files.keep(made(report.paper, lambda done: _note(place, done)))
    except NotMade:
        log.exception("the pack of press report %s could not be made", pack.revision.report.uid)
        commands.keep_press_pack(actor=SYSTEM, pack=pack, sha256="", size_bytes=0)
        return 1
    finally:
        place.unlink(missing_ok=True)
    commands.keep_press_pack(actor=SYSTEM, pack=pack, sha256=kept.sha256, size_bytes=kept.size)
    return 1


def _progress(pack: PressPack) -> Path:
    return data_dir() / "cache" / "press" / str(pack.pk)


def _note(place: Path, done: int) -> None:
    place.write_text(str(done), "ascii")
