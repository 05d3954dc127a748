"""Mail as it comes in: octets, where they were seen, what they say, how far each source is through.

Names, addresses and text of people are in `messages.octets`, `contents` and `set_aside`.
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
    false,
)

from pipeline.adapters.ledger.schema.columns import CLAIMED, UtcDateTime, metadata

# One row for each set of octets ever seen. state: new, read (understood and decided), same (another copy of
# the message same_as), set-aside (a step failed on it), answer (of a liaison), returned (tells what became of a mail of
# ours), dropped (set aside, and a person said that nothing is to come of it), removed (forgotten before it was read).
# archived: seen in imported archives alone.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("octets", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("received_at", UtcDateTime),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("same_as", ForeignKey("messages.id"), index=True),
    Column("archived", Boolean, nullable=False, server_default="0"),
    # Which process reads it now, until when.
    Column("claimed_by", String(64)),
    Column("claimed_until", UtcDateTime),
    # The order in which messages are read.
    Index(None, "state", "archived", "received_at"),
    Index(None, "claimed_by", sqlite_where=CLAIMED, postgresql_where=CLAIMED),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("source", String(255), nullable=False),
    Column("place", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    # When the source was told of the decision (keyword or move); stays empty where it is not to be told.
    Column("marked_at", UtcDateTime),
    UniqueConstraint("kind", "source", "place", "epoch", "number"),
)

contents = Table(
    "contents",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("header_id", String(998), nullable=False, index=True),
    Column("author_name", Text, nullable=False),
    Column("author_address", Text, nullable=False),
    Column("forwarder_name", Text),
    Column("forwarder_address", Text),
    Column("organisation", Text, nullable=False),
    # The registrable domain that is the organisation's own; empty where only a provider's is known.
    Column("organisation_domain", String(255), nullable=False, server_default=""),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("list_id", String(255)),
    Column("origin", Text, nullable=False),
    Column("archive_url", Text, nullable=False),
    Column("attachments", JSON, nullable=False),
    # What follow-ups without references are found by: the base subject, folded, and the help desk's ticket number.
    Column("thread_subject", String(255), nullable=False, server_default=""),
    Column("ticket", String(64), index=True),
    # When it was written: its Date where that is plausible, else when it arrived.
    Column("written_at", UtcDateTime, index=True),
    # Who speaks: person, machine, desk (one of the liaisons).
    Column("voice", String(8), nullable=False, server_default="person"),
    # The subject says that it answers, and no reference says what.
    Column("bare_reply", Boolean, nullable=False, server_default=false()),
    # Another mail had its Message-ID before: nothing is found by it.
    Column("contested", Boolean, nullable=False, server_default=false()),
    Column("sender_address", Text),
    # When names, addresses and text were taken out; what weeks are counted by stays.
    Column("removed_at", UtcDateTime),
    Index(None, "thread_subject", "written_at"),
)

# Which Message-IDs a message refers to, for follow-ups that come before or after what they answer.
message_references = Table(
    "message_references",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("header_id", String(998), primary_key=True, index=True),
)

cursors = Table(
    "cursors",
    metadata,
    Column("source", String(255), primary_key=True),
    Column("mailbox", String(255), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("modseq", BigInteger),
    Column("checked_at", UtcDateTime, nullable=False),
)

# How far each imported mbox is through, and what came out of it. head: SHA-256 of its first octets;
# live: its inquiries were to be opened.
imports = Table(
    "imports",
    metadata,
    Column("path", Text, primary_key=True),
    Column("head", String(64), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What a step failed on. Octets that never became a message are kept here.
set_aside = Table(
    "set_aside",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), index=True),
    Column("place", Text, nullable=False, unique=True),
    Column("octets", LargeBinary),
    Column("step", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
