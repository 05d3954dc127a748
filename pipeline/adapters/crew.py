"""Work shared out to other processes by joblib: on this machine (loky), or on a Dask cluster; results come in order.

Whoever is killed loses nothing: what a lost process had in hand is done by another one.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any, Generic, TypeVar

from pipeline.errors import WorkersLost

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

# Chunks in hand for each worker: one that is worked on, one that waits for it.
_AHEAD = "2 * n_jobs"
# Workers that may be lost one after the other without a chunk being done.
_MOST_LOSSES = 3
_CONNECT_SECONDS = 10.0
_WATCH_SECONDS = 1.0
# Of a cluster: without a single chunk for so long, it has stopped.
_STALLED_SECONDS = 1800.0


class LocalCrew(Generic[Chunk, Result]):
    """Processes on this machine; one worker means this process itself.

    Parameters
    ----------
    work
        What is to be done with each chunk; a function that can be imported, or a partial of one.
    workers
        How many.
    """

    def __init__(self, work: Callable[[Chunk], Result], workers: int) -> None:
        self._work = work
        self._workers = workers

    def map(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Result]]:
        """Yield each chunk with its result, in order.

        Raises
        ------
        WorkersLost
            If processes are killed again and again.
        """
        if self._workers == 1:
            yield from ((chunk, self._work(chunk)) for chunk in chunks)
            return
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        source = _Source(chunks)
        losses = 0
        while True:
            try:
                for pair in _parallel(self._work, source, n_jobs=self._workers, **_loky()):
                    losses = 0
                    yield pair
            except TerminatedWorkerError as error:
                losses += 1
                if losses >= _MOST_LOSSES:
                    raise WorkersLost(
                        f"{losses} workers were killed one after the other ({_first_line(error)}): perhaps there is too "
                        "little memory; run it again with fewer --workers, it goes on where it was"
                    ) from None
                continue
            source.check()
            return

    def close(self) -> None:
        """End the processes."""
        if self._workers > 1:
            from joblib.externals.loky import get_reusable_executor

            with suppress(Exception):  # what is gone need not be ended
                get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


class DaskCrew(Generic[Chunk, Result]):
    """The workers of a Dask cluster.

    Parameters
    ----------
    work
        What is to be done with each chunk; a function that the workers can import, or a partial of one.
    address
        Of the scheduler, such as ``tcp://scheduler.example:8786``.
    fingerprint
        Tells by what a worker decides, name to version; asked of every worker.
    expected
        What it has to be.

    Raises
    ------
    WorkersLost
        If Dask is not installed, there is no scheduler or no worker, or a worker would decide by something else.
    """

    def __init__(
        self,
        work: Callable[[Chunk], Result],
        address: str,
        fingerprint: Callable[[], Mapping[str, str]],
        expected: Mapping[str, str],
    ) -> None:
        self._work = work
        self._address = address
        self._client = _connected(address)
        try:
            self._check(fingerprint, expected)
        except BaseException:
            self.close()
            raise

    def map(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Result]]:
        """Yield each chunk with its result, in order; what a killed worker had in hand another one does.

        Raises
        ------
        WorkersLost
            If the cluster is gone, or loses its workers again and again.
        """
        from asyncio import CancelledError
        from concurrent.futures import CancelledError as Cancelled

        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        source = _Source(chunks)
        options = {"backend": "dask", "client": self._client, "timeout": _STALLED_SECONDS}
        try:
            yield from _parallel(self._work, source, n_jobs=-1, **options)
        except (CancelledError, Cancelled, KilledWorker, CommClosedError, TimeoutError, OSError) as error:
            source.check()
            raise WorkersLost(
                f"{self._address}: the Dask cluster is gone, or loses its workers ({_first_line(error)}); see to it and "
                "run the same command again, it goes on where it was"
            ) from None
        source.check()

    def close(self) -> None:
        """Leave the cluster."""
        with suppress(Exception):  # what is gone need not be left
            self._client.close(timeout=_CONNECT_SECONDS)

    def _check(self, fingerprint: Callable[[], Mapping[str, str]], expected: Mapping[str, str]) -> None:
        told = self._asked(fingerprint)
        if not told:
            raise WorkersLost(f"{self._address}: the Dask cluster has no workers; start some and try again")
        faults = [line for worker, found in sorted(told.items()) for line in _faults(worker, found, expected)]
        if faults:
            raise WorkersLost("\n".join(faults))

    def _asked(self, fingerprint: Callable[[], Mapping[str, str]]) -> dict[str, Any]:
        with suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        told: dict[str, Any] = self._client.run(fingerprint, on_error="return")
        return told


class _Source(Generic[Chunk]):
    """Chunks on their way: those in hand can be handed out once more; what goes wrong at their source is told at the end.

    They are asked for in threads of joblib's, where an error would be lost.
    """

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._rest = iter(chunks)
        self._in_hand: deque[Chunk] = deque()
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Chunk]:
        again = list(self._in_hand)
        self._in_hand.clear()
        for chunk in chain(again, self._new()):
            self._in_hand.append(chunk)
            yield chunk

    def done(self) -> Chunk:
        """Return the first chunk in hand, which is done with."""
        return self._in_hand.popleft()

    def check(self) -> None:
        """Raise what went wrong at the source."""
        if self._error is not None:
            raise self._error

    def _new(self) -> Iterator[Chunk]:
        try:
            yield from self._rest
        except Exception as error:  # noqa: BLE001 - raised by `check`
            self._error = error


def _parallel(
    work: Callable[[Chunk], Result], source: _Source[Chunk], *, n_jobs: int, backend: str, **options: Any
) -> Iterator[tuple[Chunk, Result]]:
    from joblib import Parallel, delayed, parallel_config

    timeout = options.pop("timeout", None)
    with parallel_config(backend, n_jobs=n_jobs, **options):
        pool = Parallel(return_as="generator", batch_size=1, pre_dispatch=_AHEAD, timeout=timeout)
        results = pool(delayed(work)(chunk) for chunk in source)
    try:
        for result in results:
            yield source.done(), result
    finally:
        with warnings.catch_warnings():
            # Told where somebody stops in the middle: chunks are on their way then, which is all right.
            warnings.filterwarnings("ignore", category=UserWarning, message=r"\d+ tasks which were still")
            results.close()


def _loky() -> dict[str, Any]:
    return {"backend": "loky", "initializer": _attend, "initargs": (os.getpid(),)}


def _attend(parent: int) -> None:
    """Let Ctrl-C be the parent's affair, and end with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise WorkersLost(
            "Dask is not installed; install it with: pip install 'partnership-triage[dask]'"
        ) from None
    try:
        return Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECT_SECONDS, set_as_default=False, direct_to_workers=False
        )
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        raise WorkersLost(
            f"{address}: no Dask scheduler can be reached there ({_first_line(error)}); see the address "
            "(tcp://HOST:8786), that it runs, and that its version of Dask is the same"
        ) from None


def _faults(worker: str, found: object, expected: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{worker}: cannot decide ({_first_line(found)}); install this program there, in this version"
        return
    for name, wanted in expected.items():
        if found.get(name) != wanted:
            yield f"{worker}: other {name}: {found.get(name, 'none')}, here {wanted}; make them the same"


def _first_line(error: object) -> str:
    text = str(error).strip().partition("\n")[0]
    return text[:200] or type(error).__name__
