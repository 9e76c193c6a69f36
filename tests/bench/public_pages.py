"""The public page of a call under load: requests a second, processor time of one, and 10,000 applications to 100.

The site runs as `madang demo` starts it, with two workers. The load client is one process on the same two cores; its
own processor time is told apart. Rounds are interleaved: what else the machine does strikes both pages alike.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.bench.measure import Spread, table, verdict

LEAST_PER_SECOND = 920
MOST_RATIO = 1.05
SIZES = (100, 10_000)
CLIENT = Path(__file__).with_name("load_client.py")
_TICKS = os.sysconf("SC_CLK_TCK")

_SETUP = """
import sys
from madang.cli.demo import _prepare
_prepare()
from tests.factories.applications import case
from tests.factories.calls import published
from madang.apps.applications.commands import receive_from_folder
from madang.kernel.actors import DEMO
for size in map(int, sys.argv[1:]):
    call = published(f"sample-call-{size}", title="Sample call", opens="2026-11-01", closes="2099-12-24 18:00")
    receive_from_folder(actor=DEMO, call=call, case=case(*range(size)))
"""


class Site:
    """The running site and the processor time of its processes. Used in a `with` statement."""

    def __init__(self, home: Path, workers: int = 2) -> None:
        source, root = Path(__file__).parents[2] / "src", Path(__file__).parents[2]
        self.environment = os.environ | {"MADANG_DATA": str(home / "site"), "PYTHONPATH": f"{source}:{root}"}
        numbers = [str(size) for size in SIZES]
        subprocess.run(
            [sys.executable, "-c", _SETUP, *numbers], env=self.environment, check=True, stdout=subprocess.DEVNULL
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = ["--interface", "asginl", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words, "--no-access-log", "--log-level", "error",
             "--workers-kill-timeout", "3",
             "madang.site.asgi:application"],
            env=self.environment,
        )  # fmt: skip

    def __enter__(self) -> Site:
        for _ in range(60):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/calls/sample-call-{SIZES[0]}", timeout=20):
                    return self
            except OSError:
                time.sleep(0.5)
        raise RuntimeError("the site did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def cpu_s(self) -> float:
        """Processor seconds of the server and its workers so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(_cpu_s(int(pid)) for pid in [self.process.pid, *map(int, children)])

    def load(self, path: str, seconds: float, *headers: str, connections: int = 32) -> dict[str, float]:
        """One round: requests a second, processor milliseconds of one (site, client), and what failed."""
        before = self.cpu_s()
        words = [sys.executable, str(CLIENT), "127.0.0.1", str(self.port), path, str(connections), str(seconds)]
        said = json.loads(subprocess.run([*words, *headers], check=True, capture_output=True, text=True).stdout)
        if said["failed"] or not said["requests"]:
            raise RuntimeError(f"{path}: {said}")
        used, number = self.cpu_s() - before, said["requests"]
        return {
            "per_s": number / said["seconds"],
            "site_ms": used * 1000 / number,
            "client_ms": said["cpu_s"] * 1000 / number,
            "site_cores": used / said["seconds"],
            "bytes": said["bytes"] / number,
        }


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def public_pages(repeats: int, quick: bool, home: Path) -> str:
    """Kept pages (as everybody gets them) and pages made for each request (as somebody signed in gets them)."""
    seconds = 1.5 if quick else 4.0
    kinds = {
        "kept, gzip": ("Accept-Language: en", "Accept-Encoding: gzip"),
        "kept, plain": ("Accept-Language: en",),
        "made for each request": ("Accept-Language: en", "Authorization: none"),
    }
    rounds: dict[tuple[str, int], list[dict[str, float]]] = {(kind, size): [] for kind in kinds for size in SIZES}
    with Site(home) as site:
        for size in SIZES:
            site.load(f"/calls/sample-call-{size}", 1.0, *kinds["kept, plain"])
        for number in range(repeats):
            for kind, headers in kinds.items():
                for size in SIZES if number % 2 == 0 else SIZES[::-1]:
                    found = site.load(f"/calls/sample-call-{size}", seconds, *headers)
                    rounds[kind, size].append(found)
    rows = []
    for kind in kinds:
        few, many = rounds[kind, SIZES[0]], rounds[kind, SIZES[1]]
        speed = Spread.of([one["per_s"] for one in many])
        slower = Spread.of([one["per_s"] / other["per_s"] for one, other in zip(few, many, strict=True)])
        costlier = Spread.of([other["site_ms"] / one["site_ms"] for one, other in zip(few, many, strict=True)])
        rows.append(
            (
                kind,
                Spread.of([one["per_s"] for one in few]).shown(0),
                speed.shown(0),
                Spread.of([one["site_ms"] for one in many]).shown(3),
                Spread.of([one["client_ms"] for one in many]).shown(3),
                slower.shown(3),
                costlier.shown(3),
                "reached" if speed.middle >= LEAST_PER_SECOND else "below",
                verdict(costlier, MOST_RATIO, at_most=True),
            )
        )
    head = (
        "page of a call", "requests/s, 100", "requests/s, 10,000", "site CPU (ms)", "client CPU (ms)",
        "time 10,000 : 100", "CPU 10,000 : 100", f"at least {LEAST_PER_SECOND}/s", f"at most {MOST_RATIO}",
    )  # fmt: skip
    size = rounds["kept, plain", SIZES[1]][0]["bytes"]
    packed = rounds["kept, gzip", SIZES[1]][0]["bytes"]
    notes = (
        f"- Two workers, 32 kept-alive connections, rounds of {seconds:g} s in turn; the client is one process on the "
        "same two cores.\n"
        f"- An answer is {size / 1000:.1f} kB, in gzip {packed / 1000:.1f} kB."
    )
    return f"{table(head, rows)}\n\n{notes}"
