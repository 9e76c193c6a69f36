"""Why a vote came out as it did, read off the problem and the counts of the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.core.reasons import Param, Reason
from madang.core.votes.model import ABSTAIN, NO_QUORUM, REJECTED, VoteProblem


def explain_vote(problem: VoteProblem, tally: Mapping[str, Any]) -> list[Reason]:
    """First the quorum, then what was carried or why nothing was."""
    quorum = {"cast": tally["cast"], "seats": tally["seats"], "quorum": percent(problem.quorum_bp)}
    if not tally["quorum_met"]:
        return [Reason("quorum_missed", quorum)]
    return [Reason("quorum_reached", quorum), _outcome(problem, tally)]


def _outcome(problem: VoteProblem, tally: Mapping[str, Any]) -> Reason:
    outcome = tally["outcome"]
    of_seats = problem.of == "seats"
    base = tally["seats" if of_seats else "cast"]
    params: dict[str, Param] = {"base": base, "threshold": percent(problem.threshold_bp)}
    suffix = "of_seats" if of_seats else "of_cast"
    if outcome is None:
        votes = tally["counts"]
        over = [o for o, n in votes.items() if o != ABSTAIN and n * 10_000 > problem.threshold_bp * base]
        return Reason(f"several_carried_{suffix}", {**params, "options": over})
    assert outcome != NO_QUORUM
    if outcome == REJECTED:
        return Reason(f"nothing_carried_{suffix}", params)
    return Reason(f"carried_{suffix}", {**params, "option": outcome, "votes": tally["counts"][outcome]})


def percent(basis_points: int) -> str:
    """Basis points as people say them: 5000 -> `50`, 6667 -> `66.67`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
