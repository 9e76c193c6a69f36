"""Tables that are mostly empty when large and not worth the bookkeeping when small: one set of verbs for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Table = NDArray[np.float64] | sparse.csr_array

#: Up to so many cells every cell is held.
MOST_HELD = 60_000


def table(rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, int]) -> Table:
    """1 at each (row, column), 0 elsewhere."""
    found = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    return np.asarray(found.toarray()) if shape[0] * shape[1] <= MOST_HELD else found


def turned(cells: Table) -> Table:
    """Rows as columns."""
    return cells.T if isinstance(cells, np.ndarray) else sparse.csr_array(cells.T)


def by_column(cells: Table, factors: Floats) -> Table:
    """Each column times its factor."""
    if isinstance(cells, np.ndarray):
        return cells * factors
    return sparse.csr_array((cells.data * factors[cells.indices], cells.indices, cells.indptr), shape=cells.shape)


def by_row(cells: Table, factors: Floats) -> Table:
    """Each row times its factor."""
    if isinstance(cells, np.ndarray):
        return cells * factors[:, None]
    return sparse.csr_array(
        (cells.data * np.repeat(factors, np.diff(cells.indptr)), cells.indices, cells.indptr), shape=cells.shape
    )


def plus_diagonal(cells: Table, diagonal: Floats) -> Table:
    """With these numbers added on the diagonal of a square table."""
    if isinstance(cells, np.ndarray):
        found = cells.copy()
        found[np.diag_indices_from(found)] += diagonal
        return found
    return sparse.csr_array(cells + sparse.diags_array(diagonal))


def row_products(cells: Table, other: Floats) -> Floats:
    """The product of each row with the same row of `other`."""
    if isinstance(cells, np.ndarray):
        return np.asarray(np.einsum("ij,ij->i", cells, other))
    return np.asarray(cells.multiply(other).sum(axis=1), dtype=np.float64).ravel()


def held(cells: Table) -> Floats:
    """Every cell; may be changed by the caller."""
    return cells.copy() if isinstance(cells, np.ndarray) else np.asarray(cells.toarray())
