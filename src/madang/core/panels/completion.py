"""Can these few still be completed to a panel that keeps the rules? Answered exactly, with a panel that shows it.

Counting settles most questions, an own search over classes of interchangeable candidates nearly all others; CP-SAT
(loaded then, not before) is asked where many tags overlap in many ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.core.panels.lines import Line

Chosen = frozenset[int]
"""Places in the pool."""

STATES = 10_000
"""How many states the own search makes before it hands over, then and for all later questions."""

LIMIT = 60.0
"""Of CP-SAT, in its deterministic units (about seconds)."""


class Unsettled(Exception):
    """The search limit came before an answer."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a line still asks of those who come in: from `need` to `room` (None: as many as like)."""

    need: int
    room: int | None


@dataclass(slots=True)
class Completion:
    """Questions about one set of lines; `order` is the lot order, in which equal candidates are taken."""

    lines: Sequence[Line]
    order: Sequence[int]
    rules: frozenset[int]
    seed: int
    engine: str = "own"
    lines_of: list[tuple[int, ...]] = field(init=False)  # place in the pool -> its lines
    within: list[tuple[int, int]] = field(init=False)  # (minimum, maximum): whoever counts for the first does for both

    def __post_init__(self) -> None:
        found: list[list[int]] = [[] for _ in self.order]
        for number, line in enumerate(self.lines):
            for place in line.candidates:
                found[place].append(number)
        self.lines_of = [tuple(numbers) for numbers in found]
        self.within = [
            (number, other)
            for number, line in enumerate(self.lines)
            for other, wider in enumerate(self.lines)
            if other != number and line.at_least and wider.at_most is not None and line.candidates <= wider.candidates
        ]

    def is_over(self, number: int, inside: Chosen) -> bool:
        """Whether `inside` alone breaks the maximum of a line."""
        line = self.lines[number]
        return line.at_most is not None and len(inside & line.candidates) > line.at_most

    def needs_met_by(self, place: int) -> frozenset[int]:
        """The lines with a minimum for which a candidate counts (the seats are one)."""
        return frozenset(number for number in self.lines_of[place] if self.lines[number].at_least)

    def kept_by(self, panel: Chosen) -> frozenset[int]:
        """The rules that `panel`, as it stands, keeps."""
        broken = set()
        for line in self.lines:
            count = len(panel & line.candidates)
            if count < line.at_least or (line.at_most is not None and count > line.at_most):
                broken.add(line.rule)
        return self.rules - broken

    def find(
        self, inside: Chosen, rules: frozenset[int] | None = None, guest: frozenset[int] = frozenset()
    ) -> Chosen | None:
        """A panel with all of `inside` that keeps `rules` (all where None), or None where there is none. Exact.

        `guest`: lines for which somebody counts who is not named. Raises `Unsettled`. Cost without a search:
        candidates x their tags.
        """
        spans = self._spans(inside, self.rules if rules is None else rules, guest)
        if spans is None:
            return None
        needed = {number for number, span in spans.items() if span.need > 0}
        if not needed:
            return inside
        usable = [
            place
            for place in self.order
            if place not in inside
            and needed.intersection(self.lines_of[place])
            and all(spans[number].room != 0 for number in self.lines_of[place] if number in spans)
        ]
        if self._too_few(usable, spans, needed):
            return None
        added = self._greedily(usable, spans)
        if added is None:
            classes = self._classes(usable, spans)
            counts = self._search(classes, spans)
            if counts is None:
                return None
            members = zip(classes.values(), counts, strict=True)
            added = frozenset(place for places, count in members for place in places[:count])
        return inside | added

    def _spans(self, inside: Chosen, rules: frozenset[int], guest: frozenset[int]) -> dict[int, Span] | None:
        """What each line of `rules` still asks, by its number; None where a maximum is broken already."""
        spans = {}
        for number, line in enumerate(self.lines):
            if line.rule not in rules:
                continue
            count = len(inside & line.candidates) + (number in guest)
            if line.at_most is not None and count > line.at_most:
                return None
            room = None if line.at_most is None else line.at_most - count
            spans[number] = Span(max(line.at_least - count, 0), room)
        return spans

    def _too_few(self, usable: Sequence[int], spans: Mapping[int, Span], needed: Iterable[int]) -> bool:
        """Counts that settle most refusals: too few carry a tag, or too few places are left for them."""
        if any(sum(number in self.lines_of[place] for place in usable) < spans[number].need for number in needed):
            return True
        both = [
            (spans[narrow].need, spans[wide].room) for narrow, wide in self.within if narrow in spans and wide in spans
        ]
        return any(room is not None and need > room for need, room in both)

    def _greedily(self, usable: Sequence[int], spans: Mapping[int, Span]) -> Chosen | None:
        """Those first who fill the most needs, in lot order; None says nothing."""
        need = {number: span.need for number, span in spans.items() if span.need > 0}
        room = {number: span.room for number, span in spans.items() if span.room is not None}
        added = set()
        for place in sorted(usable, key=lambda place: -sum(number in need for number in self.lines_of[place])):
            mine = self.lines_of[place]
            helps = any(need.get(number, 0) > 0 for number in mine)
            if not helps or any(room.get(number, 1) <= 0 for number in mine):
                continue
            if any(
                need[narrow] >= room[wide] > 0 and wide in mine and narrow not in mine
                for narrow, wide in self.within
                if narrow in need and wide in room
            ):
                continue  # the places left are for those who fill the other need too
            added.add(place)
            for number in mine:
                if number in need:
                    need[number] -= 1
                if number in room:
                    room[number] -= 1
        return frozenset(added) if all(missing <= 0 for missing in need.values()) else None

    def _classes(self, usable: Iterable[int], spans: Mapping[int, Span]) -> dict[tuple[int, ...], list[int]]:
        """Candidates with the same lines together, of the lines that can bind; those that share rare lines adjoin."""
        total: dict[int, int] = {}
        for place in usable:
            for number in self.lines_of[place]:
                total[number] = total.get(number, 0) + 1
        binding = {
            number
            for number, span in spans.items()
            if span.need > 0 or (span.room is not None and total.get(number, 0) > span.room)
        }
        classes: dict[tuple[int, ...], list[int]] = {}
        for place in usable:
            classes.setdefault(tuple(n for n in self.lines_of[place] if n in binding), []).append(place)
        shared: dict[int, int] = {}
        for numbers in classes:
            for number in numbers:
                shared[number] = shared.get(number, 0) + 1

        def rarest_first(numbers: tuple[int, ...]) -> list[tuple[int, int]]:
            return sorted((shared[number], number) for number in numbers)

        return {numbers: classes[numbers] for numbers in sorted(classes, key=rarest_first)}

    def _search(self, classes: Mapping[tuple[int, ...], Sequence[int]], spans: Mapping[int, Span]) -> list[int] | None:
        """How many of each class, so that every line is kept; None where that is impossible."""
        profiles, sizes = list(classes), [len(places) for places in classes.values()]
        if self.engine == "own":
            try:
                return _Search(profiles, sizes, spans).counts()
            except Unsettled:
                pass
        return self._by_solver(profiles, sizes, spans)

    def _by_solver(
        self, classes: Sequence[tuple[int, ...]], sizes: Sequence[int], spans: Mapping[int, Span]
    ) -> list[int] | None:
        from madang.core.selection import engine_cpsat  # loads the solver: only where the own search gave up

        self.engine = engine_cpsat.NAME
        columns: dict[int, dict[int, int]] = {}
        for place, numbers in enumerate(classes):
            for number in numbers:
                columns.setdefault(number, {})[place] = 1
        rows = [engine_cpsat.Row(column, spans[n].need, spans[n].room) for n, column in columns.items()]
        try:
            return engine_cpsat.find_counts(sizes, rows, seed=self.seed, limit=LIMIT)
        except engine_cpsat.TimeEnded:
            raise Unsettled from None


