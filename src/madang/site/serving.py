"""One web process of the supervisor: granian on a listening socket that is open (`python -m madang.site.serving FD`).

granian would start processes of its own, each with a socket of its own that closes with it, and what waits there would
be lost. Here one process is one server; which there are, and when they are replaced, the supervisor decides. Once it
is told to end it takes no new connection, finishes what it has begun, and ends.
"""

import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from madang.kernel.children import TAKE_NO_MORE, end_with_parent, take_no_more, tell_ready

APPLICATION: Final = "madang.site.asgi:application"
BACKLOG: Final = 1024
MOST_CONNECTIONS: Final = 16_384
"""Open at once in one process. Idle ones count, and whoever comes beyond them is not read, so not even stamped."""


class OneProcess(MPServer):
    """granian's server without its processes: its worker runs here, on a socket that is open already.

    A test serves with it: what of granian is used here is not promised by it.
    """

    def __init__(self, socket: int) -> None:
        super().__init__(
            APPLICATION,
            interface=Interfaces.ASGINL,
            websockets=False,
            log_level=LogLevels.warning,
            backlog=BACKLOG,
            backpressure=MOST_CONNECTIONS,
        )
        self._socket = socket

    def _serve(self, spawn_target: Any, target_loader: Callable[[], Any]) -> None:
        holder = SocketHolder(self._socket, False, BACKLOG)  # type: ignore[call-arg]  # its stub knows one of three
        self._shd: Any = holder
        self._sso: Any = None  # nothing is shared with processes of its own
        self._start_ipc()

        def load() -> Any:
            application = target_loader()
            _warm()
            gc.freeze()
            gc.enable()
            tell_ready()
            return application

        self._spawn_worker(0, spawn_target, load).inner.run()


def _warm() -> None:
    """What the first request would load: a fault in it shows before this process takes anybody's place."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns


def _room_for_connections() -> None:
    """As many open files as this process may have: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 1024
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def main() -> None:
    _room_for_connections()
    gc.disable()  # until everything is loaded: what is there then stays, and need not be searched again
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    listener = int(sys.argv[1])
    signal.signal(TAKE_NO_MORE, lambda *_: take_no_more(listener))
    OneProcess(listener).serve()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)  # as granian's own workers end: its threads must not meet an interpreter that takes itself down


if __name__ == "__main__":
    main()
