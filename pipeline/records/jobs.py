"""What the service does again and again: which jobs there are, and how each fared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SERVICE = "service"
"""What the ledger calls the process that stays up."""


class JobKind(StrEnum):
    """What a job does."""

    POLL = "poll"
    MARK = "mark"
    WRITE_BACK = "write back"
    WORK = "work"
    SEND = "send"
    KEEP = "retention"


def job_name(kind: JobKind, of: str = "") -> str:
    """Return what the ledger, logs and metrics call a job."""
    return f"{kind.value} {of}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing that is done again and again.

    Parameters
    ----------
    kind
        What it does.
    of
        With which source or help desk, as settings name it; empty where there is one such job alone.
    lane
        Jobs of one lane run one after the other.
    minutes
        From the beginning of one run to that of the next.
    """

    kind: JobKind
    lane: str
    minutes: int
    of: str = ""

    @property
    def name(self) -> str:
        """What the ledger, logs and metrics call it."""
        return job_name(self.kind, self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """How a job fared, as far as the ledger knows.

    Parameters
    ----------
    name
        Of the job.
    holder
        The process that is at it now, or died at it; empty if nobody is.
    began_at, succeeded_at, failed_at
        When it last did.
    error
        Why it failed last, in the program's own words.
    seconds
        How long the last run took.
    """

    name: str
    holder: str = ""
    began_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    seconds: float | None = None

    @property
    def is_failing(self) -> bool:
        """Whether its last run that ended, ended badly."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.succeeded_at < self.failed_at

    def next_after(self, minutes: int) -> datetime | None:
        """Return when it is to begin next, `minutes` after the last time; None if it never began."""
        return self.began_at + timedelta(minutes=minutes) if self.began_at else None
