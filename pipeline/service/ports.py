"""What the use cases ask of the world."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.records.decisions import Disposition, Evidence, RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.records.marks import Mark
from pipeline.records.publications import Publication, WikiPage
from pipeline.records.sources import ArchiveBatch, ArchiveMark, Batch, Cursor, Imported
from pipeline.records.status import LedgerStatus
from pipeline.records.threads import Claims, History, Placement, Related, Twin
from pipeline.records.weeks import Week
from pipeline.records.work import (
    Assignment,
    Entry,
    HardReturn,
    OutgoingMail,
    Past,
    QueuedMail,
    Reading,
    Recorded,
    StoredMessage,
    Window,
)
from pipeline.records.writebacks import KnownTicket, Told, Wish, WriteBack
from pipeline.service.ports_bulk import BulkParts
from pipeline.service.ports_claims import LeaseStore, MailClaims, MessageClaims
from pipeline.service.ports_jobs import JobStore
from pipeline.service.ports_keeping import KeepingParts
from pipeline.service.ports_organisations import LandscapeStore, OrganisationStore
from pipeline.service.ports_people import AnswerStore, CorrectionStore, DutyStore, LifeStore, NoteStore


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

    def interrupt(self) -> None:
        """End what another thread waits for, and connect no more."""
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


class MessageStore(MessageClaims, Protocol):
    """The ledger's messages."""

    def cursor(self, source: str, mailbox: str) -> Cursor | None: ...  # noqa: D102
    def record(self, source: str, mailbox: str, batch: Batch, now: datetime) -> Recorded: ...  # noqa: D102
    def checked(self, source: str, mailbox: str, now: datetime) -> None: ...  # noqa: D102
    def unpack(self, digest: StoredMessage, mails: Sequence[bytes], now: datetime) -> None: ...  # noqa: D102
    def waiting(self, limit: int, but: Collection[int] = ()) -> tuple[StoredMessage, ...]: ...  # noqa: D102
    def count_waiting(self) -> int: ...  # noqa: D102
    def set_aside(  # noqa: D102
        self, message: StoredMessage, step: str, reason: str, trace: str, now: datetime
    ) -> None: ...


class InquiryStore(Protocol):
    """The ledger's inquiries."""

    def twins(self, claims: Claims) -> tuple[Twin, ...]: ...  # noqa: D102
    def related(self, claims: Claims, days: int) -> Related: ...  # noqa: D102
    def record(  # noqa: D102
        self, message: StoredMessage, reading: Reading, placement: Placement | None, now: datetime
    ) -> str: ...
    def copy(  # noqa: D102
        self, message: StoredMessage, reading: Reading, twin: int, *, better: bool, now: datetime
    ) -> None: ...
    def history(self, key: str) -> History | None: ...  # noqa: D102
    def unassigned(self) -> tuple[Entry, ...]: ...  # noqa: D102
    def open(self) -> tuple[Entry, ...]: ...  # noqa: D102
    def received(self, window: Window) -> tuple[Entry, ...]: ...  # noqa: D102
    def past(self, since: datetime | None) -> Iterator[Past]: ...  # noqa: D102
    def find(self, key: str) -> Entry | None: ...  # noqa: D102
    def loads(self) -> Mapping[str, int]: ...  # noqa: D102
    def assign(self, chosen: Iterable[Assignment], now: datetime) -> None: ...  # noqa: D102


class Outbox(MailClaims, Protocol):
    """The ledger's outgoing mail."""

    def queue(self, mail: OutgoingMail, now: datetime) -> bool: ...  # noqa: D102
    def holds(self, recipient: str, purpose: str, period: str) -> bool: ...  # noqa: D102
    def pass_over(self, recipient: str, purpose: str, period: str, now: datetime) -> None: ...  # noqa: D102
    def last(self, recipient: str, purpose: str) -> datetime | None: ...  # noqa: D102
    def count(self, recipient: str, purpose: str, since: datetime) -> int: ...  # noqa: D102
    def again(  # noqa: D102
        self, recipient: str, purpose: str, period: str, now: datetime, states: Iterable[str]
    ) -> bool: ...
    def ever(self, recipient: str, purpose: str) -> bool: ...  # noqa: D102
    def due(self, now: datetime, channels: Iterable[str] = ("mail",)) -> tuple[QueuedMail, ...]: ...  # noqa: D102
    def sent(self, number: int, now: datetime) -> None: ...  # noqa: D102
    def deferred(self, number: int, next_at: datetime, error: str) -> None: ...  # noqa: D102
    def failed(  # noqa: D102
        self, number: int, error: str, *, refused: str = "", now: datetime | None = None
    ) -> None: ...


class ReturnStore(Protocol):
    """The ledger's delivery failures."""

    def take(  # noqa: D102
        self, message: StoredMessage, token: str, status: str, now: datetime, *, hard: bool
    ) -> bool: ...
    def hard(self, since: datetime) -> tuple[HardReturn, ...]: ...  # noqa: D102
    def resumed(self) -> Mapping[str, datetime]: ...  # noqa: D102


