"""Jobs: which there are, by the settings alone, and how each fared, kept in the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pipeline.errors import LedgerError
from pipeline.records.jobs import Job, JobKind, job_name
from pipeline.service.telling import public, reason
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.service.ports import Clock
    from pipeline.service.ports_jobs import JobStore

# How late a digest may be.
_SEND_MINUTES = 1
# What is kept too long is looked for once a day.
_KEEP_MINUTES = 1440
# What a source is called in front of the name of its account.
_IMAP, _OTRS = "imap", "otrs"


def declared(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs that the settings ask for.

    Each account is polled and marked in a lane of its own, and each help desk is told of decisions in one; all
    messages are decided in another, and digests are sent in the last.
    """
    minutes = settings.schedule.poll_minutes
    jobs = [Job(kind=JobKind.POLL, of=source, lane=source, minutes=minutes) for source in sources(settings)]
    for account in settings.imap:
        if account.after != "nothing":
            of = f"{_IMAP}:{account.name}"
            jobs.append(Job(kind=JobKind.MARK, of=of, lane=of, minutes=minutes))
    for server in settings.otrs:
        if server.write.wanted:
            lane = job_name(JobKind.WRITE_BACK, server.name)
            jobs.append(Job(kind=JobKind.WRITE_BACK, of=server.name, lane=lane, minutes=minutes))
    jobs.append(Job(kind=JobKind.WORK, lane=JobKind.WORK.value, minutes=minutes))
    jobs.append(Job(kind=JobKind.SEND, lane=JobKind.SEND.value, minutes=_SEND_MINUTES))
    jobs.append(Job(kind=JobKind.KEEP, lane=JobKind.WORK.value, minutes=_KEEP_MINUTES))
    return tuple(jobs)


def sources(settings: Settings) -> tuple[str, ...]:
    """Return what the ledger calls the accounts and help desks that are polled."""
    return (
        *(f"{_IMAP}:{account.name}" for account in settings.imap),
        *(f"{_OTRS}:{server.name}" for server in settings.otrs),
    )


class Run:
    """One run of a job.

    Attributes
    ----------
    problems
        What went wrong, in lines; with some, it failed.
    skipped
        Another process does it: neither well nor badly done.
    """

    def __init__(self) -> None:
        self.problems: Sequence[str] = ()
        self.skipped = False


@contextmanager
def kept(store: JobStore, kind: JobKind, of: str, clock: Clock) -> Iterator[Run]:
    """Note in the ledger that a job begins, and how it ends; what the block raises passes through."""
    name = job_name(kind, of)
    run, began = Run(), time.monotonic()
    store.began(name, clock())
    try:
        yield run
    except Exception as error:
        with suppress(LedgerError):  # it may be why the job failed
            store.failed(name, clock(), time.monotonic() - began, reason(error))
        raise
    except BaseException:  # told to stop
        with suppress(LedgerError):
            store.left(name)
        raise
    if run.problems:
        store.failed(name, clock(), time.monotonic() - began, public(run.problems[0]))
    elif run.skipped:
        store.left(name)
    else:
        store.succeeded(name, clock(), time.monotonic() - began)
