"""The verifier's own reading of texts: character by character, shingles as plain strings, passages by dictionaries."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from madang.core.matching.duplicates.model import Passages

#: Where the blocks of single jamo lie; they are no letters.
_JAMO_BLOCKS = ("\u1100\u11ff", "\u3130\u318f", "\ua960\ua97f", "\ud7b0\ud7ff", "\uffa0\uffdc")
#: Shared shingles that are followed in a pair, and stretches that are looked at.
_MOST_FOLLOWED = 10_000
_MOST_STRETCHES = 1_000


def is_jamo(character: str) -> bool:
    return any(block[0] <= character <= block[1] for block in _JAMO_BLOCKS)


class Reading:
    """The letters of texts, remembered by character."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def letters(self, text: str) -> str:
        return "".join(map(self._of, unicodedata.normalize("NFC", text)))

    def _of(self, character: str) -> str:
        if character not in self._known:
            self._known[character] = _letters_of(character)
        return self._known[character]

    def places(self, text: str) -> list[tuple[int, int]]:
        """From where to where in the text each letter comes.

        A character belongs to the one before it where both are composed into one, or where it is a mark.
        """
        found: list[tuple[int, int]] = []
        start = 0
        for end in range(1, len(text) + 1):
            if end < len(text) and _joins(text[end]):
                continue
            found += [(start, end)] * len(self.letters(text[start:end]))
            start = end
        return found


def _joins(character: str) -> bool:
    vowel_or_final = "\u1161" <= character <= "\u1175" or "\u11a8" <= character <= "\u11c2"
    return unicodedata.category(character)[0] == "M" or vowel_or_final


def _letters_of(character: str) -> str:
    if is_jamo(character):
        return ""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    apart = "".join(one if "\uac00" <= one <= "\ud7a3" else unicodedata.normalize("NFD", one) for one in plain)
    kinds = ((one, unicodedata.category(one)) for one in apart if not is_jamo(one))
    return "".join(one for one, kind in kinds if kind[0] in "LN" or kind == "Mc")


def columns(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def shingles(letters: str, width: int) -> Iterator[tuple[int, str]]:
    """Each shingle with the place where it begins.

    The most letters that fit into `width` columns, while there are so many columns left; a shorter text is one.
    """
    wide = [columns(one) for one in letters]
    left = sum(wide)
    if 0 < left < width:
        yield 0, letters
    end, inside = 0, 0
    for start in range(len(letters)):
        if left < width:
            return
        while end < len(letters) and inside + wide[end] <= width:
            inside += wide[end]
            end += 1
        yield start, letters[start:end]
        inside -= wide[start]
        left -= wide[start]


Found = tuple[int, int, int]


class Side:
    """A document as passages are looked for in it: its letters, where they come from, its counted shingles."""

    def __init__(self, reading: Reading, text: str, width: int, counts: Callable[[str], bool]) -> None:
        self.letters = reading.letters(text)
        self.places = reading.places(text)
        self.firsts: dict[str, int] = {}
        self.counted: dict[int, bool] = {}  # where a shingle begins: whether it counts
        for place, shingle in shingles(self.letters, width):
            self.counted[place] = counts(shingle)
            if self.counted[place]:
                self.firsts.setdefault(shingle, place)

    def torn(self, place: int) -> bool:
        """Whether a letter comes from the same character as the one before."""
        return 0 < place < len(self.places) and self.places[place] == self.places[place - 1]


def passages(one: Side, other: Side, asked: Passages) -> list[list[int]]:
    """The passages of two documents, in the order of the first."""
    if one.letters == other.letters:
        stretches = [(len(one.letters), 0, 0)][: asked.most]
    else:
        stretches = sorted(_chosen(_stretches(one, other), one, other, asked), key=lambda found: (found[1], found[2]))
    told = []
    for length, here, there in stretches:
        inside = [step for step in range(length) if not one.torn(here + step) and not other.torn(there + step)]
        upto = [step for step in range(1, length + 1) if not one.torn(here + step) and not other.torn(there + step)]
        if inside and upto and inside[0] < upto[-1]:
            low, high = inside[0], upto[-1] - 1
            told.append([one.places[here + low][0], one.places[here + high][1],
                         other.places[there + low][0], other.places[there + high][1]])  # fmt: skip
    return told


def _stretches(one: Side, other: Side) -> list[Found]:
    """From the first place of each counted shingle that both have as far as letters agree; the longest thousand."""
    found: set[Found] = set()
    walked: dict[int, list[tuple[int, int]]] = {}
    shared = sorted((here, other.firsts[shingle]) for shingle, here in one.firsts.items() if shingle in other.firsts)
    followed = shared if len(shared) <= _MOST_FOLLOWED else shared[:: -(-len(shared) // _MOST_FOLLOWED)]
    for here, there in followed:
        if any(low <= here < high for low, high in walked.get(there - here, ())):
            continue
        low, high = here, here
        while low and low + there - here and one.letters[low - 1] == other.letters[low - 1 + there - here]:
            low -= 1
        for mine, theirs in zip(one.letters[high:], other.letters[there:], strict=False):
            if mine != theirs:
                break
            high += 1
        walked.setdefault(there - here, []).append((low, high))
        found.add((high - low, low, low + there - here))
    return sorted(found, key=lambda stretch: (-stretch[0], stretch[1], stretch[2]))[:_MOST_STRETCHES]


def _chosen(stretches: list[Found], one: Side, other: Side, asked: Passages) -> list[Found]:
    """Again and again the longest of what nobody has taken yet."""
    waiting = list(stretches)
    taken: tuple[set[int], set[int]] = (set(), set())
    chosen: list[Found] = []
    while waiting and len(chosen) < asked.most:
        best = min(waiting, key=lambda stretch: (-stretch[0], stretch[1], stretch[2]))
        waiting.remove(best)
        length, here, there = best
        begun = [one.counted[place] for place in range(here, here + length) if place in one.counted]
        if 2 * sum(begun) < len(begun):
            continue
        if chosen and sum(map(columns, one.letters[here : here + length])) < asked.least:
            continue
        free = [here + step not in taken[0] and there + step not in taken[1] for step in range(length)]
        if all(free):
            chosen.append(best)
            taken[0].update(range(here, here + length))
            taken[1].update(range(there, there + length))
            continue
        start = None
        for step, is_free in enumerate([*free, False]):
            if is_free and start is None:
                start = step
            elif not is_free and start is not None:
                waiting.append((step - start, here + start, there + start))
                start = None
    return chosen
