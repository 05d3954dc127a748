"""The table of the ledger that tells how the service fares: when each job began, ended well, failed. Nothing of people is in it."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table

from pipeline.adapters.ledger.columns import UtcDateTime, metadata

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
