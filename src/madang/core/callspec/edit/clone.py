"""Last year's call as a proposal for this year: a new id, every day a year later, the year in its name counted on."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from madang.core.callspec.edit.document import ABSENT, Document
from madang.core.callspec.edit.shape import Path, block_of, fields_of, parts

_YEAR = re.compile(r"(?<!\d)(19|20)\d{2}(?!\d)")
_PAST = ("sources", "earlier")
"""What tells of the past and is not counted on."""


def next_round(text: str) -> str:
    """The same call a year later. What it is is a proposal: weekdays and holidays differ, and the linter names them.

    `sources` go: they say where the facts of the earlier round were published. Raises `Malformed`.
    """
    document = Document(text)
    data = document.data
    values: dict[Path, Any] = {}
    if isinstance(data, dict):
        values = {path: later(value) for path, value in _days(data) if isinstance(value, str)}
        values[("id",)] = next_id(str(data.get("id", "")))
        for key in ("title", "summary"):
            for language, words in (data.get(key) or {}).items() if isinstance(data.get(key), dict) else ():
                if isinstance(words, str):
                    values[(key, language)] = _YEAR.sub(lambda year: str(int(year.group()) + 1), words)
        if "sources" in data:
            values[("sources",)] = ABSENT
    return document.put_all(values)


def next_id(id_: str) -> str:
    """`kcity-network-2021` -> `kcity-network-2022`; `lab` -> `lab-2`."""
    years = list(_YEAR.finditer(id_))
    if not years:
        return f"{id_}-2" if id_ else "new-call"
    last = years[-1]
    return f"{id_[: last.start()]}{int(last.group()) + 1}{id_[last.end() :]}"


def later(written: str) -> str:
    """A day or moment a year later; what is none stays. The 29th of February becomes the 28th."""
    try:
        day = dt.date.fromisoformat(written[:10])
        return f"{day.replace(year=day.year + 1)}{written[10:]}"
    except ValueError:
        return f"{int(written[:4]) + 1}-02-28{written[10:]}" if re.match(r"\d{4}-02-29", written) else written


def _days(data: Any) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    for path, shape in parts(data):
        if any(step in _PAST for step in path):
            continue
        here = data
        for step in path:
            here = here[step]
        block = block_of(shape, here)
        for key, below in fields_of(block).items() if block else ():
            if below.kind in ("day", "moment") and key in here:
                found.append(((*path, key), here[key]))
    return found
