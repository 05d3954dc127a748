"""What a message may belong to, or be a copy of, asked of the database: each question by an index, and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from pipeline.adapters.ledger.schema import (
    contents,
    decisions,
    inquiries,
    inquiry_messages,
    message_references,
    messages,
    sightings,
)

# Rows that each way of finding may bring, and characters of a text that copies are told by.
_ROWS = 200
_TEXT = 40_000
PERSONAL = (
    contents.c.message_id,
    contents.c.author_name,
    contents.c.author_address,
    contents.c.recipients,
    contents.c.forwarder_address,
    contents.c.sender_address,
    contents.c.list_id,
    contents.c.bare_reply,
    contents.c.voice,
)


def answered_query(referred: Sequence[str]) -> Select[Any]:
    """Select the messages that are referred to."""
    return (
        select(contents.c.message_id, contents.c.header_id)
        .where(contents.c.header_id.in_(referred), contents.c.contested.is_(False))
        .limit(_ROWS)
    )


def referring_query(identifiers: Sequence[str]) -> Select[Any]:
    """Select the messages that refer to one of these."""
    return (
        select(message_references.c.message_id)
        .where(message_references.c.header_id.in_(identifiers))
        .limit(_ROWS)
    )


def ticket_query(ticket: str) -> Select[Any]:
    """Select the messages of a ticket, the newest first."""
    return (
        select(contents.c.message_id)
        .where(contents.c.ticket == ticket)
        .order_by(contents.c.message_id.desc())
        .limit(_ROWS)
    )


def desk_query(server: str, ticket: int) -> Select[Any]:
    """Select the messages that were read from one ticket of a help desk; of copies, those that they are copies of."""
    here = (sightings.c.kind == "otrs", sightings.c.source == server, sightings.c.place == "")
    return (
        select(func.coalesce(messages.c.same_as, messages.c.id))
        .join(sightings, sightings.c.message_id == messages.c.id)
        .where(*here, sightings.c.epoch == ticket)
        .order_by(sightings.c.number)
        .limit(_ROWS)
    )


def subject_query(subject: str, since: datetime, until: datetime) -> Select[Any]:
    """Select the messages with a folded subject, the newest first."""
    return (
        select(contents.c.message_id)
        .where(
            contents.c.thread_subject == subject,
            contents.c.written_at >= since,
            contents.c.written_at <= until,
        )
        .order_by(contents.c.written_at.desc())
        .limit(_ROWS)
    )


def twin_query() -> Select[Any]:
    """Select messages with what tells copies from other mails."""
    return (
        select(
            contents.c.message_id,
            inquiries.c.key,
            contents.c.header_id,
            contents.c.author_name,
            contents.c.author_address,
            contents.c.forwarder_address,
            contents.c.thread_subject,
            func.substr(contents.c.text, 1, _TEXT).label("text"),
            contents.c.list_id,
            contents.c.written_at,
            messages.c.received_at,
            contents.c.attachments,
            _newest_disposition().label("disposition"),
        )
        .join(messages, messages.c.id == contents.c.message_id)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
        .order_by(contents.c.message_id)
    )


def _newest_disposition() -> Any:
    return (
        select(decisions.c.disposition)
        .where(decisions.c.message_id == contents.c.message_id)
        .order_by(decisions.c.id.desc())
        .limit(1)
        .correlate(contents)
        .scalar_subquery()
    )


def people_query(number: int) -> Select[Any]:
    """Select who takes part in an inquiry."""
    return (
        select(*PERSONAL)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .where(inquiry_messages.c.inquiry_id == number)
    )
