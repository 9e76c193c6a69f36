"""Score sheets to scores and ranks, by a published rule that anyone can run again (`docs/algorithms/ranking.md`)."""

from madang.core.scoring.model import (
    Adjustment,
    Criterion,
    RankingProblem,
    RankingResult,
    Rule,
    Sheet,
    Uncertainty,
    faults_in,
    require_sound,
)
from madang.core.scoring.solve import (
    Aggregate,
    Place,
    aggregate,
    connected_groups,
    rank,
    round_half_up,
    solve_ranking,
)
from madang.core.scoring.verify import verify_ranking

__all__ = [
    "Adjustment",
    "Aggregate",
    "Criterion",
    "Place",
    "RankingProblem",
    "RankingResult",
    "Rule",
    "Sheet",
    "Uncertainty",
    "aggregate",
    "connected_groups",
    "faults_in",
    "rank",
    "require_sound",
    "round_half_up",
    "solve_ranking",
    "verify_ranking",
]
