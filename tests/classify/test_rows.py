"""Rows of a table that lies in a file: the same numbers as in memory, whatever their kind; nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.rows import RowsOnDisk


def _open() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


@given(
    st.lists(st.integers(0, 30), max_size=60),
    st.sampled_from(["uint8", "int8", "float16", "float32"]),
    st.sampled_from(["C", "F"]),
)
def test_rows_are_those_of_the_table(rows: list[int], kind: str, order: str) -> None:
    table = np.asarray(np.arange(31 * 7).reshape(31, 7).astype(kind), order="C" if order == "C" else "F")
    kept = RowsOnDisk(table)
    at = np.array(rows, dtype=np.int64)
    try:
        found = kept[at]
        assert found.dtype == table.dtype
        assert np.array_equal(found, table[at])
    finally:
        kept.close()


def test_the_file_has_no_name() -> None:
    kept = RowsOnDisk(np.zeros((3, 4), dtype=np.uint8))
    try:
        assert os.fstat(kept._descriptor).st_nlink == 0
    finally:
        kept.close()


def test_a_row_that_is_not_there_is_an_error() -> None:
    kept = RowsOnDisk(np.zeros((3, 4), dtype=np.float32))
    with pytest.raises(ValueError, match="reshape"):
        kept[np.array([3])]
    with pytest.raises(OSError, match="Invalid argument"):
        kept[np.array([-1])]


def test_the_file_goes_with_the_table_and_closing_twice_is_nothing() -> None:
    before = _open()
    kept = RowsOnDisk(np.zeros((3, 4), dtype=np.uint8))
    assert _open() - before
    kept.close()
    kept.close()
    assert not _open() - before
