"""All shingles of all texts, grouped: which texts have which in common. Exact, whatever the hashing does.

A shingle is a window of the code of `letters`: its units as one or two whole numbers of 64 bits. Windows are put in the
order of a hash with their place in the low bits (one sort of whole numbers), and whatever stands together is compared
by the windows themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from madang.core.matching.duplicates.letters import Alphabet, Units, Whole

Words = NDArray[np.uint64]
Mask = NDArray[np.bool_]

#: Texts begin at multiples of this many units, with as many empty ones as a window is long between them.
_STEP_BITS: Final = 4
_STEP: Final = 1 << _STEP_BITS
_WINDOW: Final = 8
#: Windows that are held at a time; what stays below this is reused by the allocator.
_CHUNK: Final = 1 << 18
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


class Stream:
    """The units of several texts, one behind the other with room between; every window of it."""

    def __init__(self, alphabet: Alphabet, texts: Iterable[bytes], width: int) -> None:
        self.alphabet, self.width = alphabet, width
        size = alphabet.type.itemsize
        step = _STEP * size
        laid = [text + bytes(-(len(text) + _WINDOW * size) % step + _WINDOW * size) for text in texts]
        self.units: Units = np.frombuffer(b"".join([*laid, bytes(step)]), alphabet.type)
        steps = np.array([len(text) // step for text in laid], np.int64)
        self.start = np.concatenate(([0], np.cumsum(steps))) * _STEP
        self._owner = np.repeat(np.arange(len(laid), dtype=np.int32), steps)
        room = len(self.units) - _WINDOW + 1
        words = [self.units[place:].view("<u8")[:1] for place in range(0, _WINDOW, _WINDOW // size)]
        self._views = [np.lib.stride_tricks.as_strided(word, (room,), (size,)) for word in words]
        self._kept = [self._mask(width), self._mask(width - 1)]
        last = (width - 1) * size
        self._last = (last // 8, np.uint64(8 * (last % 8 + size) - 2))  # its two upper bits say what a unit is

    def _mask(self, units: int) -> list[np.uint64]:
        """The first so many units of a window's words."""
        size = self.alphabet.type.itemsize
        ones = (b"\xff" * (units * size)).ljust(_WINDOW * size, b"\0")
        return [np.uint64(int.from_bytes(ones[at : at + 8], "little")) for at in range(0, _WINDOW * size, 8)]

    def text(self, number: int) -> Units:
        """The units of one text, without the room behind them."""
        units = self.units[self.start[number] : self.start[number + 1]]
        return units[: int(np.count_nonzero(units))]

    def owners(self, places: Whole) -> NDArray[np.int32]:
        """The texts in which places lie."""
        found: NDArray[np.int32] = self._owner[places >> _STEP_BITS]
        return found

    def begins(self, start: int, end: int) -> Mask:
        """Where in this part of the stream a shingle begins: at each letter with `width` columns before the text ends.

        A text shorter than that is one shingle.
        """
        units = self.units[start:end]
        enough = self.units[start + self.width - 1 : end + self.width - 1] != 0
        enough[self.start[np.searchsorted(self.start, start) : np.searchsorted(self.start, end)] - start] = True
        begins: Mask = (units != 0) & (units < self.alphabet.second) & enough
        return begins

    def shingles(self, places: Whole) -> list[Words]:
        """The shingles that begin at places, each as one or two words."""
        return self._trimmed([view[places] for view in self._views])

    def _trimmed(self, windows: list[Words]) -> list[Words]:
        """Windows of as many columns as a shingle has, without the half of a letter at their end."""
        word, upper = self._last
        half = (windows[word] >> upper) & np.uint64(3) == 2
        some = bool(half.any())
        for words, whole, shorter in zip(windows, *self._kept, strict=True):
            words &= whole
            if some:
                words[half] &= shorter
        return windows

    def keys(self, bits: int, most_hash: int) -> tuple[Words, Whole]:
        """A hash of each shingle above `bits` bits with its place, sorted; how many begin in each text.

        `most_hash`: bits of hash at most.
        """
        hashed = np.uint64(((1 << min(most_hash, 64 - bits)) - 1) << max(bits, 64 - most_hash))
        keys = np.empty(int(np.count_nonzero(self.units)), np.uint64)
        standing = np.zeros(len(self.start) - 1, np.int64)
        held = 0
        for start in range(0, int(self.start[-1]), _CHUNK):
            end = min(start + _CHUNK, int(self.start[-1]))
            begins = self.begins(start, end)
            places = np.flatnonzero(begins) + start
            key = mixed(self._trimmed([view[start:end][begins] for view in self._views]))
            key &= hashed
            key |= places.view(np.uint64)
            keys[held : held + len(key)] = key
            held += len(key)
            standing += np.diff(np.searchsorted(places, self.start))
        keys = keys[:held]
        keys.sort()
        return keys, standing


