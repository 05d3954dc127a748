"""What people do with decisions: assignments, corrections, digests, and the mail that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.records.answers import Offer
    from pipeline.records.decisions import Decision
    from pipeline.records.inquiries import Inquiry
    from pipeline.records.messages import Address
    from pipeline.records.threads import Claims


class State(StrEnum):
    """Where an inquiry stands."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"
    NOT_OURS = "not-ours"
    MERGED = "merged"
    FILED = "filed"
    # Imported from an archive: kept for the record, nobody has to act; a follow-up opens it.
    ARCHIVED = "archived"


# Nobody has answered the inquirer yet.
UNANSWERED = frozenset({State.RECEIVED, State.ASSIGNED, State.ACCEPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who deals with an inquiry.

    Parameters
    ----------
    inquiry
        Its KEY.
    liaison
        Id of the liaison.
    reason
        Why this one, in a few words for people.
    due_at
        When the first answer is due (aware, UTC).
    """

    inquiry: str
    liaison: str
    reason: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says a tag should be; kept apart from predictions."""

    inquiry: str
    tag: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One inquiry as the router and the digests see it.

    Parameters
    ----------
    key
        What people call it.
    decision
        What the decisions on its messages and people's corrections come to.
    author
        Who asks.
    organisation
        Name of the organisation as far as told, or empty.
    subject
        Base subject of its first message.
    text
        What the author wrote in the first message, shortened to 4,000 characters.
    received_at
        When its first message came (aware, UTC).
    messages
        How many messages belong to it.
    state, liaison, reason, due_at
        Where it stands, with whom, why with them, and when an answer is due.
    origin
        Where it came from, for people: a mailbox, a list, a ticket.
    archive_url
        Where to read it: Archived-At of the list (RFC 5064), else the help desk's page of the ticket; or empty.
    attachments
        Their names.
    forwarder
        Who passed it on, or None.
    newest_at
        When its newest message was written (aware, UTC); None if unknown.
    organisation_id, met_before
        The organisation's number in the register, and how many inquiries came from there earlier; None and 0 where the
        register was not asked.
    version
        How often its state or its liaison changed; what a digest offers is bound to it.
    waiting_until
        The day until which the liaison waits for the inquirer, or None.
    assigned_at
        Since when whoever has it has it (aware, UTC), or None.
    escalated_at
        When its late answer was brought before the deputy (aware, UTC), or None.
    """

    key: str
    decision: Decision
    author: Address
    organisation: str
    subject: str
    text: str
    received_at: datetime
    messages: int = 1
    state: State = State.RECEIVED
    liaison: str | None = None
    reason: str = ""
    due_at: datetime | None = None
    origin: str = ""
    archive_url: str = ""
    attachments: tuple[str, ...] = ()
    forwarder: Address | None = None
    newest_at: datetime | None = None
    organisation_id: int | None = None
    met_before: int = 0
    version: int = 0
    waiting_until: date | None = None
    assigned_at: datetime | None = None
    escalated_at: datetime | None = None

    def is_overdue(self, moment: datetime) -> bool:
        """Return whether the first answer should have gone out before `moment`, and did not."""
        return self.state in UNANSWERED and self.due_at is not None and self.due_at < moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An inquiry that was decided, with what was decided on.

    Parameters
    ----------
    entry
        As the ledger tells it.
    octets
        The message of the decision; None if it is no longer kept.
    received_at
        When that message arrived (aware, UTC), or None.
    """

    entry: Entry
    octets: bytes | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, `start` included and `end` not (aware, UTC), and its `period` name, such as 2026-W47."""

    period: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyDigest:
    """What one liaison has to do.

    Parameters
    ----------
    recipient
        Where it goes.
    window
        The day that it is for.
    overdue, new, waiting
        Open inquiries of this liaison: answer late; assigned since the last digest; the others.
    escalated
        Inquiries of colleagues whose answer is late for so long that the deputy is told.
    filed
        What was put away since the last list of it, for those who look whether an inquiry is among it.
    offers
        KEY to what the reader may do with that inquiry; empty where answers by mail are not set up.
    reply_to
        Where answers go, or empty.
    locale
        CLDR name of the reader's language, such as ``en`` or ``pt_BR``.
    made_at
        When it was made, which may be days after its window, or None.
    """

    recipient: Address
    window: Window
    overdue: tuple[Entry, ...] = ()
    new: tuple[Entry, ...] = ()
    waiting: tuple[Entry, ...] = ()
    escalated: tuple[Entry, ...] = ()
    filed: tuple[Entry, ...] = ()
    offers: Mapping[str, Offer] = field(default_factory=dict)
    reply_to: str = ""
    locale: str = "en"
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail that waits to be sent, or was.

    Parameters
    ----------
    recipient
        One address.
    purpose, period
        With the recipient the key under which it can be queued only once, such as ``daily`` and ``2026-11-22``.
    message_id
        Of the mail, with angle brackets; stays the same when it is sent again.
    octets
        The mail (RFC 5322) with CRLF line ends.
    token
        What the reverse-path carries, so that a delivery failure tells which mail it is about; empty for none.
    channel
        How it goes out: ``mail`` or ``wiki``.
    """

    recipient: str
    purpose: str
    period: str
    message_id: str
    octets: bytes = field(repr=False)
    token: str = ""
    channel: str = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message that lies in the ledger and waits to be read.

    Parameters
    ----------
    id
        The ledger's number for it.
    sha256, octets, received_at
        As in `RawMessage`.
    place
        Where it was seen first, for people: account and mailbox, or a path.
    desk, ticket
        The help desk that it was read from and the ticket's number there; empty and 0 for other mail.
    """

    id: int
    sha256: str
    octets: bytes = field(repr=False)
    received_at: datetime | None
    place: str
    desk: str = ""
    ticket: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One message, read and decided, as the ledger keeps it.

    Parameters
    ----------
    inquiry, decision
        What it means and what was concluded.
    organisation
        Who writes, or empty.
    organisation_domain
        The organisation's own domain, or empty.
    origin
        Where it came from, for people.
    archive_url
        Archived-At, or empty.
    claims
        What it says of the thread that it belongs to.
    """

    inquiry: Inquiry
    decision: Decision
    organisation: str
    origin: str
    archive_url: str
    claims: Claims
    organisation_domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardReturn:
    """A mail that failed for good.

    Parameters
    ----------
    mail
        Its number in the outbox.
    recipient
        Whom it was for: an address.
    queued_at
        When it was made (aware, UTC).
    status
        What the mail server said (RFC 3463), such as 5.1.1.
    """

    mail: int
    recipient: str
    queued_at: datetime
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMail:
    """A mail in the outbox: its number there, and how often sending was tried."""

    id: int
    mail: OutgoingMail
    attempts: int
    queued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many messages of a batch were new, how many known, how many set aside unread."""

    stored: int = 0
    known: int = 0
    refused: int = 0

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            stored=self.stored + other.stored,
            known=self.known + other.known,
            refused=self.refused + other.refused,
        )
