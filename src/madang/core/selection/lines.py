"""Every rule as lines of the same form: the selected applications' weights on a line add up to between two numbers.

A budget is one line with won as weights; seats and quotas are lines of ones; `cap_each` has a line per value; a rule
that concerns each application alone (`match`, `pass_mark`) bars those that fail it: they have weight 1, at most 0.
No weight is negative, so one more application can only break a maximum and never mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    Rule,
    Seats,
    SelectionProblem,
)


@dataclass(frozen=True, slots=True)
class Line:
    """`at_least <= sum of weights of the selected <= at_most`; `rule` is the rule's place in the problem."""

    rule: int
    weights: dict[int, int]  # application's place in the problem -> weight, without zeros
    at_least: int
    at_most: int | None

    def broken_at(self, total: int) -> bool:
        return total < self.at_least or (self.at_most is not None and total > self.at_most)


def lines_of(problem: SelectionProblem) -> tuple[Line, ...]:
    """The lines of all rules, in their order; lines that nothing can break are left out. Cost: applications x rules."""
    lines = []
    for place, rule in enumerate(problem.rules):
        for weights, at_least, at_most in _of_rule(rule, problem.applications):
            weights = {index: weight for index, weight in weights.items() if weight}
            if at_least > 0 or (at_most is not None and sum(weights.values()) > at_most):
                lines.append(Line(place, weights, at_least, at_most))
    return tuple(lines)


def _of_rule(rule: Rule, applications: tuple[Application, ...]) -> Iterable[tuple[dict[int, int], int, int | None]]:
    items = list(enumerate(applications))
    match rule:
        case Budget():
            yield {i: rule.takes(a) for i, a in items}, 0, rule.max_krw
        case Match():
            yield {i: 1 for i, a in items if not rule.met_by(a)}, 0, 0
        case PassMark():
            yield {i: 1 for i, a in items if a.value is None or a.value < rule.min_value}, 0, 0
        case Seats():
            yield {i: 1 for i, _ in items}, rule.min, rule.max
        case Quota():
            yield {i: 1 for i, a in items if a.has(rule.tag, rule.equals)}, rule.min, rule.max
        case ExcludeTogether():
            yield {i: 1 for i, a in items if a.id in rule.applications}, 0, 1
        case CapEach():
            by_value: dict[str, dict[int, int]] = {}
            for i, a in items:
                for value in a.tags.get(rule.tag, ()):
                    by_value.setdefault(value, {})[i] = 1
            for weights in by_value.values():
                yield weights, 0, rule.max


def concerns_one_alone(rule: Rule) -> bool:
    """Whether an application keeps or breaks this rule whatever else is selected."""
    return isinstance(rule, Match | PassMark)
