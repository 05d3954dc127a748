"""Inquiries as they were told at the end of a week: one row each, in tables that live as long as one reading.

The moment that counts is the end of the week; for what was only read after it, an hour after it was first decided on, when
it has been handed to somebody. What inquiry a message belongs to is what is known today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.database.dialects import json_list, json_number
from pipeline.adapters.ledger.database.engine import scratching
from pipeline.adapters.ledger.schema import (
    assignments,
    decisions,
    events,
    inquiries,
    inquiry_messages,
    inquiry_states,
)
from pipeline.adapters.ledger.schema.columns import UtcDateTime
from pipeline.adapters.ledger.weeks.combined import COMBINED, combined
from pipeline.records.decisions import Disposition
from pipeline.records.outcomes import Outcome
from pipeline.records.weeks import CLOSED
from pipeline.records.work import UNANSWERED, State, Window

BEFORE = -1
_SETTLING = timedelta(hours=1)
_BATCH = 1000

_scratch = MetaData()

# Which inquiries are looked at. week: its place in the trend, BEFORE for what is older and still open.
scope = Table(
    "week_scope",
    _scratch,
    Column("inquiry_id", Integer, primary_key=True),
    Column("week", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("decisions", Integer, nullable=False),
    Column("decision_id", Integer, nullable=False),
    Column("moment", UtcDateTime),
    prefixes=["TEMPORARY"],
)

# How they stood. way: assign, review, file; fate: open, answered, closed, filed. activities, abstained: lists (JSON).
told = Table(
    "week_told",
    _scratch,
    Column("inquiry_id", Integer, primary_key=True),
    Column("week", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("moment", UtcDateTime, nullable=False),
    Column("decision_id", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("answered", Integer, nullable=False),
    Column("outcome", String(32)),
    Column("liaison", String(64)),
    Column("due_at", UtcDateTime),
    Column("assigned_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("reason", String),
    Column("disposition", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("partner_type", String(32)),
    Column("region", String(64)),
    Column("alignment", String(16)),
    Column("priority", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("activities", String, nullable=False),
    Column("abstained", String, nullable=False),
    Column("certainty", Float),
    Column("way", String(8)),
    Column("fate", String(8)),
    prefixes=["TEMPORARY"],
)


@contextmanager
def telling(engine: Any, windows: Sequence[Window]) -> Iterator[Connection]:
    """Give a connection on which `told` holds the inquiries of `windows`, and those open at the end of the last.

    Parameters
    ----------
    windows
        Weeks that follow each other, oldest first.
    """
    with scratching(engine) as connection:
        # What fails takes the tables along: they are part of the transaction, on both engines.
        _scratch.create_all(connection, checkfirst=False)
        _look(connection, windows)
        _tell(connection)
        yield connection
        _scratch.drop_all(connection, checkfirst=False)


def _look(connection: Connection, windows: Sequence[Window]) -> None:
    """Fill `scope`."""
    began = select(inquiries.c.id, inquiries.c.opened_at)
    for place, window in enumerate(windows):
        within = (inquiries.c.opened_at >= window.start, inquiries.c.opened_at < window.end)
        connection.execute(_scoped(place, began.where(*within)))
    since, end = windows[0].start, windows[-1].end
    standing = began.where(
        inquiries.c.state != State.ARCHIVED.value,
        or_(inquiries.c.closed_at.is_(None), inquiries.c.closed_at >= end),
    )
    connection.execute(_scoped(BEFORE, standing, before=since))
    in_time = scope.c.first_at < end
    connection.execute(update(scope).where(in_time).values(moment=end))
    late = connection.execute(select(scope.c.inquiry_id, scope.c.first_at).where(~in_time)).all()
    if late:
        connection.execute(
            update(scope)
            .where(scope.c.inquiry_id == bindparam("number"))
            .values(moment=bindparam("settled", type_=UtcDateTime())),
            [{"number": row.inquiry_id, "settled": row.first_at + _SETTLING} for row in late],
        )


def _scoped(place: int, chosen: Select[Any], before: datetime | None = None) -> Insert:
    """Note the inquiries of `chosen` with what their decisions are; those alone that began `before` some moment.

    The choice is made first (MATERIALIZED): without statistics, SQLite would rather walk through all inquiries.
    """
    some = chosen.where(inquiries.c.state != State.MERGED.value).cte("some").prefix_with("MATERIALIZED")
    query = (
        select(
            some.c.id,
            literal(place),
            some.c.opened_at,
            func.min(decisions.c.decided_at),
            func.count(),
            func.min(decisions.c.id),
        )
        .select_from(some)
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == some.c.id)
        .join(decisions, decisions.c.message_id == inquiry_messages.c.message_id)
        .where(*((some.c.opened_at < before,) if before else ()))
        .group_by(some.c.id, some.c.opened_at)
    )
    columns = ["inquiry_id", "week", "opened_at", "first_at", "decisions", "decision_id"]
    return insert(scope).from_select(columns, query)


def _tell(connection: Connection) -> None:
    """Fill `told`: what one decision says by itself in the database, the others by the judge over several messages."""
    columns, query = _standing()
    connection.execute(insert(told).from_select(columns, query))
    change = update(told).where(told.c.inquiry_id == bindparam("number"))
    change = change.values({name: bindparam(f"new_{name}") for name in COMBINED})
    for some in combined(connection, scope, _BATCH):
        connection.execute(change, some)
    connection.execute(update(told).values(way=_way(), fate=_fate()))


def _standing() -> tuple[list[str], Select[Any]]:
    """Select how each inquiry stood at its moment, with the tags of its first decision."""
    plain = {name: decisions.c[name] for name in ("disposition", "kind", "partner_type", "region", "alignment", "priority", "language")}  # fmt: skip
    columns: Mapping[str, Any] = {
        "inquiry_id": scope.c.inquiry_id,
        "week": scope.c.week,
        "opened_at": scope.c.opened_at,
        "moment": scope.c.moment,
        "decision_id": scope.c.decision_id,
        "state": func.coalesce(_state(), inquiries.c.state),
        "answered": case((inquiries.c.answered_at < scope.c.moment, 1), else_=0),
        "outcome": _outcome(),
        **{name: assignments.c[name] for name in ("liaison", "due_at", "assigned_at", "reason")},
        "escalated_at": case((assignments.c.escalated_at < scope.c.moment, assignments.c.escalated_at)),
        **plain,
        "activities": json_list(decisions.c.tags, "activities"),
        "abstained": json_list(decisions.c.tags, "abstained"),
        "certainty": json_number(decisions.c.tags, "confidence", "kind"),
    }
    query = (
        select(*columns.values())
        .select_from(scope)
        .join(inquiries, inquiries.c.id == scope.c.inquiry_id)
        .join(decisions, decisions.c.id == scope.c.decision_id)
        .outerjoin(assignments, assignments.c.id == _assignment())
    )
    return list(columns), query


def _state() -> ColumnElement[str]:
    """Select the state at the moment; where its life is only known from later on, the first one known."""
    mine = inquiry_states.c.inquiry_id == scope.c.inquiry_id
    life = select(inquiry_states.c.state).limit(1).correlate(scope)
    newest = life.where(mine, inquiry_states.c.at < scope.c.moment).order_by(
        inquiry_states.c.at.desc(), inquiry_states.c.id.desc()
    )
    first = life.where(mine).order_by(inquiry_states.c.at, inquiry_states.c.id)
    return func.coalesce(newest.scalar_subquery(), first.scalar_subquery())


def _assignment() -> ScalarSelect[int]:
    """Select the assignment that held at the moment."""
    return (
        select(assignments.c.id)
        .where(
            assignments.c.inquiry_id == scope.c.inquiry_id,
            assignments.c.assigned_at < scope.c.moment,
            or_(assignments.c.ended_at.is_(None), assignments.c.ended_at >= scope.c.moment),
        )
        .order_by(assignments.c.id.desc())
        .limit(1)
        .correlate(scope)
        .scalar_subquery()
    )


def _outcome() -> ColumnElement[Any]:
    """Select the outcome that was known at the moment; without a history the present one, unless it was over only later."""
    mine = and_(
        events.c.inquiry_id == scope.c.inquiry_id,
        events.c.name == "outcome",
        events.c.detail.in_([one.value for one in Outcome]),
    )
    said = select(events.c.detail).where(mine).correlate(scope)
    newest = said.where(events.c.at < scope.c.moment).order_by(events.c.id.desc()).limit(1)
    return case(
        (inquiries.c.outcome.is_(None), null()),
        (said.exists(), newest.scalar_subquery()),
        (inquiries.c.closed_at >= scope.c.moment, null()),
        else_=inquiries.c.outcome,
    )


def _way() -> ColumnElement[str]:
    """Tell what became of it; what a person fetched back out of the file is no longer filed."""
    filed = Disposition.FILE.value
    return case(
        (told.c.state == State.FILED.value, filed),
        (
            and_(told.c.disposition == filed, told.c.state != State.RECEIVED.value),
            Disposition.ASSIGN.value,
        ),
        else_=told.c.disposition,
    )


def _fate() -> ColumnElement[str]:
    waiting = told.c.state.in_([state.value for state in UNANSWERED])
    filed = or_(
        told.c.state.in_((State.FILED.value, State.ARCHIVED.value)),
        and_(told.c.disposition == Disposition.FILE.value, told.c.state == State.RECEIVED.value),
    )
    return case(
        (filed, "filed"),
        (waiting, "open"),
        (told.c.state.in_([state.value for state in CLOSED]), "closed"),
        else_="answered",
    )
