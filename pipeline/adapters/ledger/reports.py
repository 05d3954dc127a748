"""Figures over the whole ledger, counted by the database.

A database walks over the rows that it counts, if only in an index: with a million of them that takes as long as everything else
that `triage status` does. All rows of a table SQLite counts page by page, twenty times as fast; so of the values of a column the
most common one is not counted, but gets what is left over. All is read in one transaction, so the figures fit together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, FromClause, Table, func, select

from pipeline.adapters.ledger.database.engine import Part, reading
from pipeline.adapters.ledger.inquiries.loads import read_loads
from pipeline.adapters.ledger.running.jobs import JobTable
from pipeline.adapters.ledger.schema import (
    NOTHING,
    assignments,
    cursors,
    decisions,
    duties,
    inquiries,
    messages,
    outbox,
    set_aside,
    sightings,
    writebacks,
)
from pipeline.records.status import LedgerStatus, SetAsideStatus, SourceStatus
from pipeline.records.work import UNANSWERED, State

# What failed longer ago is no news.
_LATELY = timedelta(days=7)


class Reports(Part):
    """Counts."""

    def status(self, now: datetime) -> LedgerStatus:
        """Return what the ledger holds at `now`."""
        with reading(self._engine) as connection:
            versions = connection.execute(
                select(decisions.c.rulebook_version, decisions.c.model_version)
                .order_by(decisions.c.id.desc())
                .limit(1)
            ).one_or_none()
            seen = _seen(connection)
            states = _counts(connection, inquiries.c.state, most=State.DONE.value)
            overdue, escalated = _overdue(connection, now)
            return LedgerStatus(
                jobs=JobTable(connection).all(),
                seen=seen,
                waiting=_waiting(connection),
                queued_since=_oldest(connection, outbox),
                failed_lately=_failed_since(connection, now - _LATELY),
                untold_since=_oldest(connection, writebacks),
                unassigned_since=_unassigned_since(connection),
                messages=_counts(connection, messages.c.state, most="read"),
                sightings=sum(seen.values()),
                inquiries=states,
                dispositions=_counts(connection, decisions.c.disposition, most="assign"),
                outbox=_mails(connection),
                loads=read_loads(connection),
                unassigned=states.get(State.RECEIVED.value, 0),
                overdue=overdue,
                escalated=escalated,
                off_duty=_off_duty(connection),
                sources=_sources(connection),
                set_aside=_set_aside(connection),
                rulebook_version=versions.rulebook_version if versions else "",
                model_version=versions.model_version if versions else "",
                writebacks=_writebacks(connection),
            )


def _counts(connection: Connection, column: Column[Any], most: str) -> Mapping[str, int]:
    """Count the rows for each value of a column that an index begins with, in the order of the values.

    Parameters
    ----------
    most
        The value that most rows have, as a rule: these are not counted, but what is left over.
    """
    values = tuple(_values(connection, column))
    left = most if most in values else values[-1] if values else ""
    found = {one: _count(connection, column.table, column == one) for one in values if one != left}
    return {
        one: found[one] if one != left else _count(connection, column.table) - sum(found.values())
        for one in values
    }


def _values(connection: Connection, column: Column[Any], *where: ColumnElement[bool]) -> Iterator[str]:
    """Yield the few values of a column in order, each looked up in the index."""
    least = select(func.min(column)).where(*where)
    found: str | None = connection.execute(least).scalar_one()
    while found is not None:
        yield found
        found = connection.execute(least.where(column > found)).scalar_one()


def _count(connection: Connection, table: FromClause, *where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def _mails(connection: Connection) -> Mapping[str, int]:
    """Count the mails by their state; what was passed over never was one."""
    counted = _counts(connection, outbox.c.state, most="sent")
    return {state: number for state, number in counted.items() if state != NOTHING}


def _writebacks(connection: Connection) -> Mapping[str, int]:
    query = select(writebacks.c.state, func.count()).group_by(writebacks.c.state).order_by(writebacks.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def _seen(connection: Connection) -> Mapping[str, int]:
    """Count the sightings by their source; those of the source of the newest one, likely a busy one, are what is left over."""
    newest = select(sightings.c.kind, sightings.c.source).order_by(sightings.c.id.desc()).limit(1)
    left = connection.execute(newest).one_or_none()
    if left is None:
        return {}
    found = Counter({left.source: _count(connection, sightings)})
    for kind in _values(connection, sightings.c.kind):
        of_kind = sightings.c.kind == kind
        for source in _values(connection, sightings.c.source, of_kind):
            if (kind, source) != tuple(left):
                number = _count(connection, sightings, of_kind, sightings.c.source == source)
                found[source] += number
                found[left.source] -= number
    return dict(sorted(found.items()))


def _waiting(connection: Connection) -> Mapping[str, int]:
    query = (
        select(sightings.c.source, func.count())
        .join(messages, messages.c.id == sightings.c.message_id)
        .where(messages.c.state == "new")
        .group_by(sightings.c.source)
        .order_by(sightings.c.source)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _oldest(connection: Connection, queue: Table) -> datetime | None:
    """Return since when the oldest of what is queued waits."""
    query = select(func.min(queue.c.queued_at)).where(queue.c.state == "queued")
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def _failed_since(connection: Connection, since: datetime) -> int:
    query = select(func.count()).where(outbox.c.state == "failed", outbox.c.next_at >= since)
    return int(connection.execute(query).scalar_one())


def _unassigned_since(connection: Connection) -> datetime | None:
    query = select(func.min(inquiries.c.opened_at)).where(inquiries.c.state == State.RECEIVED.value)
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def _off_duty(connection: Connection) -> Mapping[str, int]:
    query = select(duties.c.kind, func.count()).where(duties.c.ended_at.is_(None)).group_by(duties.c.kind)
    return {row[0]: row[1] for row in connection.execute(query.order_by(duties.c.kind))}


def _overdue(connection: Connection, now: datetime) -> tuple[int, int]:
    """Count the inquiries whose answer is late, and those of them that were brought before the deputy."""
    query = (
        select(func.count(), func.count(assignments.c.escalated_at))
        .select_from(assignments)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(
            assignments.c.ended_at.is_(None),
            assignments.c.due_at < now,
            inquiries.c.state.in_([state.value for state in UNANSWERED]),
        )
    )
    late, escalated = connection.execute(query).one()
    return late, escalated


def _sources(connection: Connection) -> tuple[SourceStatus, ...]:
    query = select(cursors).order_by(cursors.c.source, cursors.c.mailbox)
    return tuple(
        SourceStatus(source=row.source, mailbox=row.mailbox, uid=row.uid, checked_at=row.checked_at)
        for row in connection.execute(query)
    )


def _set_aside(connection: Connection) -> tuple[SetAsideStatus, ...]:
    query = select(set_aside).order_by(set_aside.c.id)
    return tuple(
        SetAsideStatus(place=row.place, step=row.step, reason=row.reason, at=row.at)
        for row in connection.execute(query)
    )
