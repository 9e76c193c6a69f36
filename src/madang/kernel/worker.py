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
    name: str
    every_s: float
    work: Callable[[], int]


JOBS: list[Job] = []


def every(seconds: float, name: str, work: Callable[[], int]) -> None:
    """Let the worker call `work` again and again, `seconds` after it last ended. For `madang.site` only."""
    JOBS.append(Job(name, seconds, work))


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
    due = {job.name: 0.0 for job in JOBS}
    while not stop.is_set():
        for job in JOBS:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                run_once([job])
                due[job.name] = time.monotonic() + job.every_s
        close_old_connections()
        stop.wait(poll_s)
