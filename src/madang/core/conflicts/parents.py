"""Groups: organisations that share a parent, over any depth, by the links that held in a window of days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from madang.core.conflicts.classes import Classes
from madang.core.conflicts.days import held_within
from madang.core.conflicts.limits import Steps
from madang.core.conflicts.model import ConflictsProblem

Links = dict[str, list[str]]
"""Class -> classes that it belongs to, sorted."""


def links_within(problem: ConflictsProblem, classes: Classes, first: dt.date, last: dt.date, least: int) -> Links:
    """The links that held in the window at least as surely as `least` says (`days.PERHAPS`, `days.SURELY`)."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in problem.organisations:
        for parent in one.parents:
            if held_within(parent.from_, parent.to, first, last) >= least:
                found[classes.of[one.id]].add(classes.of[parent.organisation])
    return {child: sorted(above) for child, above in found.items()}


def parent_cycle(problem: ConflictsProblem) -> list[str] | None:
    """Organisations that on the day of the problem belong to themselves, round about; None if there are none.

    Links that ended before are no fault: a daughter may have become the mother. Cost: linear.
    """
    links = links_within(problem, Classes(problem), problem.day, problem.day, 1)
    done: set[str] = set()
    for start in sorted(links):
        path = [start]
        places = {start: 0}
        waiting = [iter(links[start] if start not in done else ())]
        while waiting:
            above = next(waiting[-1], None)
            if above is None:
                waiting.pop()
                done.add(path[-1])
                del places[path.pop()]
            elif above in places:
                return path[places[above] :]
            elif above not in done:
                places[above] = len(path)
                path.append(above)
                waiting.append(iter(links.get(above, ())))
    return None


class Groups:
    """Which of `targets` (classes) are in one group with a class, by one set of links.

    Two are, if one stands above the other, or some organisation above both does, which is no umbrella. Nothing above an
    umbrella counts for those below it. Cost: what stands above the classes asked for and the targets, and the answers.
    """

    def __init__(self, links: Links, umbrellas: set[str], targets: Iterable[str], steps: Steps) -> None:
        self._links, self._umbrellas, self._steps = links, umbrellas, steps
        self._under: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._related: dict[str, dict[str, tuple[int, str]]] = {}
        for target in targets:
            for above, depth in self._above(target).items():
                self._under[above].append((target, depth))

    def related(self, name: str) -> dict[str, tuple[int, str]]:
        """Target -> (links between, the organisation above both): the nearest, of equally near ones the first by id."""
        if name not in self._related:
            best: dict[str, tuple[int, str]] = {}
            for above, depth in self._above(name).items():
                for target, other in self._under.get(above, ()):
                    self._steps.take(1)
                    if target == name or (above in self._umbrellas and above not in (name, target)):
                        continue
                    near = (depth + other, above)
                    best[target] = min(best.get(target, near), near)
            self._related[name] = best
        return self._related[name]

    def _above(self, name: str) -> dict[str, int]:
        """Everything above, itself included, with how many links lie between."""
        found = {name: 0}
        level = [name]
        while level:
            following = []
            for one in level:
                if one in self._umbrellas and one != name:
                    continue
                for above in self._links.get(one, ()):
                    if above not in found:
                        found[above] = found[one] + 1
                        following.append(above)
            level = following
        self._steps.take(len(found))
        return found
