"""Messages as they come in: octets, sightings, cursors, and those that were set aside."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from pipeline.adapters.ledger.database.engine import reading, writing
from pipeline.adapters.ledger.database.statements import put
from pipeline.adapters.ledger.inquiries.archived import taken
from pipeline.adapters.ledger.mail.storing import prepare, put_aside, store, write_set_aside
from pipeline.adapters.ledger.outgoing.writebacks import remember
from pipeline.adapters.ledger.running.claims import claim, hold, let_go
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.running.leases import HeldPart, has_ended, held_by_another
from pipeline.adapters.ledger.schema import cursors, messages, sightings
from pipeline.records.keeping import FORGET
from pipeline.records.messages import EnclosedSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Recorded, StoredMessage

_REASON_LENGTH = 500
_TRACE_LENGTH = 10_000
# Octets of waiting messages that are held at once.
_MOST_OCTETS = 64 * 1024 * 1024


class MessageTable(HeldPart):
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
        prepared = prepare(batch.messages)
        with writing(self._engine) as connection:
            stored = store(connection, prepared, archived=False, now=now)
            for refused in batch.refused:
                put_aside(connection, refused, now)
            remember(connection, batch.tickets, now)
            _move_cursor(connection, source, mailbox, batch.cursor, now)
        new = stored.new - stored.again
        return Recorded(stored=new, known=len(prepared) - new, refused=len(batch.refused))

    def unpack(self, digest: StoredMessage, mails: Sequence[bytes], now: datetime) -> None:
        """Store the mails of a list's digest as messages that came with it; archived if the digest is."""
        prepared = prepare(
            RawMessage(sighting=EnclosedSighting(digest=digest.sha256, number=number), octets=octets)
            for number, octets in enumerate(mails, 1)
        )
        query = select(messages.c.archived).where(messages.c.id == digest.id)
        with writing(self._engine) as connection:
            archived = bool(connection.execute(query).scalar_one())
            store(connection, prepared, archived=archived, now=now)

    def checked(self, source: str, mailbox: str, now: datetime) -> None:
        """Note that `mailbox` was looked at, whether or not there was anything new."""
        here = (cursors.c.source == source, cursors.c.mailbox == mailbox)
        with writing(self._engine) as connection:
            connection.execute(update(cursors).where(*here).values(checked_at=now))

    def waiting(self, limit: int, but: Collection[int] = ()) -> tuple[StoredMessage, ...]:
        """Return up to `limit` messages that nobody has read yet, the live ones first, the oldest of them first.

        Fewer where they are large, so that a heap of large ones does not fill the memory.

        Parameters
        ----------
        but
            Numbers of those that are in hand already.
        """
        with reading(self._engine) as connection:
            chosen = within(connection.execute(_next(limit, but)))
            return tuple(_stored(row) for row in connection.execute(_whole(chosen)))

    def claim(
        self, limit: int, seconds: float, now: datetime, but: Collection[int] = ()
    ) -> tuple[StoredMessage, ...]:
        """Claim up to `limit` messages that wait and that nobody else has claimed, for some `seconds`.

        As `waiting` chooses them; they are given back by `let_go`, or are anybody's when the time is up or the process has
        ended. None while another process forgets a person: what is tagged meanwhile would escape it.
        """
        with writing(self._engine, None) as connection:
            if held_by_another(connection, FORGET, self.holder, now):
                return ()
            chosen = claim(connection, messages, _next(limit, but), self.holder, seconds, now, within)
            rows = {row.id: row for row in connection.execute(_whole(chosen))} if chosen else {}
            return tuple(_stored(rows[number]) for number in chosen)

    def hold(self, seconds: float, now: datetime) -> None:
        """Hold on for some `seconds` the messages that this process has claimed."""
        with writing(self._engine, None) as connection:
            hold(connection, messages, self.holder, seconds, now)

    def let_go(self) -> None:
        """Give back the messages that this process has claimed."""
        with writing(self._engine, None) as connection:
            let_go(connection, messages, self.holder)

    def in_hand(self, now: datetime) -> int:
        """Return how many messages other processes have claimed."""
        until = messages.c.claimed_until > now
        query = select(messages.c.claimed_by).where(until, messages.c.claimed_by != self.holder)
        with reading(self._engine) as connection:
            return sum(not has_ended(one) for one in connection.execute(query).scalars())

    def count_waiting(self) -> int:
        """Return how many messages nobody has read yet."""
        query = select(func.count()).select_from(messages).where(messages.c.state == "new")
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

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
            if taken(connection, message.id) is not None:
                return  # another process was quicker
            write_set_aside(connection, values, now)
            connection.execute(update(messages).where(messages.c.id == message.id).values(state="set-aside"))
            note(connection, now, "set-aside", step, message=message.id)


def _move_cursor(connection: Connection, source: str, mailbox: str, cursor: Cursor, now: datetime) -> None:
    values = {
        "uidvalidity": cursor.uidvalidity,
        "uid": cursor.uid,
        "modseq": cursor.modseq,
        "checked_at": now,
    }
    put(connection, cursors, {"source": source, "mailbox": mailbox}, values)


def _next(limit: int, but: Collection[int]) -> Select[Any]:
    """Ask for number and size of the messages that are to be read next."""
    return (
        select(messages.c.id, messages.c.size)
        .where(messages.c.state == "new", *([messages.c.id.not_in(but)] if but else []))
        .order_by(messages.c.archived, messages.c.received_at, messages.c.id)
        .limit(limit)
    )


def _whole(numbers: Collection[int]) -> Select[Any]:
    """Ask for messages with the place where each was seen first, in the order in which they are to be read."""
    first = (
        select(func.min(sightings.c.id))
        .where(sightings.c.message_id == messages.c.id)
        .correlate(messages)
        .scalar_subquery()
    )
    return (
        select(messages, sightings.c.kind, sightings.c.source, sightings.c.place, sightings.c.epoch)
        .join(sightings, sightings.c.id == first)
        .where(messages.c.id.in_(numbers))
        .order_by(messages.c.archived, messages.c.received_at, messages.c.id)
    )


def within(rows: Iterable[Any]) -> list[int]:
    """Return the ids of the first messages, at least one, that together are no larger than may be held."""
    total = 0
    chosen: list[int] = []
    for row in rows:
        total += row.size
        if chosen and total > _MOST_OCTETS:
            break
        chosen.append(row.id)
    return chosen


def _stored(row: Any) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        sha256=row.sha256,
        octets=zlib.decompress(row.octets),
        received_at=row.received_at,
        place=f"{row.source} {row.place}".strip(),
        desk=row.source if row.kind == "otrs" else "",
        ticket=row.epoch if row.kind == "otrs" else 0,
    )
