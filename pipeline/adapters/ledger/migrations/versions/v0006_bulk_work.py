"""Bulk work: imports in chunks, old mail tagged anew."""

import sqlalchemy as sa
from alembic import op

from pipeline.adapters.ledger.schema.columns import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Go forward."""
    _retags()
    _proposals()


def _retags() -> None:
    op.create_table(
        "retags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("rulebook_version", sa.String(length=64), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("reopen", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retags")),
    )
    with op.batch_alter_table("retags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retags_state"), ["state"], unique=False)


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("retag_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("disposition", sa.String(length=8), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("partner_type", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("alignment", sa.String(length=16), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("rulebook_version", sa.String(length=64), nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("sure", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["retag_id"], ["retags.id"], name=op.f("fk_proposals_retag_id_retags")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_proposals_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_proposals_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("retag_id", "message_id", name=op.f("uq_proposals_retag_id_message_id")),
    )
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposals_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposals_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_proposals_retag_id_outcome_message_id"),
            ["retag_id", "outcome", "message_id"],
            unique=False,
        )
