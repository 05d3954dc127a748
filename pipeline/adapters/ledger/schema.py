"""The tables of the ledger.

Text, addresses and names of people are in `contents`, `messages.octets`, `decisions.evidence`, `outbox.octets`,
`writebacks.payload`, `tickets.base` (an owner's login), `corrections.author`, `notes` and `set_aside` alone; the event log and all other tables hold ids and tags.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from pipeline.adapters.ledger.columns import UtcDateTime, metadata

# Most rows are claimed by nobody, and are left out of the index of those that are.
CLAIMED = text("claimed_by IS NOT NULL")
# The state in the outbox of what was due when there was nothing to say.
NOTHING = "nothing"

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

# Who works on what, until when: two processes on one mailbox take turns.
leases = Table(
    "leases",
    metadata,
    Column("name", String(512), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
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

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("name", String(32), nullable=False),
    Column("message_id", Integer),
    Column("inquiry_id", Integer),
    Column("detail", String(64), nullable=False),
    Index(None, "inquiry_id"),
)

# Who has approached the movement. merged_into: a maintainer said that it is the same as another.
organisations = Table(
    "organisations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("partner_type", String(32)),
    Column("country", String(2)),
    Column("region", String(64)),
    Column("merged_into", ForeignKey("organisations.id"), index=True),
    Column("met_at", UtcDateTime, nullable=False),
)

# What an organisation is known by. kind: domain, name (in canonical form), block (what its spellings have in common),
# writer (SHA-256 of the address of somebody who wrote for it from a provider's mailbox).
organisation_marks = Table(
    "organisation_marks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("value", String(255), nullable=False, index=True),
    UniqueConstraint("organisation_id", "kind", "value"),
)

# Which organisation an inquiry comes from, how that was found, and what the public may read of it.
organisation_inquiries = Table(
    "organisation_inquiries",
    metadata,
    Column("inquiry_id", ForeignKey("inquiries.id"), primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), index=True),
    Column("found_by", String(16), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", UtcDateTime),
    # The row of the landscape as it was approved: what the public reads.
    Column("approved_row", JSON),
)