@dataclass(slots=True)
class _Search:
    """Forward over the classes, keeping every count of the open lines that can be reached.

    A line opens with its first class and is forgotten after its last, so that a limit for each institute costs no more
    than one. What cannot reach its minimum any more is dropped.
    """

    classes: Sequence[tuple[int, ...]]
    sizes: Sequence[int]
    spans: Mapping[int, Span]

    def counts(self) -> list[int] | None:
        """How many of each class, or None where it is impossible. Raises `Unsettled` beyond `STATES` states."""
        left = self._members_by_line()
        if any(span.need > left.get(number, 0) for number, span in self.spans.items()):
            return None
        last = {number: place for place, numbers in enumerate(self.classes) for number in numbers}
        open_lines: list[int] = []
        layers: list[dict[tuple[int, ...], tuple[tuple[int, ...], int]]] = []
        states: Iterable[tuple[int, ...]] = [()]
        made = 0
        for place, numbers in enumerate(self.classes):
            new = [number for number in numbers if number not in open_lines]
            open_lines += new
            for number in numbers:
                left[number] -= self.sizes[place]
            staying = [index for index, number in enumerate(open_lines) if last[number] > place]
            layer: dict[tuple[int, ...], tuple[tuple[int, ...], int]] = {}
            for state in states:
                counts = [*state, *[0] * len(new)]
                for taken in range(self._most(counts, open_lines, place) + 1):
                    after = self._after(counts, open_lines, numbers, taken, left)
                    if after is not None:
                        layer.setdefault(tuple(after[index] for index in staying), (state, taken))
                        made += 1
                if made > STATES:
                    raise Unsettled
            if not layer:
                return None
            open_lines = [open_lines[index] for index in staying]
            layers.append(layer)
            states = layer
        return self._back(layers)

    def _members_by_line(self) -> dict[int, int]:
        members: dict[int, int] = {}
        for numbers, size in zip(self.classes, self.sizes, strict=True):
            for number in numbers:
                members[number] = members.get(number, 0) + size
        return members

    def _most(self, counts: Sequence[int], open_lines: Sequence[int], place: int) -> int:
        most = self.sizes[place]
        for count, number in zip(counts, open_lines, strict=True):
            room = self.spans[number].room
            if room is not None and number in self.classes[place]:
                most = min(most, room - count)
        return most

    def _after(
        self,
        counts: Sequence[int],
        open_lines: Sequence[int],
        numbers: tuple[int, ...],
        taken: int,
        left: Mapping[int, int],
    ) -> list[int] | None:
        """The counts with `taken` more of a class; None where a minimum is out of reach."""
        after = []
        for count, number in zip(counts, open_lines, strict=True):
            span = self.spans[number]
            now = count + taken if number in numbers else count
            if now + left[number] < span.need:
                return None
            after.append(min(now, span.need) if span.room is None else now)
        return after

    def _back(self, layers: Sequence[Mapping[tuple[int, ...], tuple[tuple[int, ...], int]]]) -> list[int]:
        state: tuple[int, ...] = ()  # every line is closed at the end
        counts = []
        for layer in reversed(layers):
            state, taken = layer[state]
            counts.append(taken)
        return counts[::-1]
