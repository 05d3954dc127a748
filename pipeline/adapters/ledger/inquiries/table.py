"""Inquiries: threads of messages under one KEY, their decisions, and who deals with them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.archived import (
    UNDATED,
    first_state,
    is_archived,
    open_archived,
    taken,
)
from pipeline.adapters.ledger.inquiries.candidates import find_related, find_twins
from pipeline.adapters.ledger.inquiries.contents import keep_copy, replace_message, write_message
from pipeline.adapters.ledger.inquiries.entries import read_entries
from pipeline.adapters.ledger.inquiries.history import read_history
from pipeline.adapters.ledger.inquiries.joining import began, number_of, tie, wake, wakes
from pipeline.adapters.ledger.inquiries.lives import LifeTable
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES, read_loads
from pipeline.adapters.ledger.inquiries.past import read_past
from pipeline.adapters.ledger.inquiries.turns import hand, turn, write_state
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import inquiries, inquiry_messages
from pipeline.records.answers import Action
from pipeline.records.threads import Claims, History, Placement, Related, Twin
from pipeline.records.work import Assignment, Entry, Past, Reading, State, StoredMessage, Window
from pipeline.routing.life import after

# Letters and digits that nobody mixes up, and that spell no words.
_KEY_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_KEY_LENGTH = 6


class InquiryTable(Part):
    """Keeps what was understood and decided."""

    def twins(self, claims: Claims) -> tuple[Twin, ...]:
        """Return the messages that one may be another copy of."""
        with reading(self._engine) as connection:
            return find_twins(connection, claims)

    def related(self, claims: Claims, days: int) -> Related:
        """Return what a message may belong to; an equal subject counts within so many `days`."""
        with reading(self._engine) as connection:
            return find_related(connection, claims, days)

    def record(
        self, message: StoredMessage, reading: Reading, placement: Placement | None, now: datetime
    ) -> str:
        """Keep what was read and decided where it belongs, by default in a new inquiry; return its KEY.

        All in one transaction: a message is either new, or read with everything that belongs to it.
        """
        placement = placement or Placement()
        with writing(self._engine) as connection:
            done = taken(connection, message.id)
            if done is not None:
                return done  # another process was quicker
            number = _open_or_join(connection, message, reading, placement.join, now)
            write_message(connection, message.id, reading, number, now, contested=placement.contested)
            tie(connection, number, placement, now)
            if placement.answered_by:
                _answered(connection, number, placement.answered_by, now)
            return _key_of(connection, number)

    def copy(
        self, message: StoredMessage, reading: Reading, twin: int, *, better: bool, now: datetime
    ) -> None:
        """Keep a message as another copy of the message `twin`, or in its place if it is the `better` one.

        A live copy of what an archive brought makes that live, too; an honest copy of what was filed opens it.
        """
        with writing(self._engine) as connection:
            if taken(connection, message.id) is not None:
                return  # another process was quicker
            live = not is_archived(connection, message.id)
            if live and is_archived(connection, twin):
                open_archived(connection, [twin], now)
            if not better:
                keep_copy(connection, twin, message.id, reading, now)
                return
            replace_message(connection, twin, message.id, reading, now)
            number, state = _inquiry_of(connection, message.id)
            if live and state is State.FILED and wakes(reading.decision, reading.claims.voice, state):
                wake(connection, number, now)

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

    def past(self, since: datetime | None) -> Iterator[Past]:
        """Yield the inquiries that were not filed, oldest first, with what was decided on."""
        return read_past(self._engine, since)

    def find(self, key: str) -> Entry | None:
        """Return the inquiry called `key`, or the one that it was merged into, or None."""
        with reading(self._engine) as connection:
            number = number_of(connection, key)
            found = read_entries(connection, inquiries.c.id == number) if number else ()
        return found[0] if found else None

    def history(self, key: str) -> History | None:
        """Return the messages of the inquiry called `key` and what has to do with it, or None."""
        with reading(self._engine) as connection:
            number = number_of(connection, key)
            return read_history(connection, number, _key_of(connection, number)) if number else None

    def loads(self) -> Mapping[str, int]:
        """Return liaison id to number of open inquiries."""
        with reading(self._engine) as connection:
            return read_loads(connection)

    def assign(self, chosen: Iterable[Assignment], now: datetime) -> None:
        """Give inquiries to liaisons, in one transaction."""
        with writing(self._engine) as connection:
            for assignment in chosen:
                _assign(connection, assignment, now)


def _open_or_join(
    connection: Connection, message: StoredMessage, reading: Reading, join: str | None, now: datetime
) -> int:
    """Return the number of the inquiry that the message belongs to."""
    number = number_of(connection, join) if join is not None else None
    if number is None:
        return _open(connection, message, reading, now)
    state = State(connection.execute(select(inquiries.c.state).where(inquiries.c.id == number)).scalar_one())
    began(connection, number, reading.claims.arrived_at)
    if not is_archived(connection, message.id) and wakes(reading.decision, reading.claims.voice, state):
        wake(connection, number, now)
    return number


def _open(connection: Connection, message: StoredMessage, reading: Reading, now: datetime) -> int:
    archived = is_archived(connection, message.id)
    state = first_state(reading.decision.disposition, archived=archived)
    first = message.received_at or reading.inquiry.received_at or (UNDATED if archived else now)
    row = {
        "key": _free_key(connection),
        "state": state.value,
        "opened_at": first,
        "closed_at": (first if archived else now) if state is State.FILED else None,
    }
    result = connection.execute(insert(inquiries), row)
    number = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    write_state(connection, number, state, now, is_new=True)
    return number


def _answered(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Note that the liaison has answered, as their own mail shows; a second answer changes nothing."""
    state = State(connection.execute(select(inquiries.c.state).where(inquiries.c.id == number)).scalar_one())
    if state is not State.ANSWERED and after(state, Action.ANSWERED) is State.ANSWERED:
        LifeTable(connection).change(_key_of(connection, number), None, State.ANSWERED, by, now)


def _key_of(connection: Connection, number: int) -> str:
    return str(connection.execute(select(inquiries.c.key).where(inquiries.c.id == number)).scalar_one())


def _inquiry_of(connection: Connection, message: int) -> tuple[int, State]:
    row = connection.execute(
        select(inquiries.c.id, inquiries.c.state)
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == inquiries.c.id)
        .where(inquiry_messages.c.message_id == message)
    ).one()
    return row.id, State(row.state)


def _free_key(connection: Connection) -> str:
    while True:
        key = "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_LENGTH))
        if connection.execute(select(inquiries.c.id).where(inquiries.c.key == key)).first() is None:
            return key


def _assign(connection: Connection, assignment: Assignment, now: datetime) -> None:
    row = connection.execute(
        select(inquiries.c.id, inquiries.c.state).where(inquiries.c.key == assignment.inquiry)
    ).one()
    if row.state not in OPEN_STATES:
        return  # somebody was quicker
    hand(connection, row.id, assignment.liaison, assignment.reason, assignment.due_at, now)
    turn(connection, row.id, State.ASSIGNED, now)
    note(connection, now, "assigned", assignment.liaison, inquiry=row.id)
