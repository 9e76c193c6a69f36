"""Processes that the harness starts: each writes into a log of its own, and each is ended by its own id only."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil


def start(command: Sequence[str], environment: Mapping[str, str], log: Path, **more: Any) -> subprocess.Popen[bytes]:
    """Start it, with all that it says appended to `log`."""
    with log.open("ab") as said:
        return subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stdout=said, stderr=said, **more)


def family(pid: int) -> list[psutil.Process]:
    """The process and all that it started, the eldest first; empty where it is gone."""
    try:
        eldest = psutil.Process(pid)
        return [eldest, *eldest.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def command_of(one: psutil.Process) -> str:
    """Its command in one line; blank where it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return " ".join(one.cmdline())
    return ""


def kill(process: subprocess.Popen[bytes]) -> None:
    """`kill -9` of it and of everything that it started; returns when all are gone."""
    everybody = family(process.pid)
    for one in everybody:
        kill_one(one)
    psutil.wait_procs(everybody, timeout=10)
    process.wait()
    _close(process)


def kill_one(one: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        one.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def bare_environment() -> dict[str, str]:
    """This process's environment without what belongs to an installation of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MADANG_", "DJANGO_"))}
