"""A large table of which few rows are asked for at a time, kept in a file instead of in memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path
from typing import Any

# On a disk, where there is one: /tmp may itself be memory. The file has no name there: nobody can put another in its place.
_ON_DISK = Path("/var/tmp")  # noqa: S108  # nosec B108 # without a name


class RowsOnDisk:
    """Rows of a two-dimensional NumPy array, read when they are asked for.

    What is often read stays in the system's cache of files, which gives way when memory is short. The file has no
    name and goes with the process.

    Parameters
    ----------
    table
        The array; it may be let go of afterwards.

    Raises
    ------
    OSError
        If there is no room for the file.
    """

    def __init__(self, table: Any) -> None:
        self._kind, self._columns = table.dtype, table.shape[1]
        self._octets = table.dtype.itemsize * self._columns
        folder = _ON_DISK if os.access(_ON_DISK, os.W_OK) else None
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            rest = memoryview(table.tobytes("C") if not table.flags.c_contiguous else table).cast("B")
            while rest:
                rest = rest[file.write(rest) :]
            self._descriptor = os.dup(file.fileno())
        self._closed = weakref.finalize(self, os.close, self._descriptor)

    def __getitem__(self, rows: Any) -> Any:
        """Return an array of the rows at these places, as ``table[rows]`` does."""
        import numpy as np

        descriptor, octets = self._descriptor, self._octets
        found = b"".join([os.pread(descriptor, octets, row * octets) for row in rows.tolist()])
        return np.frombuffer(found, dtype=self._kind).reshape(len(rows), self._columns)

    def close(self) -> None:
        """Give the file up before the table itself is."""
        self._closed()
