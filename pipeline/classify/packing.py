"""Coefficients in 8 bits: what is trained, measured, saved and kept in memory is the same, and small."""

from __future__ import annotations

from typing import Any


def packed(matrix: Any) -> tuple[Any, Any]:
    """Round every column to 255 levels; return whole numbers and the step of each column."""
    import numpy as np

    step = np.maximum(np.abs(matrix).max(axis=0, initial=0.0) / 127, 1e-12).astype(np.float32)
    return np.rint(matrix / step).astype(np.int8), step


def unpacked(pair: tuple[Any, Any]) -> Any:
    """Return what `packed` made, as float32."""
    import numpy as np

    whole, step = pair
    found = whole.astype(np.float32)
    found *= step
    return found


def some_unpacked(pair: tuple[Any, Any], rows: Any) -> Any:
    """Return these rows of what `packed` made, as float32."""
    whole, step = pair
    return unpacked((whole[rows], step))


def times(matrix: Any, pair: tuple[Any, Any]) -> Any:
    """Return ``matrix @ unpacked(pair)``; of a sparse matrix, only the rows that it asks for are unpacked.

    A batch of mails has a fifth of all features: all coefficients as float32 would lie in memory for nothing.
    """
    import numpy as np
    from scipy.sparse import csr_matrix, issparse

    if not issparse(matrix):
        return matrix @ unpacked(pair)
    there = np.zeros(matrix.shape[1], dtype=bool)
    there[matrix.indices] = True
    used = np.flatnonzero(there)
    place = np.zeros(matrix.shape[1], dtype=matrix.indices.dtype)
    place[used] = np.arange(len(used), dtype=place.dtype)
    fewer = csr_matrix(
        (matrix.data, place[matrix.indices], matrix.indptr), shape=(matrix.shape[0], len(used))
    )
    return fewer @ some_unpacked(pair, used)
