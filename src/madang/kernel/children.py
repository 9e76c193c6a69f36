"""What a child process of the supervisor does for it: says that it is ready, and ends when its parent has ended.

The parent holds the only other end of the child's standard input: however it dies, the kernel closes that end, and the
child notices. Imports no Django.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Final

READY: Final = "MADANG_READY"
"""The descriptor on which a child says that it is ready."""

TAKE_NO_MORE: Final = signal.SIGUSR2
"""Told to a web process whose successor is ready: it takes no new connection, and serves those that it has."""

LAST_S: Final = 10
"""How long a child may take to end in good order after its parent has died."""


def tell_ready() -> None:
    """Tell the supervisor, where there is one, that this process can work now. Told once."""
    if told := os.environ.pop(READY, ""):
        with contextlib.suppress(OSError):  # it died in between: end_with_parent will see to it
            os.write(int(told), b"ready\n")
            os.close(int(told))


def end_with_parent(end: Callable[[], None]) -> None:
    """Call `end` once the parent is gone; a process that is still there `LAST_S` later is ended by force."""
    threading.Thread(target=_watch, args=(end,), name="with-parent", daemon=True).start()


def _watch(end: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):  # not by `sys.stdin`: its lock would be missed when the interpreter ends
            pass
    last = threading.Timer(LAST_S, os._exit, (1,))
    last.daemon = True
    last.start()
    end()


def take_no_more(listener: int) -> None:
    """From here on nobody accepts on this socket in this process; what waits there is left to the other processes.

    A server that is told to end closes connections on which nothing has come in yet, and so requests that are on
    their way. So a process first stops accepting, and ends later. The server's accept loop is out of reach: the
    numbers under which it holds the socket are made to mean another one, on which nobody ever calls.
    """
    if sys.platform != "linux":
        return
    wanted = os.fstat(listener).st_ino
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind("")  # an address that the kernel picks and nobody knows
        silent.listen(1)
        silent.setblocking(False)
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):  # the one of this very list is closed by now
                if os.fstat(int(name)).st_ino == wanted:
                    os.dup2(silent.fileno(), int(name), inheritable=False)
