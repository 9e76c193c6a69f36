"""A place in a definition as it stands in an address: `form/0/fields/3`, `money/limits/default/grant_krw`."""

from __future__ import annotations

import re
from typing import Any

from madang.core.callspec.edit.shape import Path

MOST_STEPS = 20
_STEP = re.compile(r"[^/\x00-\x1f\x7f]{1,200}")


def place(path: Path) -> str:
    return "/".join(str(step) for step in path)


def path_of(written: str, data: Any) -> Path | None:
    """The path that is meant in this data: a number is an index in a list, and a name in a map. None: no such form."""
    steps = written.split("/") if written else []
    if len(steps) > MOST_STEPS or not all(_STEP.fullmatch(step) for step in steps):
        return None
    path: list[str | int] = []
    for step in steps:
        if isinstance(data, list):
            if not re.fullmatch(r"[0-9]{1,5}", step) or int(step) >= len(data):
                return None
            path.append(int(step))
            data = data[int(step)]
        else:
            path.append(step)
            data = data.get(step) if isinstance(data, dict) else None
    return tuple(path)
