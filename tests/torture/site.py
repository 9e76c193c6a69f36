"""The platform as production runs it: `madang serve`, which starts web processes and a worker, and starts them again.

The only module that knows how the platform is started.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.torture import processes
from tests.torture.databases import Database
from tests.torture.waiting import until

READY_WITHIN_S: Final = 90
"""After this a process that is not ready is a fault of the run; the limit of 5 s is judged by the table."""
OWN: Final = (sys.executable, "-m", "madang.cli.main")
WEB: Final = "madang.site.serving"
WORKER: Final = "madang.cli.main worker"


class Site:
    """An installation with its own data folder, port and processes. `close` leaves nothing behind."""

    def __init__(
        self,
        database: Database,
        *,
        web: int = 2,
        environment: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="madang-torture-"))
        self.data = data or self.home / "data"
        self.log = self.home / "log"
        self.port = processes.free_port()
        self.environment = {
            **processes.bare_environment(),
            "MADANG_DATA": str(self.data),
            "MADANG_DATABASE_URL": database.url,
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
            **(environment or {}),
        }
        self.bending: dict[str, str] = {}
        """Given to the processes of the platform alone, not to what looks at it."""
        self._web = web
        self._supervisor: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """The database's tables and the browser's files."""
        command = [*OWN, "migrate", "--quiet"]
        subprocess.run(command, env=self.environment, check=True, stdin=subprocess.DEVNULL)

    def start(self) -> float:
        """Start everything; the seconds until every process is ready and a page that asks the database is answered."""
        began = time.monotonic()
        command = [*OWN, "serve", "--port", str(self.port), "--processes", str(self._web)]
        self._supervisor = processes.start(command, self.environment | self.bending, self.log)
        until(self._is_whole, READY_WITHIN_S, f"the platform is ready; {self.said()}")
        self.wait_for_answer()
        return time.monotonic() - began

    def wait_for_answer(self) -> None:
        """Return when a page that asks the database is answered."""
        until(self._answers, READY_WITHIN_S, f"the platform answers; {self.said()}")

    def web_pids(self) -> set[int]:
        return {one.pid for one in self._children(WEB)}

    def pids(self) -> list[int]:
        """Everything of it that answers and works."""
        return sorted({one.pid for kind in (WEB, WORKER) for one in self._children(kind)})

    # -- what is done to it --------------------------------------------------------------------------------------------

    def kill_web(self, chance: random.Random) -> float:
        """`kill -9` of one web process; the seconds until its successor is ready."""
        return self._killed(chance.choice(self._children(WEB)), WEB)

    def kill_worker(self) -> float:
        """`kill -9` of the worker; the seconds until its successor is ready."""
        return self._killed(self._children(WORKER)[0], WORKER)

    def _killed(self, one: Any, kind: str) -> float:
        began, killed_at = time.monotonic(), time.time()
        processes.kill_one(one)
        until(lambda: self._is_whole(since=killed_at), READY_WITHIN_S, f"{kind} is there again; {self.said()}")
        return time.monotonic() - began

    def kill_everything(self) -> float:
        """`kill -9` of all of it at once, as when the power fails; the seconds from starting it until it is ready."""
        assert self._supervisor is not None
        processes.kill(self._supervisor)
        return self.start()

    @contextlib.contextmanager
    def without_worker(self) -> Iterator[None]:
        """`kill -9` of the worker, whatever it is doing; nobody starts it again before the end of the block."""
        assert self._supervisor is not None
        self._supervisor.send_signal(signal.SIGSTOP)
        try:
            for one in self._children(WORKER):
                processes.kill_one(one)
            yield
        finally:
            self._supervisor.send_signal(signal.SIGCONT)

    # -- looking at it -------------------------------------------------------------------------------------------------

    def _children(self, kind: str) -> list[Any]:
        assert self._supervisor is not None
        return [one for one in processes.family(self._supervisor.pid) if kind in processes.command_of(one)]

    def _is_whole(self, since: float = 0) -> bool:
        """Whether the supervisor that runs now has said since that moment that every process is ready."""
        assert self._supervisor is not None
        if self._supervisor.poll() is not None:
            raise RuntimeError(f"madang serve ended with {self._supervisor.returncode}; {self.said()}")
        with contextlib.suppress(OSError, ValueError):
            state = json.loads((self.data / "run" / "state.json").read_text("utf-8"))
            whole = state["ready"] == state["processes"] > 0 and state["pid"] == self._supervisor.pid
            return bool(whole and dt.datetime.fromisoformat(state["beat_at"]).timestamp() > since)
        return False

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/calls", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def said(self) -> str:
        """The last lines of the log."""
        return "the log ends: …" + (self.log.read_text("utf-8", "replace")[-4000:] if self.log.exists() else "")

    def close(self) -> None:
        if self._supervisor is not None:
            with contextlib.suppress(ProcessLookupError):
                self._supervisor.send_signal(signal.SIGCONT)
            processes.kill(self._supervisor)
            self._supervisor = None
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
