"""A virus scanner, where the operator has one: ClamAV's clamd, spoken to in its own words. Imports no Django.

`MADANG_CLAMAV` is `host:port` or `unix:/path`; empty: nothing is scanned. A file that could not be scanned is not
clean: `NotScanned` is raised, and the caller refuses it.
"""

import os
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

VARIABLE: Final = "MADANG_CLAMAV"
CONNECT_S: Final = 3
ANSWER_S: Final = 60
"""Seconds for the verdict after the last byte; a large archive takes a while."""
_PIECE: Final = 256 * 1024
_LONGEST_ANSWER: Final = 4096
_FOUND = re.compile(r"stream: (.+) FOUND")


class NotScanned(Exception):
    """The scanner is not there, does not take so large a file, or answers something else than a verdict."""


def scan(file: BinaryIO) -> str | None:
    """The name of what was found, or nothing: clean, or no scanner is set. Raises `NotScanned`."""
    where = os.environ.get(VARIABLE, "")
    if not where:
        return None
    file.seek(0)
    try:
        with _connected(where) as line:
            answer = _asked(line, file)
    except OSError as error:
        raise NotScanned(f"clamd at {where}: {error.strerror or type(error).__name__}") from error
    if answer == "stream: OK":
        return None
    found = _FOUND.fullmatch(answer)
    if found is None or found[1].startswith("Heuristics.Limits.Exceeded"):  # looked at in part is not looked at
        raise NotScanned(f"clamd at {where}: {answer[:200]!r}")
    return found[1]


@contextmanager
def _connected(where: str) -> Iterator[socket.socket]:
    if where.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECT_S)
        try:
            line.connect(where.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
    else:
        host, _, port = where.rpartition(":")
        if not port.isdecimal():
            raise NotScanned(f"{VARIABLE} must be host:port or unix:/path")
        line = socket.create_connection((host.strip("[]"), int(port)), CONNECT_S)
    with line:
        line.settimeout(ANSWER_S)
        yield line


def _asked(line: socket.socket, file: BinaryIO) -> str:
    """One INSTREAM: pieces with their lengths, a length of nothing, and the answer, which ends with a NUL."""
    try:
        line.sendall(b"zINSTREAM\0")
        while piece := file.read(_PIECE):
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has heard enough, and may have said why
    answer = b""
    while not answer.endswith(b"\0"):
        piece = line.recv(_LONGEST_ANSWER)
        answer += piece
        if not piece or len(answer) > _LONGEST_ANSWER:
            raise NotScanned(f"no whole answer: {answer[:200]!r}")
    return answer[:-1].decode("utf-8", "replace")
