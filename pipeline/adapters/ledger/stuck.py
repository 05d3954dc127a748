"""What did not get through: mail that was set aside, mail that did not leave, help desks that were not told. List, retry, drop."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from pipeline.adapters.ledger.database.engine import Part, Room, reading, writing
from pipeline.adapters.ledger.mail.storing import forget_set_aside, prepare
from pipeline.adapters.ledger.mail.storing import store as store_messages
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import inquiries, messages, outbox, set_aside, writebacks
from pipeline.records.keeping import Aside, AsideDetail, Unsent
from pipeline.records.messages import RawMessage

RETRIED = "retried"
_WAITING, _FAILED, _DROPPED = "queued", "failed", "dropped"


class AsideTable(Part):
    """Mail that a step failed on, and answers that were not trusted."""

    def all(self, step: str = "") -> tuple[Aside, ...]:
        """Return what is set aside, by one step or by any, oldest first."""
        where = (set_aside.c.step == step,) if step else ()
        with reading(self._engine) as connection:
            rows = connection.execute(_asides(*where).order_by(set_aside.c.id)).all()
        return tuple(_aside(row) for row in rows)

    def find(self, number: int) -> AsideDetail | None:
        """Return one with all that is kept of it."""
        query = (
            _asides(set_aside.c.id == number)
            .add_columns(set_aside.c.trace, func.coalesce(set_aside.c.octets, messages.c.octets).label("octets"))
        )  # fmt: skip
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        octets = zlib.decompress(row.octets) if row.octets is not None else None
        return AsideDetail(aside=_aside(row), trace=row.trace, octets=octets)

    def retry(self, number: int, now: datetime) -> int | None:
        """Let a message wait for triage again; return its number, or None where it cannot be tried again as it is kept."""
        with writing(self._engine) as connection:
            query = (
                select(messages.c.id, messages.c.state, messages.c.octets.is_not(None).label("there"))
                .join(set_aside, set_aside.c.message_id == messages.c.id)
                .where(set_aside.c.id == number)
            )
            row = connection.execute(query).one_or_none()
            if row is None or row.state != "set-aside" or not row.there:
                return None
            connection.execute(delete(set_aside).where(set_aside.c.id == number))
            connection.execute(update(messages).where(messages.c.id == row.id).values(state="new"))
            note(connection, now, RETRIED, message=row.id)
            return int(row.id)

    def after(self, message: int) -> Aside | str:
        """Return what became of a message that was tried again: its state, or what it was set aside for once more."""
        with reading(self._engine) as connection:
            row = connection.execute(_asides(set_aside.c.message_id == message)).one_or_none()
            state = connection.execute(select(messages.c.state).where(messages.c.id == message)).scalar()
        return _aside(row) if row is not None else str(state)

    def fetched(self, number: int, message: RawMessage, now: datetime) -> bool:
        """Store what a source handed over whole after all; return whether it was new."""
        prepared = prepare([message])
        with writing(self._engine) as connection:
            place = select(set_aside.c.place).where(set_aside.c.id == number)
            places = list(connection.execute(place).scalars())
            stored = store_messages(connection, prepared, archived=False, now=now)
            forget_set_aside(connection, places)
            return stored.new > 0

    def drop(self, number: int, now: datetime) -> bool:
        """Give something up for good; its octets go, its hash stays. Return False if there is no such thing."""
        with writing(self._engine) as connection:
            row = connection.execute(select(set_aside).where(set_aside.c.id == number)).one_or_none()
            if row is None:
                return False
            connection.execute(delete(set_aside).where(set_aside.c.id == number))
            if row.message_id is not None:
                values = {"state": _DROPPED, "octets": None}
                here = messages.c.id == row.message_id
                connection.execute(update(messages).where(here).values(**values))
            note(connection, now, "aside-dropped", row.step, message=row.message_id)
            return True


class UnsentTable(Part):
    """Mails and pages that did not leave."""

    def all(self, states: Sequence[str] = (_FAILED,)) -> tuple[Unsent, ...]:
        """Return what is in one of these states, oldest first."""
        query = select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query)
            return tuple(_unsent(row, row.recipient, f"{row.purpose} {row.period}") for row in rows)

    def retry(self, number: int, now: datetime) -> str:
        """Queue once more what failed, or send at once what waits; return ``""``, or why not."""
        with writing(self._engine, Room.OUTBOX) as connection:
            row = connection.execute(select(outbox).where(outbox.c.id == number)).one_or_none()
            why = _not_again(row, bool(row is not None and row.octets))
            if not why:
                connection.execute(update(outbox).where(outbox.c.id == number).values(**_anew(now)))
                note(connection, now, "mail-retried", str(number))
            return why

    def drop(self, number: int, now: datetime) -> str:
        """Let something never leave; return ``""``, or why not."""
        with writing(self._engine, Room.OUTBOX) as connection:
            row = connection.execute(select(outbox).where(outbox.c.id == number)).one_or_none()
            why = _not_again(row, there=True)
            if not why:
                values = {"state": _DROPPED, "octets": b"", "error": ""}
                connection.execute(update(outbox).where(outbox.c.id == number).values(**values))
                note(connection, now, "mail-dropped", str(number))
            return why

    def hold(self, reason: str, now: datetime) -> int:
        """Stop everything that waits, so that a person looks first; return how much that was."""
        with writing(self._engine, Room.OUTBOX) as connection:
            values = {"state": _FAILED, "error": reason}
            held = connection.execute(
                update(outbox).where(outbox.c.state == _WAITING).values(**values)
            ).rowcount
            if held:
                note(connection, now, "mails-held", str(held))
            return int(held)


class UntoldTable(Part):
    """What help desks were not told."""

    def all(self, states: Sequence[str] = (_FAILED,)) -> tuple[Unsent, ...]:
        """Return what is in one of these states, oldest first."""
        query = (
            select(writebacks, inquiries.c.key)
            .join(inquiries, inquiries.c.id == writebacks.c.inquiry_id)
            .where(writebacks.c.state.in_(states))
            .order_by(writebacks.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query)
            return tuple(_unsent(row, f"{row.server} ticket {row.ticket}", row.key) for row in rows)

    def retry(self, number: int, now: datetime) -> str:
        """Queue once more what failed; return ``""``, or why not."""
        with writing(self._engine) as connection:
            row = connection.execute(select(writebacks).where(writebacks.c.id == number)).one_or_none()
            why = _not_again(row, there=True) or ("" if row is None else _overtaken(connection, row))
            if not why:
                connection.execute(update(writebacks).where(writebacks.c.id == number).values(**_anew(now)))
                note(connection, now, "desk-retried", str(number))
            return why

    def drop(self, number: int, now: datetime) -> str:
        """Never tell it; return ``""``, or why not."""
        with writing(self._engine) as connection:
            row = connection.execute(select(writebacks).where(writebacks.c.id == number)).one_or_none()
            why = _not_again(row, there=True)
            if not why:
                here = writebacks.c.id == number
                connection.execute(update(writebacks).where(here).values(state=_DROPPED, error=""))
                note(connection, now, "desk-dropped", str(number))
            return why


def _asides(*where: ColumnElement[bool]) -> Select[Any]:
    size = func.coalesce(func.length(set_aside.c.octets), messages.c.size, 0)
    there = messages.c.octets.is_not(None).label("there")
    columns = (set_aside.c.id, set_aside.c.place, set_aside.c.step, set_aside.c.reason, set_aside.c.at)
    return (
        select(*columns, set_aside.c.attempts, size.label("size"), there)
        .outerjoin(messages, messages.c.id == set_aside.c.message_id)
        .where(*where)
    )


def _aside(row: Any) -> Aside:
    return Aside(
        number=row.id,
        place=row.place,
        step=row.step,
        reason=row.reason,
        at=row.at,
        attempts=row.attempts,
        size=row.size,
        whole=bool(row.there),
    )


def _anew(now: datetime) -> dict[str, Any]:
    """Return what a row of a queue says that was never tried."""
    return {"state": _WAITING, "attempts": 0, "next_at": now, "queued_at": now, "error": ""}


def _not_again(row: Any, there: bool) -> str:
    if row is None:
        return "there is no such number"
    if row.state not in (_FAILED, _WAITING):
        return f"it is {row.state}"
    return "" if there else "its text was removed"


def _overtaken(connection: Connection, row: Any) -> str:
    """Tell where something newer was told of the same ticket since: the older must not undo it."""
    newer = select(writebacks.c.id).where(
        writebacks.c.server == row.server, writebacks.c.ticket == row.ticket, writebacks.c.id > row.id
    )
    later = connection.execute(newer.where(writebacks.c.state != _DROPPED).limit(1)).scalar()
    return f"number {later} tells of the same ticket and is newer; drop this one" if later else ""


def _unsent(row: Any, to: str, what: str) -> Unsent:
    return Unsent(
        number=row.id,
        to=to,
        what=what,
        state=row.state,
        queued_at=row.queued_at,
        next_at=row.next_at if row.state == _WAITING else None,
        attempts=row.attempts,
        error=row.error,
    )
