"""The verifier's own question, without the solver's code: does some panel with these members keep these rules?

Counted first, by single tags and by several together; then searched through, within a limit.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from madang.core.panels.model import SAME, Candidate, PanelProblem

EVERYBODY = ""  # stands for a tag that all carry: the seats
SUMMED = 6  # how many tags are weighed together


class TooMuch(Exception):
    """The search limit was reached."""


@dataclass(slots=True)
class Search:
    """Whether some panel keeps some rules: each tag has a least and a most, and the seats are a tag that all carry."""

    problem: PanelProblem
    work: int
    rules: list[str] = field(init=False)
    tags: dict[str, frozenset[str]] = field(init=False)
    counted: dict[str, frozenset[str]] = field(init=False)  # the tags of a candidate that a rule counts
    barred: frozenset[str] = field(init=False)
    known: frozenset[str] = field(init=False)
    most: dict[str, int] = field(init=False)  # of each tag, under all rules

    def __post_init__(self) -> None:
        problem = self.problem
        self.rules = ["seats", *("at_least:" + tag for tag in problem.at_least)]
        self.rules += ["at_most:" + key for key in problem.at_most] + ["excluded"] * bool(problem.excluded)
        self.tags = {one.id: frozenset(one.tags) | {EVERYBODY} for one in problem.pool}
        self.known = frozenset(tag for tags in self.tags.values() for tag in tags)
        self.barred = frozenset(one.id for one in problem.excluded)
        least, most = self._bounds(self.rules)
        self.most = most
        self.counted = {name: tags & (least.keys() | most.keys()) for name, tags in self.tags.items()}

    def _bounds(self, rules: Collection[str]) -> tuple[dict[str, int], dict[str, int]]:
        """The least and the most of each tag under `rules`."""
        least = {tag: n for tag, n in self.problem.at_least.items() if "at_least:" + tag in rules}
        most: dict[str, int] = {}
        for key, n in self.problem.at_most.items():
            if "at_most:" + key not in rules:
                continue
            name = key[len(SAME) :] if key.startswith(SAME) else ""
            for tag in self.known:
                if tag == key or (name and tag[: len(name) + 1] == name + ":"):
                    most[tag] = min(n, most.get(tag, n))
        if "seats" in rules:
            least[EVERYBODY] = most[EVERYBODY] = self.problem.seats
        return least, most

    def is_full(self, candidate: Candidate, seated: Iterable[str]) -> bool:
        """Whether a tag that the candidate carries has its most already."""
        count = Counter(tag for name in seated for tag in self.tags[name])
        return any(count[tag] >= self.most[tag] for tag in self.tags[candidate.id] if tag in self.most)

    def broken_by(self, panel: Iterable[str]) -> list[str]:
        """The rules that a panel breaks, each asked alone."""
        sitting = set(panel)
        count = Counter(tag for name in sitting for tag in self.tags[name])
        broken = []
        for rule in self.rules:
            least, most = self._bounds([rule])
            bad = any(count[tag] < n for tag, n in least.items()) or any(count[tag] > n for tag, n in most.items())
            if bad or (rule == "excluded" and sitting & self.barred):
                broken.append(rule)
        return broken

    def panel(
        self, rules: Collection[str], inside: Sequence[str], guest: frozenset[str] = frozenset()
    ) -> list[str] | None:
        """Some panel with all of `inside` that keeps `rules`, or None where there is none. Raises `TooMuch`.

        `guest`: the tags of one more member who is not named.
        """
        least, most = self._bounds(rules)
        for tags in (guest, *(self.tags[name] for name in inside)):
            for tag in tags:
                for bound in (least, most):
                    if tag in bound:
                        bound[tag] -= 1
        if min(most.values(), default=0) < 0:
            return None
        away = set(inside) | (self.barred if "excluded" in rules else frozenset())
        free = [name for name in self.tags if name not in away]
        carriers = Counter(tag for name in free for tag in self.tags[name])
        least = {tag: n for tag, n in least.items() if n > 0}
        if any(carriers[tag] < n for tag, n in least.items()):
            return None
        if EVERYBODY in most and any(n > most[EVERYBODY] for n in least.values()):
            return None
        most = {tag: n for tag, n in most.items() if n < carriers[tag]}
        kinds: dict[tuple[str, ...], list[str]] = {}
        for name in free:
            kinds.setdefault(tuple(sorted(self.tags[name] & (least.keys() | most.keys()))), []).append(name)
        if self._outweighed(kinds, least, most):
            return None
        added = self._fill(kinds, least, most)
        return None if added is None else [*inside, *added]

    def _outweighed(
        self, kinds: Mapping[tuple[str, ...], Sequence[str]], least: Mapping[str, int], most: Mapping[str, int]
    ) -> bool:
        """Whether the seats left cannot bring what some tags together still ask; False says nothing.

        Each candidate weighs as much as it carries of these tags. Of those who share a limited tag no more than its
        limit count, and of all no more than there are seats: the heaviest of them must weigh what is asked.
        """
        asked = [tag for tag in least if tag != EVERYBODY][:SUMMED]
        spread = Counter(tag for kind in kinds for tag in kind)
        sharing: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for kind, names in kinds.items():
            limited = [tag for tag in kind if tag in most and tag != EVERYBODY]
            sharing.setdefault(min(limited, key=lambda tag: (spread[tag], tag), default=""), []).append(
                (kind, len(names))
            )
        for size in range(1, len(asked) + 1):
            for some in itertools.combinations(asked, size):
                best: list[int] = []
                for tag, those in sharing.items():
                    limit = most.get(tag) if tag else None
                    weights = sorted(
                        (w for kind, n in those for w in [sum(one in kind for one in some)] * n if w), reverse=True
                    )
                    best += weights[:limit]
                if sum(sorted(best, reverse=True)[: most.get(EVERYBODY)]) < sum(least[tag] for tag in some):
                    return True
        return False

    def _fill(
        self, kinds: Mapping[tuple[str, ...], Sequence[str]], least: Mapping[str, int], most: Mapping[str, int]
    ) -> list[str] | None:
        """Depth first over the kinds of candidates, most of a kind first; a position is never looked at twice.

        A position is a kind and what each tag that comes again still asks and allows.
        """
        spread = Counter(tag for kind in kinds for tag in kind)
        ordered = sorted(kinds, key=lambda kind: sorted((spread[tag], tag) for tag in kind))
        supply = self._supply(ordered, kinds)
        stack: list[tuple[int, dict[str, int], dict[str, int], _Path]] = [(0, dict(least), dict(most), None)]
        seen: set[tuple[int, tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]] = set()
        while stack:
            place, asks, allows, path = stack.pop()
            if any(n > supply[place].get(tag, 0) for tag, n in asks.items()):
                continue
            if not asks:
                return self._people(ordered, kinds, path)
            position = (place, tuple(sorted(asks.items())), tuple(sorted(allows.items())))
            if position in seen:
                continue
            seen.add(position)
            self.work -= 1
            if self.work < 0:
                raise TooMuch
            kind = ordered[place]
            room = min((allows[tag] for tag in kind if tag in allows), default=len(kinds[kind]))
            for taken in range(min(room, len(kinds[kind])) + 1):
                later = supply[place + 1]
                asking = {tag: n - taken if tag in kind else n for tag, n in asks.items()}
                allowing = {tag: n - taken if tag in kind else n for tag, n in allows.items() if tag in later}
                asking = {tag: n for tag, n in asking.items() if n > 0}
                stack.append((place + 1, asking, allowing, (taken, path)))
        return None

    @staticmethod
    def _supply(
        ordered: Sequence[tuple[str, ...]], kinds: Mapping[tuple[str, ...], Sequence[str]]
    ) -> list[Counter[str]]:
        """For each place: how many of this kind and all later ones carry a tag."""
        after: Counter[str] = Counter()
        supply = [Counter(after)]
        for kind in reversed(ordered):
            after.update(dict.fromkeys(kind, len(kinds[kind])))
            supply.append(Counter(after))
        return supply[::-1]

    @staticmethod
    def _people(
        ordered: Sequence[tuple[str, ...]], kinds: Mapping[tuple[str, ...], Sequence[str]], path: _Path
    ) -> list[str]:
        counts: list[int] = []
        while path is not None:
            counts.append(path[0])
            path = path[1]
        return [name for kind, taken in zip(ordered, reversed(counts), strict=False) for name in kinds[kind][:taken]]


_Path = tuple[int, Any] | None
"""How many were taken of each kind so far, last first."""
