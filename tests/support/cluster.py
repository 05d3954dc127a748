"""A Dask cluster of two processes on this machine, at ports that nothing else uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def running_cluster() -> Iterator[Any]:
    """Give a `distributed.LocalCluster`, which is closed at the end."""
    from distributed import LocalCluster

    made = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, processes=True, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
    )
    try:
        yield made
    finally:
        made.close()
