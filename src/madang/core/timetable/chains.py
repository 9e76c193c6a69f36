"""Ejection chains: a wish takes a place, whoever stood in its way takes another, and so on until a place is free.

A chain only moves meetings, so nothing is lost by it; or it ends by dropping one that is worth less than the wish that
came in. Deterministic: wishes and places are tried in their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from madang.core.timetable.packing import Packing
from madang.core.timetable.prices import Floors

#: A chain: each wish with the place that it takes, from the last moved to the first.
Moves = list[tuple[int, int]]


class Plan:
    """A timetable under way: where each wish lies, and who uses each limit. Every limit holds at any time."""

    def __init__(self, packing: Packing, weight: Sequence[int], floors: Floors, premium: int) -> None:
        self.weight, self.premium = weight, premium
        self.wish = packing.wish.tolist()
        self.limits = packing.limits_of()
        self.capacity = packing.capacity.tolist()
        self.places: list[list[int]] = [[] for _ in weight]
        for place, wish in enumerate(self.wish):
            self.places[wish].append(place)
        self.at: list[int | None] = [None] * len(weight)
        self.users: list[set[int]] = [set() for _ in self.capacity]
        self.company, self.agency = packing.company.tolist(), (packing.companies + packing.agency).tolist()
        self.journal: list[tuple[int, int | None]] = []  # what `undo` takes back: wish, where it was
        self.floor: list[int] = [*floors.companies.tolist(), *floors.agencies.tolist()] if premium else []

    def put(self, place: int) -> None:
        wish = self.wish[place]
        self.journal.append((wish, None))
        for limit in self.limits[place]:
            self.users[limit].add(wish)
        self.at[wish] = place

    def take(self, wish: int) -> None:
        place = self.at[wish]
        assert place is not None
        self.journal.append((wish, place))
        for limit in self.limits[place]:
            self.users[limit].discard(wish)
        self.at[wish] = None

    def clear(self, places: Sequence[int] = ()) -> None:
        """Takes everything out, and puts in what is given."""
        for wish, place in enumerate(self.at):
            if place is not None:
                self.take(wish)
        for place in places:
            self.put(place)
        self.accept()

    def fits(self, place: int) -> bool:
        return all(len(self.users[limit]) < self.capacity[limit] for limit in self.limits[place])

    def held(self) -> list[int]:
        """The places in use."""
        return [place for place in self.at if place is not None]

    def worth(self) -> int:
        """Weight of the plan, and a premium for each meeting up to a floor."""
        weight: int = sum(self.weight[wish] for wish, place in enumerate(self.at) if place is not None)
        if not self.premium:
            return weight
        reached = sum(min(len(self.users[one]), floor) for one, floor in enumerate(self.floor))
        return weight + int(self.premium * reached)

    def gain(self, enters: int, leaves: int | None = None) -> int:
        """What the worth changes when one wish comes in and another goes out."""
        gain = self.weight[enters] - (0 if leaves is None else self.weight[leaves])
        if not self.premium:
            return gain
        change: dict[int, int] = {self.company[enters]: 1, self.agency[enters]: 1}
        if leaves is not None:
            for one in (self.company[leaves], self.agency[leaves]):
                change[one] = change.get(one, 0) - 1
        for one, by in change.items():
            met = len(self.users[one])
            gain += self.premium * (min(met + by, self.floor[one]) - min(met, self.floor[one]))
        return gain

    def insert(self, wish: int, *, reach: int, stay: Iterable[int] = ()) -> int:
        """Brings a wish in by a chain, if the plan gains by it; gives the gain, 0 where it stays out.

        Looks at `reach` wishes that might make room; those in `stay` make none. Cost: at most every place once.
        """
        came_from: dict[int, tuple[int, int] | None] = dict.fromkeys((wish, *stay))
        queue, opened = deque([wish]), set[int]()
        free, best = self.gain(wish), 0
        leaver: int | None = None
        while queue and len(came_from) < reach:
            mover = queue.popleft()
            here = self.at[mover]
            leaving = self.limits[here] if here is not None else ()
            for place in self.places[mover]:
                if place == here:
                    continue
                full = [x for x in self.limits[place] if len(self.users[x]) >= self.capacity[x] and x not in leaving]
                if not full:
                    if free > best and self._apply(_back(came_from, (mover, place))):
                        return free
                    continue
                if len(full) == 1:
                    if full[0] in opened:
                        continue
                    opened.add(full[0])
                for other in self._in_the_way(full):
                    if other in came_from:
                        continue
                    came_from[other] = (mover, place)
                    queue.append(other)
                    if (gain := self.gain(wish, other)) > best:
                        best, leaver = gain, other
        if leaver is None:
            return 0
        return best if self._apply(_back(came_from, came_from[leaver]), leaver) else 0

    def force(self, place: int, *, reach: int, stay: Sequence[int] = ()) -> int | None:
        """Puts a wish here whatever is in its way, and brings in again who had to leave; those in `stay` may not.

        Gives the change of worth, which may be a loss; None where that cannot be, and then nothing changes.
        """
        wish = self.wish[place]
        change = self._leave(wish) if self.at[wish] is not None else 0
        displaced: list[int] = []
        for limit in sorted(self.limits[place], key=self.capacity.__getitem__):
            while len(self.users[limit]) >= self.capacity[limit]:
                others = self.users[limit].difference(stay)
                if not others:
                    self.undo()
                    return None
                displaced.append(min(others, key=lambda one: (self.weight[one], one)))
                change += self._leave(displaced[-1])
        change += self.gain(wish)
        self.put(place)
        for other in sorted(displaced, key=lambda one: (-self.weight[one], one)):
            change += self.insert(other, reach=reach, stay=(wish, *stay))
        return change

    def _leave(self, wish: int) -> int:
        """Takes a wish out; gives the change of worth."""
        self.take(wish)
        return -self.gain(wish)

    def accept(self) -> None:
        """What was changed up to here stays."""
        self.journal.clear()

    def undo(self) -> None:
        """Takes back everything since the last `accept`."""
        undone = self.journal[::-1]
        for wish, place in undone:
            if place is None:
                self.take(wish)
            else:
                self.put(place)
        self.journal.clear()

    def _in_the_way(self, full: list[int]) -> Iterable[int]:
        """Wishes each of which alone makes room in all of these limits."""
        smallest = min(full, key=lambda limit: len(self.users[limit]))
        others = [self.users[limit] for limit in full if limit != smallest]
        return [wish for wish in self.users[smallest] if all(wish in users for users in others)]

    def _apply(self, moves: Moves, leaver: int | None = None) -> bool:
        """Moves all at once if the limits then hold; else nothing changes."""
        before = [(wish, self.at[wish]) for wish, _ in moves]
        if leaver is not None:
            before.append((leaver, self.at[leaver]))
        for wish, place in before:
            if place is not None:
                self.take(wish)
        for number, (_, place) in enumerate(moves):
            if not self.fits(place):
                for wish, _ in moves[:number]:
                    self.take(wish)
                for _, old in before:
                    if old is not None:
                        self.put(old)
                return False
            self.put(place)
        return True


def _back(came_from: dict[int, tuple[int, int] | None], last: tuple[int, int] | None) -> Moves:
    moves = []
    while last is not None:
        moves.append(last)
        last = came_from[last[0]]
    return moves
