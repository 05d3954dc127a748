"""How the service runs: who works on what, how its jobs fared, and the log of events. Nothing of people is in it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

# Who works on what, until when: two processes on one mailbox take turns.
leases = Table(
    "leases",
    metadata,
    Column("name", String(512), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# One row for each job, and one called `service` for the process that stays up: began_at is its start, succeeded_at its
# last sign of life. holder: the process that is at it, as in leases; empty once it is done. error: in the program's
# own words, without those of servers and without addresses. seconds: how long the last run took.
jobs = Table(
    "jobs",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("holder", String(64), nullable=False, server_default=""),
    Column("began_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("error", String(400), nullable=False, server_default=""),
    Column("seconds", Float),
)

# What happened, for weeks that are told again and for people who ask why. detail: an id, a tag or a count.
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
