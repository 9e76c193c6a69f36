"""The likeness of every application to every work: one sparse product in whole numbers (SciPy, loaded here only)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from madang.core.affinity.vectors import UNIT, Vectors

#: Cells that are held at a time.
BLOCK = 4_000_000


def likenesses(vectors: Vectors, rows: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """`(first row, block)`: the first `rows` vectors against all the others, in units of 1 / `UNIT`.

    Whole numbers below 2^63: the order of adding does not matter. Cost: the terms that two texts share, over all pairs.
    """
    table = sparse.csr_array(
        (vectors.values, vectors.terms, vectors.start), shape=(len(vectors.start) - 1, len(vectors.names))
    )
    works = table[rows:].T.tocsr()
    step = max(1, BLOCK // max(1, works.shape[1]))
    for first in range(0, rows, step):
        product = (table[first : min(rows, first + step)] @ works).toarray()
        yield first, np.minimum(product // UNIT, UNIT)
