"""Counted terms as weighted vectors in whole numbers, so that every machine finds the same likeness.

Weights are (1 + ln count) x (1 + ln((1 + texts) / (1 + texts with the term))), each factor in hundredths; a vector is
brought to length one in units of a thousand-millionth. Logarithms are taken in decimal arithmetic, which rounds alike
everywhere; the processor's own do not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
from numpy.typing import NDArray

#: What 1 counts as in a vector.
UNIT = 1_000_000_000
_EXACT = Context(prec=28, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Rows of a sparse table: row `i` has `values[start[i]:start[i+1]]` at the columns `terms[...]`."""

    start: NDArray[np.int64]
    terms: NDArray[np.int64]
    values: NDArray[np.int64]
    names: Sequence[str]  # of the columns

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which vectors have no terms."""
        return np.asarray(np.diff(self.start) == 0)

    def row(self, number: int) -> dict[str, int]:
        """One vector by the names of its terms."""
        inside = slice(int(self.start[number]), int(self.start[number + 1]))
        pairs = zip(self.terms[inside].tolist(), self.values[inside].tolist(), strict=True)
        return {self.names[term]: value for term, value in pairs}


def vectors_of(texts: Sequence[Mapping[str, int]]) -> Vectors:
    """The vectors of counted texts; how rare a term is follows from all of them. Cost: linear in the terms."""
    spread = Counter(term for text in texts for term in text)
    columns = {term: number for number, term in enumerate(sorted(spread))}
    rarity = {count: _hundredths(Decimal(1 + len(texts)), 1 + count) for count in set(spread.values())}
    rare = {term: rarity[count] for term, count in spread.items()}
    often: dict[int, int] = {}
    start, terms, values = [0], [], []
    for text in texts:
        weights = []
        for term, count in text.items():
            if count not in often:
                often[count] = _hundredths(Decimal(count), 1)
            weights.append(often[count] * rare[term])
            terms.append(columns[term])
        length = math.isqrt(1_000_000 * sum(weight * weight for weight in weights))
        values += [weight * 1_000 * UNIT // length for weight in weights]
        start.append(len(values))
    return Vectors(
        np.array(start, np.int64), np.array(terms, np.int64), np.array(values, np.int64), tuple(sorted(spread))
    )


def _hundredths(above: Decimal, below: int) -> int:
    """1 + ln(above / below) in hundredths, half up."""
    logarithm = _EXACT.ln(_EXACT.divide(above, Decimal(below)))
    return 100 + int((logarithm * 100).to_integral_value(ROUND_HALF_UP))
