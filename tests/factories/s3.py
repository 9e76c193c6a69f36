"""An S3 service that is not ours (moto), in a process of its own, and a line to it that can be cut."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
import uuid
from functools import cached_property
from typing import Any

KEY, SECRET = "madang", "a/secret+with:signs"


class Service:
    """One moto server. `bucket()` makes a bucket and gives its address as MADANG_FILES_URL takes it."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MOTO_S3_CUSTOM_ENDPOINTS": f"http://127.0.0.1:{self.port}"},
        )
        until = time.monotonic() + 60
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("moto does not start")
            select.select([], [], [], 0.05)

    @cached_property
    def client(self) -> Any:
        """Somebody else's hands on the buckets."""
        import boto3

        return boto3.session.Session().client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def bucket(self, *, port: int = 0) -> str:
        name = f"files-{uuid.uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return f"s3://{KEY}:a%2Fsecret%2Bwith%3Asigns@127.0.0.1:{port or self.port}/{name}/in/here?tls=0"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


class Line:
    """A line to a port of this machine. `cut()` ends every connection, old and new; `cut_after(bytes)` lets so
    many bytes through towards the service (or, with `answers`, from it) and then cuts; `mend()` restores it.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._left: list[int | None] = [None, None]
        self._down = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self) -> None:
        self._left, self._down = [None, None], False

    def cut_after(self, size: int, *, answers: bool = False) -> None:
        self._left[1 if answers else 0] = size

    def cut(self) -> None:
        self._down = True
        with self._lock:
            standing, self._open = self._open, set()
        for one in standing:
            _end(one)

    def _accept(self) -> None:
        while True:
            here, _ = self._listener.accept()
            if self._down:
                here.close()
                continue
            there = socket.create_connection(("127.0.0.1", self._to))
            with self._lock:
                self._open |= {here, there}
            threading.Thread(target=self._carry, args=(here, there, 0), daemon=True).start()
            threading.Thread(target=self._carry, args=(there, here, 1), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, way: int) -> None:
        try:
            while piece := source.recv(65536):
                left = self._left[way]
                if left is not None:
                    if len(piece) > left:
                        self.cut()
                        return
                    self._left[way] = left - len(piece)
                sink.sendall(piece)
        except OSError:
            pass
        finally:
            for one in (source, sink):
                _end(one)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
