"""The platform as production runs it: several web processes and a worker, which can be killed and come back.

The only module that knows how the platform is started.
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.torture import processes
from tests.torture.databases import Database
from tests.torture.waiting import until

READY_WITHIN_S: Final = 60
"""After this a process that does not answer is a fault of the run; the limit of 5 s is judged by the table."""
_OWN: Final = (sys.executable, "-m", "madang.cli.main")


class _Web:
    """One web process on a port of its own."""

    def __init__(self, number: int, environment: Mapping[str, str], log: Path) -> None:
        self.port = processes.free_port()
        self.environment, self._log = dict(environment), log
        self._command = [sys.executable, "-m", "granian", "--interface", "asginl", "--workers", "1"]
        self._command += ["--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--log-level", "warning"]
        self._command += ["madang.site.asgi:application"]
        self.process: subprocess.Popen[bytes] | None = None
        self.name = f"web {number}"

    def start(self) -> None:
        self.process = processes.start(self._command, self.environment, self._log)

    def answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            return False
        return _answers(self.port)

    def kill(self) -> None:
        if self.process is not None:
            processes.kill(self.process)
            self.process = None


class Site:
    """An installation with its own data folder, ports and processes. `close` leaves nothing behind."""

    def __init__(
        self,
        database: Database,
        *,
        count: int = 2,
        environment: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="madang-torture-"))
        self.data = data or self.home / "data"
        self.log = self.home / "log"
        self.database = database
        self.environment = {
            **processes.bare_environment(),
            "MADANG_DATA": str(self.data),
            "MADANG_DATABASE_URL": database.url,
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
            **(environment or {}),
        }
        self._web = [_Web(number, self.environment, self.log) for number in range(1, count + 1)]
        self._turns = itertools.cycle(self._web)
        self._worker: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """The database's tables and the browser's files."""
        for words in (("migrate", "-v0"), ("collectstatic", "--noinput", "-v0")):
            command = [sys.executable, "-m", "django", *words]
            subprocess.run(command, env=self.environment, check=True, stdin=subprocess.DEVNULL)

    def bend(self, environment: Mapping[str, str]) -> None:
        """Give this to the web processes alone; before they are started."""
        for web in self._web:
            web.environment |= environment

    def start(self) -> float:
        """Start everything; the seconds until every web process has answered a page that asks the database."""
        began = time.monotonic()
        for web in self._web:
            if web.process is None:
                web.start()
        self.start_worker()
        for web in self._web:
            until(web.answers, READY_WITHIN_S, f"{web.name} answers; {self.said()}")
        return time.monotonic() - began

    def port(self) -> int:
        """Where the next connection goes: to each web process in turn, as a balancer does."""
        return next(self._turns).port

    def web_pids(self) -> list[int]:
        return [web.process.pid for web in self._web if web.process is not None]

    def pids(self) -> list[int]:
        """Everything of it that runs."""
        return [*self.web_pids(), *([self._worker.pid] if self._worker is not None else [])]

    # -- what is done to it --------------------------------------------------------------------------------------------

    def kill_web(self, chance: random.Random) -> float:
        """`kill -9` of one web process, started again at once; the seconds until it answers."""
        web, began = chance.choice(self._web), time.monotonic()
        web.kill()
        web.start()
        until(web.answers, READY_WITHIN_S, f"{web.name} answers after it was killed; {self.said()}")
        return time.monotonic() - began

    def kill_worker(self) -> None:
        """`kill -9` of the worker."""
        if self._worker is not None:
            processes.kill(self._worker)
            self._worker = None

    def start_worker(self) -> None:
        if self._worker is None:
            self._worker = processes.start([*_OWN, "worker"], self.environment, self.log)

    def kill_everything(self) -> float:
        """`kill -9` of all of it at once, as when the power fails; the seconds from starting it until it is ready."""
        for web in self._web:
            web.kill()
        self.kill_worker()
        return self.start()

    # -- the end -------------------------------------------------------------------------------------------------------

    def said(self) -> str:
        """The last lines of the log."""
        return "the log ends: …" + (self.log.read_text("utf-8", "replace")[-1500:] if self.log.exists() else "")

    def close(self) -> None:
        for process in (*(web.process for web in self._web), self._worker):
            if process is not None:
                processes.kill(process)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _answers(port: int) -> bool:
    """Whether a page that asks the database is answered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/calls", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False
