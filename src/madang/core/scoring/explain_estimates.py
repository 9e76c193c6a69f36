"""What a reader must know of the estimates, read off the problem alone: no estimate is needed to say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum

from madang.core.reasons import Reason
from madang.core.scoring.model import RankingProblem
from madang.core.scoring.totals import sheet_totals

#: Every pair of applications is compared; over this many nothing is estimated.
MOST_APPLICATIONS = 5000


class Ground(Enum):
    """What the sheets allow to estimate."""

    NOTHING = "nothing"  # no complete sheet, or too many applications
    ONE_SHEET = "one_sheet"
    NO_SPREAD = "no_spread"  # every total is the same
    SPREAD = "spread"


def ground(problem: RankingProblem) -> Ground:
    """Cost: sheets x criteria."""
    totals = list(sheet_totals(problem))
    if not totals or len({application for application, _, _ in totals}) > MOST_APPLICATIONS:
        return Ground.NOTHING
    if len(totals) == 1:
        return Ground.ONE_SHEET
    return Ground.SPREAD if any(total != totals[0][2] for _, _, total in totals) else Ground.NO_SPREAD


def explain_estimates(problem: RankingProblem, groups: int) -> Iterator[Reason]:
    """Reasons about the estimates; `groups`: how many groups of applications no shared sheet ties together."""
    if problem.uncertainty is None:
        return
    totals = list(sheet_totals(problem))
    applications = {application for application, _, _ in totals}
    if not totals:
        yield Reason("estimates_without_sheets")
        return
    if len(applications) > MOST_APPLICATIONS:
        yield Reason("estimates_too_many", {"applications": len(applications), "most": MOST_APPLICATIONS})
        return
    yield Reason("estimates_beside_the_score")
    if len(totals) == 1:
        yield Reason("estimates_of_one_sheet")
    elif all(total == totals[0][2] for _, _, total in totals):
        yield Reason("estimates_without_spread")
    elif len(applications) > 1:
        most = max(Counter(evaluator for _, evaluator, _ in totals).values())
        if most == 1:
            yield Reason("estimates_leniency_unknown")
    if groups > 1:
        yield Reason("estimates_across_groups", {"groups": groups})
    if problem.uncertainty.top >= len(applications):
        yield Reason("estimates_all_above", {"top": problem.uncertainty.top, "applications": len(applications)})
