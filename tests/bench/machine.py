"""What a figure was measured on."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("pydantic", "ruamel.yaml", "ortools", "xlsxwriter", "cryptography", "django")


def described() -> str:
    """Processor, cores, memory, system, Python, libraries, date, and how busy the machine was when the run began."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    return "\n".join(
        (
            f"- Measured {day}; load when the run began: {os.getloadavg()[0]:.1f}.",
            f"- {_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory()} memory, {platform.system()}.",
            f"- Python {platform.python_version()}; {libraries}.",
        )
    )


def _processor() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.machine()


def _memory() -> str:
    kilobytes = _field("/proc/meminfo", "MemTotal").removesuffix(" kB")
    return f"{int(kilobytes) / 1024**2:.0f} GB" if kilobytes.isdigit() else "unknown"


def _field(file: str, name: str) -> str:
    path = Path(file)
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
