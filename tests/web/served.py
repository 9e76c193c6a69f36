"""The real server: granian with an application of ours, and requests to it byte by byte."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@contextmanager
def granian(application: str, **environment: str) -> Iterator[int]:
    """The port of a running server of one process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--interface", "asginl", "--workers", "1", "--port", str(port), "--no-access-log", "--log-level", "error"]
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the server has ended
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--workers-kill-timeout", "2", application],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"} | environment,
        stderr=said,
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the server did not start") from None
                time.sleep(0.05)  # until it listens
        yield port
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)
        said.seek(0)
        words_said = said.read().decode()
        said.close()
        print(words_said, file=sys.stderr)
        assert "Traceback" not in words_said


class Line:
    """One connection. `send` sends bytes as they are; `answer` reads one answer whole."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(PATIENCE_S)
        self.status, self.headers, self.body = 0, dict[str, str](), b""
        self._rest = b""

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, head: str, body: bytes = b"") -> Line:
        """`head` without the host and the last empty line."""
        first, _, rest = head.partition("\n")
        lines = [first, "Host: 127.0.0.1", *(one for one in rest.split("\n") if one)]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self

    def more(self, body: bytes) -> Line:
        self.socket.sendall(body)
        return self

    def answer(self) -> Line:
        while b"\r\n\r\n" not in self._rest:
            self._take()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        if self.status == 100:
            return self
        length = int(self.headers.get("content-length", 0))
        while len(self._rest) < length:
            self._take()
        self.body, self._rest = self._rest[:length], self._rest[length:]
        return self

    def until(self, **state: int) -> None:
        """Ask the application of `door_app` until so many compute and so many wait."""
        told: dict[str, int] = {}
        while told != state:
            self.send("GET /static/state HTTP/1.1").answer()
            told = {name: self.json[name] for name in state}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_closed(self) -> bool:
        """Whether the server closes the connection, now or in a moment."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _take(self) -> None:
        part = self.socket.recv(1 << 16)
        if not part:
            raise ConnectionError("closed before the answer was whole")
        self._rest += part
