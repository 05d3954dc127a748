"""What several processes on one ledger ask of it: work that one of them has at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from pipeline.records.work import QueuedMail, StoredMessage


class MessageClaims(Protocol):
    """Messages that one process reads at a time."""

    def claim(
        self, limit: int, seconds: float, now: datetime, but: Collection[int] = ()
    ) -> tuple[StoredMessage, ...]:
        """Claim up to `limit` messages that wait and that nobody else has claimed, for some `seconds`."""
        ...

    def hold(self, seconds: float, now: datetime) -> None:
        """Hold on for some `seconds` what this process has claimed."""
        ...

    def let_go(self) -> None:
        """Give back what this process has claimed."""
        ...


class MailClaims(Protocol):
    """Mails and pages that one process sends at a time."""

    def claim(
        self, now: datetime, channels: Iterable[str], seconds: float, but: Collection[int] = ()
    ) -> QueuedMail | None:
        """Claim the oldest of what is due and nobody else has claimed, for some `seconds`; None if there is none."""
        ...

    def let_go(self) -> None:
        """Give back what this process has claimed."""
        ...


class LeaseStore(Protocol):
    """The ledger's memory of who works on what."""

    @property
    def holder(self) -> str:
        """The name under which this process holds leases."""
        ...

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool: ...  # noqa: D102
    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool: ...  # noqa: D102
    def lead(self, name: str, seconds: float, now: datetime) -> bool:
        """Tell whether this process leads in `name`, or does so from now on, because no other one does."""
        ...

    def resign(self) -> None:
        """Lead no more."""
        ...

    def release(self, name: str, holder: str) -> None: ...  # noqa: D102
