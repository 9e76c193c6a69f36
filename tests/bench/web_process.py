"""`python -m tests.bench.web_process`: start and memory of one web process, as production runs it (granian).

Prints the seconds from the command to the first answer, and the resident memory of the worker process before and after
pages with forms, zones and a session were asked for. Limits: 5 s, 150 MiB.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

LIMIT_S, LIMIT_MIB, ROUNDS, REQUESTS = 5, 150, 3, 40
PATHS = ("/", "/calls", "/account/login/", "/account/signup/", "/account/password/reset/", "/preferences")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        for words in (("migrate", "-v0"), ("collectstatic", "--noinput", "-v0")):
            subprocess.run([sys.executable, "-m", "django", *words], env=environment, check=True)
        rounds = [measured(environment) for _ in range(ROUNDS)]
    started, fresh, used = (median(values) for values in zip(*rounds, strict=True))
    print(f"start to first answer  {started:6.2f} s    limit {LIMIT_S} s    {verdict(started, LIMIT_S)}")
    print(f"memory after start     {fresh:6.1f} MiB")
    print(
        f"memory after {REQUESTS * len(PATHS)} pages {used:6.1f} MiB  limit {LIMIT_MIB} MiB  {verdict(used, LIMIT_MIB)}"
    )


def verdict(value: float, limit: float) -> str:
    return "reached" if value < limit else "NOT reached"


def measured(environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds, MiB at the first answer, MiB after the pages."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--workers", "1", "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, "--no-access-log", "--log-level", "warning", "madang.site.asgi:application"], env=environment
    ) as web:
        try:
            while not answers(port, "/"):
                time.sleep(0.01)
            started, [worker] = time.perf_counter() - began, children(web.pid)
            fresh = resident_mib(worker)
            for _ in range(REQUESTS):
                for path in PATHS:
                    answers(port, path)
            return started, fresh, resident_mib(worker)
        finally:
            web.terminate()


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return bool(answer.read())
    except urllib.error.HTTPError:
        raise
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """The processes that this one started, its own helpers left out."""
    told = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid=,args="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in told.stdout.splitlines() if "resource_tracker" not in line]


def resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
