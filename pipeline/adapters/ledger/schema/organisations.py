"""Who has approached the movement, what they are known by, and which inquiry comes from whom."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

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
