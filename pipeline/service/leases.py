"""Leases and claims: one process at a time on a mailbox, an archive, a message, the assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from pipeline.records.work import StoredMessage
from pipeline.service.ports import Clock, Progress
from pipeline.service.ports_claims import LeaseStore, MessageClaims

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


class Claims:
    """The messages that this process has claimed."""

    def __init__(self, store: MessageClaims, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._held_at = clock()

    def take(self, limit: int, but: Collection[int] = ()) -> Sequence[StoredMessage]:
        """Claim up to `limit` messages that wait, `but` those that are in hand already."""
        self._held_at = self._clock()
        return self._store.claim(limit, SECONDS, self._held_at, but)

    def hold(self) -> None:
        """Hold them on, now that some of the work is done."""
        now = self._clock()
        if now - self._held_at >= _RENEW_AFTER:
            self._store.hold(SECONDS, now)
            self._held_at = now


@contextmanager
def claiming(store: MessageClaims, clock: Clock) -> Iterator[Claims]:
    """Claim messages during the block; what is left of them is given back at its end."""
    try:
        yield Claims(store, clock)
    finally:
        store.let_go()


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
