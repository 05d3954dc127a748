"""The event log: what happened, when, to which message or inquiry; ids alone, nothing of people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from pipeline.adapters.ledger.schema import events

_DETAIL_LENGTH = 64


def note(
    connection: Connection,
    now: datetime,
    name: str,
    detail: str = "",
    *,
    message: int | None = None,
    inquiry: int | None = None,
) -> None:
    """Write a line of the event log."""
    row = {
        "at": now,
        "name": name,
        "message_id": message,
        "inquiry_id": inquiry,
        "detail": detail[:_DETAIL_LENGTH],
    }
    connection.execute(insert(events), row)
