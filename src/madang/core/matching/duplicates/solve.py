"""Which documents say the same, how much of it, and where.

Model, guarantees, cost and a worked example: `docs/algorithms/duplicates.md`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

import numpy as np

from madang import __version__
from madang.core.matching.documents import Document
from madang.core.matching.duplicates.counted import Counted, Counting, classes_of
from madang.core.matching.duplicates.explain import Facts, about_all
from madang.core.matching.duplicates.letters import Alphabet, Whole
from madang.core.matching.duplicates.members import Members
from madang.core.matching.duplicates.model import MOST_READ_BESIDE, DuplicatesProblem, require_sound
from madang.core.matching.duplicates.overlaps import Found, TooMuchAlike, overlapping
from madang.core.matching.duplicates.passages import Matcher, Place
from madang.core.matching.duplicates.shingles import Grouped, Mask, Stream, Words, grouped, mixed
from madang.core.problem import Status, decimal_text, frame

OWN = f"own {__version__}"


def solve_duplicates(problem: DuplicatesProblem) -> dict[str, Any]:
    """Pairs of documents, the closest first, ready for JSON (`DuplicatesResult`).

    Raises `Malformed` for an unsound problem (ids twice, too long, tags of nobody). Cost: reading all texts, one sort
    of their shingles, then what the rarest half of the shingles share. Example:

    >>> data = {"kind": "duplicates", "version": 1, "documents": [
    ...     {"id": "A", "text": "스마트 도시 버스 정류장에 그늘막을 설치합니다."},
    ...     {"id": "B", "text": "우리는 스마트도시 버스정류장에 그늘막을 설치한다."}]}
    >>> [(one["a"], one["b"], one["containment"], one["passages"]) for one in
    ...     solve_duplicates(DuplicatesProblem.model_validate(data))["pairs"]]
    [('A', 'B', '0.823529', [(0, 22, 4, 24)])]
    """
    require_sound(problem)
    texts = _read(problem)
    counting = Counting(texts.grouped, texts.count, classes_of(texts.classes, *_rule(problem)))
    counted, found, lowered = _overlapping(problem, texts, counting)
    ranked = _ranked(problem, texts, counted, found)
    total = sum(texts.members.count(one.texts[0], one.texts[1]) for one in ranked)
    pairs, left = _pairs(problem, texts, ranked, counted)
    facts = _facts(problem, texts, counted, (total, len(pairs), left), lowered)
    limits = counting.classes.lowered(lowered).tolist()
    return {
        **frame("duplicates", Status.COMPUTED, about_all(problem, facts), problem.seed, OWN),
        "found": total,
        "pairs": pairs,
        "identical": [list(ids) for ids in facts.identical],
        "common": [
            {"within": name, "texts": len(members), "limit": limit, "shingles": shingles}
            for name, members, limit, shingles in zip(
                texts.class_names, texts.classes, limits, counted.common.tolist(), strict=True
            )
        ],
    }


@dataclass(frozen=True, slots=True)
class _Texts:
    """What was read: texts (documents with the same letters are one), their documents, and their shingles.

    `text_of` has no text for a document without letters. The first class is all texts.
    """

    alphabet: Alphabet
    text_of: Sequence[int | None]
    count: int
    stream: Stream
    grouped: Grouped
    members: Members
    class_names: Sequence[list[str] | None]
    classes: Sequence[Sequence[int]]


def _rule(problem: DuplicatesProblem) -> tuple[int, int]:
    return problem.common.least, problem.common.share_bp


def _read(problem: DuplicatesProblem) -> _Texts:
    spelt = [one.text for one in problem.documents]
    alphabet = Alphabet([*spelt, *problem.ignore])
    number: dict[bytes, int] = {}
    text_of = [number.setdefault(units, len(number)) if units else None for units in alphabet.read(spelt)]
    stream = Stream(alphabet, [*number, *alphabet.read(problem.ignore)], problem.shingle)
    names, classes = _classes(problem, text_of, len(number))
    return _Texts(
        alphabet,
        text_of,
        len(number),
        stream,
        grouped(stream),
        Members(problem.documents, text_of, problem.compare),
        names,
        classes,
    )


def _classes(
    problem: DuplicatesProblem, text_of: Sequence[int | None], count: int
) -> tuple[list[list[str] | None], list[Sequence[int]]]:
    """All texts, then those of each value of `common.within`, by value."""
    within: dict[str, dict[int, None]] = {}
    for one, text in zip(problem.documents, text_of, strict=True):
        if problem.common.within is not None and text is not None:
            for value in one.values(problem.common.within):
                within.setdefault(value, {})[text] = None
    values = sorted(within)
    return [None, *([value] for value in values)], [range(count), *(list(within[value]) for value in values)]


def _overlapping(problem: DuplicatesProblem, texts: _Texts, counting: Counting) -> tuple[Counted, Found, int]:
    """The pairs of texts that reach the threshold, with limits halved until they can be worked through."""
    wanted: Mask | None = None
    if problem.compare.involving:
        wanted = np.array([texts.members.involved(number) for number in range(texts.count)], bool)
    lowered = 0
    while True:
        counted = counting.counted(lowered)
        try:
            found = overlapping(texts.grouped, counted, problem.at_least, problem.least_shingles, wanted)
        except TooMuchAlike:
            lowered += 1
        else:
            return counted, found, lowered


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A pair of texts, or a text whose documents are identical (twice the same number), with its figures."""

    texts: tuple[int, int]
    shared: int
    sizes: tuple[int, int]

    @property
    def containment(self) -> Fraction:
        return Fraction(self.shared, min(self.sizes))

    @property
    def resemblance(self) -> Fraction:
        return Fraction(self.shared, sum(self.sizes) - self.shared)

    @property
    def place(self) -> tuple[Fraction, Fraction, int]:
        """The closest first, of equally close ones those that share more."""
        return -self.containment, -self.resemblance, -self.shared


