"""Counts over the inquiries that were told, made by the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    and_,
    case,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
)

from pipeline.adapters.ledger.database.dialects import earliest, latest, members, position
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    corrections,
    decisions,
    inquiries,
    inquiry_states,
    sightings,
)
from pipeline.adapters.ledger.schema.columns import UtcDateTime
from pipeline.adapters.ledger.weeks.told import told
from pipeline.records.decisions import Disposition
from pipeline.records.outcomes import Outcome
from pipeline.records.weeks import CLOSED, Counts, Fortune, Requests, WeekCount
from pipeline.records.work import UNANSWERED, State, Window

UNKNOWN = "unknown"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_FILE = Disposition.FILE.value
_TALK = ("partnership", "endorsement")

asked = told.c.way != _FILE
unanswered = and_(asked, told.c.state.in_([state.value for state in UNANSWERED]))
standing_open = told.c.state.in_(OPEN_STATES)
worthy = and_(asked, told.c.kind == "partnership", func.coalesce(told.c.alignment, "") != "not_aligned")


def in_week(place: int) -> ColumnElement[bool]:
    """Select what began in the week at `place` of the trend."""
    return told.c.week == place


def flow(connection: Connection, place: int) -> tuple[tuple[str, str, int], ...]:
    """Count what the week brought by what became of it."""
    rows = _grouped(connection, (told.c.way, told.c.fate), in_week(place))
    return tuple((way, fate, number) for way, fate, number in rows)


def types(connection: Connection, place: int) -> tuple[tuple[str, str, int], ...]:
    """Count types by regions."""
    region = func.coalesce(told.c.region, UNKNOWN)
    here = (in_week(place), asked, told.c.partner_type.is_not(None))
    return tuple(
        (kind, where, number)
        for kind, where, number in _grouped(connection, (told.c.partner_type, region), *here)
    )


def values(connection: Connection, column: ColumnElement[Any], *where: ColumnElement[bool]) -> Counts:
    """Count the values of one column, most frequent first; nothing said is not counted."""
    rows = _grouped(connection, (column,), column.is_not(None), *where)
    return tuple((value, number) for value, number in rows)


def listed(connection: Connection, column: ColumnElement[Any], *where: ColumnElement[bool]) -> Counts:
    """Count the values of lists, most frequent first."""
    each = members(column)
    query = (
        select(each.c.value, func.count(distinct(told.c.inquiry_id)).label("number"))
        .select_from(told)
        .join(each, true())
        .where(*where)
        .group_by(each.c.value)
        .order_by(func.count(distinct(told.c.inquiry_id)).desc(), each.c.value)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def channels(connection: Connection, place: int) -> Counts:
    """Count by which way the first message of an inquiry came: list, desk, mailbox, file."""
    first = (
        select(sightings.c.kind)
        .where(sightings.c.message_id == decisions.c.message_id)
        .order_by(sightings.c.id)
        .limit(1)
        .correlate(decisions)
        .scalar_subquery()
    )
    channel = case(
        (contents.c.list_id.is_not(None), "list"),
        (first == "otrs", "desk"),
        (first == "file", "file"),
        else_="mailbox",
    )
    query = (
        select(channel.label("channel"), func.count().label("number"))
        .select_from(told)
        .join(decisions, decisions.c.id == told.c.decision_id)
        .outerjoin(contents, contents.c.message_id == decisions.c.message_id)
        .where(in_week(place), asked)
        .group_by(channel)
        .order_by(func.count().desc(), channel)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def corrected(connection: Connection, window: Window) -> Counts:
    """Count the inquiries in which people corrected a field during the week."""
    name = func.substr(corrections.c.tag, 1, position(corrections.c.tag, "=") - 1)
    number = func.count(distinct(corrections.c.inquiry_id))
    query = (
        select(name, number)
        .where(corrections.c.at >= window.start, corrections.c.at < window.end, name != "")
        .group_by(name)
        .order_by(number.desc(), name)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def fortunes(connection: Connection, column: ColumnElement[Any]) -> tuple[Fortune, ...]:
    """Count what became of the inquiries of all weeks, by the values of a column, the most frequent first."""
    over = told.c.state.in_([state.value for state in CLOSED])
    answered = or_(over, told.c.answered == 1, told.c.fate == "answered")
    value = func.coalesce(column, UNKNOWN)
    query = (
        select(
            value,
            func.count().label("number"),
            _sum(answered),
            _sum(over),
            *(
                _sum(told.c.outcome == one.value)
                for one in (Outcome.PARTNERSHIP, Outcome.ENDORSED, Outcome.HANDED_OVER)
            ),
        )
        .where(told.c.week >= 0, asked, told.c.fate != "filed", told.c.kind.in_(_TALK))
        .group_by(value)
        .order_by(func.count().desc(), value)
    )
    names = ("value", "inquiries", "answered", "ended", "partnerships", "endorsed", "handed_over")
    return tuple(Fortune(**dict(zip(names, row, strict=True))) for row in connection.execute(query))


def requests(connection: Connection, place: int) -> Requests:
    """Count the requests for endorsement."""
    mine = and_(asked, told.c.kind == "endorsement")
    row = connection.execute(
        select(
            _sum(and_(in_week(place), mine)),
            _sum(and_(mine, standing_open)),
            _sum(and_(told.c.week >= 0, told.c.outcome == Outcome.ENDORSED.value)),
        )
    ).one()
    return Requests(received=row[0], open=row[1], endorsed=row[2])


def loads(connection: Connection, window: Window) -> tuple[tuple[str, int, int, int], ...]:
    """Count by liaison what is open, what of it is late, and what was given to them in the week."""
    late = and_(unanswered, told.c.due_at < window.end)
    held = (
        select(told.c.liaison, func.count(), _sum(late))
        .where(standing_open, told.c.liaison.is_not(None))
        .group_by(told.c.liaison)
    )
    given = (
        select(assignments.c.liaison, func.count(distinct(assignments.c.inquiry_id)))
        .where(assignments.c.assigned_at >= window.start, assignments.c.assigned_at < window.end)
        .group_by(assignments.c.liaison)
    )
    open_, new = connection.execute(held).all(), {row[0]: row[1] for row in connection.execute(given)}
    found = {row[0]: (row[1], row[2]) for row in open_}
    return tuple((name, *found.get(name, (0, 0)), new.get(name, 0)) for name in sorted({*found, *new}))


def trend(connection: Connection, windows: Sequence[Window]) -> tuple[WeekCount, ...]:
    """Count each week: what it brought, what was closed in it, and what was late at its end."""
    query = (
        select(told.c.week, told.c.way, func.count(), _sum(worthy))
        .where(told.c.week >= 0)
        .group_by(told.c.week, told.c.way)
    )
    came = {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
    closed, late = _closed(connection, windows), _late(connection, windows)
    return tuple(
        WeekCount(
            period=window.period,
            assigned=came.get((place, Disposition.ASSIGN.value), (0, 0))[0],
            review=came.get((place, Disposition.REVIEW.value), (0, 0))[0],
            filed=came.get((place, _FILE), (0, 0))[0],
            worthy=sum(came.get((place, way.value), (0, 0))[1] for way in Disposition),
            closed=closed.get(place, 0),
            overdue=late.get(place, 0),
        )
        for place, window in enumerate(windows)
    )


def _closed(connection: Connection, windows: Sequence[Window]) -> dict[int, int]:
    """Count by week the inquiries that came to an end in it."""
    at = inquiry_states.c.at
    place = case(*((at < window.end, number) for number, window in enumerate(windows)))
    query = (
        select(place, func.count(distinct(inquiry_states.c.inquiry_id)))
        .join(inquiries, inquiries.c.id == inquiry_states.c.inquiry_id)
        .where(
            at >= windows[0].start,
            at < windows[-1].end,
            inquiry_states.c.state.in_([state.value for state in CLOSED]),
            inquiries.c.state != State.MERGED.value,
        )
        .group_by(place)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _late(connection: Connection, windows: Sequence[Window]) -> dict[int, int]:
    """Count by week the inquiries whose first answer was late at its end: due, still with that liaison, unanswered."""
    waiting = _waiting(windows)
    columns = [
        func.count(
            distinct(
                case(
                    (and_(waiting.c.since < window.end, waiting.c.until >= window.end), waiting.c.inquiry_id)
                )
            )
        )
        for window in windows
    ]
    row = connection.execute(select(*columns).where(waiting.c.since < waiting.c.until)).one()
    return dict(enumerate(row))


def _waiting(windows: Sequence[Window]) -> CTE:
    """Select the stretches of time in which an answer was late, as far as they may touch the end of a week."""
    owed = (
        select(assignments)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(
            assignments.c.due_at < windows[-1].end,
            or_(assignments.c.ended_at.is_(None), assignments.c.ended_at >= windows[0].end),
            or_(assignments.c.ended_at.is_(None), assignments.c.ended_at > assignments.c.due_at),
            inquiries.c.state != State.MERGED.value,
            _unanswered_when_due(),
        )
        .cte("owed")
    )
    life = inquiry_states.c
    until = func.lead(life.at).over(partition_by=life.inquiry_id, order_by=(life.at, life.id))
    spans = (
        select(life.inquiry_id, life.state, life.at, until.label("until"))
        .where(life.inquiry_id.in_(select(owed.c.inquiry_id)))
        .cte("spans")
    )
    never = literal(_NEVER, UtcDateTime())
    return (
        select(
            owed.c.inquiry_id,
            latest(owed.c.due_at, owed.c.assigned_at, spans.c.at).label("since"),
            earliest(func.coalesce(owed.c.ended_at, never), func.coalesce(spans.c.until, never)).label(
                "until"
            ),
        )
        .join(spans, spans.c.inquiry_id == owed.c.inquiry_id)
        .where(spans.c.state.in_([state.value for state in UNANSWERED]))
        .cte("waiting")
    )


def _unanswered_when_due() -> ColumnElement[bool]:
    """Select the assignments whose inquiry waited for an answer when that was due, or once more after it.

    Most were answered in time: their lives need not be walked through.
    """
    waits = inquiry_states.c.state.in_([state.value for state in UNANSWERED])
    mine = inquiry_states.c.inquiry_id == assignments.c.inquiry_id
    life = select(inquiry_states.c.state).correlate(assignments)
    then = (
        life.where(mine, inquiry_states.c.at <= assignments.c.due_at)
        .order_by(inquiry_states.c.at.desc(), inquiry_states.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    again = life.where(mine, inquiry_states.c.at > assignments.c.due_at, waits).exists()
    return or_(then.in_([state.value for state in UNANSWERED]), again)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _grouped(
    connection: Connection, columns: Sequence[ColumnElement[Any]], *where: ColumnElement[bool]
) -> Sequence[Any]:
    """Count rows by some columns, the most frequent first."""
    query = (
        select(*columns, func.count())
        .select_from(told)
        .where(*where)
        .group_by(*columns)
        .order_by(func.count().desc(), *columns)
    )
    return connection.execute(query).all()
