"""`madang serve`: web processes and the worker under one supervisor, until it is told to stop (SIGTERM, Ctrl+C).

`--reload` (or SIGUSR1, or SIGHUP without a terminal) replaces every process by a new one, with new code and new keys,
and loses no request. Exit 0: stopped in order, or replaced. 1: it cannot start, or was not replaced, with the reason.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from madang.cli.installation import add_data, tell, use_data
from madang.cli.migrate import UNREACHABLE
from madang.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

CANNOT: Final = 1
AGAIN_S: Final = 2.0
"""How long to wait before a database that does not answer is asked again."""
FREE_WITHIN_S: Final = 15.0
"""How long the address may still be held by processes of a supervisor that was killed: they are ending."""
RELOADED_WITHIN_S: Final = 600.0


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, metavar="PORT", help="which port (8000)")
    parser.add_argument("--processes", type=int, metavar="N", help="web processes (as many as cores, 2 to 4)")
    parser.add_argument("--grace", type=float, default=20, metavar="SECONDS", help="for ending in order (20)")
    parser.add_argument("--migrate", action="store_true", help="apply migrations that wait, instead of refusing")
    parser.add_argument("--reload", action="store_true", help="replace the processes of the running one, and wait")


def run(args: argparse.Namespace) -> int:
    use_data(args)
    if args.reload:
        return reload()
    return serve(
        host=args.host,
        port=args.port,
        processes=args.processes or max(2, min(4, os.cpu_count() or 2)),
        grace_s=args.grace,
        apply=args.migrate,
        environment=os.environ,
    )


def serve(*, host: str, port: int, processes: int, grace_s: float, apply: bool, environment: Mapping[str, str]) -> int:
    """Prepare, then supervise; the exit code."""
    from madang.kernel import running
    from madang.kernel.supervisor import RELOAD, Supervisor

    own = [sys.executable, "-m", "madang.cli.main"]
    prepare = [*own, "migrate", "--quiet", *([] if apply else ["--check"])]
    signal.signal(RELOAD, signal.SIG_IGN)  # told to replace what has not started yet: nothing to do
    try:
        with running.alone():
            if code := _prepare(prepare, environment):
                return code
            address = _address(host, port)
            if address is None:
                return CANNOT
            shown = f"[{address[0]}]" if ":" in address[0] else address[0]
            Supervisor(
                listen_on=address,
                processes=max(1, processes),
                web=[sys.executable, "-m", "madang.site.serving"],
                others={"worker": [*own, "worker", "--with-parent"]},
                prepare=prepare,
                address=f"http://{shown}:{address[1]}",
                say=tell,
                environment=environment,
                grace_s=grace_s,
                hangup_stops=sys.stdout.isatty(),
            ).run()
    except running.AlreadyRunning as other:
        tell(Reason("serve_already", {"pid": other.pid}))
        return CANNOT
    return 0


def _prepare(command: list[str], environment: Mapping[str, str]) -> int:
    """0 where the platform can be served. A database that does not answer is waited for, without end: it comes back."""
    said = False
    while True:
        told = subprocess.run(  # noqa: S603 - our own interpreter with words of our own
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if told.returncode != UNREACHABLE:
            sys.stdout.write(told.stdout)
            sys.stderr.write(told.stderr)
            sys.stdout.flush()
            return told.returncode
        if not said:
            said = True
            sys.stdout.write(told.stdout)
            tell(Reason("serve_waits_for_database"))
        time.sleep(AGAIN_S)


def _address(host: str, port: int) -> tuple[str, int] | None:
    """Where to listen, once it is free; nothing, with the reason said, where it does not become free."""
    from madang.kernel.supervisor import free_address

    last = time.monotonic() + FREE_WITHIN_S
    said = False
    while True:
        try:
            return free_address(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > last:
                tell(Reason("serve_cannot_listen", {"address": f"{host}:{port}", "system": error.strerror or ""}))
                return None
        if not said:
            said = True
            tell(Reason("serve_waits_for_address", {"address": f"{host}:{port}", "seconds": f"{FREE_WITHIN_S:g}"}))
        time.sleep(0.2)


def reload() -> int:
    """Have the running supervisor replace its processes; wait, and say what came of it."""
    from madang.kernel import running
    from madang.kernel.supervisor import RELOAD

    before = running.state()
    if before is None or before.pid != running.holder():  # or it is only just starting
        tell(Reason("serve_not_running"))
        return CANNOT
    os.kill(before.pid, RELOAD)
    last = time.monotonic() + RELOADED_WITHIN_S
    while time.monotonic() < last and running.is_running():
        found = running.state()
        if found is not None and found.reloads > before.reloads:
            tell(Reason("serve_reloaded"))
            return 0
        if found is not None and found.refused > before.refused:
            break
        time.sleep(0.1)
    tell(Reason("serve_not_reloaded"))
    return CANNOT
