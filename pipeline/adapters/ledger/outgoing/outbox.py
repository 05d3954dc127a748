"""The outbox: mails and pages that were decided on and have to leave, each under a key of its own."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.adapters.ledger.database.engine import Room, reading, writing
from pipeline.adapters.ledger.outgoing.queue import has_come, tried
from pipeline.adapters.ledger.outgoing.returns import add_return
from pipeline.adapters.ledger.running.claims import FREE, claim, let_go
from pipeline.adapters.ledger.running.leases import HeldPart
from pipeline.adapters.ledger.schema import NOTHING, outbox
from pipeline.records.work import OutgoingMail, QueuedMail

_TOKEN_OCTETS = 10
# Of these the newest is worth sending, and what waits behind it is not: who was cut off gets one digest, not ten.
_REPLACED = ("daily", "wiki")
_NOT_LEFT = ("queued", "failed", "replaced")


class OutboxTable(HeldPart):
    """Keeps mails and pages until they have left, and remembers that they did."""

    def queue(self, mail: OutgoingMail, now: datetime) -> bool:
        """Queue `mail`, unless one with its recipient, purpose and period ever was; tell whether it is new.

        An older daily digest for the same reader that has not left yet is replaced, and so is an older text of the same
        page. A mail gets a token for its reverse-path if it has none.
        """
        key = _key(mail.recipient, mail.purpose, mail.period)
        try:
            with writing(self._engine, Room.OUTBOX) as connection:
                connection.execute(delete(outbox).where(*key, outbox.c.state == NOTHING))
                if connection.execute(select(outbox.c.id).where(*key)).first():
                    return False
                if mail.purpose in _REPLACED:
                    _replace_others(connection, mail.recipient, mail.purpose, mail.period)
                connection.execute(insert(outbox).values(**_row(mail, now)))
        except IntegrityError:
            return False
        return True

    def pass_over(self, recipient: str, purpose: str, period: str, now: datetime) -> None:
        """Note that there was nothing to say when this mail was due, so that it does not come at another hour."""
        row = {"recipient": recipient, "purpose": purpose, "period": period, "header_id": "", "octets": b""}
        with suppress(IntegrityError), writing(self._engine, Room.OUTBOX) as connection:
            connection.execute(
                insert(outbox).values(**row, state=NOTHING, queued_at=now, attempts=0, next_at=now, error="")
            )

    def again(
        self, recipient: str, purpose: str, period: str, now: datetime, states: Iterable[str] = _NOT_LEFT
    ) -> bool:
        """Queue once more what is in one of these `states` and has not left; return False if there is no such thing."""
        key = _key(recipient, purpose, period)
        here = (*key, outbox.c.state.in_(tuple(states)), outbox.c.state != "sent")
        values = {"state": "queued", "queued_at": now, "next_at": now, "attempts": 0, "error": ""}
        with writing(self._engine, Room.OUTBOX) as connection:
            if not connection.execute(update(outbox).where(*here).values(**values)).rowcount:
                return False
            if purpose in _REPLACED:
                _replace_others(connection, recipient, purpose, period)
            return True

    def ever(self, recipient: str, purpose: str) -> bool:
        """Tell whether anything of this `purpose` was ever queued for `recipient`."""
        query = select(outbox.c.id).where(outbox.c.recipient == recipient, outbox.c.purpose == purpose)
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def holds(self, recipient: str, purpose: str, period: str) -> bool:
        """Tell whether a mail with this key was ever queued, or passed over."""
        query = select(outbox.c.id).where(*_key(recipient, purpose, period))
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def count(self, recipient: str, purpose: str, since: datetime) -> int:
        """Count the mails of this `purpose` that were queued for `recipient` since then."""
        query = select(func.count()).where(
            outbox.c.recipient == recipient, outbox.c.purpose == purpose, outbox.c.queued_at >= since
        )
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def last(self, recipient: str, purpose: str) -> datetime | None:
        """Return when the last mail of this `purpose` was made that has reached `recipient`, or None.

        What never left does not count: what it told of is still news.
        """
        query = select(func.max(outbox.c.queued_at)).where(
            outbox.c.recipient == recipient, outbox.c.purpose == purpose, outbox.c.state == "sent"
        )
        with reading(self._engine) as connection:
            last: datetime | None = connection.execute(query).scalar()
        return last

    def due(self, now: datetime, channels: Iterable[str] = ("mail",)) -> tuple[QueuedMail, ...]:
        """Return what is to leave by one of these `channels` and whose time has come, oldest first."""
        with reading(self._engine) as connection:
            return tuple(_queued(row) for row in connection.execute(_due(now, channels)))

    def claim(
        self, now: datetime, channels: Iterable[str], seconds: float, but: Collection[int] = ()
    ) -> QueuedMail | None:
        """Claim the oldest of what is due and nobody else has claimed, for some `seconds`; None if there is none.

        Parameters
        ----------
        but
            Numbers of those that were tried already.
        """
        query = _due(now, channels).with_only_columns(outbox.c.id).limit(1)
        query = query.where(outbox.c.id.not_in(but)) if but else query
        with writing(self._engine, None) as connection:
            chosen = claim(connection, outbox, query, self.holder, seconds, now)
            whole = select(outbox).where(outbox.c.id.in_(chosen))
            return _queued(connection.execute(whole).one()) if chosen else None

    def let_go(self) -> None:
        """Give back what this process has claimed."""
        with writing(self._engine, None) as connection:
            let_go(connection, outbox, self.holder)

    def sent(self, number: int, now: datetime) -> None:
        """Note that a mail has left."""
        self._change(number, "", state="sent", sent_at=now)

    def deferred(self, number: int, next_at: datetime, error: str) -> None:
        """Note that sending has to be tried again at `next_at`."""
        self._change(number, error, next_at=next_at)

    def failed(self, number: int, error: str, *, refused: str = "", now: datetime | None = None) -> None:
        """Note that a mail will not be tried again.

        Parameters
        ----------
        refused
            The status code (RFC 3463) with which the server refused the recipient or the mail, which counts as a
            delivery failure; empty where something else is the reason.
        now
            When it was refused.
        """
        with writing(self._engine, Room.OUTBOX) as connection:
            connection.execute(tried(outbox, number, error, state="failed", **FREE))
            if refused and now is not None:
                add_return(connection, number, None, refused, hard=True, at=now)

    def _change(self, number: int, error: str, **values: Any) -> None:
        with writing(self._engine, Room.OUTBOX) as connection:
            connection.execute(tried(outbox, number, error, **FREE, **values))


def _due(now: datetime, channels: Iterable[str]) -> Select[Any]:
    return (
        select(outbox)
        .where(outbox.c.state == "queued", has_come(outbox.c.next_at, outbox.c.queued_at, now))
        .where(outbox.c.channel.in_(tuple(channels)))
        .order_by(outbox.c.id)
    )


def _replace_others(connection: Connection, recipient: str, purpose: str, period: str) -> None:
    """Let nothing leave that waits behind the mail with this key."""
    same = (outbox.c.recipient == recipient, outbox.c.purpose == purpose, outbox.c.state == "queued")
    connection.execute(update(outbox).where(*same, outbox.c.period != period).values(state="replaced"))


def _row(mail: OutgoingMail, now: datetime) -> dict[str, Any]:
    token = mail.token or (new_token() if mail.channel == "mail" else None)
    return {
        "recipient": mail.recipient, "purpose": mail.purpose, "period": mail.period, "header_id": mail.message_id,
        "octets": mail.octets, "state": "queued", "queued_at": now, "attempts": 0, "next_at": now, "error": "",
        "token": token, "channel": mail.channel,
    }  # fmt: skip


def new_token() -> str:
    """Return 80 random bits as small letters and digits, which mail servers leave as they are."""
    return base64.b32encode(secrets.token_bytes(_TOKEN_OCTETS)).decode("ascii").lower()


def _key(recipient: str, purpose: str, period: str) -> tuple[Any, ...]:
    """Return the conditions that select the one mail with this key."""
    return outbox.c.recipient == recipient, outbox.c.purpose == purpose, outbox.c.period == period


def _queued(row: Row[Any]) -> QueuedMail:
    mail = OutgoingMail(
        recipient=row.recipient,
        purpose=row.purpose,
        period=row.period,
        message_id=row.header_id,
        octets=row.octets,
        token=row.token or "",
        channel=row.channel,
    )
    return QueuedMail(id=row.id, mail=mail, attempts=row.attempts, queued_at=row.queued_at)
