"""Write what a message means and what was decided on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.adapters.ledger.inquiries.candidates import conversation
from pipeline.adapters.ledger.inquiries.decisions import decision_row
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    contents,
    decisions,
    inquiry_messages,
    message_references,
    messages,
)
from pipeline.records.messages import Address
from pipeline.records.work import Reading


def write_message(
    connection: Connection, message: int, reading: Reading, inquiry: int, now: datetime, *, contested: bool
) -> None:
    """Write the contents, references and decision of a message into an inquiry, and note that it is read."""
    # As parameters, values cost half as much as within the statement; this runs for each mail of an archive.
    connection.execute(insert(contents), {**_contents(message, reading), "contested": contested})
    _write_references(connection, message, reading)
    connection.execute(insert(inquiry_messages), {"message_id": message, "inquiry_id": inquiry})
    connection.execute(insert(decisions), {"message_id": message, **decision_row(reading.decision)})
    connection.execute(update(messages).where(messages.c.id == message).values(state="read"))
    note(connection, now, "decided", reading.decision.disposition.value, message=message, inquiry=inquiry)


def replace_message(connection: Connection, old: int, new: int, reading: Reading, now: datetime) -> None:
    """Let another copy of a message, which tells more, take its place; what only the old one told is kept."""
    inquiry, contested = _place_of(connection, old)
    before = connection.execute(select(contents).where(contents.c.message_id == old)).mappings().one()
    kept = (
        connection.execute(
            select(message_references.c.header_id).where(message_references.c.message_id == old)
        )
        .scalars()
        .all()
    )
    for table in (contents, message_references, inquiry_messages):
        connection.execute(delete(table).where(table.c.message_id == old))
    connection.execute(
        update(messages).where(messages.c.same_as == old).values(same_as=new)
    )  # copies of a copy stay one step away
    write_message(connection, new, reading, inquiry, now, contested=contested)
    _enrich(connection, new, dict(before))
    _refer(connection, new, kept)
    forget_copy(connection, old, new, now)


def keep_copy(connection: Connection, kept: int, copy: int, reading: Reading, now: datetime) -> None:
    """Note that a message is another copy of the one that is kept, and keep what only the copy tells."""
    _enrich(connection, kept, _contents(copy, reading))
    _refer(connection, kept, list(reading.claims.refers))
    forget_copy(connection, copy, kept, now)


def forget_copy(connection: Connection, copy: int, kept: int, now: datetime) -> None:
    """Note that a message is a copy; its octets are not needed any more."""
    connection.execute(
        update(messages).where(messages.c.id == copy).values(state="same", same_as=kept, octets=None)
    )
    note(connection, now, "same-message", f"as {kept}", message=copy)


def _contents(message: int, reading: Reading) -> dict[str, Any]:
    inquiry, claims = reading.inquiry, reading.claims
    forwarder = inquiry.forward.forwarder if inquiry.forward else Address()
    return {
        "message_id": message,
        "header_id": claims.header_id,
        "author_name": inquiry.author.name,
        "author_address": inquiry.author.address,
        "forwarder_name": forwarder.name or None,
        "forwarder_address": forwarder.address or None,
        "sender_address": claims.sender,
        "organisation": reading.organisation,
        "organisation_domain": reading.organisation_domain[:255],
        "subject": inquiry.base_subject,
        "text": inquiry.text,
        "summary": reading.decision.summary,
        "recipients": list(claims.others),
        "list_id": inquiry.list_id and inquiry.list_id[:255],
        "origin": reading.origin,
        "archive_url": reading.archive_url,
        "attachments": [one.name for one in inquiry.message.attachments if one.name],
        "thread_subject": claims.subject,
        "ticket": claims.ticket and claims.ticket[:64],
        "written_at": claims.written_at,
        "voice": claims.voice.value,
        "bare_reply": claims.bare_reply,
    }


def _write_references(connection: Connection, message: int, reading: Reading) -> None:
    named = [conversation(reading.claims.thread_index)] if reading.claims.thread_index else []
    _refer(connection, message, [*reading.claims.refers, *named])


def _refer(connection: Connection, message: int, identifiers: Sequence[str]) -> None:
    if not identifiers:
        return
    query = select(message_references.c.header_id).where(message_references.c.message_id == message)
    known = set(connection.execute(query).scalars())
    rows = [
        {"message_id": message, "header_id": one} for one in dict.fromkeys(identifiers) if one not in known
    ]
    if rows:
        connection.execute(insert(message_references), rows)


def _enrich(connection: Connection, message: int, other: Mapping[str, Any]) -> None:
    """Fill in what a message lacks and another copy of it has: list, archive, recipients, ticket, Message-ID."""
    here = contents.c.message_id == message
    row = connection.execute(select(contents).where(here)).mappings().one()
    filled = {
        name: other[name]
        for name in ("header_id", "list_id", "archive_url", "ticket", "organisation", "author_name")
        if not row[name] and other[name]
    }
    people = list(dict.fromkeys((*row["recipients"], *other["recipients"])))
    connection.execute(update(contents).where(here).values(recipients=people, **filled))


def _place_of(connection: Connection, message: int) -> tuple[int, bool]:
    row = connection.execute(
        select(inquiry_messages.c.inquiry_id, contents.c.contested)
        .join(contents, contents.c.message_id == inquiry_messages.c.message_id)
        .where(inquiry_messages.c.message_id == message)
    ).one()
    return row.inquiry_id, row.contested
