"""Delivery failures: which mail came back, and what the mail server said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.archived import taken
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import duties, messages, outbox, returns
from pipeline.records.work import HardReturn, StoredMessage

_STATUS_LENGTH = 16


class ReturnTable(Part):
    """Keeps what came back."""

    def take(self, message: StoredMessage, token: str, status: str, now: datetime, *, hard: bool) -> bool:
        """Note that `message` says what became of the mail with this `token`, and be done with it.

        Returns
        -------
        bool
            False if no mail of ours ever carried the token: then nothing is noted.
        """
        with writing(self._engine) as connection:
            number = connection.execute(select(outbox.c.id).where(outbox.c.token == token)).scalar()
            if number is None:
                return False
            if taken(connection, message.id) is None:  # else another process was quicker
                add_return(connection, number, message.id, status, hard=hard, at=now)
                connection.execute(
                    update(messages).where(messages.c.id == message.id).values(state="returned")
                )
            return True

    def hard(self, since: datetime) -> tuple[HardReturn, ...]:
        """Return the mails made from `since` on that failed for good, oldest first, each once."""
        query = (
            select(outbox.c.id, outbox.c.recipient, outbox.c.queued_at, func.min(returns.c.status))
            .join(returns, returns.c.outbox_id == outbox.c.id)
            .where(returns.c.hard, outbox.c.queued_at >= since)
            .group_by(outbox.c.id, outbox.c.recipient, outbox.c.queued_at)
            .order_by(outbox.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            HardReturn(mail=number, recipient=recipient, queued_at=queued_at, status=status)
            for number, recipient, queued_at, status in rows
        )

    def resumed(self) -> Mapping[str, datetime]:
        """Return the id of each liaison who was suspended and is no longer to when that ended last."""
        query = (
            select(duties.c.liaison, func.max(duties.c.ended_at).label("ended_at"))
            .where(duties.c.kind == "suspended", duties.c.ended_at.is_not(None))
            .group_by(duties.c.liaison)
        )
        with reading(self._engine) as connection:
            return {row.liaison: row.ended_at for row in connection.execute(query)}


def add_return(
    connection: Connection, mail: int, message: int | None, status: str, *, hard: bool, at: datetime
) -> None:
    """Add a row on what became of a mail of the outbox."""
    values: dict[str, Any] = {"outbox_id": mail, "message_id": message, "hard": hard, "at": at}
    connection.execute(insert(returns).values(status=status[:_STATUS_LENGTH], **values))
    note(connection, at, "returned", status)
