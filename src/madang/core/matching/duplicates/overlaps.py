"""Which texts share so much: every pair that reaches the threshold, with the exact number of shared shingles.

Of a text's shingles the rarest go first. If the smaller of two texts shares n shingles with the other, and all but k of
its shingles are rarest ones, at least n - k of these are shared. So counting what pairs share of the few rarest leaves
hardly any pair besides those that are found, and loses none of those. What it leaves is then counted out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from madang.core.matching.duplicates.counted import Counted
from madang.core.matching.duplicates.letters import Whole
from madang.core.matching.duplicates.shingles import Grouped, Mask

#: So rare are shingles told apart: by each number of carriers up to 64, then by steps of a tenth.
_RANKS: Final = np.array([*range(2, 64), *(int(64 * 1.1**step) for step in range(58))])
#: One in so many of a text's shingles must be shared among its rarest ones.
_SEEN: Final = 32
#: Entries that are looked at a time, and steps whose pairs are held at a time.
_PART: Final = 1 << 18
_HELD: Final = 1 << 24
#: Beyond so many steps, or so many pairs to be counted out, limits are lowered.
MOST_STEPS: Final = 1 << 31
MOST_CANDIDATES: Final = 1 << 21


class TooMuchAlike(Exception):
    """More steps or pairs than are worked through."""


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs of texts, the first with the smaller number, and how many shingles they share."""

    one: Whole
    other: Whole
    shared: Whole


