"""What a source of messages hands over, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.records.messages import RawMessage, Sighting


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
    """

    messages: tuple[RawMessage, ...]
    refused: tuple[SetAsideMessage, ...]
    cursor: Cursor
    total: int | None
