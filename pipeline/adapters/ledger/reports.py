"""Figures over the whole ledger, counted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from pipeline.adapters.ledger.engine import Part, reading
from pipeline.adapters.ledger.entries import read_loads
from pipeline.adapters.ledger.jobs import JobTable
from pipeline.adapters.ledger.outbox import NOTHING
from pipeline.adapters.ledger.schema import (
    assignments,
    cursors,
    decisions,
    inquiries,
    messages,
    outbox,
    set_aside,
    sightings,
    writebacks,
)
from pipeline.adapters.ledger.schema_people import duties
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
            return LedgerStatus(
                jobs=JobTable(connection).all(),
                seen=seen,
                waiting=_waiting(connection),
                queued_since=_oldest(connection, outbox),
                failed_lately=_failed_since(connection, now - _LATELY),
                untold_since=_oldest(connection, writebacks),
                unassigned_since=_unassigned_since(connection),
                messages=_counts(connection, messages, messages.c.state),
                sightings=sum(seen.values()),
                inquiries=_counts(connection, inquiries, inquiries.c.state),
                dispositions=_counts(connection, decisions, decisions.c.disposition),
                outbox=_mails(connection),
                loads=read_loads(connection),
                unassigned=_unassigned(connection),
                overdue=_overdue(connection, now),
                escalated=_overdue(connection, now, assignments.c.escalated_at.is_not(None)),
                off_duty=_off_duty(connection),
                sources=_sources(connection),
                set_aside=_set_aside(connection),
                rulebook_version=versions.rulebook_version if versions else "",
                model_version=versions.model_version if versions else "",
                writebacks=_counts(connection, writebacks, writebacks.c.state),
            )


def _counts(connection: Connection, table: Table, column: Column[Any]) -> Mapping[str, int]:
    query = select(column, func.count()).select_from(table).group_by(column).order_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _mails(connection: Connection) -> Mapping[str, int]:
    """Count the mails by their state; what was passed over never was one."""
    counted = _counts(connection, outbox, outbox.c.state)
    return {state: number for state, number in counted.items() if state != NOTHING}


def _seen(connection: Connection) -> Mapping[str, int]:
    query = select(sightings.c.source, func.count()).group_by(sightings.c.source).order_by(sightings.c.source)
    return {row[0]: row[1] for row in connection.execute(query)}


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


def _unassigned(connection: Connection) -> int:
    query = select(func.count()).where(inquiries.c.state == State.RECEIVED.value)
    return int(connection.execute(query).scalar_one())


def _off_duty(connection: Connection) -> Mapping[str, int]:
    query = select(duties.c.kind, func.count()).where(duties.c.ended_at.is_(None)).group_by(duties.c.kind)
    return {row[0]: row[1] for row in connection.execute(query.order_by(duties.c.kind))}


def _overdue(connection: Connection, now: datetime, *more: ColumnElement[bool]) -> int:
    query = (
        select(func.count())
        .select_from(assignments)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(
            assignments.c.ended_at.is_(None),
            assignments.c.due_at < now,
            inquiries.c.state.in_([state.value for state in UNANSWERED]),
            *more,
        )
    )
    return int(connection.execute(query).scalar_one())


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
