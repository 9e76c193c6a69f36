"""Every rule of a panel as lines of one form: how many of certain candidates sit is between two numbers."""

from __future__ import annotations

from dataclasses import dataclass

from madang.core.panels.model import PanelProblem, tags_limited_by

SEATS, EXCLUDED = "seats", "excluded"


@dataclass(frozen=True, slots=True)
class Line:
    """`at_least <= members among candidates <= at_most`. `rule` is a place in the list of rules."""

    rule: int
    candidates: frozenset[int]  # places in the pool
    at_least: int
    at_most: int | None


def rule_ids(problem: PanelProblem) -> list[str]:
    """The rules by their ids, in the order in which conflicts name them."""
    excluded = [EXCLUDED] if problem.excluded else []
    least = [f"at_least:{tag}" for tag in problem.at_least]
    return [SEATS, *least, *(f"at_most:{key}" for key in problem.at_most), *excluded]


def lines_of(problem: PanelProblem) -> list[Line]:
    """The lines of all rules, without those that nothing can break. Cost: tags in the pool x rules."""
    carriers: dict[str, set[int]] = {}
    for place, candidate in enumerate(problem.pool):
        for tag in candidate.tags:
            carriers.setdefault(tag, set()).add(place)
    everybody = frozenset(range(len(problem.pool)))
    lines = [Line(0, everybody, problem.seats, problem.seats)]
    rule = 0
    for rule, (tag, least) in enumerate(problem.at_least.items(), start=1):
        lines.append(Line(rule, frozenset(carriers.get(tag, ())), least, None))
    for rule, (key, most) in enumerate(problem.at_most.items(), start=1 + len(problem.at_least)):
        lines += [Line(rule, frozenset(carriers[tag]), 0, most) for tag in tags_limited_by(key, tuple(carriers))]
    if problem.excluded:
        names = {one.id for one in problem.excluded}
        barred = frozenset(place for place, candidate in enumerate(problem.pool) if candidate.id in names)
        lines.append(Line(1 + len(problem.at_least) + len(problem.at_most), barred, 0, 0))
    return [
        line for line in lines if line.at_least or (line.at_most is not None and len(line.candidates) > line.at_most)
    ]
