"""Work behind the pages: jobs that come round again (mail that is due, reminders, alerts), in one process of its own.

A job is a function without arguments that does a bounded piece of work and returns how much it did. Which there are is
said in `madang.site` alone. Waiting costs a read, no lock: a job that has nothing to do writes nothing.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """`alone`: on a thread of its own, because it must not wait for the others (a slow mail server delays nobody)."""

    name: str
    every_s: float
    work: Callable[[], int]
    alone: bool = False


JOBS: list[Job] = []


def every(seconds: float, name: str, work: Callable[[], int], *, alone: bool = False) -> None:
    """Let the worker call `work` again and again, `seconds` after it last ended. For `madang.site` only."""
    JOBS.append(Job(name, seconds, work, alone))


def run_once(jobs: list[Job] | None = None) -> dict[str, int]:
    """Each job once; how much each did. A job that fails is logged with its traceback, and the others still run."""
    done = {}
    for job in JOBS if jobs is None else jobs:
        try:
            done[job.name] = job.work()
        except Exception:
            log.exception("job %s failed", job.name)
            done[job.name] = 0
    return done


def run(stop: threading.Event, *, poll_s: float = 1.0) -> None:
    """Work until `stop` is set. A job is finished before the worker stops."""
    alone = [job for job in JOBS if job.alone]
    threads = [threading.Thread(target=_round, args=([job], stop, poll_s), name=job.name) for job in alone]
    for thread in threads:
        thread.start()
    _round([job for job in JOBS if not job.alone], stop, poll_s)
    for thread in threads:
        thread.join()


def _round(jobs: list[Job], stop: threading.Event, poll_s: float) -> None:
    """These jobs in turn, each when it is due."""
    due = {job.name: 0.0 for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                run_once([job])
                due[job.name] = time.monotonic() + job.every_s
        close_old_connections()
        stop.wait(poll_s)