def mixed(shingle: Sequence[Words]) -> Words:
    """One number for each shingle, spread out over 64 bits."""
    out = shingle[0] ^ (shingle[0] >> np.uint64(32))
    out *= _ODD
    for word in shingle[1:]:
        out ^= word ^ (word >> np.uint64(29))
        out *= _ODD
        out ^= out >> np.uint64(32)
        out *= _ODD
    return out


@dataclass(frozen=True, slots=True)
class Grouped:
    """Shingles from 0: `texts[first[s]:first[s+1]]` have shingle `s`, in their order.

    Most of those that stand only once are left out. `distinct`: how many different shingles each text has, those among
    them. `place`: where in the stream each shingle stands for the first time.
    """

    first: Whole
    texts: NDArray[np.int32]
    distinct: Whole
    place: Whole


def grouped(stream: Stream, most_hash: int = 64) -> Grouped:
    """Every shingle that stands in two texts or more. Cost: one sort of all shingles."""
    bits = len(stream.units).bit_length()
    keys, distinct = stream.keys(bits, most_hash)
    count = len(distinct)
    starts: list[Whole] = []
    texts: list[NDArray[np.int32]] = []
    firsts: list[Whole] = []
    held = 0
    for chunk in _runs(keys, bits):
        places, news = _alike(stream, chunk, bits)
        owners = stream.owners(places)
        once = np.ones(len(places), bool)  # not the same shingle once more in the same text
        once[1:] = news[1:] | (owners[1:] != owners[:-1])
        distinct -= np.bincount(owners[~once], minlength=count)
        news = news[once]
        begin = np.flatnonzero(news)
        starts.append(begin + held)
        texts.append(owners[once])
        firsts.append(places[once][begin])
        held += len(news)
    return Grouped(
        np.concatenate([*starts, [held]]).astype(np.int64),
        np.concatenate([*texts, np.zeros(0, np.int32)]),
        distinct,
        np.concatenate([*firsts, np.zeros(0, np.int64)]),
    )


def _runs(keys: Words, bits: int) -> Iterator[Words]:
    """The sorted keys in parts that do not divide equal hashes; without those whose hash nobody else has."""
    start = 0
    while start < len(keys):
        end = min(start + _CHUNK, len(keys))
        if end < len(keys):
            after = (int(keys[end - 1]) >> bits) + 1
            end = len(keys) if after >> (64 - bits) else int(np.searchsorted(keys, np.uint64(after << bits)))
        hashes = keys[start:end] >> np.uint64(bits)
        equal = hashes[1:] == hashes[:-1]
        kept = np.zeros(end - start, bool)
        kept[1:] = equal
        kept[:-1] |= equal
        yield keys[start:end][kept]
        start = end


def _alike(stream: Stream, keys: Words, bits: int) -> tuple[Whole, Mask]:
    """The places of some keys, equal shingles together, and which of them begin a new shingle."""
    places = (keys & np.uint64((1 << bits) - 1)).astype(np.int64)
    shingles = stream.shingles(places)
    hashes = keys >> np.uint64(bits)
    new_hash, new = _changes([hashes]), _changes(shingles)
    mixed_up = new & ~new_hash
    if mixed_up.any():  # one hash, several shingles: put in the order of the shingles themselves
        runs = np.cumsum(new_hash)
        inside = np.flatnonzero(np.isin(runs, runs[mixed_up]))
        order = inside[np.lexsort((places[inside], *(words[inside] for words in shingles), runs[inside]))]
        places[inside] = places[order]
        for words in shingles:
            words[inside] = words[order]
        new = _changes(shingles)
    return places, new | new_hash


def _changes(columns: Sequence[Words]) -> Mask:
    """Where a row differs from the one before; the first row does."""
    differs = np.ones(len(columns[0]), bool)
    if len(differs) > 1:
        differs[1:] = np.logical_or.reduce([words[1:] != words[:-1] for words in columns])
    return differs
