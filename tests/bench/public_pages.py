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
from dataclasses import dataclass
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

    def load(self, sizes: tuple[int, ...], seconds: float, *headers: str, connections: int = 32) -> Round:
        """One round; the connections ask for the calls of these sizes in turn, side by side."""
        before = self.cpu_s()
        paths = ",".join(f"/calls/sample-call-{size}" for size in sizes)
        words = [sys.executable, str(CLIENT), "127.0.0.1", str(self.port), paths, str(connections), str(seconds)]
        said = json.loads(subprocess.run([*words, *headers], check=True, capture_output=True, text=True).stdout)
        counts = tuple(said["requests"].values())
        if said["failed"] or not all(counts):
            raise RuntimeError(f"{paths}: {said}")
        used, number = self.cpu_s() - before, sum(counts)
        return Round(
            per_s=number / said["seconds"],
            site_ms=used * 1000 / number,
            client_ms=said["cpu_s"] * 1000 / number,
            bytes=said["bytes"] / number,
            counts=counts,
        )


@dataclass(frozen=True, slots=True)
class Round:
    """Requests a second, processor milliseconds of one in site and client, its bytes, and how many of each call."""

    per_s: float
    site_ms: float
    client_ms: float
    bytes: float
    counts: tuple[int, ...]


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
    alone: dict[str, list[Round]] = {kind: [] for kind in kinds}
    beside: dict[str, list[Round]] = {kind: [] for kind in kinds}
    with Site(home) as site:
        site.load(SIZES, 1.0, *kinds["kept, plain"])
        for number in range(repeats):
            for kind, headers in kinds.items():
                alone[kind].append(site.load(SIZES[1:], seconds, *headers))
                beside[kind].append(site.load(SIZES if number % 2 == 0 else SIZES[::-1], seconds, *headers))
    rows = []
    for kind in kinds:
        speed = Spread.of([one.per_s for one in alone[kind]])
        pairs = (one.counts if number % 2 == 0 else one.counts[::-1] for number, one in enumerate(beside[kind]))
        slower = Spread.of([few / many for few, many in pairs])
        rows.append(
            (
                kind,
                speed.shown(0),
                Spread.of([one.site_ms for one in alone[kind]]).shown(3),
                Spread.of([one.client_ms for one in alone[kind]]).shown(3),
                slower.shown(3),
                "reached" if speed.middle >= LEAST_PER_SECOND else "below",
                verdict(slower, MOST_RATIO, at_most=True),
            )
        )
    head = (
        "page of a call", "requests/s", "site CPU (ms)", "client CPU (ms)", "time 10,000 : 100",
        f"at least {LEAST_PER_SECOND}/s", f"at most {MOST_RATIO}",
    )  # fmt: skip
    plain, packed = alone["kept, plain"][0].bytes, alone["kept, gzip"][0].bytes
    notes = (
        f"- Two workers, 32 kept-alive connections, rounds of {seconds:g} s in turn; the client is one process on the "
        "same two cores.\n"
        "- Requests a second: a call with 10,000 applications. The ratio: 16 connections for each of two calls at the "
        "same time, so that what else the machine does strikes both alike.\n"
        f"- An answer is {plain / 1000:.1f} kB, in gzip {packed / 1000:.1f} kB."
    )
    return f"{table(head, rows)}\n\n{notes}"
