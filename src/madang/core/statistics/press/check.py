"""Which numbers of an edited text still are the figures that they were, and which are not.

A number belongs to the figure that stood in its place when the text was filled in: the edited text is laid beside the
filled one, sentence by sentence (a sentence that only moved is found again), then word by word, with every number taken
for equal. Only a number that has no place there is looked for by its value and by what it counts. So two figures that
changed places are found, though both values are right. Source: `docs/formats/press.md`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise

from madang.core.statistics.press.figures import Figure
from madang.core.statistics.press.numbers import Number, numbers_in
from madang.core.statistics.press.text import After, Filled, escaped, fill

MATCHES = "matches"  # the figure of this name
SEVERAL = "several"  # more than one figure has this value; which one is meant is not known
CHANGED = "changed"  # stands where a figure stood, and is another number
OTHER_UNIT = "other_unit"  # the figure's number, said of something else (countries for cases)
UNKNOWN = "unknown"  # no figure has this value
WRONG = frozenset({CHANGED, OTHER_UNIT, UNKNOWN})


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of the number that stands from `start` to `end`, in the words `shown`, in `sentence`.

    `name`: the figure that it is or should be (for `UNKNOWN` the nearest one, where there is any). `names`: all of
    `SEVERAL`.
    """

    start: int
    end: int
    shown: str
    sentence: str
    status: str
    name: str = ""
    names: tuple[str, ...] = ()

    @property
    def is_wrong(self) -> bool:
        return self.status in WRONG


def check(
    template: str,
    text: str,
    figures: Mapping[str, Figure],
    after: After | None = None,
    names: Collection[str] = (),
) -> list[Mark]:
    """A mark for every number of `text` that is not left alone, in the order of the text.

    `template` is what the text was filled from; numbers within one of `names` (of a type, say) are left alone too.
    Cost: about the square of the words that were changed, within a limit (`_MOST_PAIRS`).
    """
    return [mark for mark, _ in _marked(template, text, figures, after, names)]


def rebased(
    template: str,
    text: str,
    figures: Mapping[str, Figure],
    after: After | None = None,
    names: Collection[str] = (),
) -> str:
    """A template of the edited text: every number that is one certain figure asks for it by name, all else is letters.

    Filled with the same figures it is the text again.
    """
    out, last = [], 0
    for mark, place in _marked(template, text, figures, after, names):
        if mark.status != MATCHES or figures[mark.name].text != mark.shown:
            continue  # a number in other letters (eleven) stays what it is
        spec, end = "", mark.end
        if place and place[0].spec and text.startswith(place[1], mark.end):
            spec, end = f":{place[0].spec}", mark.end + len(place[1])
        out.append(f"{escaped(text[last : mark.start])}{{{mark.name}{spec}}}")
        last = end
    return "".join(out) + escaped(text[last:])


_Place = tuple[Filled, str]
"""A figure in the filled text, and what was written after its number."""


def _marked(
    template: str, text: str, figures: Mapping[str, Figure], after: After | None, names: Collection[str]
) -> Iterator[tuple[Mark, _Place | None]]:
    filled, places = fill(template, figures, after)
    numbers = numbers_in(text, names)
    bound = _bound(filled, places, text, numbers)
    sentences = _sentences(text)
    starts, said = [a for a, _ in sentences], [text[a:b].strip() for a, b in sentences]
    for number in numbers:
        place = bound.get(number.start)
        told = _place_of(filled, place) if place else None
        if number.left and place is None:
            continue
        shown = text[number.start : number.end]
        sentence = said[bisect_right(starts, number.start) - 1]
        found = _in_place(number, figures[place.name]) if place else _by_value(number, figures)
        yield Mark(number.start, number.end, shown, sentence, *found), told


def _place_of(filled: str, place: Filled) -> _Place:
    return place, filled[place.end : place.tail]


def _in_place(number: Number, figure: Figure) -> tuple[str, str]:
    if number.value != figure.value:
        return CHANGED, figure.name
    return (MATCHES if _may_count(number, figure) else OTHER_UNIT), figure.name


def _may_count(number: Number, figure: Figure) -> bool:
    return number.unit is None or number.unit == figure.unit


def _by_value(number: Number, figures: Mapping[str, Figure]) -> tuple[str, str, tuple[str, ...]]:
    """By value, and by what is counted where the text says it."""
    equal = [figure for figure in figures.values() if figure.value == number.value]
    fitting = [figure.name for figure in equal if _may_count(number, figure)]
    if len(fitting) == 1:
        return MATCHES, fitting[0], ()
    if fitting:
        return SEVERAL, fitting[0], tuple(fitting)
    nearest = _nearest(number, figures)
    return (OTHER_UNIT if equal else UNKNOWN), (equal[0].name if equal else nearest), ()


