"""Inquiries as the router and the digests see them: one query for all that an Entry tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.codec import decision_from
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    decisions,
    inquiries,
    inquiry_messages,
    messages,
)
from pipeline.records.decisions import Disposition
from pipeline.records.messages import Address
from pipeline.records.work import Entry, State

OPEN_STATES = tuple(
    state.value for state in (State.RECEIVED, State.ASSIGNED, State.ACCEPTED, State.ANSWERED, State.WAITING)
)
_TEXT_LENGTH = 4000


def read_entries(connection: Connection, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
    """Return the inquiries that fit, oldest first."""
    current = and_(assignments.c.inquiry_id == inquiries.c.id, assignments.c.ended_at.is_(None))
    query = (
        select(
            inquiries.c.key,
            inquiries.c.state,
            inquiries.c.opened_at,
            messages.c.sha256,
            contents,
            decisions.c.disposition,
            decisions.c.kind,
            decisions.c.partner_type,
            decisions.c.country,
            decisions.c.region,
            decisions.c.alignment,
            decisions.c.priority,
            decisions.c.language,
            decisions.c.tags,
            decisions.c.evidence,
            decisions.c.rulebook_version,
            decisions.c.model_version,
            decisions.c.decided_at,
            assignments.c.liaison,
            assignments.c.reason,
            assignments.c.due_at,
            _count().label("message_count"),
        )
        .select_from(inquiries)
        .join(contents, contents.c.message_id == _first_message())
        .join(messages, messages.c.id == contents.c.message_id)
        .join(decisions, decisions.c.id == newest_decision())
        .outerjoin(assignments, current)
        .where(*where)
        .order_by(inquiries.c.opened_at, inquiries.c.id)
    )
    return tuple(_entry(row) for row in connection.execute(query))


def read_loads(connection: Connection) -> Mapping[str, int]:
    """Return liaison id to number of open inquiries."""
    query = (
        select(assignments.c.liaison, func.count())
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(assignments.c.ended_at.is_(None), inquiries.c.state.in_(OPEN_STATES))
        .group_by(assignments.c.liaison)
        .order_by(assignments.c.liaison)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def newest_decision() -> ScalarSelect[int]:
    """Select the decision that speaks for an inquiry: the newest on a message that a person wrote."""
    filed_last = case((decisions.c.disposition == Disposition.FILE.value, 1), else_=0)
    return (
        select(decisions.c.id)
        .join(inquiry_messages, inquiry_messages.c.message_id == decisions.c.message_id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .order_by(filed_last, decisions.c.id.desc())
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _first_message() -> ScalarSelect[int]:
    return (
        select(messages.c.id)
        .join(inquiry_messages, inquiry_messages.c.message_id == messages.c.id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .order_by(messages.c.received_at, messages.c.id)
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _count() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(inquiry_messages)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .correlate(inquiries)
        .scalar_subquery()
    )


def _entry(row: Any) -> Entry:
    forwarder = Address(name=row.forwarder_name or "", address=row.forwarder_address or "")
    return Entry(
        key=row.key,
        decision=decision_from(row, row.sha256, row.summary),
        author=Address(name=row.author_name, address=row.author_address),
        organisation=row.organisation,
        subject=row.subject,
        text=row.text[:_TEXT_LENGTH],
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
    )
