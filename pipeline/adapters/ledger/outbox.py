"""The outbox: mails that were decided on and have to leave, each under a key of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.adapters.ledger.engine import Part, reading, writing
from pipeline.adapters.ledger.schema import outbox
from pipeline.records.work import OutgoingMail, QueuedMail

_ERROR_LENGTH = 300


class OutboxTable(Part):
    """Keeps mails until they are sent, and remembers that they were."""

    def queue(self, mail: OutgoingMail, now: datetime) -> bool:
        """Queue `mail`, unless one with its recipient, purpose and period ever was; tell whether it is new."""
        row = {
            "recipient": mail.recipient, "purpose": mail.purpose, "period": mail.period,
            "header_id": mail.message_id, "octets": mail.octets, "state": "queued", "queued_at": now,
            "attempts": 0, "next_at": now, "error": "",
        }  # fmt: skip
        try:
            with writing(self._engine) as connection:
                if connection.execute(select(outbox.c.id).where(*_key(mail))).first():
                    return False
                connection.execute(insert(outbox).values(**row))
        except IntegrityError:
            return False
        return True

    def holds(self, recipient: str, purpose: str, period: str) -> bool:
        """Tell whether a mail with this key was ever queued."""
        query = select(outbox.c.id).where(
            outbox.c.recipient == recipient, outbox.c.purpose == purpose, outbox.c.period == period
        )
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def last(self, recipient: str, purpose: str) -> datetime | None:
        """Return when the last mail of this `purpose` was queued for `recipient`, or None."""
        query = select(func.max(outbox.c.queued_at)).where(
            outbox.c.recipient == recipient, outbox.c.purpose == purpose
        )
        with reading(self._engine) as connection:
            last: datetime | None = connection.execute(query).scalar()
        return last

    def due(self, now: datetime) -> tuple[QueuedMail, ...]:
        """Return the mails whose time has come, oldest first."""
        query = (
            select(outbox).where(outbox.c.state == "queued", outbox.c.next_at <= now).order_by(outbox.c.id)
        )
        with reading(self._engine) as connection:
            return tuple(_queued(row) for row in connection.execute(query))

    def sent(self, number: int, now: datetime) -> None:
        """Note that a mail has left."""
        self._change(number, state="sent", sent_at=now, error="")

    def deferred(self, number: int, next_at: datetime, error: str) -> None:
        """Note that sending has to be tried again at `next_at`."""
        self._change(number, next_at=next_at, error=error[:_ERROR_LENGTH])

    def failed(self, number: int, error: str) -> None:
        """Note that a mail will not be tried again."""
        self._change(number, state="failed", error=error[:_ERROR_LENGTH])

    def _change(self, number: int, **values: Any) -> None:
        statement = update(outbox).where(outbox.c.id == number)
        with writing(self._engine) as connection:
            connection.execute(statement.values(attempts=outbox.c.attempts + 1, **values))


def _key(mail: OutgoingMail) -> tuple[Any, ...]:
    return (
        outbox.c.recipient == mail.recipient,
        outbox.c.purpose == mail.purpose,
        outbox.c.period == mail.period,
    )


def _queued(row: Any) -> QueuedMail:
    mail = OutgoingMail(
        recipient=row.recipient,
        purpose=row.purpose,
        period=row.period,
        message_id=row.header_id,
        octets=row.octets,
    )
    return QueuedMail(id=row.id, mail=mail, attempts=row.attempts, queued_at=row.queued_at)
