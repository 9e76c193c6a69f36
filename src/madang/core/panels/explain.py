"""Why somebody was passed over, what the draw rests on, and what stands in the way where no panel can be seated.

Read off the problem; words are in `madang.words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from madang.core.panels.model import Candidate, PanelProblem, tags_limited_by
from madang.core.reasons import Param, Reason


def why_passed_over(problem: PanelProblem, candidate: Candidate, seated: Iterable[str]) -> Reason:
    """For one with whom no panel could be completed, given those seated before: the plainest reason that there is.

    `tag_is_full`: a maximum is reached. `seats_needed`: the seats left after would be fewer than a minimum still asks.
    `cannot_be_completed`: only the rules together forbid; with what would still be missing.
    """
    before = set(seated)
    inside = [one for one in problem.pool if one.id in before]
    for key, most in problem.at_most.items():
        for tag in tags_limited_by(key, candidate.tags):
            carriers = [one.id for one in inside if tag in one.tags]
            if len(carriers) >= most:
                return Reason("tag_is_full", {"rule": f"at_most:{key}", "tag": tag, "most": most, "members": carriers})
    left = problem.seats - len(inside) - 1
    missing = {
        tag: least - sum(tag in one.tags for one in (*inside, candidate)) for tag, least in problem.at_least.items()
    }
    for tag, count in missing.items():
        if count > left:
            params: dict[str, Param] = {"rule": f"at_least:{tag}", "tag": tag, "missing": count, "left": left}
            return Reason("seats_needed", params)
    still = [f"{tag}: {count}" for tag, count in missing.items() if count > 0]
    return Reason("cannot_be_completed", {"left": left, "missing": still})


def why_drawn(problem: PanelProblem) -> list[Reason]:
    """What a panel that could be seated rests on."""
    drawn: list[Reason] = [Reason("panel_drawn", {"seats": problem.seats, "pool": len(problem.pool)})]
    return drawn + origin(problem)


def origin(problem: PanelProblem) -> list[Reason]:
    """Where the order comes from if nobody drew it, and rules that limit nobody (a misspelt tag, perhaps)."""
    reasons = [] if problem.lot_order else [Reason("lot_order_from_seed", {"seed": problem.seed})]
    tags = tuple({tag: None for candidate in problem.pool for tag in candidate.tags})
    for key in problem.at_most:
        if not tags_limited_by(key, tags):
            reasons.append(Reason("rule_limits_nobody", {"rule": f"at_most:{key}"}))
    return reasons


def why_infeasible(problem: PanelProblem, conflict: Sequence[str]) -> list[Reason]:
    """The conflict, then each of its rules with the facts of the pool."""
    return [
        Reason("no_panel_keeps_the_rules", {"rules": list(conflict)}),
        *(_fact(problem, rule) for rule in conflict),
        *origin(problem),
    ]


def _fact(problem: PanelProblem, rule: str) -> Reason:
    if rule == "seats":
        return Reason("panel_conflict_seats", {"seats": problem.seats, "pool": len(problem.pool)})
    if rule == "excluded":
        return Reason("panel_conflict_excluded", {"count": len(problem.excluded), "pool": len(problem.pool)})
    kind, _, key = rule.partition(":")
    if kind == "at_least":
        carriers = sum(key in candidate.tags for candidate in problem.pool)
        return Reason("panel_conflict_at_least", {"tag": key, "least": problem.at_least[key], "carriers": carriers})
    concerned = sum(bool(tags_limited_by(key, candidate.tags)) for candidate in problem.pool)
    return Reason("panel_conflict_at_most", {"key": key, "most": problem.at_most[key], "carriers": concerned})
