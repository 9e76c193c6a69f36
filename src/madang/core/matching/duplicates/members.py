"""Pairs of documents from pairs of texts: documents with the same letters are one text until their pairs are named."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

from madang.core.matching.documents import Document
from madang.core.matching.duplicates.model import Compare

#: What decides whether two documents are compared: the values of `across`, and whether the document is involved.
Side = tuple[frozenset[str], bool]


class Members:
    """The documents of each text, and which pairs of them are to be compared."""

    def __init__(self, documents: Sequence[Document], text_of: Sequence[int | None], compare: Compare) -> None:
        self._compare = compare
        self._sides: dict[int, dict[Side, list[str]]] = defaultdict(lambda: defaultdict(list))
        for one, text in sorted(zip(documents, text_of, strict=True), key=lambda pair: pair[0].id):
            if text is not None:
                self._sides[text][self._side(one)].append(one.id)

    def _side(self, one: Document) -> Side:
        across = frozenset() if self._compare.across is None else one.values(self._compare.across)
        return across, all(value in one.values(tag) for tag, value in self._compare.involving.items())

    def involved(self, text: int) -> bool:
        """Whether any of its documents is."""
        return any(involved for _, involved in self._sides[text])

    def ids(self, text: int) -> list[str]:
        """Its documents by id."""
        return sorted(id_ for ids in self._sides[text].values() for id_ in ids)

    def _compared(self, one: Side, other: Side) -> bool:
        return (self._compare.across is None or one[0] != other[0]) and (one[1] or other[1])

    def count(self, one: int, other: int) -> int:
        """How many pairs of documents two texts give; a text with itself gives the pairs among its documents."""
        sides = self._sides[one], self._sides[other]
        many = sum(
            len(mine) * (len(theirs) - (one == other and side == beside))
            for side, mine in sides[0].items()
            for beside, theirs in sides[1].items()
            if self._compared(side, beside)
        )
        return many // 2 if one == other else many

    def pairs(self, one: int, other: int) -> Iterator[tuple[str, str, bool]]:
        """These pairs, the smaller id first, in the order of the ids; whether the smaller one belongs to `other`."""
        if one == other:
            yield from ((a, b, False) for a, b in self._from(self._sides[one], self._sides[one]))
            return
        ways = (
            ((a, b, False) for a, b in self._from(self._sides[one], self._sides[other])),
            ((a, b, True) for a, b in self._from(self._sides[other], self._sides[one])),
        )
        yield from heapq.merge(*ways)

    def _from(self, mine: dict[Side, list[str]], theirs: dict[Side, list[str]]) -> Iterator[tuple[str, str]]:
        """Pairs whose smaller id is one of `mine`."""
        partners = {side: [ids for beside, ids in theirs.items() if self._compared(side, beside)] for side in mine}
        for a, side in sorted((id_, side) for side, ids in mine.items() for id_ in ids if partners[side]):
            yield from ((a, b) for b in heapq.merge(*(ids[bisect_right(ids, a) :] for ids in partners[side])))
