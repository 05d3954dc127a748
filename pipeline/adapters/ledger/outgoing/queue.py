"""What all queues of the ledger share: when the time to try again has come, and how a try went."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Update, or_, update

# No wait is longer (RFC 5321, section 4.5.4.1): a time beyond it was written while the clock was ahead.
_LONGEST_WAIT = timedelta(days=5)
# Of an error that much is kept.
_ERROR_LENGTH = 300


def has_come(moment: Column[datetime], queued_at: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Ask whether the time to try again has come; what was queued or put off while the clock was ahead has to wait no more."""
    return or_(moment <= now, moment > now + _LONGEST_WAIT, queued_at > now)


def tried(table: Table, number: int, error: str, **values: Any) -> Update:
    """Note one more try of what waits in the queue `table`, and how it went."""
    attempts = table.c.attempts + 1
    return (
        update(table)
        .where(table.c.id == number)
        .values(attempts=attempts, error=error[:_ERROR_LENGTH], **values)
    )
