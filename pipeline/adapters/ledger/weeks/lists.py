"""The inquiries of a week that are named one by one, as they stood at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from pipeline.adapters.ledger.inquiries.entries import read_entries
from pipeline.adapters.ledger.schema import contents, decisions, inquiries, inquiry_messages
from pipeline.adapters.ledger.weeks.combined import heard
from pipeline.adapters.ledger.weeks.counts import asked, in_week, standing_open, unanswered, worthy
from pipeline.adapters.ledger.weeks.told import scope, told
from pipeline.records.decisions import Decision, Disposition
from pipeline.records.keeping import REMOVED
from pipeline.records.messages import Address
from pipeline.records.weeks import Shortlist
from pipeline.records.work import Entry, State


class Lists:
    """Draws up the lists of one week.

    Parameters
    ----------
    connection
        On which the inquiries were told.
    place, end
        Of the week in the trend, and when it ended.
    cap
        Entries that a list names.
    """

    def __init__(self, connection: Connection, place: int, end: datetime, cap: int) -> None:
        self._connection = connection
        self._week = in_week(place)
        self._end = end
        self._cap = cap
        self._entries: dict[int, Entry] = {}

    def overdue(self) -> Shortlist:
        """Return what should have been answered, the latest first."""
        return self._list(and_(unanswered, told.c.due_at < self._end), told.c.due_at)

    def homeless(self) -> Shortlist:
        """Return what nobody has, oldest first."""
        return self._list(and_(unanswered, told.c.liaison.is_(None)), told.c.opened_at)

    def escalated(self) -> Shortlist:
        """Return what was brought before the deputy and is not answered yet, the latest first."""
        return self._list(and_(unanswered, told.c.escalated_at.is_not(None)), told.c.due_at)

    def undecided(self) -> Shortlist:
        """Return the partnership inquiries that nobody has answered, the most important first."""
        return self._list(and_(unanswered, worthy), told.c.priority.desc(), told.c.opened_at)

    def endorsements(self) -> Shortlist:
        """Return the requests for endorsement, oldest first."""
        current = or_(self._week, standing_open)
        return self._list(and_(asked, told.c.kind == "endorsement", current), told.c.opened_at)

    def filed(self) -> Shortlist:
        """Return what was put away, the least certain first."""
        here = and_(self._week, told.c.way == Disposition.FILE.value)
        return self._list(here, func.coalesce(told.c.certainty, 1.0), told.c.opened_at)

    def _list(self, which: ColumnElement[bool], *order: ColumnElement[Any]) -> Shortlist:
        total = select(func.count()).select_from(told).where(which)
        first = (
            select(told.c.inquiry_id)
            .join(inquiries, inquiries.c.id == told.c.inquiry_id)
            .where(which)
            .order_by(*order, inquiries.c.key)
            .limit(self._cap)
        )
        numbers = list(self._connection.execute(first).scalars())
        self._read([number for number in numbers if number not in self._entries])
        return Shortlist(
            entries=tuple(self._entries[number] for number in numbers),
            total=int(self._connection.execute(total).scalar_one()),
        )

    def _read(self, numbers: list[int]) -> None:
        if not numbers:
            return
        present = {one.key: one for one in read_entries(self._connection, inquiries.c.id.in_(numbers))}
        decided = dict(heard(self._connection, scope, scope.c.inquiry_id.in_(numbers), evidence=True))
        query = (
            select(told, inquiries.c.key)
            .join(inquiries, inquiries.c.id == told.c.inquiry_id)
            .where(told.c.inquiry_id.in_(numbers))
        )
        sizes = _sizes(self._connection, numbers)
        for row in self._connection.execute(query):
            decision = decided[row.inquiry_id]
            entry = present.get(row.key) or _removed(row.key, decision, row.opened_at)
            self._entries[row.inquiry_id] = _then(entry, row, decision, sizes[row.inquiry_id])


def _then(entry: Entry, row: Any, decision: Decision, size: tuple[int, datetime | None]) -> Entry:
    """Return an inquiry as it was, of what is told of it now."""
    return replace(
        entry,
        decision=decision,
        state=State(row.state),
        liaison=row.liaison,
        reason=row.reason or "",
        due_at=row.due_at,
        assigned_at=row.assigned_at,
        escalated_at=row.escalated_at,
        waiting_until=None,
        version=0,
        messages=size[0],
        newest_at=size[1],
    )


def _removed(key: str, decision: Decision, opened_at: datetime) -> Entry:
    return Entry(
        key=key,
        decision=replace(decision, summary="", evidence=()),
        author=Address(name=REMOVED, address=""),
        organisation="",
        subject=REMOVED,
        text="",
        received_at=opened_at,
    )


def _sizes(connection: Connection, numbers: list[int]) -> dict[int, tuple[int, datetime | None]]:
    """Return how many messages an inquiry had at the moment, and when the newest of them was written."""
    known = (
        select(decisions.c.id)
        .where(
            decisions.c.message_id == inquiry_messages.c.message_id, decisions.c.decided_at < scope.c.moment
        )
        .exists()
    )
    query = (
        select(scope.c.inquiry_id, func.count(), func.max(contents.c.written_at))
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == scope.c.inquiry_id)
        .outerjoin(contents, contents.c.message_id == inquiry_messages.c.message_id)
        .where(scope.c.inquiry_id.in_(numbers), known)
        .group_by(scope.c.inquiry_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}