def _ranked(problem: DuplicatesProblem, texts: _Texts, counted: Counted, found: Found) -> list[_Ranked]:
    sizes = counted.sizes.tolist()
    least = problem.least_shingles
    pairs = [
        _Ranked((one, other), shared, (sizes[one], sizes[other]))
        for one, other, shared in zip(found.one.tolist(), found.other.tolist(), found.shared.tolist(), strict=True)
    ]
    pairs += [
        _Ranked((text, text), sizes[text], (sizes[text], sizes[text]))
        for text in range(texts.count)
        if sizes[text] >= least and texts.members.count(text, text)
    ]
    return sorted((one for one in pairs if texts.members.count(*one.texts)), key=lambda one: one.place)


def _pairs(
    problem: DuplicatesProblem, texts: _Texts, ranked: Sequence[_Ranked], counted: Counted
) -> tuple[list[dict[str, Any]], int]:
    """The first pairs of documents with their passages; in how many pairs none were looked for."""
    matcher = Matcher(texts.stream, _counts(texts, counted), problem.passages)
    spans = _Spans(texts.alphabet, problem.documents)
    pairs: list[dict[str, Any]] = []
    read, left = 0, 0
    for a, b, turned, one in islice(_in_order(texts.members, ranked), problem.most_pairs):
        read += spans.length(a) + spans.length(b)
        beyond = read > MOST_READ_BESIDE and problem.passages.most > 0
        left += beyond
        passages = [] if beyond else _passages(a, b, one.texts[:: -1 if turned else 1], matcher, spans)
        pairs.append(_pair(a, b, turned, one, passages))
    return pairs, left


def _in_order(members: Members, ranked: Sequence[_Ranked]) -> Iterator[tuple[str, str, bool, _Ranked]]:
    """Pairs of documents by closeness, then by id; only as many are made as are taken."""

    def of(one: _Ranked) -> Iterator[tuple[str, str, bool, _Ranked]]:
        yield from ((a, b, turned, one) for a, b, turned in members.pairs(*one.texts))

    for _, equal in groupby(ranked, key=lambda one: one.place):
        yield from heapq.merge(*map(of, equal), key=lambda pair: pair[:2])


def _pair(a: str, b: str, turned: bool, ranked: _Ranked, passages: Sequence[Place]) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "containment": decimal_text(ranked.containment, 6),
        "resemblance": decimal_text(ranked.resemblance, 6),
        "shared": ranked.shared,
        "shingles": list(ranked.sizes[:: -1 if turned else 1]),
        "passages": passages,
    }


def _passages(a: str, b: str, texts: tuple[int, ...], matcher: Matcher, spans: _Spans) -> list[Place]:
    places = (matcher.passage(one, spans.of(a), spans.of(b)) for one in matcher.stretches(texts[0], texts[1]))
    return [place for place in places if place is not None]


class _Spans:
    """Where each letter of a document comes from."""

    def __init__(self, alphabet: Alphabet, documents: Sequence[Document]) -> None:
        self._texts = {one.id: one.text for one in documents}
        self._alphabet = alphabet
        self.of = lru_cache(maxsize=4_096)(self._spans)

    def length(self, id_: str) -> int:
        return len(self._texts[id_])

    def _spans(self, id_: str) -> tuple[Whole, Whole]:
        return self._alphabet.spans(self._texts[id_])


def _counts(texts: _Texts, counted: Counted) -> Callable[[Words], Mask]:
    """Which of some shingles (by `mixed`) are counted."""
    left_out = np.sort(mixed(texts.stream.shingles(texts.grouped.place[counted.left_out])))

    def counts(shingles: Words) -> Mask:
        if not len(left_out):
            return np.ones(len(shingles), bool)
        near = np.minimum(np.searchsorted(left_out, shingles), len(left_out) - 1)
        mask: Mask = left_out[near] != shingles
        return mask

    return counts


def _facts(
    problem: DuplicatesProblem, texts: _Texts, counted: Counted, many: tuple[int, int, int], lowered: int
) -> Facts:
    """`many`: pairs found, shown, and shown without passages."""
    sizes, distinct = counted.sizes.tolist(), texts.grouped.distinct.tolist()
    ids = sorted((one.id, text) for one, text in zip(problem.documents, texts.text_of, strict=True) if text is not None)
    copies = (texts.members.ids(number) for number in range(texts.count))
    return Facts(
        documents=len(problem.documents),
        found=many[0],
        shown=many[1],
        without_passages=many[2],
        common=int(np.count_nonzero(counted.left_out & (counted.carriers > 0))),
        lowered=lowered > 0,
        without_letters=sorted(
            one.id for one, text in zip(problem.documents, texts.text_of, strict=True) if text is None
        ),
        too_few=[id_ for id_, text in ids if sizes[text] < problem.least_shingles],
        mostly_common=[id_ for id_, text in ids if 2 * sizes[text] < distinct[text]],
        identical=sorted(some for some in copies if len(some) > 1),
    )
