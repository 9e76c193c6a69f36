"""Does the outcome follow from the votes? Counted anew, in fractions, seat by seat.

Shares no code with `solve.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from madang.core.differing import what_differs
from madang.core.reasons import Reason
from madang.core.votes.explain import explain_vote
from madang.core.votes.model import Seat, VoteProblem, require_sound


def verify_vote(problem: VoteProblem, result: object) -> list[Reason]:
    """What in `result` (as read from JSON) does not follow from `problem`; empty if all of it does.

    Each finding is `does_not_follow` with the field, what is given and what follows. Raises `Malformed` for an unsound
    problem. Cost: seats x options.
    """
    require_sound(problem)
    expected = _expected(problem)
    return what_differs(expected, result)


def _expected(problem: VoteProblem) -> dict[str, Any]:
    voted = {vote.seat: vote.option for vote in problem.votes}
    whole = _tally(problem, problem.seats, voted)
    turnout = Fraction(whole["cast"], whole["seats"])
    quorum_met = turnout >= Fraction(problem.quorum_bp, 10_000)
    over = [
        option
        for option, votes in whole["counts"].items()
        if option != "abstain" and votes > whole[problem.of] * Fraction(problem.threshold_bp, 10_000)
    ]
    outcome = "no_quorum" if not quorum_met else {0: "rejected", 1: "".join(over)}.get(len(over))
    names = list(dict.fromkeys(seat.group for seat in problem.seats if seat.group is not None))
    in_groups = [(name, [seat for seat in problem.seats if seat.group == name]) for name in [*names, None]]
    groups = [{"id": name, **_tally(problem, seats, voted)} for name, seats in in_groups if names and seats]
    tally = {
        "outcome": outcome,
        "counts": whole["counts"],
        "quorum_met": quorum_met,
        "of": problem.of,
        "cast": whole["cast"],
        "seats": whole["seats"],
        "groups": groups,
    }
    return {
        "kind": "vote",
        "version": 1,
        "status": "computed" if outcome is not None else "undetermined",
        "reasons": [reason.as_json() for reason in explain_vote(problem, tally)],
        "seed": problem.seed,
        **tally,
    }


def _tally(problem: VoteProblem, seats: Sequence[Seat], voted: dict[str, str]) -> dict[str, Any]:
    """How these seats voted, in the order of a group's fields."""
    said = [voted[seat.id] for seat in seats if seat.id in voted]
    counts = {option: said.count(option) for option in problem.options}
    return {"seats": len(seats), "cast": len(said), "counts": counts}
