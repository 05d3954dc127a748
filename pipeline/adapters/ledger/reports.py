"""Figures over the whole ledger, counted by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, case, func, select

from pipeline.adapters.ledger.engine import Part, reading
from pipeline.adapters.ledger.entries import read_loads, speaking_decision
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
from pipeline.records.decisions import Disposition
from pipeline.records.status import LedgerStatus, SetAsideStatus, SourceStatus
from pipeline.records.work import (
    UNANSWERED,
    State,
    WeekCount,
    Window,
)


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
            return LedgerStatus(
                messages=_counts(connection, messages, messages.c.state),
                sightings=_size(connection, sightings),
                inquiries=_counts(connection, inquiries, inquiries.c.state),
                dispositions=_counts(connection, decisions, decisions.c.disposition),
                outbox=_counts(connection, outbox, outbox.c.state),
                loads=read_loads(connection),
                overdue=_overdue(connection, now),
                sources=_sources(connection),
                set_aside=_set_aside(connection),
                rulebook_version=versions.rulebook_version if versions else "",
                model_version=versions.model_version if versions else "",
                writebacks=_counts(connection, writebacks, writebacks.c.state),
            )

    def trend(self, windows: Sequence[Window]) -> tuple[WeekCount, ...]:
        """Count the inquiries that began in each window by disposition, and those closed in it."""
        with reading(self._engine) as connection:
            return tuple(_week(connection, window) for window in windows)


def _week(connection: Connection, window: Window) -> WeekCount:
    began = (inquiries.c.opened_at >= window.start, inquiries.c.opened_at < window.end)
    worthy = and_(
        decisions.c.kind == "partnership",
        decisions.c.alignment != "not_aligned",
        decisions.c.disposition != Disposition.FILE.value,
    )
    query = (
        select(decisions.c.disposition, func.count(), func.sum(case((worthy, 1), else_=0)))
        .select_from(inquiries)
        .join(decisions, decisions.c.id == speaking_decision())
        .where(*began)
        .group_by(decisions.c.disposition)
    )
    rows = connection.execute(query).all()
    counts = {row[0]: row[1] for row in rows}
    closed = (
        select(func.count())
        .select_from(inquiries)
        .where(
            inquiries.c.closed_at >= window.start,
            inquiries.c.closed_at < window.end,
            inquiries.c.state != State.FILED.value,
        )
    )
    return WeekCount(
        period=window.period,
        assigned=counts.get(Disposition.ASSIGN.value, 0),
        review=counts.get(Disposition.REVIEW.value, 0),
        filed=counts.get(Disposition.FILE.value, 0),
        closed=int(connection.execute(closed).scalar_one()),
        worthy=sum(int(row[2]) for row in rows),
    )


def _counts(connection: Connection, table: Table, column: Column[Any]) -> Mapping[str, int]:
    query = select(column, func.count()).select_from(table).group_by(column).order_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _size(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _overdue(connection: Connection, now: datetime) -> int:
    query = (
        select(func.count())
        .select_from(assignments)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(
            assignments.c.ended_at.is_(None),
            assignments.c.due_at < now,
            inquiries.c.state.in_([state.value for state in UNANSWERED]),
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
