"""A smallest set of rules that cannot hold together, with its proof (the method of `conflict`, by `total_search`)."""

from __future__ import annotations

from dataclasses import dataclass

from madang.core.deadline import Deadline
from madang.core.selection.hitting import first_smallest_hitting_set
from madang.core.selection.total_search import Node, Search
from madang.core.selection.total_system import Selection, System, broken


@dataclass(frozen=True, slots=True)
class Conflict:
    """`kept` are selections that show, for every smaller set of rules, that it can be kept."""

    rules: tuple[int, ...]
    tree: Node
    kept: tuple[Selection, ...]


def smallest_conflict(
    system: System, deadline: Deadline, inside: Selection = frozenset(), lifted: Selection = frozenset()
) -> Conflict:
    """The first, in the order of the rules, among the smallest sets that no selection with `inside` keeps.

    `lifted` pass every mark. The caller knows that all rules together cannot hold. Raises `Unsettled`.
    """
    marks = {rule: failing - lifted for rule, failing in system.failing.items()}
    everything = sorted({rule for rule in system.rules if rule is not None} | set(system.failing))
    kept: list[Selection] = []
    sets: list[frozenset[int]] = []
    while True:
        candidate = first_smallest_hitting_set(everything, sets) if sets else frozenset[int]()
        limits = system.only(candidate)
        limits.inside = inside
        limits.outside = frozenset().union(*(marks[rule] for rule in candidate if rule in marks))
        shown: list[Selection] = []

        def found(chosen: Selection, shown: list[Selection] = shown) -> bool:
            shown.append(chosen)
            return False

        if limits.inside & limits.outside:
            return Conflict(tuple(sorted(candidate)), Node(), tuple(kept))
        tree = Search(system, limits, None, deadline, found).run()
        if tree is not None:
            return Conflict(tuple(sorted(candidate)), tree, tuple(kept))
        kept.append(shown[0])
        sets.append(frozenset(rule for rule in everything if _breaks(system, rule, shown[0], marks)))


def _breaks(system: System, rule: int, chosen: Selection, marks: dict[int, Selection]) -> bool:
    return bool(chosen & marks.get(rule, frozenset())) or (
        broken(system.only((rule,)), system.sums(chosen)) is not None
    )
