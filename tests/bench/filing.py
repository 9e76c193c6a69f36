"""Filing: the whole flow of a known applicant against the same flow of a bare Django app, and a rush of new accounts.

Two web processes and the worker on each side, the load client a process of its own; the systems take turns within one
run. Processor time is user and system of everything that serves: web, worker, database server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

import psutil

from tests.bench.filing_systems import System, both
from tests.bench.measure import Spread, table
from tests.torture.children import ROOT
from tests.torture.databases import Unavailable
from tests.torture.processes import family

DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CLIENTS: Final = (8, 32)
MANY: Final = 64
FLOWS: Final = 240
ROUNDS: Final = 3
LOAD: Final = 0.6
MOST_CPU_MS, MOST_CPU_RATIO, LEAST_RATE_RATIO, MOST_P99_S = 60, 2, 0.5, 1.0
LEAST_NEW_RATE: Final = 13


@dataclass(frozen=True, slots=True)
class Round:
    flows: int
    seconds: float
    server_cpu_s: float
    client_cpu_s: float
    errors: tuple[str, ...]
    press_s: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.flows / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.server_cpu_s / max(1, self.flows)


def cpu_s(pids: Sequence[int]) -> float:
    """User and system seconds of these processes and of all that they started, the ended ones too."""
    total = 0.0
    for pid in pids:
        for one in family(pid):
            try:
                used = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += used.user + used.system + used.children_user + used.children_system
    return total


def played(system: System, database: Sequence[int], who: Sequence[Any], **asked: Any) -> Round:
    """One round of these applicants."""
    question = {
        "system": asked.pop("flow", system.name),
        "ports": system.ports(),
        "who": list(who),
        "most": len(who),
        **asked,
    }
    pids = [*system.pids(), *database]
    before = cpu_s(pids)
    command = [sys.executable, "-m", "tests.bench.filing_load"]
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, cwd=ROOT, check=True)
    told = json.loads(done.stdout)
    return Round(
        told["flows"],
        told["seconds"],
        cpu_s(pids) - before,
        told["cpu_s"],
        tuple(told["errors"]),
        tuple(told["press_s"]),
    )


def filing(_repeats: int, quick: bool, _home: Path) -> str:
    """The tables of both databases."""
    flows, rounds = (48, 1) if quick else (FLOWS, ROUNDS)
    return "\n\n".join(text for database in DATABASES for text in _on(database, flows, rounds))


def _on(database: str, flows: int, rounds: int) -> Iterator[str]:
    try:
        with both(database) as (madang, bare, server):
            for system in (madang, bare):
                played(system, server, system.people(16), clients=4)  # modules compiled, files in memory
            rows, capacity = [], 0.0
            for clients in (*CLIENTS, MANY):
                found: dict[str, list[Round]] = {"madang": [], "bare": []}
                for number in range(rounds):
                    for system in (madang, bare) if number % 2 else (bare, madang):
                        found[system.name].append(played(system, server, system.people(flows), clients=clients))
                rows.append(_row(clients, found))
                capacity = max(capacity, *(one.rate for one in found["madang"]))
            paced = played(madang, server, madang.people(flows), clients=0, rate=LOAD * capacity)
            new = played(madang, server, madang.newcomers(flows), clients=32, flow="newcomer")
            yield f"**{DATABASES[database]}**\n\n" + table(HEAD, rows)
            yield _paced(paced, capacity)
            yield _newcomers(new)
    except (Unavailable, HTTPError, RuntimeError) as error:  # one of the two has given up under what came before
        yield f"**{DATABASES[database]}**: not measured ({str(error)[-200:]})"


HEAD: Final = (
    "clients",
    "Madang (flows/s)",
    "bare (flows/s)",
    f"rate, at least {LEAST_RATE_RATIO}",
    "Madang (ms CPU a flow)",
    "bare (ms CPU a flow)",
    f"CPU, at most {MOST_CPU_RATIO}",
    f"under {MOST_CPU_MS} ms",
    "errors",
    "client (ms CPU a flow)",
)


def _row(clients: int, found: dict[str, list[Round]]) -> list[str]:
    ours, theirs = found["madang"], found["bare"]
    rates = Spread.of([one.rate / other.rate for one, other in zip(ours, theirs, strict=True)])
    cpus = Spread.of([one.cpu_ms / other.cpu_ms for one, other in zip(ours, theirs, strict=True)])
    mine = Spread.of([one.cpu_ms for one in ours])
    errors = [error for one in (*ours, *theirs) for error in one.errors]
    for error in errors[:3]:
        print(error, file=sys.stderr)
    client = Spread.of([1000 * one.client_cpu_s / max(1, one.flows) for one in ours])
    return [
        str(clients),
        Spread.of([one.rate for one in ours]).shown(1),
        Spread.of([one.rate for one in theirs]).shown(1),
        f"{rates.shown()} {_holds(rates.middle >= LEAST_RATE_RATIO)}",
        mine.shown(1),
        Spread.of([one.cpu_ms for one in theirs]).shown(1),
        f"{cpus.shown()} {_holds(cpus.middle <= MOST_CPU_RATIO)}",
        _holds(mine.middle < MOST_CPU_MS),
        f"{sum(len(one.errors) for one in ours)} / {sum(len(one.errors) for one in theirs)}",
        client.shown(1),
    ]


def _holds(reached: bool) -> str:
    return "reached" if reached else "**not reached**"


def _newcomers(new: Round) -> str:
    return (
        f"New account (a code by mail), organisation, application and filing, 32 clients: {new.rate:.1f} a second (at "
        f"least {LEAST_NEW_RATE}: {_holds(new.rate >= LEAST_NEW_RATE)}), {new.cpu_ms:.0f} ms of processor each, "
        f"{len(new.errors)} errors."
    )


def _paced(paced: Round, capacity: float) -> str:
    times = sorted(paced.press_s)
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))]
    return (
        f"At an offered rate of {LOAD * capacity:.1f} flows a second (60 % of the best round's {capacity:.1f}): the "
        f"press takes {1000 * times[len(times) // 2]:.0f} ms in the median, {1000 * p99:.0f} ms at p99 (under "
        f"{MOST_P99_S:.0f} s: {_holds(p99 < MOST_P99_S)}), {len(paced.errors)} errors."
    )


if __name__ == "__main__":
    print(filing(1, "--quick" in sys.argv, Path()))
