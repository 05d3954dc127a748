"""Answers by mail: states and their history, notes, duties, delivery failures, published pages."""

import sqlalchemy as sa
from alembic import op

from pipeline.adapters.ledger.schema.columns import UtcDateTime

revision = "0003"
down_revision = "0002"

# What is known of the lives that began before their history was kept: when each began, when it was given to somebody, and
# how it stands now.
_HISTORY = (
    """
    INSERT INTO inquiry_states (inquiry_id, state, at, "by")
    SELECT id, 'received', opened_at, 'program' FROM inquiries WHERE state NOT IN ('filed', 'archived')
    """,
    """
    INSERT INTO inquiry_states (inquiry_id, state, liaison, at, "by")
    SELECT inquiry_id, 'assigned', liaison, assigned_at, 'program' FROM assignments
    """,
    """
    INSERT INTO inquiry_states (inquiry_id, state, at, "by")
    SELECT id, state, COALESCE(closed_at, opened_at), 'program' FROM inquiries
    WHERE state NOT IN ('received', 'assigned')
    """,
)


def upgrade() -> None:
    """Go forward."""
    _states()
    _answers()
    _duties()
    _returns()
    _publications()
    _columns()
    _moments()
    for statement in _HISTORY:
        op.execute(statement)


def _states() -> None:
    op.create_table(
        "inquiry_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("liaison", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name=op.f("fk_inquiry_states_inquiry_id_inquiries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_states")),
    )
    with op.batch_alter_table("inquiry_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_states_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inquiry_states_inquiry_id_at"), ["inquiry_id", "at"], unique=False
        )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("liaison", sa.String(length=64), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name=op.f("fk_answers_inquiry_id_inquiries")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_answers_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_answers_message_id_position")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_answers_inquiry_id"), ["inquiry_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiries.id"], name=op.f("fk_notes_inquiry_id_inquiries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_inquiry_id"), ["inquiry_id"], unique=False)


def _duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("liaison", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duties_liaison"), ["liaison"], unique=False)


def _returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_returns_message_id_messages")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_returns_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("message_id", name=op.f("uq_returns_message_id")),
    )
    with op.batch_alter_table("returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_returns_outbox_id"), ["outbox_id"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=8), server_default="mail", nullable=False))
        batch_op.create_index(batch_op.f("ix_outbox_token"), ["token"], unique=False)


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("page", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_publications")),
    )


def _columns() -> None:
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("escalated_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("inquiries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("waiting_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answered_at", UtcDateTime(), nullable=True))


def _moments() -> None:
    """Index by time what the weekly summary reads as of the end of a week."""
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_message_id"))
        batch_op.create_index(
            batch_op.f("ix_decisions_message_id_decided_at"), ["message_id", "decided_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_decisions_decided_at"), ["decided_at"], unique=False)
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_at"), ["at"], unique=False)
    with op.batch_alter_table("inquiries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiries_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiries_answered_at"), ["answered_at"], unique=False)
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_assigned_at"), ["assigned_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_ended_at"), ["ended_at"], unique=False)
