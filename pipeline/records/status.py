"""What the ledger holds, in figures: for `triage status` and for those who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.records.jobs import JobStatus


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
    jobs
        How each fared.
    seen, waiting
        Source to the places in which messages were seen there, and to those of messages that wait to be decided.
    queued_since, untold_since
        Since when the oldest mail or page, and the oldest write-back, waits.
    failed_lately
        Mails and pages that were given up in the last week.
    unassigned_since
        Since when the oldest inquiry waits for a liaison.
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
    jobs: tuple[JobStatus, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    queued_since: datetime | None = None
    failed_lately: int = 0
    untold_since: datetime | None = None
    unassigned_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How it stands with one account or help desk that is polled.

    Parameters
    ----------
    name
        As the ledger's cursors call it.
    succeeded_at, failed_at
        When it was last read to the end, and when that last failed.
    lag_seconds
        Since it was last read to the end; None: never.
    error
        Why it failed, if it has not been read since.
    waiting
        Messages fetched from there that wait to be decided.
    messages
        Places there that messages were seen in.
    """

    name: str
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    lag_seconds: float | None = None
    error: str = ""
    waiting: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """When something happens next, if the service runs then; `at` None: as soon as it runs."""

    name: str
    at: datetime | None


class ServiceState(StrEnum):
    """Whether the process that stays up is there."""

    NEVER = "never"
    RUNNING = "running"
    STOPPED = "stopped"
    SILENT = "silent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the service fares, from the ledger and the settings alone.

    Parameters
    ----------
    service
        ``never`` (it was never started), ``running``, ``stopped`` (it was told to), ``silent`` (no sign of life for
        minutes), ``dead`` (its process ended without being told to).
    since, alive_at
        When the service was started, and when it last gave a sign of life.
    accounts
        One for each that the settings name.
    next_runs
        Soonest first.
    troubles
        What somebody has to look at, in words; none where all is well.
    """

    service: ServiceState
    since: datetime | None
    alive_at: datetime | None
    accounts: tuple[AccountHealth, ...]
    next_runs: tuple[NextRun, ...]
    troubles: tuple[str, ...]
