"""What people do with decisions: assignments, corrections, digests, and the mail that carries them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.records.decisions import Decision
from pipeline.records.messages import Address


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
        The newest decision on it.
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
        Archived-At of the list (RFC 5064), or empty.
    attachments
        Their names.
    forwarder
        Who passed it on, or None.
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
    """

    recipient: Address
    window: Window
    overdue: tuple[Entry, ...] = ()
    new: tuple[Entry, ...] = ()
    waiting: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCount:
    """How many inquiries of each disposition came in one week, and how many were closed."""

    period: str
    assigned: int
    review: int
    filed: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much one liaison holds, and how many a week they can take."""

    name: str
    open: int
    overdue: int
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklySummary:
    """What the committee reads.

    Parameters
    ----------
    recipients
        Where it goes.
    window
        The week.
    received
        All inquiries that began in it, of every disposition, in order of arrival.
    open
        All that are still open at the week's end, whenever they came.
    trend
        This week and the weeks before it, oldest first, at most 26.
    loads
        One for each liaison.
    set_aside
        How many messages wait because a step failed on them.
    rulebook_version, model_version
        In force at the week's end.
    """

    recipients: tuple[Address, ...]
    window: Window
    received: tuple[Entry, ...]
    open: tuple[Entry, ...]
    trend: tuple[WeekCount, ...]
    loads: tuple[Load, ...]
    set_aside: int
    rulebook_version: str
    model_version: str


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
    """

    recipient: str
    purpose: str
    period: str
    message_id: str
    octets: bytes = field(repr=False)
