"""Answers by mail: carried out in one transaction with the message that they came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.archived import taken
from pipeline.adapters.ledger.inquiries.corrections import CorrectionTable
from pipeline.adapters.ledger.inquiries.joining import number_of
from pipeline.adapters.ledger.inquiries.lives import LifeTable
from pipeline.adapters.ledger.inquiries.notes import NoteTable
from pipeline.adapters.ledger.liaisons.duties import DutyTable
from pipeline.adapters.ledger.organisations.landscape import LandscapeTable
from pipeline.adapters.ledger.outgoing.outbox import OutboxTable
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import answers, inquiries, inquiry_states, messages, outbox
from pipeline.records.effects import Answer, Change
from pipeline.records.work import StoredMessage

_PAUSED, _SUSPENDED = "paused", "suspended"
_MOST_IDENTIFIERS = 50


class _MovedOn(Exception):
    """Something that was looked at is not so any more: everything is undone."""


class AnswerTable(Part):
    """Keeps what people answered."""

    def apply(self, message: StoredMessage, answer: Answer, now: datetime) -> bool:
        """Do all that an answer says, queue its receipt, and note that the message is dealt with, in one transaction.

        Returns
        -------
        bool
            False, and nothing is done, if one of the inquiries has changed since it was looked at. True also where another
            process has dealt with the message.
        """
        try:
            with writing(self._engine) as connection:
                if taken(connection, message.id) is None:
                    _apply(connection, message, answer, now)
        except _MovedOn:
            return False
        return True

    def knows(self, fingerprint: str) -> bool:
        """Return whether an answer with this fingerprint was dealt with."""
        query = select(answers.c.id).where(answers.c.fingerprint == fingerprint)
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def turn(self) -> int:
        """Return the number of the newest change of state; 0 if there was none."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.max(inquiry_states.c.id))).scalar() or 0)

    def has_moved(self, key: str, turn: int) -> bool:
        """Return whether the inquiry called `key` changed its state, or its liaison, after the change number `turn`."""
        with reading(self._engine) as connection:
            query = select(inquiry_states.c.id).where(
                inquiry_states.c.inquiry_id == number_of(connection, key), inquiry_states.c.id > turn
            )
            return connection.execute(query.limit(1)).first() is not None

    def is_ours(self, identifiers: Iterable[str]) -> bool:
        """Return whether one of these Message-IDs, without angle brackets, is that of a mail to a liaison."""
        wanted = [f"<{one}>" for one in identifiers][:_MOST_IDENTIFIERS]
        query = select(outbox.c.id).where(outbox.c.header_id.in_(wanted), outbox.c.channel == "mail")
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def receipts(self, recipient: str, since: datetime) -> int:
        """Return how many receipts were queued for `recipient` since then."""
        return OutboxTable(self._engine).count(recipient, "receipt", since)


def _apply(connection: Connection, message: StoredMessage, answer: Answer, now: datetime) -> None:
    for key, version in answer.versions.items():
        query = select(inquiries.c.version).where(inquiries.c.key == key)
        if connection.execute(query).scalar() != version:
            raise _MovedOn
    for change in answer.changes:
        _change(LifeTable(connection), change, answer.liaison, now)
    told = CorrectionTable(connection)
    for key in dict.fromkeys(one.inquiry for one in answer.corrections):
        tags = [one.tag for one in answer.corrections if one.inquiry == key]
        told.add(key, tags, answer.liaison, now)
    for written in answer.notes:
        NoteTable(connection).add(written)
    for one in answer.settlements:
        LandscapeTable(connection).settle(one.key, now, outcome=one.outcome, background=one.background)
    if answer.duty is not None:
        _duty(DutyTable(connection), answer.liaison, now, back=answer.duty)
    if answer.receipt is not None:
        OutboxTable(connection).queue(answer.receipt, now)
    _write(connection, message, answer, now)


def _change(lives: LifeTable, change: Change, by: str, now: datetime) -> None:
    done = lives.change(
        change.key,
        None,
        change.state,
        by,
        now,
        liaison=change.liaison,
        reason=change.reason,
        due_at=change.due_at,
        waiting_until=change.waiting_until,
    )
    if not done:
        raise _MovedOn


def _duty(duties: DutyTable, liaison: str, now: datetime, *, back: bool) -> None:
    if not back:
        duties.pause(liaison, _PAUSED, liaison, now)
        return
    duties.end(liaison, _PAUSED, liaison, now)
    duties.end(liaison, _SUSPENDED, liaison, now)  # who can write can be written to


def _write(connection: Connection, message: StoredMessage, answer: Answer, now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "message_id": message.id,
            "position": position,
            "liaison": answer.liaison,
            "inquiry_id": number_of(connection, one.key) if one.key else None,
            "action": one.action.value if one.action else "",
            "result": one.result.value,
            "fingerprint": answer.fingerprint,
            "at": now,
        }
        for position, one in enumerate(answer.said, 1)
    ]
    if rows:
        connection.execute(insert(answers), rows)
    connection.execute(update(messages).where(messages.c.id == message.id).values(state="answer"))
    note(connection, now, "answer", answer.liaison, message=message.id)
