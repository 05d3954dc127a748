"""Old mail tagged anew, until that takes hold or is dropped."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from pipeline.adapters.ledger.schema.columns import UtcDateTime, metadata

# state: running, complete, applying, applied, dropped; one at a time is neither applied nor dropped. fingerprint: of rules,
# liaisons and model. reopen: what was filed and is an inquiry after all is given to liaisons.
retags = Table(
    "retags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("rulebook_version", String(64), nullable=False),
    Column("since", UtcDateTime),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("reopen", Boolean, nullable=False),
    # What became of the proposals, when they are gone: outcome to number.
    Column("counts", JSON, nullable=False),
    Index(None, "state"),
)

# What would be decided now on a message on which `decision_id` was. outcome: same (nothing differs), changed, gone (its
# octets are not kept any more), failed; and of what was changed, when it takes hold: applied, held (its inquiry is with
# somebody), stale (it was decided again meanwhile). Columns of a decision are filled where it is changed.
proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("retag_id", ForeignKey("retags.id"), nullable=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False, index=True),
    Column("outcome", String(8), nullable=False),
    Column("disposition", String(8)),
    Column("kind", String(32)),
    Column("partner_type", String(32)),
    Column("country", String(2)),
    Column("region", String(64)),
    Column("alignment", String(16)),
    Column("priority", Integer),
    Column("language", String(8)),
    Column("tags", JSON(none_as_null=True)),
    Column("evidence", JSON(none_as_null=True)),
    Column("rulebook_version", String(64)),
    Column("model_version", String(64)),
    Column("decided_at", UtcDateTime),
    Column("sure", Boolean),
    UniqueConstraint("retag_id", "message_id"),
    Index(None, "retag_id", "outcome", "message_id"),
)
