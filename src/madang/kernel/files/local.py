"""The store as a folder of this machine: `files/ab/abcdef…` in the data folder.

A finished file is moved into place: after a crash it is there whole, or not at all.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from madang.kernel.datadir import data_dir, private
from madang.kernel.files.store import Corrupted, Kept, NotKept, at_work, checked_name, flush_folder

_flushed: set[Path] = set()
"""Folders of which this process knows that their own name would survive a power cut."""


class Local:
    """The files of one data folder."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    @property
    def root(self) -> Path:
        return self._root or data_dir() / "files"

    def path_of(self, sha256: str) -> Path:
        """Where a file of this hash lies, or would lie."""
        return self.root / checked_name(sha256)[:2] / sha256

    def aside(self) -> Path:
        return private(self.root)  # the same file system, so that the move is atomic

    def put(self, aside: Path, kept: Kept) -> None:
        path = self.path_of(kept.sha256)
        with at_work("the folder of the files"):
            private(path.parent)
            os.replace(aside, path)
            flush_folder(path.parent)
            if path.parent not in _flushed:  # another process may have made it just now, and not flushed it yet
                flush_folder(path.parent.parent)
                _flushed.add(path.parent)

    def opened(self, sha256: str) -> BinaryIO:
        path = self.path_of(sha256)
        with at_work("the folder of the files"):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                raise NotKept(sha256) from None
            try:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise Corrupted(f"{path}: the content does not have this hash. Restore it from a backup.")
                file.seek(0)
            except BaseException:
                file.close()
                raise
            return file

    def size(self, sha256: str) -> int:
        with at_work("the folder of the files"):
            try:
                return self.path_of(sha256).stat().st_size
            except FileNotFoundError:
                raise NotKept(sha256) from None

    def all(self) -> Iterator[Kept]:
        with at_work("the folder of the files"):
            folders = sorted(path for path in self.root.iterdir() if re.fullmatch(r"[0-9a-f]{2}", path.name))
            for folder in folders:
                for path in sorted(folder.iterdir()):
                    if re.fullmatch(r"[0-9a-f]{64}", path.name):
                        yield Kept(path.name, path.stat().st_size)
