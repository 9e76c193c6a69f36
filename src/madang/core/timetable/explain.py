"""Why a wish is not met, and what became of the earlier plan. Words are in `madang.words`."""

from __future__ import annotations

from collections.abc import Sequence

from madang.core.reasons import Reason
from madang.core.timetable.model import TimetableProblem
from madang.core.timetable.packing import Packing, pools_of

#: Rules that can stand in the way in every place, in the order in which they are told.
_EVERYWHERE = {
    "tables_at": "timetable_tables_full",
    "interpreters_at": "timetable_interpreters_busy",
    "apart": "timetable_kept_apart",
    "breaks": "timetable_break_needed",
    "company_at": "timetable_company_busy",
    "agency_at": "timetable_agency_busy",
}


def why_unmet(problem: TimetableProblem, packing: Packing, places: Sequence[int]) -> dict[int, Reason]:
    """For each wish that is not met the plainest reason that there is.

    It has no place at all; else a maximum is reached; else one rule stands in the way in every common slot; else
    several do. Cost: limits used by places.
    """
    used = packing.load(places).tolist()
    capacity, limits = packing.capacity.tolist(), packing.limits_of()
    met = set(packing.wish[list(places)].tolist())
    blocked: dict[int, list[set[str]]] = {}
    for place, wish in enumerate(packing.wish.tolist()):
        if wish not in met:
            full = {packing.names[limit][0] for limit in limits[place] if used[limit] >= capacity[limit]}
            blocked.setdefault(wish, []).append(full)
    nowhere = _Nowhere(problem)
    return {
        wish: _of_places(problem, wish, blocked[wish]) if wish in blocked else nowhere.reason(wish)
        for wish in range(len(problem.wishes))
        if wish not in met
    }


def _of_places(problem: TimetableProblem, wish: int, blocked: list[set[str]]) -> Reason:
    one, slots = problem.wishes[wish], len(blocked)
    everywhere = set.intersection(*blocked)
    for rule, name in (("company", one.company), ("agency", one.agency)):
        if rule in everywhere:
            return Reason("timetable_most_reached", {"participant": name})
    for rule, code in _EVERYWHERE.items():
        if rule in everywhere:
            return Reason(code, {"company": one.company, "agency": one.agency, "slots": slots})
    if all(blocked):
        return Reason("timetable_all_taken", {"slots": slots})
    return Reason("timetable_no_weight" if one.weight == 0 else "timetable_not_reached", {"slots": slots})


class _Nowhere:
    """Why a wish has no place at all."""

    def __init__(self, problem: TimetableProblem) -> None:
        self.problem, self.pools = problem, pools_of(problem)
        self.vetoes, self.met_before = set(problem.vetoes), set(problem.met_before)
        self.people = ({one.id: one for one in problem.companies}, {one.id: one for one in problem.agencies})

    def reason(self, wish: int) -> Reason:
        one = self.problem.wishes[wish]
        if (one.company, one.agency) in self.vetoes:
            return Reason("timetable_vetoed")
        if (one.company, one.agency) in self.met_before:
            return Reason("timetable_met_before")
        everywhere = {slot.id for slot in self.problem.slots}
        common = everywhere
        for person in (self.people[0][one.company], self.people[1][one.agency]):
            common = common & (everywhere if person.free is None else set(person.free))
        if not common:
            return Reason("timetable_no_common_slot")
        assert self.pools[wish] != -1, "with a common slot and no interpreter needed there is a place"
        return Reason("timetable_no_interpreter")


def why_not_kept(possible: bool) -> Reason:
    """A meeting of the earlier plan that does not stay: it no longer can, or not all of them can."""
    return Reason("timetable_gave_way" if possible else "timetable_no_longer_possible")


def told(*, proven: bool, all_kept: bool, gave_way: int) -> list[Reason]:
    """What a reader should know of the result as a whole."""
    reasons = []
    if not proven:
        reasons.append(Reason("timetable_not_proven"))
    if not all_kept:
        reasons.append(Reason("timetable_earlier_plan_too_full", {"meetings": gave_way}))
    return reasons
