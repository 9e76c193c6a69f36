"""An assignment problem as whole arrays: what every engine of the package reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.model import AssignmentProblem, require_sound

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """A composition rule of one application: from `least` to `most` (None: as many as like) of `members`.

    `members` is over all evaluators; groups of the same tag share one array.
    """

    application: int
    members: Flags
    least: int
    most: int | None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """`n` applications by `m` evaluators. Arrays are read-only by agreement; sums of affinities stay within 2^53.

    A pair that is `fixed` is `allowed` too. How many pairs an application has is exactly `required`.
    """

    affinity: Whole  # [n, m], millionths
    allowed: Flags  # [n, m], no conflict
    fixed: Flags  # [n, m], must be
    required: Whole  # [n]
    min_load: Whole  # [m]
    max_load: Whole  # [m]; never over n
    groups: tuple[Group, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.affinity.shape
        return int(rows), int(columns)

    def groups_of(self) -> Mapping[int, list[int]]:
        """Application -> the numbers of its groups."""
        found: dict[int, list[int]] = {}
        for number, group in enumerate(self.groups):
            found.setdefault(group.application, []).append(number)
        return found


def instance_of(problem: AssignmentProblem) -> Instance:
    """The arrays of a sound problem. Raises `Malformed` for an unsound one. Cost: applications x evaluators."""
    require_sound(problem)
    n, m = len(problem.applications), len(problem.evaluators)
    rows = {one.id: number for number, one in enumerate(problem.applications)}
    columns = {one.id: number for number, one in enumerate(problem.evaluators)}
    allowed, fixed = np.ones((n, m), dtype=np.bool_), np.zeros((n, m), dtype=np.bool_)
    _mark(allowed, problem.conflicts, rows, columns, False)
    _mark(fixed, problem.fixed, rows, columns, True)
    return Instance(
        affinity=problem.affinity.values.reshape(n, m),
        allowed=allowed,
        fixed=fixed,
        required=_whole(one.required for one in problem.applications),
        min_load=_whole(one.min_load for one in problem.evaluators),
        max_load=_whole(n if one.max_load is None else min(one.max_load, n) for one in problem.evaluators),
        groups=tuple(_groups(problem)),
    )


def pairs_of(problem: AssignmentProblem, pairs: Any) -> Flags:
    """Pairs of ids as flags; ids that the problem does not have are passed over."""
    rows = {one.id: number for number, one in enumerate(problem.applications)}
    columns = {one.id: number for number, one in enumerate(problem.evaluators)}
    flags = np.zeros((len(rows), len(columns)), dtype=np.bool_)
    _mark(flags, [pair for pair in pairs if pair[0] in rows and pair[1] in columns], rows, columns, True)
    return flags


def _mark(flags: Flags, pairs: Any, rows: Mapping[str, int], columns: Mapping[str, int], value: bool) -> None:
    if pairs:
        flags[[rows[a] for a, _ in pairs], [columns[e] for _, e in pairs]] = value


def _whole(numbers: Any) -> Whole:
    return np.fromiter(numbers, dtype=np.int64)


def _groups(problem: AssignmentProblem) -> list[Group]:
    """One for each tag that an application counts, in the order of the problem."""
    tags: dict[str, Flags] = {}
    found = []
    for number, application in enumerate(problem.applications):
        for tag in dict.fromkeys((*application.at_least, *application.at_most)):
            if tag not in tags:
                tags[tag] = np.fromiter((tag in one.tags for one in problem.evaluators), dtype=np.bool_)
            least, most = application.at_least.get(tag, 0), application.at_most.get(tag)
            found.append(Group(number, tags[tag], least, most, tag))
    return found
