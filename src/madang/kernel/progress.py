"""How far a piece of work behind the pages is: a small file of this host for each, for whoever waits to look at.

It is no state of anything: lost, it only shows nothing. Imports no Django.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from madang.kernel.datadir import data_dir, private


@dataclass(frozen=True, slots=True)
class Progress:
    """`phase`: a name that the screen puts into words; `done` of `total`, 0 where nobody knows yet."""

    phase: str
    done: int = 0
    total: int = 0


def tell(uid: str, phase: str, done: int = 0, total: int = 0) -> None:
    """Where the work of this name is now."""
    path = _path(uid)
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps([phase, done, total]), "utf-8")
    aside.replace(path)


def of(uid: str) -> Progress | None:
    """The last word; nothing where none was told."""
    try:
        return Progress(*json.loads(_path(uid).read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def end(uid: str) -> None:
    """The work is over."""
    _path(uid).unlink(missing_ok=True)


def _path(uid: str) -> Path:
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", uid):
        raise ValueError("not the name of a piece of work")
    return private(data_dir() / "cache" / "progress") / uid
