"""What a source of messages hands over, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.records.messages import RawMessage, Sighting
from pipeline.records.writebacks import TicketSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a mailbox has been read (RFC 9051, section 2.3.1.1).

    Parameters
    ----------
    uidvalidity
        UIDVALIDITY of the mailbox; under another one `uid` means nothing.
    uid
        Highest UID that is done with.
    modseq
        HIGHESTMODSEQ when the mailbox was opened (RFC 7162), or None where the server offers none.
    """

    uidvalidity: int
    uid: int
    modseq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideMessage:
    """A message that a source could not hand over whole.

    Parameters
    ----------
    sighting
        Where it lies, so that it can be tried again.
    reason
        Why, in one sentence for people.
    octets
        As much of it as there is, such as its header; may be empty.
    """

    sighting: Sighting
    reason: str
    octets: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some messages of a mailbox, in the order of their UIDs.

    Parameters
    ----------
    messages
        Those that came whole.
    refused
        Those that did not.
    cursor
        Where to go on; valid once all of `messages` and `refused` are stored.
    total
        How many messages this fetch was to bring, in all of its batches; None if unknown.
    tickets
        The tickets of a help desk that they belong to, as they looked.
    """

    messages: tuple[RawMessage, ...]
    refused: tuple[SetAsideMessage, ...]
    cursor: Cursor
    total: int | None
    tickets: tuple[TicketSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveMark:
    """How far an mbox has been imported.

    Parameters
    ----------
    path
        The absolute path of the file.
    head
        SHA-256 of its first octets (64 KiB, or as many as `offset`), in hexadecimal: another head is another file.
    offset
        How many octets, unpacked, are through; a From_ line or the end of the file follows.
    finished
        The end was reached.
    """

    path: str
    head: str
    offset: int
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveBatch:
    """Some messages of an archive, in the order in which they lie there.

    Parameters
    ----------
    messages
        Those that are whole.
    refused
        Those that are not, or are too large.
    octets
        How many octets on the disk were gone through for this batch.
    mark
        How far the mbox is through with this batch; None for messages that have files of their own.
    begins
        In the first batch of an mbox where reading began, 0 or the offset of the mark before; else None.
    problems
        What is wrong with files as a whole, a line each.
    """

    messages: tuple[RawMessage, ...] = ()
    refused: tuple[SetAsideMessage, ...] = ()
    octets: int = 0
    mark: ArchiveMark | None = None
    begins: int | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of the messages of an archive; every run on it tells the same of the same messages.

    Parameters
    ----------
    read
        How many messages were read, by the count of who read them.
    stored, known, refused
        How many of them were new to the ledger, were another copy of one there, were set aside.
    earlier
        How many of them an earlier run had been through with.
    """

    read: int = 0
    stored: int = 0
    known: int = 0
    refused: int = 0
    earlier: int = 0

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            read=self.read + other.read,
            stored=self.stored + other.stored,
            known=self.known + other.known,
            refused=self.refused + other.refused,
            earlier=self.earlier + other.earlier,
        )

    @property
    def reconciles(self) -> bool:
        """Whether every message that was read is accounted for."""
        return self.read == self.stored + self.known + self.refused
