"""What help desks are to be told, in order for each ticket, and what agents changed on tickets themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Subquery,
    Table,
    cast,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import put
from pipeline.adapters.ledger.inquiries.joining import wake
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.inquiries.turns import release, turn
from pipeline.adapters.ledger.outgoing.queue import has_come, tried
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    assignments,
    corrections,
    decisions,
    events,
    inquiries,
    inquiry_messages,
    messages,
    sightings,
    tickets,
    writebacks,
)
from pipeline.records.decisions import Disposition
from pipeline.records.work import UNANSWERED, State
from pipeline.records.writebacks import KnownTicket, Note, TicketSeen, TicketState, Told, Wish, WriteBack

# Wishes for one ticket that are gone through for the last note.
_REMEMBERED = 50
# Inquiries that wait for a liaison, or that nobody is to act on.
_UNTOLD = (State.RECEIVED.value, State.ARCHIVED.value, State.MERGED.value)


class WriteBackTable(Part):
    """Keeps what help desks are to be told until they know, and remembers that they do."""

    def told(self, server: str, since: datetime) -> tuple[Told, ...]:
        """Return tickets of `server` whose inquiry changed after `since` and after the newest write-back."""
        with reading(self._engine) as connection:
            rows = connection.execute(_told(server, since)).all()
            return tuple(_told_from(row, _queued_before(connection, server, row.ticket)) for row in rows)

    def queue(self, server: str, told: Told, wish: Wish, now: datetime, *, same: bool) -> bool:
        """Queue `wish`, unless its basis ever was; tell whether it is new.

        Parameters
        ----------
        same
            The help desk knows it already: remember that alone.
        """
        row = {
            "server": server, "ticket": told.ticket, "basis": told.basis, "payload": asdict(wish),
            "state": "same" if same else "queued", "queued_at": now, "done_at": now if same else None,
            "attempts": 0, "next_at": now, "error": "",
        }  # fmt: skip
        here = (writebacks.c.server == server, writebacks.c.ticket == told.ticket)
        try:
            with writing(self._engine) as connection:
                known = select(writebacks.c.id).where(*here, writebacks.c.basis == told.basis)
                if connection.execute(known).first():
                    return False
                inquiry = select(inquiries.c.id).where(inquiries.c.key == told.key).scalar_subquery()
                connection.execute(insert(writebacks).values(inquiry_id=inquiry, **row))
        except IntegrityError:
            return False
        return True

    def due(self, server: str, now: datetime) -> tuple[WriteBack, ...]:
        """Return of each ticket the first write-back that is not done, where its time has come, oldest first."""
        heads = (
            select(func.min(writebacks.c.id))
            .where(writebacks.c.server == server, writebacks.c.state == "queued")
            .group_by(writebacks.c.ticket)
        )
        query = (
            select(writebacks)
            .where(writebacks.c.id.in_(heads), has_come(writebacks.c.next_at, writebacks.c.queued_at, now))
            .order_by(writebacks.c.id)
        )
        with reading(self._engine) as connection:
            return tuple(_queued(row) for row in connection.execute(query))

    def deferred(self, number: int, next_at: datetime, error: str) -> None:
        """Note that a write-back has to be tried again at `next_at`, and those behind it wait for it."""
        self._change(number, error, next_at=next_at)

    def failed(self, number: int, error: str) -> None:
        """Note that a write-back will not be tried again."""
        self._change(number, error, state="failed")

    def known(self, server: str, ticket: int) -> KnownTicket | None:
        """Return what is remembered of a ticket, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_known(server, ticket)).one_or_none()
        return _known_from(row) if row else None

    def watched(self, server: str, since: datetime) -> Mapping[int, datetime]:
        """Return the tickets of inquiries that are open or began after `since`, the longest unseen first, and since when.

        Those with a write-back that is not done are left out: it may be half done.
        """
        wanted = or_(inquiries.c.state.in_(OPEN_STATES), inquiries.c.opened_at >= since)
        waiting = select(writebacks.c.ticket).where(
            writebacks.c.server == server, writebacks.c.state == "queued"
        )
        query = (
            _known(server)
            .with_only_columns(tickets.c.ticket, tickets.c.looked_at)
            .where(wanted, tickets.c.ticket.not_in(waiting))
            .order_by(tickets.c.looked_at, tickets.c.ticket)
        )
        with reading(self._engine) as connection:
            return {row.ticket: row.looked_at for row in connection.execute(query)}

    def looked(self, server: str, unseen: Collection[int], now: datetime) -> None:
        """Note that all tickets of `server` were compared, but for those `unseen`."""
        query = update(tickets).where(tickets.c.server == server, tickets.c.ticket.not_in(list(unseen)))
        with writing(self._engine) as connection:
            connection.execute(query.values(looked_at=now))

    def settle(
        self,
        server: str,
        ticket: KnownTicket,
        tags: Iterable[str],
        author: str,
        now: datetime,
        *,
        disposition: Disposition | None = None,
        done: int | None = None,
    ) -> None:
        """Remember how a ticket looks, what agents said by changing it, and that a write-back is done.

        Parameters
        ----------
        tags
            What an agent's changes mean, each as ``field=value``.
        author
            Whose corrections they are.
        disposition
            What becomes of the inquiry by them; None: nothing changes.
        done
            Number of the write-back, or None.
        """
        with writing(self._engine) as connection:
            _write_ticket(connection, server, ticket, now)
            inquiry = _inquiry_of(connection, server, ticket.ticket)
            if inquiry is not None:
                _correct(connection, inquiry, tags, author, now)
                _follow(connection, inquiry, disposition, author, now)
            if done is not None:
                connection.execute(tried(writebacks, done, "", state="done", done_at=now))

    def _change(self, number: int, error: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(tried(writebacks, number, error, **values))


def remember(connection: Connection, seen: Iterable[TicketSeen], now: datetime) -> None:
    """Keep how tickets look that were never seen; those that were are compared, not overwritten."""
    for one in seen:
        here = (tickets.c.server == one.server, tickets.c.ticket == one.ticket)
        if connection.execute(select(tickets.c.ticket).where(*here)).first() is None:
            _write_ticket(connection, one.server, one.known(None, now), now)


def _write_ticket(connection: Connection, server: str, ticket: KnownTicket, now: datetime) -> None:
    base = asdict(ticket.base) | {"refs": sorted(ticket.base.refs)}
    values = {"number": ticket.number[:64], "base": base, "touched": sorted(ticket.touched), "looked_at": now}
    put(connection, tickets, {"server": server, "ticket": ticket.ticket}, values)


def _inquiry_of(connection: Connection, server: str, ticket: int) -> int | None:
    number: int | None = connection.execute(select(_homes(server, ticket).c.inquiry_id)).scalar()
    return number


def _correct(connection: Connection, inquiry: int, tags: Iterable[str], author: str, now: datetime) -> None:
    for tag in tags:
        connection.execute(
            insert(corrections).values(inquiry_id=inquiry, tag=tag[:128], author=author, at=now)
        )
        note(connection, now, "corrected", tag.partition("=")[0], inquiry=inquiry)


def _follow(
    connection: Connection, inquiry: int, disposition: Disposition | None, by: str, now: datetime
) -> None:
    """File what waits for an answer, or open what was filed, because an agent said so."""
    state = connection.execute(select(inquiries.c.state).where(inquiries.c.id == inquiry)).scalar_one()
    if disposition is Disposition.FILE and state in UNANSWERED:
        release(connection, inquiry, now)
        turn(connection, inquiry, State.FILED, now, by)
        note(connection, now, "filed", "by an agent", inquiry=inquiry)
    elif disposition not in (None, Disposition.FILE) and state == State.FILED:
        wake(connection, inquiry, now, by)


def _homes(server: str, ticket: int | None = None) -> Subquery:
    """Select each ticket of a server, or one, with the inquiry of its first article that was read."""
    one, other = sightings.alias("one"), sightings.alias("other")
    first = (
        select(func.min(other.c.number))
        .where(*_at(other, server), other.c.epoch == one.c.epoch, _inquiry_at(other).is_not(None))
        .correlate(one)
        .scalar_subquery()
    )
    query = select(one.c.epoch.label("ticket"), _inquiry_at(one).label("inquiry_id")).where(
        *_at(one, server), one.c.number == first
    )
    return (query if ticket is None else query.where(one.c.epoch == ticket)).subquery()


def _at(seen: Any, server: str) -> tuple[ColumnElement[bool], ...]:
    return seen.c.kind == "otrs", seen.c.source == server, seen.c.place == ""


def _inquiry_at(seen: Any) -> ScalarSelect[Any]:
    """Select the inquiry of the message seen at one place, or of the message that it is another copy of."""
    return (
        select(inquiry_messages.c.inquiry_id)
        .join(messages, func.coalesce(messages.c.same_as, messages.c.id) == inquiry_messages.c.message_id)
        .where(messages.c.id == seen.c.message_id)
        .correlate(seen)
        .scalar_subquery()
    )


def _told(server: str, since: datetime) -> Select[Any]:
    home = _homes(server)
    decided = (
        select(func.max(decisions.c.id))
        .join(inquiry_messages, inquiry_messages.c.message_id == decisions.c.message_id)
        .where(inquiry_messages.c.inquiry_id == home.c.inquiry_id)
        .correlate(home)
        .scalar_subquery()
    )
    fresh = select(events.c.inquiry_id).where(events.c.at >= since, events.c.inquiry_id.is_not(None))
    numbers = (home.c.inquiry_id, decided, _newest(assignments, home), _newest(corrections, home))
    basis: ColumnElement[str] = literal("")
    for number in numbers:
        basis = basis + "." + cast(func.coalesce(number, 0), String)
    found = (
        select(
            home.c.ticket,
            inquiries.c.key,
            basis.label("basis"),
            decided.label("decision"),
        )
        .join(inquiries, inquiries.c.id == home.c.inquiry_id)
        .where(home.c.inquiry_id.in_(fresh), inquiries.c.state.not_in(_UNTOLD))
        .subquery()
    )
    known = (
        select(writebacks.c.id)
        .where(
            writebacks.c.server == server,
            writebacks.c.ticket == found.c.ticket,
            writebacks.c.basis == found.c.basis,
        )
        .correlate(found)
        .exists()
    )
    return select(found).where(not_(known)).order_by(found.c.ticket)


def _newest(table: Table, home: Subquery) -> ScalarSelect[Any]:
    return (
        select(func.max(table.c.id))
        .where(table.c.inquiry_id == home.c.inquiry_id)
        .correlate(home)
        .scalar_subquery()
    )


def _queued_before(connection: Connection, server: str, ticket: int) -> tuple[Wish, ...]:
    """Return the wishes that were queued for a ticket, the newest first."""
    query = (
        select(writebacks.c.payload)
        .where(writebacks.c.server == server, writebacks.c.ticket == ticket, writebacks.c.state != "failed")
        .order_by(writebacks.c.id.desc())
        .limit(_REMEMBERED)
    )
    return tuple(_wish(payload) for payload in connection.execute(query).scalars())


def _known(server: str, ticket: int | None = None) -> Select[Any]:
    home = _homes(server, ticket)
    query = (
        select(tickets, inquiries.c.key)
        .outerjoin(home, home.c.ticket == tickets.c.ticket)
        .outerjoin(inquiries, inquiries.c.id == home.c.inquiry_id)
        .where(tickets.c.server == server)
    )
    return query if ticket is None else query.where(tickets.c.ticket == ticket)


def _known_from(row: Any) -> KnownTicket:
    base = dict(row.base)
    return KnownTicket(
        ticket=row.ticket,
        number=row.number,
        key=row.key,
        base=TicketState(**base | {"refs": frozenset(base["refs"])}),
        touched=frozenset(row.touched),
        looked_at=row.looked_at,
    )


def _told_from(row: Any, before: tuple[Wish, ...]) -> Told:
    return Told(
        ticket=row.ticket,
        key=row.key,
        basis=row.basis,
        decision=row.decision,
        last=before[0] if before else None,
        last_note=next((one.note for one in before if one.note), None),
    )


def _queued(row: Any) -> WriteBack:
    return WriteBack(
        id=row.id,
        ticket=row.ticket,
        wish=_wish(row.payload),
        attempts=row.attempts,
        queued_at=row.queued_at,
    )


def _wish(payload: dict[str, Any]) -> Wish:
    note_ = payload.get("note")
    return Wish(**payload | {"note": Note(**note_) if note_ else None})
