"""Leases: one process at a time on a mailbox, an archive, the tagging, the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pipeline.service.ports import Clock, LeaseStore, Progress

# A lease that nobody renews for so long is free; of a process that died on this machine it is free at once.
SECONDS = 600.0
_RENEW_AFTER = timedelta(seconds=SECONDS / 10)


class Lease:
    """A lease that this process holds."""

    def __init__(self, leases: LeaseStore, name: str, clock: Clock) -> None:
        self._leases = leases
        self._name = name
        self._clock = clock
        self._renewed_at = clock()

    def renew(self) -> None:
        """Hold it on, now that some of the work is done."""
        now = self._clock()
        if now - self._renewed_at >= _RENEW_AFTER:
            self._leases.renew(self._name, self._leases.holder, SECONDS, now)
            self._renewed_at = now

    def renewing(self, progress: Progress) -> Progress:
        """Return `progress`, by which the lease is renewed, too."""

        def show(step: str, done: int, total: int | None) -> None:
            self.renew()
            progress(step, done, total)

        return show


@contextmanager
def leased(leases: LeaseStore, name: str, clock: Clock) -> Iterator[Lease | None]:
    """Hold the lease `name` during the block; None if another process holds it, which then does that work."""
    if not leases.acquire(name, leases.holder, SECONDS, clock()):
        yield None
        return
    try:
        yield Lease(leases, name, clock)
    finally:
        leases.release(name, leases.holder)
