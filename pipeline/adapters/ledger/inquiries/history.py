"""The messages of an inquiry one by one, and the inquiries that have to do with it; for people who ask why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, func, or_, select

from pipeline.adapters.ledger.inquiries.decisions import newest_decision
from pipeline.adapters.ledger.inquiries.joining import MERGED, SAME_ID, TICKET
from pipeline.adapters.ledger.inquiries.notes import NoteTable
from pipeline.adapters.ledger.schema import (
    contents,
    decisions,
    inquiries,
    inquiry_links,
    inquiry_messages,
    messages,
    sightings,
)
from pipeline.records.messages import Address
from pipeline.records.threads import Article, History, Link, Voice

_ARTICLES = 500
_LINKS = 100
_WORDS = {
    (SAME_ID, True): "another mail with the same Message-ID",
    (SAME_ID, False): "another mail with the same Message-ID",
    (TICKET, True): "the same ticket number, other people",
    (TICKET, False): "the same ticket number, other people",
    (MERGED, True): "this one was merged into it",
    (MERGED, False): "was merged into this one",
}
_CLAIMS = "this one claims to belong to it"
_CLAIMED = "claims to belong to this one"


def read_history(connection: Connection, number: int, key: str) -> History:
    """Return the messages of an inquiry, oldest first, and its links."""
    return History(
        key=key,
        articles=tuple(_article(row) for row in connection.execute(_articles(number))),
        links=tuple(_link(row, number) for row in connection.execute(_links(number))),
        notes=NoteTable(connection).of(key),
    )


def _articles(number: int) -> Any:
    # A copy's sightings are those of the message that it is a copy of.
    copies = messages.alias("copies")
    seen = (
        select(func.count())
        .select_from(sightings)
        .join(copies, copies.c.id == sightings.c.message_id)
        .where(or_(copies.c.id == contents.c.message_id, copies.c.same_as == contents.c.message_id))
        .correlate(contents)
        .scalar_subquery()
    )
    newest = newest_decision(contents.c.message_id, contents)
    return (
        select(contents, decisions.c.disposition, decisions.c.kind, seen.label("seen"))
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .join(decisions, decisions.c.id == newest)
        .where(inquiry_messages.c.inquiry_id == number)
        .order_by(contents.c.written_at, contents.c.message_id)
        .limit(_ARTICLES)
    )


def _article(row: Any) -> Article:
    return Article(
        at=row.written_at,
        author=Address(name=row.author_name, address=row.author_address),
        subject=row.subject,
        voice=Voice(row.voice),
        disposition=row.disposition,
        kind=row.kind,
        seen=row.seen,
        contested=row.contested,
    )


def _links(number: int) -> Any:
    other = case(
        (inquiry_links.c.inquiry_id == number, inquiry_links.c.other_id), else_=inquiry_links.c.inquiry_id
    )
    first = (
        select(contents.c.subject)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .where(inquiry_messages.c.inquiry_id == inquiries.c.id)
        .order_by(contents.c.written_at, contents.c.message_id)
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )
    return (
        select(inquiries.c.key, inquiry_links.c.reason, inquiry_links.c.inquiry_id, first.label("subject"))
        .join(inquiries, inquiries.c.id == other)
        .where(or_(inquiry_links.c.inquiry_id == number, inquiry_links.c.other_id == number))
        .order_by(inquiry_links.c.reason, inquiries.c.id)
        .limit(_LINKS)
    )


def _link(row: Any, number: int) -> Link:
    outward = row.inquiry_id == number
    reason = _WORDS.get((row.reason, outward)) or (_CLAIMS if outward else _CLAIMED)
    return Link(key=row.key, reason=reason, subject=row.subject or "")
