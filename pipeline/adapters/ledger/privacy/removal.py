"""Take personal data out of rows that stay: what retention and forgetting have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from pipeline.adapters.ledger.schema import (
    contents,
    decisions,
    message_references,
    messages,
    notes,
    proposals,
    set_aside,
    writebacks,
)
from pipeline.records.keeping import REMOVED

_EMPTY: Mapping[str, Any] = {
    "header_id": "", "author_name": REMOVED, "author_address": "", "forwarder_name": None,
    "forwarder_address": None, "sender_address": None, "organisation": "", "organisation_domain": "",
    "subject": REMOVED, "text": "", "summary": "", "recipients": [], "origin": "", "archive_url": "",
    "attachments": [], "thread_subject": "",
}  # fmt: skip


def remove_contents(connection: Connection, numbers: Sequence[int], now: datetime) -> int:
    """Empty the contents of messages; who spoke, when, over which list stays, for weeks are counted by it.

    What others refer to them by goes, too.
    """
    here = (contents.c.message_id.in_(numbers), contents.c.removed_at.is_(None))
    names = select(contents.c.header_id).where(*here, contents.c.header_id != "")
    known = list(connection.execute(names).scalars())
    connection.execute(delete(message_references).where(message_references.c.message_id.in_(numbers)))
    connection.execute(delete(message_references).where(message_references.c.header_id.in_(known)))
    return int(connection.execute(update(contents).where(*here).values(**_EMPTY, removed_at=now)).rowcount)


def remove_evidence(connection: Connection, numbers: Sequence[int]) -> int:
    """Empty the evidence of the decisions on messages; tags stay."""
    connection.execute(delete(proposals).where(proposals.c.message_id.in_(numbers)))
    here = decisions.c.message_id.in_(numbers)
    rows = connection.execute(select(decisions.c.id, decisions.c.evidence).where(here)).all()
    full = [row.id for row in rows if row.evidence]
    connection.execute(update(decisions).where(decisions.c.id.in_(full)).values(evidence=[]))
    return len(full)


def remove_octets(connection: Connection, numbers: Sequence[int]) -> int:
    """Remove the octets of messages, and of what was set aside of them; their hashes stay, so that they do not come back."""
    here = messages.c.id.in_(numbers)
    waiting = update(messages).where(here, messages.c.state == "new", messages.c.octets.is_not(None))
    connection.execute(waiting.values(state=REMOVED))
    aside = update(set_aside).where(set_aside.c.message_id.in_(numbers))
    connection.execute(aside.values(octets=None, reason=REMOVED, trace=""))
    copies = update(messages).where(messages.c.same_as.in_(numbers), messages.c.octets.is_not(None))
    gone = connection.execute(copies.values(octets=None)).rowcount
    gone += connection.execute(
        update(messages).where(here, messages.c.octets.is_not(None)).values(octets=None)
    ).rowcount
    return int(gone)


def remove_remarks(connection: Connection, inquiries: Sequence[int]) -> int:
    """Remove what people wrote down about inquiries, and the notes to help desks about them."""
    here = (notes.c.inquiry_id.in_(inquiries), notes.c.text != REMOVED)
    gone = int(connection.execute(update(notes).where(*here).values(text=REMOVED)).rowcount)
    return gone + remove_desk_notes(connection, inquiries)


def remove_desk_notes(connection: Connection, inquiries: Sequence[int]) -> int:
    """Remove the notes from what help desks were told; fields and queues stay."""
    query = select(writebacks.c.id, writebacks.c.payload).where(writebacks.c.inquiry_id.in_(inquiries))
    rows = [row for row in connection.execute(query).all() if row.payload.get("note")]
    for row in rows:
        plain = {**row.payload, "note": None}
        connection.execute(update(writebacks).where(writebacks.c.id == row.id).values(payload=plain))
    return len(rows)
