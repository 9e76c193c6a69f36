"""The vote problem (`madang solve vote`) and its result: seats, quorum, majority.

Contract: `docs/formats/solve.md`, "vote". Shares are basis points (5,000 = one half).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from madang.core.problem import BasisPoints, Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed, Param
from madang.core.salvage import HOLE

#: A vote that counts as cast and speaks for nothing.
ABSTAIN = "abstain"
#: Outcomes that are no option.
REJECTED, NO_QUORUM = "rejected", "no_quorum"

Count = Annotated[int, Field(ge=0)]


class Seat(Strict):
    """A seat that may vote once; its group is for counting only."""

    id: Id
    group: Id | None = None


class Vote(Strict):
    seat: Id
    option: Id


class VoteProblem(Problem):
    """A ballot of organisations: who may vote, how they voted, what quorum and majority were announced."""

    kind: Literal["vote"]
    seats: Items[Seat] = ()
    quorum_bp: BasisPoints
    threshold_bp: BasisPoints
    of: Literal["cast", "seats"]
    votes: Items[Vote] = ()
    options: Items[Id]


class GroupCount(Strict):
    """How one group of seats voted (`id` null: the seats without a group)."""

    id: Id | None
    seats: Count
    cast: Count
    counts: dict[Id, Count]


class VoteResult(Strict):
    """`outcome` is an option, `rejected` or `no_quorum`; null only while `undetermined`."""

    kind: Literal["vote"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED, Status.UNDETERMINED]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    outcome: Id | None
    counts: dict[Id, Count]  # every option, in the order of the problem
    quorum_met: bool
    of: Literal["cast", "seats"]
    cast: Count  # votes cast, abstentions among them
    seats: Count
    groups: Items[GroupCount]  # empty where no seat names a group


def require_sound(problem: VoteProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: VoteProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer; steps over `HOLE`s."""
    return [*_seat_faults(problem), *_vote_faults(problem), *_option_faults(problem)]


def _seat_faults(problem: VoteProblem) -> Iterator[Fault]:
    if problem.seats is HOLE:
        return
    if not problem.seats:
        yield Fault("no_seats", "/seats")
    seen: set[str] = set()
    for number, seat in enumerate(problem.seats):
        if seat is HOLE or seat.id is HOLE:
            continue
        if seat.id in seen:
            yield Fault("duplicate_seat", pointer(("seats", number, "id")), {"seat": seat.id})
        seen.add(seat.id)


def _vote_faults(problem: VoteProblem) -> Iterator[Fault]:
    if problem.votes is HOLE:
        return
    seats = _known(None if problem.seats is HOLE else [s if s is HOLE else s.id for s in problem.seats])
    options = _known(None if problem.options is HOLE else list(problem.options))
    first_vote: dict[str, int] = {}
    for number, vote in enumerate(problem.votes):
        if vote is HOLE:
            continue
        if vote.seat is not HOLE:
            if seats is not None and vote.seat not in seats:
                yield Fault("unknown_seat", pointer(("votes", number, "seat")), {"seat": vote.seat})
            first = first_vote.setdefault(vote.seat, number)
            if first != number:
                yield Fault("duplicate_vote", pointer(("votes", number)), {"seat": vote.seat, "first": first})
        if vote.option is not HOLE and options is not None and vote.option not in options:
            params: dict[str, Param] = {"given": vote.option, "known": list(options)}
            yield Fault("unknown_option", pointer(("votes", number, "option")), params)


def _known(ids: list[str] | None) -> dict[str, None] | None:
    """The ids, in order; None where an unreadable one could be the one that is meant."""
    return None if ids is None or any(name is HOLE for name in ids) else dict.fromkeys(ids)


def _option_faults(problem: VoteProblem) -> Iterator[Fault]:
    if problem.options is HOLE:
        return
    if not any(option != ABSTAIN for option in problem.options):
        yield Fault("no_options", "/options")
    seen: set[str] = set()
    for number, option in enumerate(problem.options):
        at = pointer(("options", number))
        if option is HOLE:
            continue
        if option in seen:
            yield Fault("duplicate_option", at, {"option": option})
        if option in (REJECTED, NO_QUORUM):
            yield Fault("reserved_option", at, {"option": option})
        seen.add(option)
