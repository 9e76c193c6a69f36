"""The sample files: which there are for a kind, and what they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from madang.papers.library import solve_samples

#: Kind -> its samples, in the order in which a screen tells them.
SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "conflicts": ("conflicts",),
    "panel": ("panel",),
    "affinity": ("affinity",),
    "assignment": ("assignment-total", "assignment-fair"),
    "ranking": ("ranking",),
    "selection": ("selection-rank", "selection-total"),
    "timetable": ("timetable", "timetable-no-show"),
    "duplicates": ("duplicates",),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A problem with its result, as they stand in the files."""

    name: str
    problem: Mapping[str, Any]
    result: Mapping[str, Any]


@cache
def sample_of(name: str) -> Sample:
    return Sample(name, json.loads(_read(f"{name}.json")), json.loads(_read(f"{name}.result.json")))


def file_text(kind: str, file: str) -> str | None:
    """A file of a kind as it is shipped; None for any other name."""
    return _read(file) if file in file_texts(kind) else None


def file_texts(kind: str) -> tuple[str, ...]:
    """The names of the files of a kind."""
    return tuple(f"{name}{ending}" for name in SAMPLES.get(kind, ()) for ending in (".json", ".result.json"))


@cache
def names() -> Mapping[str, Mapping[str, str]]:
    """Ids and words of all samples -> their names by language."""
    held: dict[str, dict[str, dict[str, str]]] = json.loads(_read("names.json"))
    return held["names"] | held["about"]


def _read(file: str) -> str:
    return (solve_samples() / file).read_text("utf-8")
