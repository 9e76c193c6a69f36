"""Counts a vote against its quorum and majority. Model and a worked example: `docs/algorithms/vote.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from madang import __version__
from madang.core.problem import Status, frame
from madang.core.votes.explain import explain_vote
from madang.core.votes.model import ABSTAIN, NO_QUORUM, REJECTED, VoteProblem, require_sound

ENGINE = f"own {__version__}"


def solve_vote(problem: VoteProblem) -> dict[str, Any]:
    """The outcome of a vote, ready for JSON (`VoteResult`).

    Quorum: cast x 10000 >= quorum_bp x seats, abstentions cast. Carried: an option other than "abstain" with strictly
    more than threshold_bp of the votes cast, or of all seats, as `of` says. Without quorum `no_quorum`, with no option
    carried `rejected`. Below a threshold of one half several options can be carried: `undetermined`, for the rule does
    not say which counts. Raises `Malformed` for an unsound problem. Cost: seats + votes.
    """
    require_sound(problem)
    counts = _counts(problem, (vote.option for vote in problem.votes))
    cast, seats = len(problem.votes), len(problem.seats)
    quorum_met = cast * 10_000 >= problem.quorum_bp * seats
    base = cast if problem.of == "cast" else seats
    carried = [
        option for option, votes in counts.items() if option != ABSTAIN and votes * 10_000 > problem.threshold_bp * base
    ]
    status, outcome = Status.COMPUTED, None
    if not quorum_met:
        outcome = NO_QUORUM
    elif len(carried) > 1:
        status = Status.UNDETERMINED
    else:
        outcome = carried[0] if carried else REJECTED
    tally = {
        "outcome": outcome,
        "counts": counts,
        "quorum_met": quorum_met,
        "of": problem.of,
        "cast": cast,
        "seats": seats,
        "groups": _groups(problem),
    }
    return {**frame("vote", status, explain_vote(problem, tally), problem.seed, ENGINE), **tally}


def _counts(problem: VoteProblem, votes: Iterable[str]) -> dict[str, int]:
    """Votes per option, those without votes too, in the order of the problem."""
    found = Counter(votes)
    return {option: found[option] for option in problem.options}


def _groups(problem: VoteProblem) -> list[dict[str, Any]]:
    """The same count per group, in order of first appearance; the seats without a group last."""
    if all(seat.group is None for seat in problem.seats):
        return []
    members: dict[str | None, set[str]] = {}
    for seat in sorted(problem.seats, key=lambda seat: seat.group is None):
        members.setdefault(seat.group, set()).add(seat.id)
    groups = []
    for group, seats in members.items():
        votes = [vote.option for vote in problem.votes if vote.seat in seats]
        groups.append({"id": group, "seats": len(seats), "cast": len(votes), "counts": _counts(problem, votes)})
    return groups
