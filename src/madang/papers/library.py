"""The definitions and example folders that come with the product, from a wheel or from a checkout."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent


def _root(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _CHECKOUT / name


def programmes() -> dict[str, Path]:
    """Definition files by id, in alphabetical order."""
    return {path.stem: path for path in sorted(_root("programmes").glob("*.yaml"))}


def examples() -> dict[str, Path]:
    """Folders to decide, or whose reception to count, by name."""
    return {path.name: path for path in sorted(_root("examples").iterdir()) if (path / "call.yaml").is_file()}


def example(name: str) -> Path | None:
    return examples().get(name)


def open_calls(day: dt.date) -> dict[str, str]:
    """Sample definitions of calls that are open on this day, by id of their file: `DAY+26` in them becomes a date, and
    `DAYID` the month, so that a demo loaded again in the same month finds its calls.
    """
    return {
        path.stem: _dated(path.read_text("utf-8"), day) for path in sorted(_root("examples").glob("open-calls/*.yaml"))
    }


def _dated(text: str, day: dt.date) -> str:
    text = text.replace("DAYID", f"{day:%Y-%m}")
    return re.sub(r"\bDAY([+-]\d+)", lambda found: str(day + dt.timedelta(days=int(found[1]))), text)


def solve_samples() -> Path:
    """The folder of sample problems for `madang solve`, each with its result."""
    return _root("examples") / "solve"
