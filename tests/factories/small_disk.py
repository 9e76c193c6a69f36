"""A disk that is nearly full: a file system of its own in memory, where that is allowed."""

import subprocess
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[Path]:
    """The folder as a disk of this size; skips visibly where none can be mounted (who is not root, most containers)."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=0700", "madang-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise unittest.SkipTest(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
