"""The one folder that holds everything which is not code: database, files, keys, caches. Imports no Django."""

import os
from pathlib import Path

VARIABLE = "MADANG_DATA"
DEFAULT = "var"
FOLDERS = ("files", "keys", "cache")


def root() -> Path:
    """Where the data folder is, or would be; nothing is made."""
    return Path(os.environ.get(VARIABLE) or DEFAULT).expanduser().absolute()


def data_dir() -> Path:
    """The data folder (`MADANG_DATA`, else `./var`), made with its subfolders when first asked for.

    The folders that we make are closed to other users (0700). One that is already there keeps the mode its owner gave.
    """
    folder = private(root())
    for name in FOLDERS:
        private(folder / name)
    return folder


def private(folder: Path) -> Path:
    """Make a folder, and what is missing above it, readable by its owner alone.

    (`mkdir(parents=True, mode=…)` would leave the parents open to everybody.)
    """
    for part in reversed([folder, *folder.parents]):
        if not part.is_dir():
            part.mkdir(mode=0o700, exist_ok=True)
    return folder
