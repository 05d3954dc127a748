"""Who was forgotten, without telling who that was."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

# kind: person (an address in canonical form), mail (a Message-ID with its author). digest: HMAC-SHA256 under the salt. Mail that was
# forgotten does not come back in another encoding, and after a restore people are forgotten again.
forgotten = Table(
    "forgotten",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "digest"),
)
