"""`python -m tests.bench.serve_start`: from the command to "Ready", after a kill, and for replacing every process.

Everything as an office runs it: `madang serve` with two web processes and the worker, on SQLite. Limit: 5 s to ready.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.cli.serving import Serving, madang, migrated

LIMIT_S, ROUNDS = 5, 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = migrated(Path(folder) / "data")
        os.environ["MADANG_DATA"] = str(data)
        rounds = [measured(data) for _ in range(ROUNDS)]
    started, killed, web, replaced = (median(values) for values in zip(*rounds, strict=True))
    print(f"start to ready                         {started:6.2f} s   limit {LIMIT_S} s   {verdict(started)}")
    print(f"supervisor killed (-9), start to ready {killed:6.2f} s   limit {LIMIT_S} s   {verdict(killed)}")
    print(f"web process killed (-9), to its first answer {web:6.2f} s")
    print(f"every process replaced                 {replaced:6.2f} s   nobody waits meanwhile")


def verdict(value: float) -> str:
    return "reached" if value < LIMIT_S else "NOT reached"


def measured(data: Path) -> tuple[float, float, float, float]:
    began = time.perf_counter()
    first = Serving(data)
    first.wait("Ready after")
    started = time.perf_counter() - began
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    began = time.perf_counter()
    site = Serving(data, "--port", str(first.port))
    site.port = first.port
    site.wait("Ready after")
    killed = time.perf_counter() - began
    began = time.perf_counter()
    os.kill(site.children("site.serving")[0], signal.SIGKILL)
    for number in range(16):  # over both sockets: one waits for its new process
        assert site.get(f"/healthz?{number}")[0] == 200
    web = time.perf_counter() - began
    began = time.perf_counter()
    assert madang(data, "serve", "--reload").returncode == 0
    replaced = time.perf_counter() - began
    site.stop()
    return started, killed, web, replaced


if __name__ == "__main__":
    main()
