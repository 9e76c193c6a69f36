"""Where two texts say the same: the longest matching passages, as places in the texts as they were given."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from madang.core.matching.duplicates.letters import Whole
from madang.core.matching.duplicates.model import Passages
from madang.core.matching.duplicates.shingles import Mask, Stream, Words, mixed

#: Shared shingles that are followed in a pair (evenly, of more), and stretches that are looked at: the longest.
MOST_FOLLOWED: Final = 10_000
MOST_STRETCHES: Final = 1_000

Place = tuple[int, int, int, int]
#: Length, where in the one, where in the other text, in letters.
Stretch = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text's letters, the columns up to each, its counted shingles (sorted) and at which letter each stands first.

    `more[letter]`: of the shingles that begin before it, how many more are counted than not.
    """

    letters: Whole
    columns: Whole
    shingles: Words
    places: Whole
    more: Whole


class Matcher:
    """Finds passages; texts are by their number in the stream.

    `counted` says of shingles (by `mixed`) which of them count: a passage starts from one that does, and goes on as far
    as the letters agree. Where more of its shingles are not counted than are, it is a form's and none.
    """

    def __init__(self, stream: Stream, counted: Callable[[Words], Mask], asked: Passages) -> None:
        self._stream, self._counted, self._asked = stream, counted, asked
        self._prepared = lru_cache(maxsize=4_096)(self._prepare)

    def _prepare(self, number: int) -> _Prepared:
        stream = self._stream
        start = int(stream.start[number])
        units = stream.text(number)
        letters, columns = stream.alphabet.letters(units)
        begins = np.flatnonzero(stream.begins(start, start + len(units)))
        at = (np.cumsum(units < stream.alphabet.second) - 1)[begins]  # the letter that a unit belongs to
        shingles = mixed(stream.shingles(begins + start))
        counts = self._counted(shingles)
        found, first = np.unique(shingles[counts], return_index=True)
        balance = np.zeros(len(letters), np.int64)
        balance[at] = np.where(counts, 1, -1)
        return _Prepared(letters, _summed(columns), found, at[counts][first], _summed(balance))

    def stretches(self, one: int, other: int) -> list[Stretch]:
        """The passages of a pair in letters, in the order of the first text."""
        if not self._asked.most:
            return []
        mine, theirs = self._prepared(one), self._prepared(other)
        if one == other:
            return [(len(mine.letters), 0, 0)]
        _, here, there = np.intersect1d(mine.shingles, theirs.shingles, assume_unique=True, return_indices=True)
        places = np.sort(mine.places[here] << 32 | theirs.places[there])
        places = places[:: max(1, -(-len(places) // MOST_FOLLOWED))]
        grown = _grown(mine.letters, theirs.letters, places >> 32, places & 0xFFFFFFFF)
        return sorted(self._chosen(grown, mine, theirs), key=lambda stretch: stretch[1:])

    def _chosen(self, grown: list[Stretch], mine: _Prepared, theirs: _Prepared) -> list[Stretch]:
        """The longest first; what is taken already is cut off the next. One is kept even where all are short."""
        taken = np.zeros(len(mine.letters), bool), np.zeros(len(theirs.letters), bool)
        heap = [(-length, one, other) for length, one, other in grown]
        heapq.heapify(heap)
        chosen: list[Stretch] = []
        while heap and len(chosen) < self._asked.most:
            negative, one, other = heapq.heappop(heap)
            length = -negative
            short = mine.columns[one + length] - mine.columns[one] < self._asked.least
            if (short and chosen) or mine.more[one + length] < mine.more[one]:
                continue
            free = ~(taken[0][one : one + length] | taken[1][other : other + length])
            if free.all():
                chosen.append((length, one, other))
                taken[0][one : one + length] = True
                taken[1][other : other + length] = True
                continue
            edges = np.flatnonzero(np.diff(free, prepend=False, append=False)).tolist()
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                heapq.heappush(heap, (start - end, one + start, other + start))
        return chosen

    def passage(self, stretch: Stretch, one: tuple[Whole, Whole], other: tuple[Whole, Whole]) -> Place | None:
        """A stretch as characters of both texts, given the spans of their letters; None where nothing whole is left.

        A character that gives several letters (`㎡`) is in a passage with all of them or not at all.
        """
        length, mine, theirs = stretch
        start, end = 0, length
        while start < end and (_inside(one, mine + start) or _inside(other, theirs + start)):
            start += 1
        while start < end and (_inside(one, mine + end) or _inside(other, theirs + end)):
            end -= 1
        if start == end:
            return None
        return (
            int(one[0][mine + start]),
            int(one[1][mine + end - 1]),
            int(other[0][theirs + start]),
            int(other[1][theirs + end - 1]),
        )


def _summed(values: Whole) -> Whole:
    """The sum of the values before each, and of all."""
    return np.concatenate(([0], np.cumsum(values)))


def _inside(spans: tuple[Whole, Whole], letter: int) -> bool:
    """Whether a letter comes from the same character as the one before it."""
    starts = spans[0]
    return 0 < letter < len(starts) and bool(starts[letter] == starts[letter - 1])


def _grown(mine: Whole, theirs: Whole, here: Whole, there: Whole) -> list[Stretch]:
    """From shared shingles (where each stands in both) as far as letters agree: at most the longest thousand."""
    order = np.lexsort((here, there - here))
    here, there = here[order], there[order]
    found: dict[Stretch, None] = {}
    done = (-len(mine), 0)  # the diagonal and how far it was walked
    for one, other in zip(here.tolist(), there.tolist(), strict=True):
        if (other - one, one) < done:
            continue
        before = 0
        if one and other and mine[one - 1] == theirs[other - 1]:
            before = _agreeing(mine[:one][::-1], theirs[:other][::-1])
        after = _agreeing(mine[one:], theirs[other:])
        done = (other - one, one + after)
        if after:
            found[(before + after, one - before, other - before)] = None
    return heapq.nsmallest(MOST_STRETCHES, found, key=lambda stretch: (-stretch[0], *stretch[1:]))


def _agreeing(one: Whole, other: Whole) -> int:
    """How many letters from the beginning on are the same."""
    length = min(len(one), len(other))
    step, start = 64, 0
    while start < length:
        differs = one[start : min(start + step, length)] != other[start : min(start + step, length)]
        if differs.any():
            return start + int(differs.argmax())
        start += step
        step *= 2
    return length
