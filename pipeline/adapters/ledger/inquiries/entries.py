"""Inquiries as the router and the digests see them: three queries for all that the entries tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.decisions import decision_from, newest_decision, of_people
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    corrections,
    decisions,
    inquiries,
    inquiry_messages,
    messages,
)
from pipeline.records.decisions import Decision, Disposition
from pipeline.records.messages import Address
from pipeline.records.threads import Voice
from pipeline.records.work import Correction, Entry, State
from pipeline.routing.combine import combine

_TEXT_LENGTH = 4000
# Messages of each inquiry that are heard: the first and the last ones.
FIRST, LAST = 20, 40


def read_entries(connection: Connection, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
    """Return the inquiries that fit, oldest first."""
    current = and_(assignments.c.inquiry_id == inquiries.c.id, assignments.c.ended_at.is_(None))
    query = (
        select(
            inquiries.c.id.label("inquiry_id"),
            inquiries.c.key,
            inquiries.c.state,
            inquiries.c.opened_at,
            inquiries.c.version,
            inquiries.c.waiting_until,
            contents,
            assignments.c.liaison,
            assignments.c.reason,
            assignments.c.due_at,
            assignments.c.assigned_at,
            assignments.c.escalated_at,
            _over_messages(func.count()).label("message_count"),
            _over_messages(func.max(contents.c.written_at)).label("newest_at"),
        )
        .select_from(inquiries)
        .join(contents, contents.c.message_id == _first_message())
        .outerjoin(assignments, current)
        .where(*where)
        .order_by(inquiries.c.opened_at, inquiries.c.id)
    )
    rows = connection.execute(query).all()
    return tuple(_entry(row, *spoken) for some in chunks(rows) for row, spoken in _heard(connection, some))


def speaking_decision() -> ScalarSelect[int]:
    """Select the decision that tells kind and disposition of an inquiry, as `routing.combine` chooses it.

    That is the one on the first message of a person whose kind is more than a guess, else on the first. Of each message
    its newest decision is heard.
    """
    filed = case((decisions.c.disposition == Disposition.FILE.value, 1), else_=0)
    newer = decisions.alias("newer")
    is_old = select(newer.c.id).where(
        newer.c.message_id == decisions.c.message_id, newer.c.id > decisions.c.id
    )
    return (
        select(decisions.c.id)
        .join(inquiry_messages, inquiry_messages.c.message_id == decisions.c.message_id)
        .join(contents, contents.c.message_id == decisions.c.message_id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id, ~is_old.correlate(decisions).exists())
        .order_by(
            _not_person(), filed, decisions.c.sure.desc(), contents.c.written_at, contents.c.message_id
        )
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )  # fmt: skip


def _not_person() -> ColumnElement[int]:
    return case((contents.c.voice == Voice.PERSON.value, 0), else_=1)


def _first_message() -> ScalarSelect[int]:
    return (
        select(contents.c.message_id)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .order_by(_not_person(), contents.c.written_at, contents.c.message_id)
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _over_messages(figure: Any) -> ScalarSelect[Any]:
    return (
        select(figure)
        .select_from(inquiry_messages)
        .join(contents, contents.c.message_id == inquiry_messages.c.message_id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _heard(connection: Connection, rows: Sequence[Any]) -> Iterator[tuple[Any, tuple[Decision, str]]]:
    """Yield each inquiry with the decision that its messages come to, and the first text that is not empty."""
    numbers = [row.inquiry_id for row in rows]
    said = by_inquiry(connection.execute(newest_decisions(numbers)))
    told = by_inquiry(connection.execute(select(corrections).where(corrections.c.inquiry_id.in_(numbers))))
    for row in rows:
        spoken = said[row.inquiry_id]
        people = of_people(spoken)
        decided = combine(
            [decision_from(one, one.sha256, one.summary) for one in people],
            [correction_from(one, row.key) for one in told[row.inquiry_id]],
        )
        text = next((one.text for one in people if one.text.strip()), "")
        yield row, (decided, row.text if row.text.strip() else text)


def by_inquiry(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    """Return number of an inquiry to its rows."""
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.inquiry_id].append(row)
    return groups


def newest_decisions(numbers: Sequence[int]) -> Select[Any]:
    """Select the newest decision on each message of some inquiries, oldest message first."""
    order = (_not_person(), contents.c.written_at, contents.c.message_id)
    last = (_not_person(), contents.c.written_at.desc(), contents.c.message_id.desc())
    ranked = (
        select(
            inquiry_messages.c.inquiry_id,
            inquiry_messages.c.message_id,
            func.row_number().over(partition_by=inquiry_messages.c.inquiry_id, order_by=order).label("first"),
            func.row_number().over(partition_by=inquiry_messages.c.inquiry_id, order_by=last).label("last"),
        )
        .join(contents, contents.c.message_id == inquiry_messages.c.message_id)
        .where(inquiry_messages.c.inquiry_id.in_(numbers))
        .subquery()
    )
    return (
        select(
            ranked.c.inquiry_id,
            decisions,
            messages.c.sha256,
            contents.c.summary,
            contents.c.voice,
            func.substr(contents.c.text, 1, _TEXT_LENGTH).label("text"),
        )
        .select_from(ranked)
        .join(decisions, decisions.c.id == newest_decision(ranked.c.message_id, ranked))
        .join(contents, contents.c.message_id == ranked.c.message_id)
        .join(messages, messages.c.id == ranked.c.message_id)
        .where(or_(ranked.c.first <= FIRST, ranked.c.last <= LAST))
        .order_by(contents.c.written_at, contents.c.message_id)
    )


def correction_from(row: Any, key: str) -> Correction:
    """Return what a row of `corrections` says of the inquiry called `key`."""
    return Correction(inquiry=key, tag=row.tag, author=row.author, at=row.at)


def _entry(row: Any, decision: Decision, text: str) -> Entry:
    forwarder = Address(name=row.forwarder_name or "", address=row.forwarder_address or "")
    return Entry(
        key=row.key,
        decision=decision,
        author=Address(name=row.author_name, address=row.author_address),
        organisation=row.organisation,
        subject=row.subject,
        text=text[:_TEXT_LENGTH],
        received_at=row.opened_at,
        messages=row.message_count,
        state=State(row.state),
        liaison=row.liaison,
        reason=row.reason or "",
        due_at=row.due_at,
        origin=row.origin,
        archive_url=row.archive_url,
        attachments=tuple(row.attachments),
        forwarder=forwarder if forwarder.name or forwarder.address else None,
        newest_at=row.newest_at,
        version=row.version,
        waiting_until=row.waiting_until,
        assigned_at=row.assigned_at,
        escalated_at=row.escalated_at,
    )
