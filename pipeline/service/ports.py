"""What the use cases ask of the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.records.decisions import Evidence, RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import (
    Assignment,
    Entry,
    LedgerStatus,
    OutgoingMail,
    QueuedMail,
    Reading,
    Recorded,
    StoredMessage,
    Thread,
    Twin,
    WeekCount,
    Window,
)


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return the present moment (aware, UTC)."""
        ...


class MessageSource(Protocol):
    """Hands over messages."""

    @property
    def name(self) -> str:
        """What the ledger's cursors call this source."""
        ...

    def mailboxes(self) -> tuple[str, ...]:
        """Return the mailboxes to read."""
        ...

    def fetch(self, mailbox: str, cursor: Cursor | None, limit_bytes: int) -> Iterator[Batch]:
        """Yield what is new behind `cursor`, at most about `limit_bytes` octets a batch."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class MailSender(Protocol):
    """Hands mail to the world."""

    def send(self, envelope_from: str, recipient: str, octets: bytes) -> None:
        """Send one mail; raise Deferred, Refused or Unreachable."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class MailReader(Protocol):
    """Turns octets into an inquiry."""

    def read(self, octets: bytes, received_at: datetime | None) -> Inquiry:
        """Read one message; raise UnreadableMessage, also for one that takes too much time or memory."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class ModelWitness(Protocol):
    """The learnt witness."""

    @property
    def version(self) -> str:
        """Name and data of the model."""
        ...

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Field to the probability from which on its value is certain enough."""
        ...

    @property
    def choose(self) -> Mapping[str, float]:
        """Tag of a list field to the probability from which on it is set."""
        ...

    def evidence(
        self, batch: Sequence[tuple[Inquiry, tuple[RuleHit, ...]]], *, explain: bool = False
    ) -> list[tuple[Evidence, ...]]:
        """Return what the model says of each inquiry."""
        ...


class MessageStore(Protocol):
    """The ledger's messages."""

    def cursor(self, source: str, mailbox: str) -> Cursor | None: ...  # noqa: D102
    def record(self, source: str, mailbox: str, batch: Batch, now: datetime) -> Recorded: ...  # noqa: D102
    def checked(self, source: str, mailbox: str, now: datetime) -> None: ...  # noqa: D102
    def waiting(self, limit: int) -> tuple[StoredMessage, ...]: ...  # noqa: D102
    def count_waiting(self) -> int: ...  # noqa: D102
    def twins(self, header_id: str) -> tuple[Twin, ...]: ...  # noqa: D102
    def mark_same(self, message: int, twin: int, now: datetime) -> None: ...  # noqa: D102
    def set_aside(  # noqa: D102
        self, message: StoredMessage, step: str, reason: str, trace: str, now: datetime
    ) -> None: ...


class InquiryStore(Protocol):
    """The ledger's inquiries."""

    def threads(self, inquiry: Inquiry) -> tuple[Thread, ...]: ...  # noqa: D102
    def record(self, message: StoredMessage, reading: Reading, join: str | None, now: datetime) -> str: ...  # noqa: D102
    def unassigned(self) -> tuple[Entry, ...]: ...  # noqa: D102
    def open(self) -> tuple[Entry, ...]: ...  # noqa: D102
    def received(self, window: Window) -> tuple[Entry, ...]: ...  # noqa: D102
    def find(self, key: str) -> Entry | None: ...  # noqa: D102
    def loads(self) -> Mapping[str, int]: ...  # noqa: D102
    def assign(self, chosen: Iterable[Assignment], now: datetime) -> None: ...  # noqa: D102


class Outbox(Protocol):
    """The ledger's outgoing mail."""

    def queue(self, mail: OutgoingMail, now: datetime) -> bool: ...  # noqa: D102
    def holds(self, recipient: str, purpose: str, period: str) -> bool: ...  # noqa: D102
    def last(self, recipient: str, purpose: str) -> datetime | None: ...  # noqa: D102
    def due(self, now: datetime) -> tuple[QueuedMail, ...]: ...  # noqa: D102
    def sent(self, number: int, now: datetime) -> None: ...  # noqa: D102
    def deferred(self, number: int, next_at: datetime, error: str) -> None: ...  # noqa: D102
    def failed(self, number: int, error: str) -> None: ...  # noqa: D102


class ReportStore(Protocol):
    """The ledger's figures."""

    def status(self, now: datetime) -> LedgerStatus: ...  # noqa: D102
    def trend(self, windows: Sequence[Window]) -> tuple[WeekCount, ...]: ...  # noqa: D102


class Ledger(Protocol):
    """What the program knows."""

    @property
    def messages(self) -> MessageStore: ...  # noqa: D102
    @property
    def inquiries(self) -> InquiryStore: ...  # noqa: D102
    @property
    def outbox(self) -> Outbox: ...  # noqa: D102
    @property
    def reports(self) -> ReportStore: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Progress(Protocol):
    """Shows how far long work has come."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Say that `done` of `total` are through `step`."""
        ...


def silent(step: str, done: int, total: int | None) -> None:
    """Show nothing."""
