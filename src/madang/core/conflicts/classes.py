"""Which entries of the list of organisations are one organisation: former names, mergers, one register number."""

from __future__ import annotations

from collections import defaultdict

from madang.core.conflicts.model import ConflictsProblem
from madang.core.conflicts.naming import organisation_name, registry_number


class Classes:
    """Each organisation's class, named by the smallest id in it (`of`); names and domains by class.

    Cost: linear in the organisations and what they list.
    """

    def __init__(self, problem: ConflictsProblem) -> None:
        self.numbers = {one.id: frozenset(map(registry_number, one.registry_numbers)) for one in problem.organisations}
        self.of = _joined(problem, self.numbers)
        self.umbrellas = {self.of[one.id] for one in problem.organisations if one.umbrella}
        self.names: dict[str, set[str]] = defaultdict(set)
        self.named: dict[str, set[str]] = defaultdict(set)
        for one in problem.organisations:
            for name in map(organisation_name, one.names):
                self.names[self.of[one.id]].add(name)
                self.named[name].add(self.of[one.id])

    def shared_number(self, one: str, other: str) -> str | None:
        """The smallest register number that two organisations both have."""
        return min(self.numbers[one] & self.numbers[other], default=None)


def _joined(problem: ConflictsProblem, numbers: dict[str, frozenset[str]]) -> dict[str, str]:
    """Union-find over `same_as` (either way) and equal register numbers; a root is the smallest id."""
    root = {one.id: one.id for one in problem.organisations}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    def join(one: str, other: str) -> None:
        first, second = sorted((find(one), find(other)))
        root[second] = first

    holder: dict[str, str] = {}
    for one in problem.organisations:
        for other in one.same_as:
            if other in root:
                join(one.id, other)
        for number in numbers[one.id]:
            join(one.id, holder.setdefault(number, one.id))
    return {name: find(name) for name in root}
