"""Ingest: from a source into the ledger; downloading ends before any work on the messages begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipeline.errors import ServerError
from pipeline.faultpoints import reach
from pipeline.records.jobs import JobKind
from pipeline.records.work import Recorded
from pipeline.service.jobs import kept
from pipeline.service.leases import leased
from pipeline.service.ports import Clock, Ledger, MessageSource, MessageStore, Progress, silent
from pipeline.service.ports_claims import LeaseStore

# Octets that are held in memory at once.
BATCH_BYTES = 16 * 1024 * 1024
_LEFT = "another process polls it; left to that one"


def is_left_to_another(line: str) -> bool:
    """Tell whether a line of `poll_source` says no more than that another process is at it."""
    return line.endswith(_LEFT)


def ingest(
    source: MessageSource,
    store: MessageStore,
    clock: Clock,
    progress: Progress = silent,
    *,
    leases: LeaseStore | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Recorded:
    """Store whatever is new in all mailboxes of `source`.

    Each batch is stored together with the cursor behind it, so that an interrupted poll goes on where it was.

    Parameters
    ----------
    leases
        Where given, a mailbox that another process reads at the moment is left to that.
    tell
        Takes a line for people about each mailbox that was left out.

    Raises
    ------
    ServerError
        If the source cannot be read; what was stored before stays.
    """
    total = Recorded()
    for mailbox in source.mailboxes():
        if leases is None:
            total = total + _ingest_mailbox(source, mailbox, store, clock, progress)
            continue
        with leased(leases, f"poll {source.name} {mailbox}"[:512], clock) as lease:
            if lease is None:
                tell(f"{source.name}: {mailbox}: {_LEFT}")
            else:
                total = total + _ingest_mailbox(source, mailbox, store, clock, lease.renewing(progress))
    return total


def poll(
    sources: Iterable[MessageSource], ledger: Ledger, clock: Clock, progress: Progress = silent
) -> tuple[Recorded, tuple[str, ...]]:
    """Read all sources; one that fails does not keep the others from being read.

    Returns
    -------
    tuple
        What was stored, and what went wrong, in lines.
    """
    total = Recorded()
    problems: list[str] = []
    for source in sources:
        recorded, told = poll_source(source, ledger, clock, progress)
        total = total + recorded
        problems += told
    return total, tuple(problems)


def poll_source(
    source: MessageSource, ledger: Ledger, clock: Clock, progress: Progress = silent
) -> tuple[Recorded, tuple[str, ...]]:
    """Read one source and end its connection; return what was stored, and what went wrong, in lines."""
    told: list[str] = []
    try:
        with kept(ledger.jobs, JobKind.POLL, source.name, clock) as run:
            try:
                recorded = ingest(
                    source, ledger.messages, clock, progress, leases=ledger.leases, tell=told.append
                )
            except ServerError as error:
                run.problems = (str(error),)
                return Recorded(), (*told, str(error))
            run.skipped = bool(told)
            return recorded, tuple(told)
    finally:
        source.close()


def _ingest_mailbox(
    source: MessageSource, mailbox: str, store: MessageStore, clock: Clock, progress: Progress
) -> Recorded:
    total = Recorded()
    done = 0
    for batch in source.fetch(mailbox, store.cursor(source.name, mailbox), BATCH_BYTES):
        reach("ingest.fetched")
        total = total + store.record(source.name, mailbox, batch, clock())
        reach("ingest.recorded")
        done += len(batch.messages) + len(batch.refused)
        progress(f"fetch {mailbox}", done, batch.total)
    store.checked(source.name, mailbox, clock())
    reach("ingest.checked")
    return total
