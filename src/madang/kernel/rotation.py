"""Replacing the secrets of this installation while it runs, so that nobody is signed out and no code is lost.

A file `keys/NAME` holds one secret a line: first the one in use; then, with when they may go, those that it replaced
(`SECRET until 2027-01-15T09:00:00+00:00`); last, while a change is under way, the one that comes (`SECRET next`). What
comes is first made known to every process (`stage`, then a reload), and used only then (`promote`): at no moment
does one process close what another cannot open. Imports no Django.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from madang.kernel import keys
from madang.kernel.cipher import CODES, SESSIONS
from madang.kernel.clock import now
from madang.kernel.datadir import data_dir
from madang.kernel.keyring import alone, put_file

DJANGO: Final = "secret-key"
SECRETS: Final = (DJANGO, SESSIONS, CODES)

LONGEST: Final = dt.timedelta(days=15)
"""After so long nothing is left that a replaced secret has closed: sessions live 14 days, mails and links less."""


def stage() -> None:
    """Lay the next secrets beside those in use. Those that lie there already stay: a change may be taken up again."""
    with _alone() as folder:
        for name in SECRETS:
            lines = _lines(folder, name)
            if not any(words[1:] == ["next"] for words in lines):
                _write(folder, name, [*lines, [keys.new_secret().decode(), "next"]])


def promote() -> None:
    """What was laid beside comes into use; what it replaces still opens, until `LONGEST` has passed."""
    until = ["until", (now() + LONGEST).isoformat()]
    with _alone() as folder:
        for name in SECRETS:
            lines = _lines(folder, name)
            coming = [words[0] for words in lines if words[1:] == ["next"]]
            if coming:
                used, *older = [words for words in lines if words[1:] != ["next"]]
                _write(folder, name, [coming[:1], [used[0], *until], *older])


def drop(name: str) -> int:
    """Take out the replaced secrets whose time has passed; how many."""
    with _alone() as folder:
        lines = _lines(folder, name)
        left = [words for words in lines if not (words[1:2] == ["until"] and _passed(words[2]))]
        if len(left) < len(lines):
            _write(folder, name, left)
        return len(lines) - len(left)


def older(name: str) -> int:
    """How many replaced secrets still open what they closed."""
    return sum(words[1:2] == ["until"] for words in _lines(data_dir() / "keys", name))


def _passed(until: str) -> bool:
    return dt.datetime.fromisoformat(until) <= now()


def _lines(folder: Path, name: str) -> list[list[str]]:
    keys.secret(name, folder=folder)  # made on first use; closed to others
    return [line.split() for line in (folder / name).read_text("ascii").splitlines() if line.strip()]


def _write(folder: Path, name: str, lines: list[list[str]]) -> None:
    put_file(folder / name, "".join(" ".join(words) + "\n" for words in lines).encode(), 0o600)


@contextmanager
def _alone() -> Iterator[Path]:
    """One process at a time changes keys; a second is told so."""
    folder = data_dir() / "keys"
    with alone(folder):
        yield folder
