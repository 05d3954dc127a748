"""What liaisons answered by mail, and who of them takes nothing for now."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

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
