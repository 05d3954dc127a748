"""What leaves: mails and pages, what came back of them, and what help desks are told.

Names, addresses and text of people are in `outbox.octets`, `writebacks.payload` and `tickets.base` (the owner's login).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.adapters.ledger.schema.columns import CLAIMED, UtcDateTime, metadata

# The state in the outbox of what was due when there was nothing to say.
NOTHING = "nothing"

# state: queued, sent, failed (refused for good, or deferred for too long), replaced (by a newer one), nothing (there was
# nothing to say), dropped (a person said that it is not to go out).
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("period", String(32), nullable=False),
    Column("header_id", String(255), nullable=False),
    Column("octets", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", Text, nullable=False),
    # In the reverse-path, so that a delivery failure tells which mail it is about.
    Column("token", String(64), index=True),
    # How it goes out: mail or wiki.
    Column("channel", String(8), nullable=False, server_default="mail"),
    # Which process sends it now, until when.
    Column("claimed_by", String(64)),
    Column("claimed_until", UtcDateTime),
    UniqueConstraint("recipient", "purpose", "period"),
    Index(None, "state", "next_at"),
    Index(None, "claimed_by", sqlite_where=CLAIMED, postgresql_where=CLAIMED),
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

# Tickets of help desks. base: how it looked when it was last read or written; touched: what agents changed since,
# which is theirs for good.
tickets = Table(
    "tickets",
    metadata,
    Column("server", String(64), primary_key=True),
    Column("ticket", BigInteger, primary_key=True),
    Column("number", String(64), nullable=False),
    Column("base", JSON, nullable=False),
    Column("touched", JSON, nullable=False),
    Column("looked_at", UtcDateTime, nullable=False, index=True),
)

# What help desks are to be told, of each ticket in order of id. basis: newest decision, assignment and correction that
# it tells of. state: queued, done, same (nothing new to tell), failed (refused or unreachable for too long).
writebacks = Table(
    "writebacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server", String(64), nullable=False),
    Column("ticket", BigInteger, nullable=False),
    Column("inquiry_id", ForeignKey("inquiries.id"), nullable=False, index=True),
    Column("basis", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(8), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("server", "ticket", "basis"),
    Index(None, "server", "state", "ticket"),
)
