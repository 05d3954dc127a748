"""Inquiries: which messages make one, what was decided, who deals with it, what people said about it, and its life.

Names, addresses and text of people are in `decisions.evidence`, `corrections.author` and `notes`.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, true

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

inquiries = Table(
    "inquiries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(12), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    # How it ended, in the liaison's words: partnership, endorsed, handed over, declined; and where to read of it.
    Column("outcome", String(32)),
    Column("outcome_detail", Text),
    Column("background", Text),
    # How often its state or its liaison changed: what people may do is bound to it.
    Column("version", Integer, nullable=False, server_default="0"),
    # The day until which a liaison waits for the inquirer.
    Column("waiting_until", Date),
    # When the inquirer got the first answer, as far as told.
    Column("answered_at", UtcDateTime),
    Index(None, "state"),
    Index(None, "opened_at"),
    Index(None, "closed_at"),
    Index(None, "answered_at"),
)

inquiry_messages = Table(
    "inquiry_messages",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False, index=True),
)

# Inquiries that have to do with each other without being one, and why: reference (the first only claims to belong to
# the other), ticket, same-id; or merged: the first lives on in the other.
inquiry_links = Table(
    "inquiry_links",
    metadata,
    Column("inquiry_id", ForeignKey("inquiries.id"), primary_key=True),
    Column("other_id", ForeignKey("inquiries.id"), primary_key=True, index=True),
    Column("reason", String(16), nullable=False),
)

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

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("disposition", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("partner_type", String(32)),
    Column("country", String(2)),
    Column("region", String(64)),
    Column("alignment", String(16)),
    Column("priority", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("tags", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("rulebook_version", String(64), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    # Its kind is more than the best guess.
    Column("sure", Boolean, nullable=False, server_default=true()),
    # What was known of a message at some moment.
    Index(None, "message_id", "decided_at"),
    Index(None, "decided_at"),
    # What status counts.
    Index(None, "disposition"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False, index=True),
    Column("liaison", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("assigned_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    # When the late answer was brought before the deputy.
    Column("escalated_at", UtcDateTime),
    Index(None, "liaison", "ended_at"),
    Index(None, "assigned_at"),
    Index(None, "ended_at"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False, index=True),
    Column("tag", String(128), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "at"),
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
