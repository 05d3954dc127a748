"""Inquiries: threads of messages under one KEY, their decisions, and who deals with them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from pipeline.adapters.ledger.codec import decision_row
from pipeline.adapters.ledger.engine import Part, reading, writing
from pipeline.adapters.ledger.entries import OPEN_STATES, read_entries, read_loads
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    decisions,
    events,
    inquiries,
    inquiry_messages,
    message_references,
    messages,
)
from pipeline.records.decisions import Disposition
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.records.work import Assignment, Entry, Reading, State, StoredMessage, Thread, Window

# Letters and digits that nobody mixes up, and that spell no words.
_KEY_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_KEY_LENGTH = 6


class InquiryTable(Part):
    """Keeps what was understood and decided."""

    def threads(self, inquiry: Inquiry) -> tuple[Thread, ...]:
        """Return the inquiries that a message answers, or that answer it, by their Message-IDs."""
        related = _related_messages(inquiry)
        query = (
            select(
                inquiries.c.id,
                inquiries.c.key,
                contents.c.author_address,
                contents.c.recipients,
                contents.c.list_id,
            )
            .join(inquiry_messages, inquiry_messages.c.inquiry_id == inquiries.c.id)
            .join(contents, contents.c.message_id == inquiry_messages.c.message_id)
            .where(
                inquiries.c.id.in_(
                    select(inquiry_messages.c.inquiry_id).where(inquiry_messages.c.message_id.in_(related))
                )
            )
            .order_by(inquiries.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            _thread([row for row in rows if row.key == key]) for key in dict.fromkeys(r.key for r in rows)
        )

    def record(self, message: StoredMessage, reading: Reading, join: str | None, now: datetime) -> str:
        """Keep what was read and decided, in the inquiry `join` or a new one; return its KEY.

        All in one transaction: a message is either new, or read with everything that belongs to it.
        """
        with writing(self._engine) as connection:
            _write_contents(connection, message, reading)
            number, key = _open_or_join(connection, message, reading, join, now)
            connection.execute(insert(inquiry_messages).values(message_id=message.id, inquiry_id=number))
            connection.execute(
                insert(decisions).values(message_id=message.id, **decision_row(reading.decision))
            )
            connection.execute(update(messages).where(messages.c.id == message.id).values(state="read"))
            connection.execute(
                insert(events).values(
                    at=now,
                    name="decided",
                    message_id=message.id,
                    inquiry_id=number,
                    detail=reading.decision.disposition.value,
                )
            )
        return key

    def unassigned(self) -> tuple[Entry, ...]:
        """Return the inquiries that wait for a liaison, oldest first."""
        with reading(self._engine) as connection:
            return read_entries(connection, inquiries.c.state == State.RECEIVED.value)

    def open(self) -> tuple[Entry, ...]:
        """Return the inquiries that are with a liaison or wait for one, oldest first."""
        with reading(self._engine) as connection:
            return read_entries(connection, inquiries.c.state.in_(OPEN_STATES))

    def received(self, window: Window) -> tuple[Entry, ...]:
        """Return the inquiries that began in `window`, of every disposition, oldest first."""
        with reading(self._engine) as connection:
            return read_entries(
                connection, inquiries.c.opened_at >= window.start, inquiries.c.opened_at < window.end
            )

    def find(self, key: str) -> Entry | None:
        """Return the inquiry called `key`, or None."""
        with reading(self._engine) as connection:
            found = read_entries(connection, inquiries.c.key == key.upper())
        return found[0] if found else None

    def loads(self) -> Mapping[str, int]:
        """Return liaison id to number of open inquiries."""
        with reading(self._engine) as connection:
            return read_loads(connection)

    def assign(self, chosen: Iterable[Assignment], now: datetime) -> None:
        """Give inquiries to liaisons, in one transaction."""
        with writing(self._engine) as connection:
            for assignment in chosen:
                _assign(connection, assignment, now)


def _related_messages(inquiry: Inquiry) -> Any:
    """Select the messages that this one refers to, and those that refer to it."""
    message = inquiry.message
    referred = sorted({*message.references, *message.in_reply_to} - {""})
    conditions = [message_references.c.header_id == message.message_id] if message.message_id else []
    referring = select(message_references.c.message_id).where(or_(False, *conditions))
    return select(contents.c.message_id).where(
        or_(contents.c.header_id.in_(referred), contents.c.message_id.in_(referring))
    )


def _thread(rows: list[Any]) -> Thread:
    people = {row.author_address.lower() for row in rows}
    for row in rows:
        people.update(address.lower() for address in row.recipients)
    return Thread(
        key=rows[0].key,
        participants=frozenset(people - {""}),
        lists=frozenset(row.list_id for row in rows if row.list_id),
    )


def _write_contents(connection: Connection, message: StoredMessage, reading: Reading) -> None:
    inquiry = reading.inquiry
    forwarder = inquiry.forward.forwarder if inquiry.forward else Address()
    connection.execute(
        insert(contents).values(
            message_id=message.id,
            header_id=inquiry.message.message_id,
            author_name=inquiry.author.name,
            author_address=inquiry.author.address,
            forwarder_name=forwarder.name or None,
            forwarder_address=forwarder.address or None,
            organisation=reading.organisation,
            subject=inquiry.base_subject,
            text=inquiry.text,
            summary=reading.decision.summary,
            recipients=list(inquiry.recipients),
            list_id=inquiry.list_id,
            origin=reading.origin,
            archive_url=reading.archive_url,
            attachments=[attachment.name for attachment in inquiry.message.attachments if attachment.name],
        )
    )
    referred = {*inquiry.message.references, *inquiry.message.in_reply_to} - {"", inquiry.message.message_id}
    if referred:
        rows = [{"message_id": message.id, "header_id": header_id} for header_id in sorted(referred)]
        connection.execute(insert(message_references), rows)


def _open_or_join(
    connection: Connection, message: StoredMessage, reading: Reading, join: str | None, now: datetime
) -> tuple[int, str]:
    """Return number and KEY of the inquiry that the message belongs to."""
    if join is not None:
        row = connection.execute(
            select(inquiries.c.id, inquiries.c.state).where(inquiries.c.key == join)
        ).one()
        _reopen(connection, row.id, State(row.state), reading)
        return row.id, join
    filed = reading.decision.disposition is Disposition.FILE
    key = _free_key(connection)
    result = connection.execute(
        insert(inquiries).values(
            key=key,
            state=(State.FILED if filed else State.RECEIVED).value,
            opened_at=message.received_at or reading.inquiry.received_at or now,
            closed_at=now if filed else None,
        )
    )
    return (int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0), key


def _reopen(connection: Connection, number: int, state: State, reading: Reading) -> None:
    """Let a human follow-up bring a closed inquiry back; machines do not."""
    if reading.decision.disposition is Disposition.FILE or state.value in OPEN_STATES:
        return
    held = connection.execute(
        select(assignments.c.id).where(assignments.c.inquiry_id == number, assignments.c.ended_at.is_(None))
    ).first()
    again = State.ASSIGNED if held else State.RECEIVED
    connection.execute(
        update(inquiries).where(inquiries.c.id == number).values(state=again.value, closed_at=None)
    )


def _free_key(connection: Connection) -> str:
    while True:
        key = "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_LENGTH))
        if connection.execute(select(inquiries.c.id).where(inquiries.c.key == key)).first() is None:
            return key


def _assign(connection: Connection, assignment: Assignment, now: datetime) -> None:
    row = connection.execute(
        select(inquiries.c.id, inquiries.c.state).where(inquiries.c.key == assignment.inquiry)
    ).one()
    current = (assignments.c.inquiry_id == row.id, assignments.c.ended_at.is_(None))
    connection.execute(update(assignments).where(*current).values(ended_at=now))
    connection.execute(
        insert(assignments).values(
            inquiry_id=row.id,
            liaison=assignment.liaison,
            reason=assignment.reason,
            due_at=assignment.due_at,
            assigned_at=now,
        )
    )
    connection.execute(update(inquiries).where(inquiries.c.id == row.id).values(state=State.ASSIGNED.value))
    connection.execute(
        insert(events).values(at=now, name="assigned", inquiry_id=row.id, detail=assignment.liaison)
    )
