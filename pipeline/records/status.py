"""What the ledger holds, in figures: for `triage status` and for those who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How far a mailbox has been read, and when it was last looked at."""

    source: str
    mailbox: str
    uid: int
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideStatus:
    """A message that a step failed on."""

    place: str
    step: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStatus:
    """What the ledger holds, in figures.

    Parameters
    ----------
    messages
        State to count: new, read, same, set-aside, answer (of a liaison), returned.
    sightings
        How many places messages were seen in.
    inquiries
        State to count.
    dispositions
        Disposition to count, of decided messages.
    outbox
        State to count: queued, sent, failed.
    loads
        Liaison id to open inquiries.
    unassigned
        Open inquiries that nobody has.
    overdue, escalated
        Open inquiries whose answer is late, and those of them that were brought before the deputy.
    off_duty
        Kind to how many liaisons and groups: paused, by mail or by command; suspended, because mail comes back.
    sources, set_aside
        One for each mailbox; one for each message that waits.
    rulebook_version, model_version
        Of the newest decision, or empty.
    writebacks
        State to count: queued, done, same (nothing new to tell), failed.
    """

    messages: Mapping[str, int]
    sightings: int
    inquiries: Mapping[str, int]
    dispositions: Mapping[str, int]
    outbox: Mapping[str, int]
    loads: Mapping[str, int]
    overdue: int
    sources: tuple[SourceStatus, ...]
    set_aside: tuple[SetAsideStatus, ...]
    rulebook_version: str
    model_version: str
    writebacks: Mapping[str, int] = field(default_factory=dict)
    unassigned: int = 0
    escalated: int = 0
    off_duty: Mapping[str, int] = field(default_factory=dict)
