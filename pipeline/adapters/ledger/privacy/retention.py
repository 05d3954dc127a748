"""Let things go when their time is over, some rows in each transaction; what is open is never touched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, String, and_, cast, func, or_, select, update
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.database.compact import empty_journal
from pipeline.adapters.ledger.database.engine import Part, Room, reading, writing
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.privacy.removal import (
    remove_contents,
    remove_desk_notes,
    remove_evidence,
    remove_octets,
    remove_remarks,
)
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    contents,
    decisions,
    inquiries,
    inquiry_messages,
    messages,
    notes,
    outbox,
    set_aside,
)
from pipeline.records.keeping import REMOVED

# Rows that are changed in one transaction: others do not wait for long.
BATCH = 200
_LEFT = ("sent", "failed", "replaced", "dropped")
# Dealt with, and in no inquiry.
_ASIDE = ("answer", "returned")


class RetentionTable(Part):
    """Lets go of what is older than `before`; each method does some and tells how much, 0 when all is done."""

    def raw(self, before: datetime) -> int:
        """Remove octets of messages of inquiries that were over before then, and of answers by mail."""
        return self._messages(_raw(before))

    def mails(self, before: datetime) -> int:
        """Remove octets of mails that left, or will never leave, before then."""
        with writing(self._engine, Room.OUTBOX) as connection:
            numbers = list(connection.execute(_mails(before).limit(BATCH)).scalars())
            connection.execute(update(outbox).where(outbox.c.id.in_(numbers)).values(octets=b""))
            return len(numbers)

    def personal(self, before: datetime, now: datetime) -> int:
        """Remove names, addresses and texts of inquiries that were over before then, with octets and notes."""
        with writing(self._engine) as connection:
            rows = connection.execute(_personal(before).limit(BATCH)).all()
            numbers = [row.message_id for row in rows]
            remove_remarks(connection, list({row.inquiry_id for row in rows}))
            remove_octets(connection, numbers)
            return remove_contents(connection, numbers, now)

    def remarks(self, before: datetime) -> int:
        """Remove notes on inquiries whose texts are gone: somebody may have written one later."""
        query = (
            select(notes.c.inquiry_id)
            .join(inquiries, inquiries.c.id == notes.c.inquiry_id)
            .where(notes.c.text != REMOVED, notes.c.at < before, *_over(before))
            .distinct()
            .limit(BATCH)
        )
        with writing(self._engine) as connection:
            return remove_remarks(connection, list(connection.execute(query).scalars()))

    def evidence(self, before: datetime) -> int:
        """Remove why was decided so in inquiries that were over before then, and the notes to help desks about them."""
        query = (
            _evidence(before)
            .with_only_columns(decisions.c.message_id, inquiry_messages.c.inquiry_id)
            .order_by(decisions.c.id)
            .limit(BATCH)
        )
        with writing(self._engine) as connection:
            rows = connection.execute(query).all()
            remove_desk_notes(connection, list({row.inquiry_id for row in rows}))
            return remove_evidence(connection, list({row.message_id for row in rows}))

    def set_aside(self, before: datetime) -> int:
        """Remove octets, reasons and traces of what was set aside before then; that it was stays told."""
        query = select(set_aside.c.id, set_aside.c.message_id).where(*_aside(before)).limit(BATCH)
        with writing(self._engine) as connection:
            rows = connection.execute(query).all()
            here = set_aside.c.id.in_([row.id for row in rows])
            values = {"octets": None, "reason": REMOVED, "trace": ""}
            connection.execute(update(set_aside).where(here).values(**values))
            remove_octets(connection, [row.message_id for row in rows if row.message_id is not None])
            return len(rows)

    def count(self, what: str, before: datetime) -> int:
        """Return how much the method called `what` would remove."""
        asked: dict[str, Select[Any]] = {
            "raw": _raw(before).with_only_columns(func.count()),
            "mails": _mails(before).with_only_columns(func.count()),
            "personal": _personal(before).with_only_columns(func.count()),
            "evidence": _evidence(before).with_only_columns(func.count()),
            "set_aside": select(func.count()).select_from(set_aside).where(*_aside(before)),
        }
        with reading(self._engine) as connection:
            return int(connection.execute(asked[what]).scalar_one())

    def done(self, removed: dict[str, int], now: datetime) -> None:
        """Write down that something was let go of, and leave nothing of it in the journal."""
        detail = " ".join(f"{name}={count}" for name, count in removed.items() if count)
        with writing(self._engine) as connection:
            note(connection, now, "retention", detail)
        if isinstance(self._engine, Engine):
            empty_journal(self._engine)

    def _messages(self, query: Select[Any]) -> int:
        with writing(self._engine) as connection:
            return remove_octets(connection, list(connection.execute(query.limit(BATCH)).scalars()))


def _over(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Select inquiries that were over before then, and whose newest message came before.

    What an archive brought counts from when it was brought; of what was merged nothing is left to tell.
    """
    return (
        inquiries.c.state.not_in(OPEN_STATES),
        func.coalesce(inquiries.c.closed_at, inquiries.c.opened_at) < before,
        _newest() < before,
    )


def _newest() -> ScalarSelect[Any]:
    """Select when the newest message of an inquiry was stored."""
    member, stored = inquiry_messages.alias("member"), messages.alias("stored")
    return (
        select(func.max(stored.c.stored_at))
        .join(member, member.c.message_id == stored.c.id)
        .where(member.c.inquiry_id == inquiries.c.id)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _raw(before: datetime) -> Select[Any]:
    over = (
        select(inquiry_messages.c.message_id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
        .where(inquiry_messages.c.message_id == messages.c.id, *_over(before))
        .correlate(messages)
        .exists()
    )
    aside = and_(messages.c.state.in_(_ASIDE), messages.c.stored_at < before)
    read = and_(messages.c.state == "read", messages.c.stored_at < before, over)
    return select(messages.c.id).where(messages.c.octets.is_not(None), or_(read, aside))


def _mails(before: datetime) -> Select[Any]:
    return select(outbox.c.id).where(
        outbox.c.state.in_(_LEFT), outbox.c.queued_at < before, func.length(outbox.c.octets) > 0
    )


def _personal(before: datetime) -> Select[Any]:
    return (
        select(contents.c.message_id, inquiry_messages.c.inquiry_id)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
        .where(contents.c.removed_at.is_(None), *_over(before))
    )


def _aside(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return set_aside.c.at < before, set_aside.c.reason != REMOVED


def _evidence(before: datetime) -> Select[Any]:
    return (
        select(decisions.c.id)
        .join(inquiry_messages, inquiry_messages.c.message_id == decisions.c.message_id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
        .where(cast(decisions.c.evidence, String) != "[]", *_over(before))
    )
