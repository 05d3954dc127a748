"""The tables of the ledger that tell what people did: lives of inquiries, notes, answers by mail, duties, and what came back.

People's own words are in `notes` alone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.adapters.ledger.columns import UtcDateTime, metadata

# The life of each inquiry: which state it came into, with whom, when, and by whom (a liaison's id, `program`, a maintainer,
# or a help desk's agent).
inquiry_states = Table(
    "inquiry_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("liaison", String(64)),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("by", String(64), nullable=False),
    # Where an inquiry stood at some moment.
    Index(None, "inquiry_id", "at"),
)

# What people wrote down about inquiries.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What was understood in answers by mail, line by line, and what became of it: done, stale, refused,
# ambiguous, unclear, replayed.
answers = Table(
    "answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("liaison", String(64), nullable=False),
    Column("inquiry_id", ForeignKey("inquiries.id"), index=True),
    Column("action", String(16), nullable=False),
    Column("result", String(16), nullable=False),
    # SHA-256 by which the same answer is known when it comes again.
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("message_id", "position"),
)

# Liaisons who take nothing for now. kind: paused (they said so), suspended (mail to them comes back).
duties = Table(
    "duties",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("liaison", String(64), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("by", String(64), nullable=False),
)

# Delivery failures that came back. hard: for good (RFC 3463, class 5).
returns = Table(
    "returns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False, index=True),
    Column("message_id", ForeignKey("messages.id"), unique=True),
    Column("status", String(16), nullable=False),
    Column("hard", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Pages that were published: the revision that was written, and SHA-256 of the section that is the program's.
publications = Table(
    "publications",
    metadata,
    Column("page", String(255), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
