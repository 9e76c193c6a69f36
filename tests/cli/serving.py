"""`madang serve` as a real process, for tests: its lines are waited for, its port asked, its children looked up."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MADANG = [sys.executable, "-m", "madang.cli.main"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    address = os.environ.get("MADANG_DATABASE_URL", "") if more.pop("same_database", "") else ""
    return {**os.environ, "MADANG_DATA": str(folder), "MADANG_DATABASE_URL": address, "MADANG_LANGUAGE": "en", **more}


def madang(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One command on this data folder."""
    return subprocess.run(
        [*MADANG, *words], env=environment(folder, **more), capture_output=True, text=True, check=False, timeout=120
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Serving:
    """A running `madang serve`. `wait("Ready")` reads its output up to the line that has this in it, and returns it."""

    def __init__(self, folder: Path, *words: str, **more: str) -> None:
        self.folder, self.port, self.lines = folder, free_port(), list[str]()
        self.process = subprocess.Popen(
            [*MADANG, "serve", "--port", str(self.port), "--processes", "2", *words],
            env=environment(folder, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def wait(self, words: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if words in line:
                return line
        raise AssertionError(f"{words!r} was not said, but: {self.lines}")

    def get(self, path: str) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def children(self, of: str = "") -> list[int]:
        """Processes that it started, those with `of` in their command."""
        pid = self.process.pid
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found = []
        for child in map(int, told):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if of in Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "):
                    found.append(child)
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip())
        return self.process.wait(60)


@contextlib.contextmanager
def serving(folder: Path, *words: str, **more: str) -> Iterator[Serving]:
    """It runs and is ready; afterwards it and all that it started is gone, whatever happened."""
    found = Serving(folder, *words, **more)
    try:
        found.wait("Ready after")
        yield found
    finally:
        children = found.children() if found.process.poll() is None else []
        found.process.kill()
        found.process.communicate()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def gone(pid: int, seconds: float = 30) -> bool:
    """Whether the process ends within so many seconds: waited for, not asked again and again."""
    import select

    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def migrated(folder: Path) -> Path:
    """A data folder whose database and browser files are ready."""
    done = madang(folder, "migrate")
    assert done.returncode == 0, done.stderr
    return folder


def copied(template: Path, folder: Path) -> Path:
    """A data folder like the template, without making everything anew."""
    shutil.copytree(template, folder)
    return folder
