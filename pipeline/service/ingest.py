"""Ingest: from a source into the ledger; downloading ends before any work on the messages begins."""

from __future__ import annotations

from pipeline.records.work import Recorded
from pipeline.service.ports import Clock, MessageSource, MessageStore, Progress, silent

# Octets that are held in memory at once.
BATCH_BYTES = 16 * 1024 * 1024


def ingest(source: MessageSource, store: MessageStore, clock: Clock, progress: Progress = silent) -> Recorded:
    """Store whatever is new in all mailboxes of `source`.

    Each batch is stored together with the cursor behind it, so that an interrupted poll goes on where it was.

    Raises
    ------
    ServerError
        If the source cannot be read; what was stored before stays.
    """
    total = Recorded()
    for mailbox in source.mailboxes():
        total = total + _ingest_mailbox(source, mailbox, store, clock, progress)
    return total


def _ingest_mailbox(
    source: MessageSource, mailbox: str, store: MessageStore, clock: Clock, progress: Progress
) -> Recorded:
    total = Recorded()
    done = 0
    for batch in source.fetch(mailbox, store.cursor(source.name, mailbox), BATCH_BYTES):
        total = total + store.record(source.name, mailbox, batch, clock())
        done += len(batch.messages) + len(batch.refused)
        progress(f"fetch {mailbox}", done, batch.total)
    store.checked(source.name, mailbox, clock())
    return total