def _nearest(number: Number, figures: Mapping[str, Figure]) -> str:
    comparable = [figure for figure in figures.values() if figure.unit == number.unit]
    if not comparable and number.unit is None:
        comparable = [figure for figure in figures.values() if figure.unit in ("cases", "countries")]
    distance: dict[str, Fraction] = {figure.name: abs(figure.value - number.value) for figure in comparable}
    return min(distance, key=lambda name: distance[name], default="")


# --- Which figure stood where -----------------------------------------------------------------------------------------

_END = re.compile(r"(?<=[.!?。])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+|\d+|\S")
_NUMBER = "\0"  # every number, for comparing; no text has it


def _sentences(text: str) -> list[tuple[int, int]]:
    """From where to where; together they are the text. A space behind belongs to its sentence."""
    ends = [found.end() for found in _END.finditer(text)]
    edges = [0, *ends, len(text)] if not ends or ends[-1] < len(text) else [0, *ends]
    return [(a, b) for a, b in pairwise(edges) if a < b] or [(0, len(text) + 1)]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int


def _bound(filled: str, places: Sequence[Filled], text: str, numbers: Sequence[Number]) -> dict[int, Filled]:
    """Start of a number of the text -> the figure in whose place it stands."""
    by_start = {place.start: place for place in places}
    mine = _worded(filled, [(place.start, place.end) for place in places], numbers_in(filled))
    theirs = _worded(text, [], numbers)
    pairs, rest_mine, rest_theirs = _same_sentences(mine, theirs)
    pairs += _same_words(rest_mine, rest_theirs)
    return {b.start: by_start[a.start] for a, b in pairs if a.text == _NUMBER and a.start in by_start}


def _worded(text: str, figures: Sequence[tuple[int, int]], numbers: Sequence[Number]) -> list[list[_Word]]:
    """The words of each sentence, every number as one and the same word; a figure of ours is one number."""
    spans = dict(figures)
    taken = sorted(spans.items())
    for number in numbers:
        if not any(start < number.end and number.start < end for start, end in taken):
            spans[number.start] = number.end
    order = sorted(spans.items())
    sentences = []
    for first, last in _sentences(text):
        words: list[_Word] = []
        at = first
        for start, end in order:
            if first <= start < last:
                words += [_Word(w[0], w.start()) for w in _WORD.finditer(text, at, start)]
                words.append(_Word(_NUMBER, start))
                at = end
        words += [_Word(w[0], w.start()) for w in _WORD.finditer(text, min(at, last), last)]
        sentences.append(words)
    return sentences


_Pairs = list[tuple[_Word, _Word]]
_MOST_PAIRS = 1_000_000
"""Pairs of equal words in changed sentences; a release that is wholly rewritten has some ten thousand."""


def _same_sentences(
    mine: Sequence[list[_Word]], theirs: Sequence[list[_Word]]
) -> tuple[_Pairs, list[_Word], list[_Word]]:
    """Sentences with the same words, wherever they stand now; and what is left on both sides."""
    waiting: dict[tuple[str, ...], deque[list[_Word]]] = defaultdict(deque)
    for words in mine:
        waiting[tuple(word.text for word in words)].append(words)
    pairs: _Pairs = []
    rest: list[_Word] = []
    for words in theirs:
        same = waiting[tuple(word.text for word in words)]
        if same:
            pairs += zip(same.popleft(), words, strict=True)
        else:
            rest += words
    left = sorted((words for same in waiting.values() for words in same if words), key=lambda words: words[0].start)
    return pairs, [word for words in left for word in words], rest


def _same_words(mine: Sequence[_Word], theirs: Sequence[_Word]) -> _Pairs:
    """Numbers that stand beside at least one word that stayed.

    Nothing where so many equal words stand on both sides that laying them side by side would take seconds.
    """
    left, right = Counter(one.text for one in mine), Counter(one.text for one in theirs)
    if sum(n * right[word] for word, n in left.items()) > _MOST_PAIRS:
        return []
    matcher = SequenceMatcher(None, [one.text for one in mine], [one.text for one in theirs], autojunk=False)
    pairs: _Pairs = []
    for a, b, size in matcher.get_matching_blocks():
        if any(word.text != _NUMBER for word in mine[a : a + size]):
            pairs += zip(mine[a : a + size], theirs[b : b + size], strict=True)
    return pairs
