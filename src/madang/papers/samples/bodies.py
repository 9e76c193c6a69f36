"""Invented votes of a body, on applications or on their tasks, and an authority's decisions with reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from random import Random

from madang.core.callspec.rule import ByAppointment, ByVote
from madang.core.deciding.case import Application, Appointment, Case, Seat, Vote
from madang.core.deciding.draws import drawn, with_draws
from madang.core.deciding.eligibility import amounts
from madang.core.deciding.units import tasks_of
from madang.papers.samples.common import Sampling, said

_REASONS = {
    "granted": "예시: 요건을 갖추고 효과가 기대됨 / Sample: requirements met, benefit expected",
    "reduced": "예시: 사업 범위에 맞추어 감액 / Sample: reduced to the scope of the project",
    "conditional": "예시: 조건 이행을 전제로 승인 / Sample: approved on its conditions",
    "refused": "예시: 안전 확보 방안이 부족함 / Sample: safety not sufficiently provided for",
}


def votes(s: Sampling, case: Case, voted: list[Application]) -> Case:
    """The case with its body and votes; every vote reaches the quorum, as a meeting that takes place does."""
    decide = s.definition.decide
    if not isinstance(decide, ByVote):
        return case
    seats = () if decide.drawn else tuple(_seats(s, decide))
    case = replace(case, seats=seats)
    eligible = frozenset(application.id for application in voted)
    body = with_draws(case, drawn(s.definition, case, eligible)).seats
    return replace(case, votes=tuple(_votes(s, decide, body, voted)))


def _seats(s: Sampling, decide: ByVote) -> Iterator[Seat]:
    """Seats by group: as the composition asks, or one kind of applicant after the other."""
    groups: list[str] = [tag for tag, share in decide.compose.items() for _ in range(share.min or 0)]
    kinds: list[str] = list(dict.fromkeys(kind for track in s.definition.tracks for kind in track.applicants))
    others = ["internal"] if decide.compose else kinds or [""]
    for number in range(decide.seats or 0):
        group = groups[number] if number < len(groups) else others[number % len(others)]
        yield Seat(f"S{number + 1:02}", group)


def _votes(s: Sampling, decide: ByVote, body: tuple[Seat, ...], voted: list[Application]) -> Iterator[Vote]:
    for application in voted:
        if decide.without_vote and s.conditions.holds(decide.without_vote.when, s.conditions.facts(application)):
            continue
        for task in tasks_of(s.definition, application) or [""]:
            yield from _ballots(s.random, decide, body, application.id, task)


def _ballots(random: Random, decide: ByVote, body: tuple[Seat, ...], application: str, task: str) -> Iterator[Vote]:
    favour, present = random.randrange(35, 95), random.randrange(60, 100)
    there = [random.randrange(100) < present for _ in body]
    needed = ceil(len(body) * decide.quorum / 100)
    for number, _ in enumerate(body):
        there[number] = there[number] or sum(there) < needed
    for seat, votes_too in zip(body, there, strict=True):
        if votes_too:
            first = random.randrange(100) < favour
            option = decide.options[0] if first else random.choice(decide.options[1:])
            yield Vote(application, seat.seat, option, task)


def appointments(s: Sampling, heard: list[Application]) -> Iterator[Appointment]:
    """A decision with its reason on each case, or task of it; the last of many cases is still open."""
    decide = s.definition.decide
    if not isinstance(decide, ByAppointment):
        return
    random = s.chance("appointments")
    for application in heard if len(heard) < 5 or decide.close == "batch" else heard[:-1]:
        cost, own = amounts(s.definition, application)
        for task in tasks_of(s.definition, application) or [""]:
            outcome = random.choice(_open_outcomes(s, asked=bool(cost)))
            grant = (cost - own) * 4 // 5 // 10**6 * 10**6 if outcome == "reduced" and cost else None
            on = dt.date.fromisoformat(application.received[:10]) + dt.timedelta(days=random.randrange(30, 60))
            yield Appointment(
                application.id, outcome, _REASONS[outcome], task, grant, said(decide.authority), on.isoformat()
            )


def _open_outcomes(s: Sampling, *, asked: bool) -> list[str]:
    """What the authority may decide, a plain yes more often than the rest."""
    possible = s.definition.outcome.amounts
    reduced = ["reduced"] if "reduced" in possible and asked else []
    return ["granted", "granted", "refused", *reduced, *(["conditional"] * ("conditional" in possible))]
