"""A panel drawn by lot: down the lot order, seated while a panel that keeps every rule can still be completed.

Model, guarantees, cost and a worked example: `docs/algorithms/panels.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from madang import __version__
from madang.core.lots import order_from_seed
from madang.core.panels.completion import Chosen, Completion, Unsettled
from madang.core.panels.conflict import smallest_conflict
from madang.core.panels.explain import why_drawn, why_infeasible, why_passed_over
from madang.core.panels.lines import lines_of, rule_ids
from madang.core.panels.model import PanelProblem, require_sound, tags_limited_by
from madang.core.problem import Status, frame
from madang.core.reasons import Reason

OWN = f"own {__version__}"


def solve_panel(problem: PanelProblem) -> dict[str, Any]:
    """Members and substitutes of a panel, ready for JSON (`PanelResult`).

    Down the lot order: whoever is not excluded is seated if a panel that keeps every rule can still be completed with
    those seated before; the answer is exact. Where no panel keeps the rules: `infeasible`, with a smallest set of rules
    that cannot hold together. `unknown` only where even the solver gave up. Raises `Malformed` for an unsound problem.
    Cost: at most seats + kinds of candidates questions, each candidates x tags without a search. Example:

    >>> pool = [{"id": "E1", "tags": ["external"]}, {"id": "E2"}, {"id": "E3"}, {"id": "E4", "tags": ["external"]}]
    >>> rules = {"seats": 2, "at_least": {"external": 1}, "lot_order": ["E2", "E3", "E4", "E1"]}
    >>> problem = PanelProblem.model_validate({"kind": "panel", "version": 1, "pool": pool, **rules})
    >>> solve_panel(problem)["members"]
    ['E2', 'E4']
    """
    require_sound(problem)
    places = {candidate.id: place for place, candidate in enumerate(problem.pool)}
    order = [places[name] for name in lot_order_of(problem)]
    rules = rule_ids(problem)
    ask = Completion(lines_of(problem), order, frozenset(range(len(rules))), problem.seed)
    try:
        start = ask.find(frozenset())
        if start is None:
            conflict = [rules[rule] for rule in smallest_conflict(ask)]
            return _result(problem, ask, Status.INFEASIBLE, why_infeasible(problem, conflict), conflict=conflict)
        walk = _Walk(problem, ask, start)
        walk.go(order)
    except Unsettled:
        return _result(problem, ask, Status.UNKNOWN, [Reason("panel_search_ended")])
    return _result(problem, ask, Status.COMPUTED, why_drawn(problem), walk)


def lot_order_of(problem: PanelProblem) -> list[str]:
    """The order that counts: as given, or drawn from the seed over the sorted ids of the pool, as `lots` draws it."""
    if problem.lot_order:
        return list(problem.lot_order)
    return list(order_from_seed(sorted(candidate.id for candidate in problem.pool), problem.seed).order)


def move_up(
    problem: PanelProblem, members: Sequence[str], substitutes: Sequence[str], leaver: str
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Who sits after `leaver` left: the new members and substitutes, both in lot order, and who moved up.

    The first substitute with whom every rule holds takes the seat; nobody (None) where with none it does, and then the
    seat stays empty. A substitute who leaves is only struck out. Take out the substitutes who may no longer sit before
    the members who left. Raises `ValueError` if `leaver` is neither. Cost: substitutes x members.
    """
    waiting = tuple(name for name in substitutes if name != leaver)
    if leaver not in members:
        if len(waiting) == len(substitutes):
            raise ValueError(f"{leaver} is neither a member nor a substitute")
        return tuple(members), waiting, None
    staying = [name for name in members if name != leaver]
    for name in waiting:
        if _keeps_the_rules(problem, [*staying, name]):
            place = {name: number for number, name in enumerate(lot_order_of(problem))}
            new = tuple(sorted([*staying, name], key=place.__getitem__))
            return new, tuple(other for other in waiting if other != name), name
    return tuple(staying), waiting, None


def _keeps_the_rules(problem: PanelProblem, panel: Sequence[str]) -> bool:
    tags = {candidate.id: candidate.tags for candidate in problem.pool}
    counts: dict[str, int] = {}
    for name in panel:
        for tag in set(tags[name]):
            counts[tag] = counts.get(tag, 0) + 1
    return (
        len(set(panel)) == problem.seats
        and not any(one.id in panel for one in problem.excluded)
        and all(counts.get(tag, 0) >= least for tag, least in problem.at_least.items())
        and all(
            counts[tag] <= most for key, most in problem.at_most.items() for tag in tags_limited_by(key, tuple(counts))
        )
    )