def overlapping(found: Grouped, counted: Counted, at_least: Fraction, least: int, wanted: Mask | None = None) -> Found:
    """All pairs with `shared >= at_least x the smaller size`; texts with fewer than `least` shingles are left out.

    `wanted`: one text of a pair is one of these. Raises `TooMuchAlike`.
    """
    entries = _Entries(found, counted)
    needed = -(-counted.sizes * at_least.numerator // at_least.denominator)
    able = counted.sizes >= max(least, 1)
    smaller, larger = _candidates(entries, counted.sizes, needed, able)
    if wanted is not None:
        kept = wanted[smaller] | wanted[larger]
        smaller, larger = smaller[kept], larger[kept]
    exact = entries.shared(smaller, larger)
    enough = exact >= needed[smaller]
    smaller, larger, exact = smaller[enough], larger[enough], exact[enough]
    return Found(np.minimum(smaller, larger), np.maximum(smaller, larger), exact)


def _candidates(entries: _Entries, sizes: Whole, needed: Whole, able: Mask) -> tuple[Whole, Whole]:
    """Pairs that may share enough, the smaller text first (of equal ones that with the smaller number)."""
    upto = entries.upto()
    spare = upto[:, -1] - needed  # so many of the shared shingles need not be in common with a larger text
    asked = spare + np.minimum(needed, np.maximum(1, sizes // _SEEN))
    last = np.where(able & (spare >= 0), np.count_nonzero(upto < asked[:, None], axis=1), -1)
    seen = upto[np.arange(len(sizes)), last] - spare  # so many of those that are looked at must be
    by_size = np.lexsort((np.arange(len(sizes)), sizes))
    order = np.empty(len(sizes), np.int64)
    order[by_size] = np.arange(len(sizes))
    first_able = int(np.count_nonzero(~able))  # these are the smallest
    pairs = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    held = 0
    for keys in entries.pairs(order, last[by_size]):
        keys.sort()
        for start in range(0, len(keys), _PART):
            one, other = _often(keys, start, min(start + _PART, len(keys)), seen[by_size])
            kept = other >= first_able
            pairs.append((by_size[one[kept]], by_size[other[kept]]))
            held += len(pairs[-1][0])
        if held > MOST_CANDIDATES:
            raise TooMuchAlike
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


def _often(keys: Whole, start: int, end: int, seen: Whole) -> tuple[Whole, Whole]:
    """Of sorted keys the pairs that begin in this part and stand there as often as their smaller text asks."""
    begins = np.ones(end - start, bool)
    begins[start == 0 :] = keys[max(start, 1) : end] != keys[max(start, 1) - 1 : end - 1]
    first = np.flatnonzero(begins) + start
    pairs = keys[first]
    last = first + seen[pairs >> _HALF] - 1
    enough = keys[np.minimum(last, len(keys) - 1)] == pairs
    enough &= last < len(keys)
    pairs = pairs[enough]
    return pairs >> _HALF, pairs & ((1 << _HALF) - 1)


_HALF: Final = 32  # a pair is one number: the smaller text above, the larger one below


class _Entries:
    """Every text with every shingle that it shares and that counts, in the order of the shingles, in parts."""

    def __init__(self, found: Grouped, counted: Counted) -> None:
        kept = np.repeat(counted.kept, np.diff(found.first))
        self._texts = found.texts if kept.all() else found.texts[kept]
        self._many = counted.carriers[counted.kept]
        self._first = np.concatenate(([0], np.cumsum(self._many)))
        self._rank = np.searchsorted(_RANKS, self._many, side="right").astype(np.int16)
        self._count = len(counted.sizes)

    def _parts(self) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int64]]]:
        """The first shingle of a part, the texts of its entries, and their shingles counted from there."""
        start = 0
        while start < len(self._many):
            end = int(np.searchsorted(self._first, self._first[start] + _PART, side="right")) - 1
            end = max(end, start + 1)
            texts = self._texts[self._first[start] : self._first[end]]
            yield start, texts, np.repeat(np.arange(end - start), self._many[start:end])
            start = end

    def upto(self) -> Whole:
        """How many shingles each text has of each rank and those before."""
        ranks = len(_RANKS) + 1
        table = np.zeros(self._count * ranks, np.int64)
        for start, texts, shingles in self._parts():
            rank = self._rank[start : start + shingles[-1] + 1][shingles]
            table += np.bincount(texts.astype(np.int64) * ranks + rank, minlength=len(table))
        return np.cumsum(table.reshape(self._count, ranks), axis=1)

    def pairs(self, order: Whole, last: Whole) -> Iterator[NDArray[np.int64]]:
        """For each shingle of a rank up to `last` of the smaller text a pair of two that have it, by their order.

        Raises `TooMuchAlike`.
        """
        steps = np.zeros(self._count, np.int64)
        keys = self._pairs_of(order, last, 0, self._count, steps)
        if keys is not None:
            yield keys
            return
        total = np.cumsum(steps)
        if int(total[-1]) > MOST_STEPS:
            raise TooMuchAlike
        start = 0
        while start < self._count:
            before = int(total[start - 1]) if start else 0
            end = max(start + 1, int(np.searchsorted(total, before + _HELD, side="right")))
            keys = self._pairs_of(order, last, start, end, None)
            assert keys is not None
            yield keys
            start = end

    def _pairs_of(self, order: Whole, last: Whole, low: int, high: int, steps: Whole | None) -> Whole | None:
        """Pairs whose smaller text is one from `low` to `high`. With `steps`: counted there, None if they are many."""
        parts = [np.zeros(0, np.int64)]
        held = 0
        bits = self._count.bit_length()
        for start, texts, shingles in self._parts():
            key = shingles << bits
            key |= order[texts]
            key.sort()  # in each shingle the smaller text first
            own = key & ((1 << bits) - 1)
            of = key >> bits
            ends = self._first[start + 1 : start + 2 + of[-1]] - self._first[start]
            looked_at = self._rank[start : start + of[-1] + 1][of] <= last[own]
            if steps is None:
                looked_at &= (own >= low) & (own < high)
            here = np.flatnonzero(looked_at)
            behind = ends[of[here]] - 1 - here
            held += int(behind.sum())
            if steps is not None:
                steps += np.bincount(own[here], behind, minlength=self._count).astype(np.int64)
                if held > _HELD:
                    parts = []
                    continue
            pairs = np.repeat(own[here] << _HALF, behind)
            pairs |= own[_ranges(here + 1, behind)]
            parts.append(pairs)
        return np.concatenate(parts) if parts else None

    def shared(self, one: Whole, other: Whole) -> Whole:
        """How many shingles each pair shares. Cost: the shingles of both."""
        named = np.zeros(self._count, bool)
        named[one] = named[other] = True
        bits = len(self._many).bit_length()
        parts = [np.zeros(0, np.int64)]
        for start, texts, of in self._parts():
            kept = named[texts]
            parts.append(texts[kept].astype(np.int64) << bits | (of[kept] + start))
        rows = np.concatenate(parts)
        rows.sort()
        first = np.searchsorted(rows, np.arange(self._count + 1) << bits)
        rows &= (1 << bits) - 1
        exact = np.zeros(len(one), np.int64)
        has = np.zeros(len(self._many), bool)
        order = np.argsort(one, kind="stable")
        begins = np.flatnonzero(np.diff(one[order], prepend=-1)).tolist()
        for start, end in zip(begins, [*begins[1:], len(one)], strict=False):
            pairs = order[start:end]
            mine = rows[first[one[pairs[0]]] : first[one[pairs[0]] + 1]]
            has[mine] = True
            begin, many = first[other[pairs]], np.diff(first)[other[pairs]]
            sums = np.concatenate(([0], np.cumsum(has[rows[_ranges(begin, many)]])))
            ends = np.cumsum(many)
            exact[pairs] = sums[ends] - sums[ends - many]
            has[mine] = False
        return exact


def _ranges(starts: Whole, lengths: Whole) -> Whole:
    """`starts[0], starts[0] + 1, ...` so many of each, one after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)
