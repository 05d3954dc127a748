"""Messages as they come in: octets, sightings, cursors, and those that were set aside."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from pipeline.adapters.ledger.engine import Part, reading, writing
from pipeline.adapters.ledger.schema import contents, cursors, events, messages, set_aside, sightings
from pipeline.records.messages import FileSighting, ImapSighting, RawMessage, Sighting
from pipeline.records.sources import Batch, Cursor, SetAsideMessage
from pipeline.records.work import Recorded, StoredMessage, Twin

_REASON_LENGTH = 500
_TRACE_LENGTH = 10_000


class MessageTable(Part):
    """Stores what arrives, once."""

    def cursor(self, source: str, mailbox: str) -> Cursor | None:
        """Return how far `mailbox` has been read, or None if it never was."""
        query = select(cursors.c.uidvalidity, cursors.c.uid, cursors.c.modseq).where(
            cursors.c.source == source, cursors.c.mailbox == mailbox
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return Cursor(uidvalidity=row.uidvalidity, uid=row.uid, modseq=row.modseq) if row else None

    def record(self, source: str, mailbox: str, batch: Batch, now: datetime) -> Recorded:
        """Store a batch and move the cursor behind it, in one transaction."""
        with writing(self._engine) as connection:
            recorded = _store_all(connection, batch.messages, now)
            for refused in batch.refused:
                _set_aside_unread(connection, refused, now)
            _move_cursor(connection, source, mailbox, batch.cursor, now)
        return recorded + Recorded(refused=len(batch.refused))

    def checked(self, source: str, mailbox: str, now: datetime) -> None:
        """Note that `mailbox` was looked at, whether or not there was anything new."""
        here = (cursors.c.source == source, cursors.c.mailbox == mailbox)
        with writing(self._engine) as connection:
            connection.execute(update(cursors).where(*here).values(checked_at=now))

    def waiting(self, limit: int) -> tuple[StoredMessage, ...]:
        """Return up to `limit` messages that nobody has read yet, oldest first."""
        first = (
            select(func.min(sightings.c.id))
            .where(sightings.c.message_id == messages.c.id)
            .correlate(messages)
            .scalar_subquery()
        )
        query = (
            select(messages, sightings.c.source, sightings.c.place)
            .join(sightings, sightings.c.id == first)
            .where(messages.c.state == "new")
            .order_by(messages.c.received_at, messages.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(_stored(row) for row in connection.execute(query))

    def count_waiting(self) -> int:
        """Return how many messages nobody has read yet."""
        query = select(func.count()).select_from(messages).where(messages.c.state == "new")
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def twins(self, header_id: str) -> tuple[Twin, ...]:
        """Return the messages already read whose Message-ID is `header_id`."""
        if not header_id:
            return ()
        query = select(contents.c.message_id, contents.c.author_address, contents.c.text).where(
            contents.c.header_id == header_id
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(Twin(id=row.message_id, author=row.author_address, text=row.text) for row in rows)

    def mark_same(self, message: int, twin: int, now: datetime) -> None:
        """Note that `message` is another copy of `twin`; its octets are not needed any more."""
        with writing(self._engine) as connection:
            connection.execute(
                update(messages)
                .where(messages.c.id == message)
                .values(state="same", same_as=twin, octets=None)
            )
            connection.execute(
                insert(events).values(at=now, name="same-message", message_id=message, detail=f"as {twin}")
            )

    def set_aside(self, message: StoredMessage, step: str, reason: str, trace: str, now: datetime) -> None:
        """Keep a message that a `step` failed on, with the reason, and go on without it."""
        values = {
            "message_id": message.id,
            "place": f"{message.place} {message.sha256[:12]}",
            "step": step,
            "reason": reason[:_REASON_LENGTH],
            "trace": trace[-_TRACE_LENGTH:],
        }
        with writing(self._engine) as connection:
            _put_aside(connection, values, now)
            connection.execute(update(messages).where(messages.c.id == message.id).values(state="set-aside"))
            connection.execute(
                insert(events).values(at=now, name="set-aside", message_id=message.id, detail=step)
            )


def _store_all(connection: Connection, batch: Iterable[RawMessage], now: datetime) -> Recorded:
    stored = known = 0
    for message in batch:
        number = connection.execute(select(messages.c.id).where(messages.c.sha256 == message.sha256)).scalar()
        if number is None:
            number = _store(connection, message, now)
            stored += 1
        else:
            known += 1
        _sight(connection, number, message.sighting, now)
    return Recorded(stored=stored, known=known)


def _store(connection: Connection, message: RawMessage, now: datetime) -> int:
    row = connection.execute(
        insert(messages).values(
            sha256=message.sha256,
            octets=zlib.compress(message.octets, 6),
            size=len(message.octets),
            received_at=message.received_at,
            stored_at=now,
            state="new",
        )
    )
    number = int(row.inserted_primary_key[0]) if row.inserted_primary_key else 0
    connection.execute(insert(events).values(at=now, name="stored", message_id=number, detail=""))
    return number


def _sight(connection: Connection, number: int, sighting: Sighting, now: datetime) -> None:
    key = _sighting_key(sighting)
    same = [sightings.c[name] == value for name, value in key.items()]
    if connection.execute(select(sightings.c.id).where(*same)).first() is None:
        connection.execute(insert(sightings).values(message_id=number, seen_at=now, **key))


def _sighting_key(sighting: Sighting) -> dict[str, Any]:
    if isinstance(sighting, ImapSighting):
        return _key("imap", sighting.account, sighting.mailbox, sighting.uidvalidity, sighting.uid)
    if isinstance(sighting, FileSighting):
        return _key("file", "file", sighting.path, 0, sighting.offset)
    return _key("otrs", sighting.server, "", sighting.ticket, sighting.article)


def _key(kind: str, source: str, place: str, epoch: int, number: int) -> dict[str, Any]:
    return {"kind": kind, "source": source, "place": place, "epoch": epoch, "number": number}


def _set_aside_unread(connection: Connection, refused: SetAsideMessage, now: datetime) -> None:
    key = _sighting_key(refused.sighting)
    values = {
        "place": "{source} {place} {epoch}/{number}".format(**key),
        "octets": zlib.compress(refused.octets) if refused.octets else None,
        "step": "fetch",
        "reason": refused.reason[:_REASON_LENGTH],
        "trace": "",
    }
    _put_aside(connection, values, now)


def _put_aside(connection: Connection, values: dict[str, Any], now: datetime) -> None:
    """Write one row for each place, and count how often it came to this."""
    before = connection.execute(
        select(set_aside.c.attempts).where(set_aside.c.place == values["place"])
    ).scalar()
    connection.execute(delete(set_aside).where(set_aside.c.place == values["place"]))
    connection.execute(insert(set_aside).values(**values, attempts=(before or 0) + 1, at=now))


def _move_cursor(connection: Connection, source: str, mailbox: str, cursor: Cursor, now: datetime) -> None:
    values = {
        "uidvalidity": cursor.uidvalidity,
        "uid": cursor.uid,
        "modseq": cursor.modseq,
        "checked_at": now,
    }
    here = (cursors.c.source == source, cursors.c.mailbox == mailbox)
    if connection.execute(update(cursors).where(*here).values(**values)).rowcount == 0:
        connection.execute(insert(cursors).values(source=source, mailbox=mailbox, **values))


def _stored(row: Any) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        sha256=row.sha256,
        octets=zlib.decompress(row.octets),
        received_at=row.received_at,
        place=f"{row.source} {row.place}".strip(),
    )