class PublicationStore(Protocol):
    """The ledger's memory of the pages that it wrote."""

    def find(self, page: str) -> Publication | None: ...  # noqa: D102
    def pages(self) -> tuple[Publication, ...]: ...  # noqa: D102
    def note(self, published: Publication) -> None: ...  # noqa: D102


class WikiSite(Protocol):
    """A wiki to publish on."""

    def read(self, page: str) -> WikiPage | None:
        """Return a page as it is now, or None if there is none; raise Deferred, Refused or Unreachable."""
        ...

    def interrupt(self) -> None:
        """End what another thread waits for, and connect no more."""
        ...

    def write(self, page: str, text: str, summary: str, base: WikiPage | None) -> int:
        """Save a page that was read as `base`, and return its new revision; raise EditConflict if it has changed since."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class MarkStore(Protocol):
    """The ledger's memory of what servers were told."""

    def waiting(  # noqa: D102
        self, account: str, mailbox: str, dispositions: Iterable[Disposition], after: int, limit: int
    ) -> tuple[Mark, ...]: ...
    def settle(self, marks: Iterable[Mark], now: datetime) -> None: ...  # noqa: D102


class WriteBackStore(Protocol):
    """The ledger's memory of what help desks were told, and of what agents changed there."""

    def told(self, server: str, since: datetime) -> tuple[Told, ...]: ...  # noqa: D102
    def queue(  # noqa: D102
        self, server: str, told: Told, wish: Wish, now: datetime, *, same: bool
    ) -> bool: ...
    def due(self, server: str, now: datetime) -> tuple[WriteBack, ...]: ...  # noqa: D102
    def deferred(self, number: int, next_at: datetime, error: str) -> None: ...  # noqa: D102
    def failed(self, number: int, error: str) -> None: ...  # noqa: D102
    def known(self, server: str, ticket: int) -> KnownTicket | None: ...  # noqa: D102
    def watched(self, server: str, since: datetime) -> Mapping[int, datetime]: ...  # noqa: D102
    def looked(self, server: str, unseen: Collection[int], now: datetime) -> None: ...  # noqa: D102
    def settle(  # noqa: D102
        self,
        server: str,
        ticket: KnownTicket,
        tags: Iterable[str],
        author: str,
        now: datetime,
        *,
        disposition: Disposition | None = None,
        done: int | None = None,
    ) -> None: ...


class Archives(Protocol):
    """Files and folders of mail."""

    def name(self, path: str) -> str: ...  # noqa: D102
    def size(self, path: str) -> int: ...  # noqa: D102
    def batches(  # noqa: D102
        self, path: str, marks: Callable[[str], ArchiveMark | None], limit_bytes: int
    ) -> Iterator[ArchiveBatch]: ...


class ImportStore(Protocol):
    """The ledger's imports."""

    def mark(self, path: str, *, live: bool) -> ArchiveMark | None: ...  # noqa: D102
    def record(self, batch: ArchiveBatch, now: datetime, *, live: bool) -> Imported: ...  # noqa: D102
    def held(self, path: str) -> int: ...  # noqa: D102


class ReportStore(Protocol):
    """The ledger's figures."""

    def status(self, now: datetime) -> LedgerStatus: ...  # noqa: D102


class WeekStore(Protocol):
    """What weeks came to."""

    def week(self, windows: Sequence[Window], cap: int) -> Week: ...  # noqa: D102


class Ledger(BulkParts, KeepingParts, Protocol):
    """What the program knows."""

    @property
    def answers(self) -> AnswerStore: ...  # noqa: D102
    @property
    def notes(self) -> NoteStore: ...  # noqa: D102
    @property
    def messages(self) -> MessageStore: ...  # noqa: D102
    @property
    def corrections(self) -> CorrectionStore: ...  # noqa: D102
    @property
    def inquiries(self) -> InquiryStore: ...  # noqa: D102
    @property
    def lives(self) -> LifeStore: ...  # noqa: D102
    @property
    def duties(self) -> DutyStore: ...  # noqa: D102
    @property
    def organisations(self) -> OrganisationStore: ...  # noqa: D102
    @property
    def landscape(self) -> LandscapeStore: ...  # noqa: D102
    @property
    def outbox(self) -> Outbox: ...  # noqa: D102
    @property
    def returns(self) -> ReturnStore: ...  # noqa: D102
    @property
    def publications(self) -> PublicationStore: ...  # noqa: D102
    @property
    def marks(self) -> MarkStore: ...  # noqa: D102
    @property
    def imports(self) -> ImportStore: ...  # noqa: D102
    @property
    def leases(self) -> LeaseStore: ...  # noqa: D102
    @property
    def jobs(self) -> JobStore: ...  # noqa: D102
    @property
    def reports(self) -> ReportStore: ...  # noqa: D102
    @property
    def weeks(self) -> WeekStore: ...  # noqa: D102
    @property
    def writebacks(self) -> WriteBackStore: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Progress(Protocol):
    """Shows how far long work has come."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Say that `done` of `total` are through `step`."""
        ...


def silent(step: str, done: int, total: int | None) -> None:
    """Show nothing."""
