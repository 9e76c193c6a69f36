"""The rules of a timetable, read again for the verifier: what a meeting uses up, and how much there is of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from madang.core.timetable.model import TimetableProblem

Name = tuple[str, tuple[str, ...]]
Pair = tuple[str, str]


class Rules:
    """Everything is looked up by ids; a limit is named as in a certificate: the rule, and the ids that it concerns."""

    def __init__(self, problem: TimetableProblem) -> None:
        self.problem = problem
        self.span = {slot.id: (slot.begins, slot.ends) for slot in problem.slots}
        self.weight = {(one.company, one.agency): one.weight for one in problem.wishes}
        self.barred = {*map(tuple, problem.vetoes), *map(tuple, problem.met_before)}
        self.company = {one.id: one for one in problem.companies}
        self.agency = {one.id: one for one in problem.agencies}
        everywhere = frozenset(self.span)
        self.free_company = {
            one.id: everywhere if one.free is None else frozenset(one.free) for one in problem.companies
        }
        self.free_agency = {one.id: everywhere if one.free is None else frozenset(one.free) for one in problem.agencies}
        self.moments = self._moments()
        self.runs = self._runs()
        self.apart = self._apart()

    def slots(self, pair: Pair) -> list[str]:
        """In which slots a wished pair could meet if nobody else met, in the order of the problem."""
        if pair in self.barred:
            return []
        both = self.common(pair)
        pool = self.interpreters(pair)
        if pool == "none can":
            return []
        if isinstance(pool, int) and (there := self.problem.interpreters[pool].free) is not None:
            both &= frozenset(there)
        return [slot.id for slot in self.problem.slots if slot.id in both]

    def common(self, pair: Pair) -> frozenset[str]:
        """Slots in which both are free."""
        return self.free_company[pair[0]] & self.free_agency[pair[1]]

    def interpreters(self, pair: Pair) -> int | str:
        """Number of the pool that interprets, `not needed`, or `none can`."""
        mine, yours = self.company[pair[0]].languages, self.agency[pair[1]].languages
        if not mine or not yours or any(word in yours for word in mine):
            return "not needed"
        for number, pool in enumerate(self.problem.interpreters):
            a, b = pool.languages
            if (a in mine and b in yours) or (b in mine and a in yours):
                return number
        return "none can"

    def uses(self, pair: Pair, slot: str) -> Iterator[tuple[Name, int]]:
        """Each limit that this meeting would use one unit of, with what there is of it."""
        company, agency = pair
        most = len(self.problem.slots)
        for rule, person in (("company", self.company[company]), ("agency", self.agency[agency])):
            asked = person.max_meetings
            yield (rule, (person.id,)), most if asked is None else min(asked, most)
        pool = self.interpreters(pair)
        for moment in self.moments[slot]:
            yield ("company_at", (company, moment)), 1
            yield ("agency_at", (agency, moment)), 1
            yield ("tables_at", (moment,)), self.problem.tables
            if isinstance(pool, int):
                held = self.problem.interpreters[pool]
                yield ("interpreters_at", (*held.languages, moment)), held.count
        if (breaks := self.problem.breaks) is not None:
            for first in self.runs[slot]:
                yield ("breaks", ("company", company, first)), breaks.max_in_a_row
                yield ("breaks", ("agency", agency, first)), breaks.max_in_a_row
        for ids in self.apart[company, slot]:
            yield ("apart", ids), 1

    def at_once(self, slot: str, other: str) -> bool:
        """Whether two slots overlap."""
        return self.span[slot][0] < self.span[other][1] and self.span[other][0] < self.span[slot][1]

    def _moments(self) -> dict[str, list[str]]:
        first: dict[dt.datetime, str] = {}
        for slot in self.problem.slots:
            first.setdefault(slot.begins, slot.id)
        return {
            slot: [name for moment, name in first.items() if begins <= moment < ends]
            for slot, (begins, ends) in self.span.items()
        }

    def _runs(self) -> dict[str, list[str]]:
        """For each slot the first slots of those rows of one too many that it lies in."""
        found: dict[str, list[str]] = defaultdict(list)
        if (breaks := self.problem.breaks) is None:
            return found
        row: list[str] = []
        for slot in sorted(self.span, key=lambda name: self.span[name][0]):
            if row and self.span[slot][0] - self.span[row[-1]][1] > dt.timedelta(minutes=breaks.gap_min):
                row = []
            row.append(slot)
            last = row[-breaks.max_in_a_row - 1 :]
            if len(last) > breaks.max_in_a_row:
                for name in last:
                    found[name].append(last[0])
        return found

    def _apart(self) -> dict[tuple[str, str], list[tuple[str, ...]]]:
        found: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        for rule in self.problem.apart:
            one, other = rule.companies
            for mine in self.problem.slots:
                for yours in self.problem.slots:
                    near = (
                        mine.session is not None and mine.session == yours.session
                        if rule.by == "session"
                        else self._near(mine.id, yours.id)
                    )
                    if near:
                        ids = (one, other, mine.id, yours.id)
                        found[one, mine.id].append(ids)
                        found[other, yours.id].append(ids)
        return found

    def _near(self, slot: str, other: str) -> bool:
        """Overlapping, or no whole slot fits between."""
        if self.at_once(slot, other):
            return True
        (_, ends), (begins, _) = sorted((self.span[slot], self.span[other]))
        return not any(start >= ends and end <= begins for start, end in self.span.values())
