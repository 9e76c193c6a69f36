"""Votes of organisations: quorum, majority, and why it came out so (`docs/algorithms/vote.md`)."""

from madang.core.votes.model import Seat, Vote, VoteProblem, VoteResult, faults_in, require_sound
from madang.core.votes.solve import solve_vote
from madang.core.votes.verify import verify_vote

__all__ = [
    "Seat",
    "Vote",
    "VoteProblem",
    "VoteResult",
    "faults_in",
    "require_sound",
    "solve_vote",
    "verify_vote",
]
