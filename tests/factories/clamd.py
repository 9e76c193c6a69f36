"""A real clamd on a socket of its own, with one signature of its own: that of the EICAR test file."""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CLAMD = shutil.which("clamd")
SIGNATURE = "Madang.Test.Eicar"


def eicar() -> bytes:
    """The test file of all scanners, put together here so that none of them minds the repository."""
    return b"".join([b"X5O!P%@AP[4", b"\\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!", b"$H+H*"])


class Clamd:
    """Running until `stop`; `address` as MADANG_CLAMAV takes it. `most`: bytes that it takes in one stream."""

    def __init__(self, *, most: str = "4M") -> None:
        # A short path: a socket's name may have some hundred characters.
        self.folder = Path(tempfile.mkdtemp(prefix="clamd-"))
        database = self.folder / "db"
        database.mkdir()
        (database / "own.ndb").write_text(f"{SIGNATURE}:0:*:{eicar().hex()}\n")
        self._socket = self.folder / "s"
        (self.folder / "clamd.conf").write_text(
            f"DatabaseDirectory {database}\nLocalSocket {self._socket}\nForeground yes\nStreamMaxLength {most}\n"
            f"TemporaryDirectory {self.folder}\nAlertExceedsMax yes\nMaxFiles 100\nConcurrentDatabaseReload no\n"
        )
        self._process = subprocess.Popen(
            [str(CLAMD), "--config-file", str(self.folder / "clamd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "said").open("wb"),
        )
        until = time.monotonic() + 60
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"clamd does not start: {(self.folder / 'said').read_text()}")
            select.select([], [], [], 0.05)  # nobody tells when a program of somebody else has begun to listen

    @property
    def address(self) -> str:
        return f"unix:{self._socket}"

    def freeze(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self._socket)) == 0
