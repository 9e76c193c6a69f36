"""The certificate of a `total_value` result as JSON: what a checker adds up in whole numbers, without a solver.

The form and the checks, step by step: `docs/formats/solve.md`, "certificate".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from madang.core.selection.model import SelectionProblem
from madang.core.selection.total_best import Best
from madang.core.selection.total_conflict import Conflict
from madang.core.selection.total_search import Node, Sum
from madang.core.selection.total_system import System


class Certificates:
    """Writes proofs about one problem."""

    def __init__(self, problem: SelectionProblem, system: System) -> None:
        self.problem, self.system = problem, system
        self.order = [i for group in system.groups for i in group]
        self.ids = [a.id for a in problem.applications]

    def named(self, chosen: Iterable[int]) -> list[str]:
        """Ids down the ranking."""
        members = set(chosen)
        return [self.ids[i] for i in self.order if i in members]

    def of_best(self, best: Best) -> dict[str, Any]:
        proof = best.proof
        return {
            "chosen": self.named(best.chosen),
            "value": self.tree(proof.value),
            "grant": self.tree(proof.grant),
            "settled": [_sum(sum_) for sum_ in proof.settled],
            "ranks": [{"rank": self._rank(group), "nodes": self.tree(tree)} for group, tree in proof.ranks],
            "rest": self.tree(proof.rest),
            "others": [self.named(other) for other in proof.others],
        }

    def of_conflict(self, conflict: Conflict) -> dict[str, Any]:
        return {"nodes": self.tree(conflict.tree), "kept": [self.named(chosen) for chosen in conflict.kept]}

    def tree(self, root: Node) -> list[dict[str, Any]]:
        return [
            {
                "sums": [_sum(sum_) for sum_ in node.sums],
                "branch": None if node.branch is None else self.ids[node.branch],
            }
            for node in root.flat()
        ]

    def _rank(self, group: int) -> int:
        first = self.system.groups[group][0]
        rank = self.problem.applications[first].rank
        return first + 1 if rank is None else rank


def _sum(sum_: Sum) -> list[list[int | str]]:
    return [[row, str(sum_[row])] for row in sorted(sum_)]


def rows_used(best: Best) -> frozenset[int]:
    """The rows that any sum of a proof adds up: the proof holds as well without the others."""
    proof = best.proof
    trees = [proof.value, proof.grant, *(tree for _, tree in proof.ranks), proof.rest]
    sums: Sequence[Sum] = [*proof.settled, *(sum_ for tree in trees for node in tree.flat() for sum_ in node.sums)]
    return frozenset(row for sum_ in sums for row in sum_)
