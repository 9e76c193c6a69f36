"""A mail server that is not ours: it takes mail, refuses every connection, or takes them and never says a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

from aiosmtpd.controller import Controller

from tests.torture.processes import free_port


class Mailbox:
    """On one port of this machine; `mails` holds the text of each mail that it took."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[str] = []
        self._controller: Controller | None = None
        self._silent: _Silent | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(_text(envelope.content))
        return "250 OK"

    def open(self) -> None:
        """Take mail."""
        self.refuse()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def refuse(self) -> None:
        """Nobody listens; who is connected is cut off."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def hang(self) -> None:
        """Take connections, and say nothing."""
        self.refuse()
        self._silent = _Silent(self.port)

    close = refuse


class _Silent:
    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._held: list[socket.socket] = []
        threading.Thread(target=self._hold, daemon=True).start()

    def _hold(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._held.append(self._listener.accept()[0])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._held:
            one.close()


def _text(content: bytes) -> str:
    import email
    import email.policy

    return str(email.message_from_bytes(content, policy=email.policy.default).get_content())