@dataclass(slots=True)
class _Walk:
    """Holds those seated and a panel that shows that they can be completed."""

    problem: PanelProblem
    ask: Completion
    witness: Chosen
    seated: list[int] = field(default_factory=list)
    passed_over: dict[int, Reason] = field(default_factory=dict)
    hopeless: set[frozenset[int]] = field(default_factory=set)  # minimums: nobody who counts for these alone can sit
    hopeful: set[tuple[int, frozenset[int]]] = field(
        default_factory=set
    )  # the same with how many sit: not hopeless yet

    def go(self, order: Sequence[int]) -> None:
        """Who could not be seated once cannot be later, nor can anybody with the same lines: the seated only grow."""
        codes = {one.id: one.code for one in self.problem.excluded}
        refused: set[tuple[int, ...]] = set()
        for place in order:
            candidate, alike = self.problem.pool[place], self.ask.lines_of[place]
            if candidate.id in codes:
                self.passed_over[place] = Reason(codes[candidate.id])
            elif len(self.seated) == self.problem.seats:
                continue
            elif alike not in refused and self._can_sit(place):
                self.seated.append(place)
            else:
                refused.add(alike)
                before = [self.problem.pool[other].id for other in self.seated]
                self.passed_over[place] = why_passed_over(self.problem, candidate, before)

    def _can_sit(self, place: int) -> bool:
        if place in self.witness:
            return True
        inside = frozenset([*self.seated, place])
        if any(self.ask.is_over(number, inside) for number in self.ask.lines_of[place]):
            return False
        found = self._exchanged(place, inside)
        if found is None and not self._is_hopeless(place):
            found = self.ask.find(inside)
        if found is not None:
            self.witness = found
        return found is not None

    def _is_hopeless(self, place: int) -> bool:
        """Whether somebody who counts for the same minimums, and is under no other limit, could not sit either.

        One answer for all the institutes: it spares most questions in a large pool. False says nothing.
        """
        needs = self.ask.needs_met_by(place)
        now = (len(self.seated), needs)
        if needs not in self.hopeless and now not in self.hopeful:
            if self.ask.find(frozenset(self.seated), guest=needs) is None:
                self.hopeless.add(needs)
            else:
                self.hopeful.add(now)
        return needs in self.hopeless

    def _exchanged(self, place: int, inside: Chosen) -> Chosen | None:
        """The present panel with one who is not yet seated replaced by `place`; None says nothing."""
        mine = set(self.ask.lines_of[place])
        for other in sorted(self.witness - inside):
            theirs = set(self.ask.lines_of[other])
            if all(self._allows(number, +1) for number in mine - theirs) and all(
                self._allows(number, -1) for number in theirs - mine
            ):
                return self.witness - {other} | {place}
        return None

    def _allows(self, number: int, change: int) -> bool:
        line = self.ask.lines[number]
        count = len(self.witness & line.candidates) + change
        return line.at_least <= count and (line.at_most is None or count <= line.at_most)


def _result(
    problem: PanelProblem,
    ask: Completion,
    status: Status,
    reasons: Iterable[Reason],
    walk: _Walk | None = None,
    conflict: Sequence[str] = (),
) -> dict[str, Any]:
    """Every field of a result; without a walk nobody is seated, and passed over are those excluded."""
    ids = [candidate.id for candidate in problem.pool]
    codes = {one.id: one.code for one in problem.excluded}
    order = lot_order_of(problem)
    members = [ids[place] for place in walk.seated] if walk else []
    over = (
        {ids[place]: reason for place, reason in walk.passed_over.items()}
        if walk
        else {name: Reason(codes[name]) for name in order if name in codes}
    )
    sitting = set(members)
    return {
        **frame("panel", status, reasons, problem.seed, OWN if ask.engine == "own" else ask.engine),
        "members": members,
        "substitutes": [name for name in order if walk and name not in sitting and name not in codes],
        "passed_over": [{"id": name, **reason.as_json()} for name, reason in over.items()],
        "lot_order": order,
        "conflict": list(conflict),
    }
