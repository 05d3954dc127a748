"""What arrives: octets, where they were seen, and the message that they spell (RFC 5322, RFC 2045)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

LOOP_FIELD = "X-Partnership-Triage"
"""A field that mail of this program carries, by which it knows its own when that comes back (RFC 3834, section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSighting:
    """Where a message lies on an IMAP server (RFC 9051, section 2.3.1.1)."""

    account: str
    mailbox: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSighting:
    """Where a message lies in a file; `offset` in octets, 0 for a file of its own."""

    path: str
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtrsSighting:
    """Where a message lies in a help desk of the OTRS family."""

    server: str
    ticket: int
    article: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosedSighting:
    """Where a message stands in another, the digest of a list: SHA-256 of that one's octets, and its place there."""

    digest: str
    number: int


Sighting = ImapSighting | FileSighting | OtrsSighting | EnclosedSighting


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """A message as octets, and one place where it was seen.

    Parameters
    ----------
    sighting
        Where it was seen.
    octets
        The message exactly as it came.
    received_at
        When the source got it (aware, UTC), as IMAP's INTERNALDATE; None if unknown.
    flags
        IMAP flags and keywords.
    """

    sighting: Sighting
    octets: bytes = field(repr=False)
    received_at: datetime | None = None
    flags: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The identity of the message: SHA-256 of its octets, in hexadecimal."""
        return hashlib.sha256(self.octets).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A display name and an address (RFC 5322, section 3.4); either may be empty.

    The address has its domain in lower case, and holds no control characters.
    """

    name: str = ""
    address: str = ""

    @property
    def local_part(self) -> str:
        """What stands before the last ``@``."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands after the last ``@``."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the text of the message.

    Parameters
    ----------
    name
        File name as declared, without directories or control characters; empty if there is none.
    content_type
        Type and subtype in lower case.
    size
        Octets after the transfer encoding was undone.
    payload
        Those octets; a part over the parser's limit has none, nor has any after it was read in another process.
    text
        What a document says (PDF, Word, OpenDocument, RTF, plain text), as far as the limits go; empty where it
        was not read.
    """

    name: str
    content_type: str
    size: int
    payload: bytes = field(default=b"", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """One message, decoded but not yet understood.

    Parameters
    ----------
    sha256
        Identity of the octets.
    message_id
        Without angle brackets; empty if there is none.
    date
        The Date field in UTC, or None if missing or impossible.
    from_, sender, reply_to, to, cc
        Addresses (RFC 5322, section 3.6.2 and 3.6.3).
    subject
        Decoded and unfolded, with its prefixes.
    in_reply_to, references
        Message identifiers without angle brackets, oldest first.
    list_id
        The identifier between the angle brackets of List-Id (RFC 2919), or None.
    auto_submitted
        Value of Auto-Submitted (RFC 3834) in lower case without parameters, or None.
    header_fields
        All fields in order, decoded and unfolded, names as written.
    text_plain, text_html
        The text parts, each joined in order; empty if there is none.
    attachments
        All other parts, nested messages as ``message/rfc822``.
    defects
        What is wrong with the message, in short English sentences.
    """

    sha256: str
    message_id: str
    date: datetime | None
    from_: Address
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    list_id: str | None = None
    auto_submitted: str | None = None
    header_fields: tuple[tuple[str, str], ...] = ()
    text_plain: str = ""
    text_html: str = ""
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first field called `name` (case does not matter), or None."""
        wanted = name.lower()
        return next((value for key, value in self.header_fields if key.lower() == wanted), None)

    def headers(self, name: str) -> tuple[str, ...]:
        """Return all fields called `name`, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.header_fields if key.lower() == wanted)
