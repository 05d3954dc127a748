"""Leases, imports, links between inquiries, the register of organisations, and help desks."""

import sqlalchemy as sa
from alembic import op

from pipeline.adapters.ledger.schema.columns import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go forward."""
    _leases_and_imports()
    _organisations()
    _organisation_marks()
    _organisation_inquiries()
    _threads()
    _help_desks()


def _leases_and_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_imports")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived", sa.Boolean(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_messages_same_as"), ["same_as"], unique=False)
        batch_op.drop_index(batch_op.f("ix_messages_state"))
        batch_op.create_index(
            batch_op.f("ix_messages_state_archived_received_at"),
            ["state", "archived", "received_at"],
            unique=False,
        )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("partner_type", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("met_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["organisations.id"], name=op.f("fk_organisations_merged_into_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisations_merged_into"), ["merged_into"], unique=False)


def _organisation_marks() -> None:
    op.create_table(
        "organisation_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_marks_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_marks")),
        sa.UniqueConstraint(
            "organisation_id", "kind", "value", name=op.f("uq_organisation_marks_organisation_id_kind_value")
        ),
    )
    with op.batch_alter_table("organisation_marks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_marks_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_organisation_marks_value"), ["value"], unique=False)


def _organisation_inquiries() -> None:
    op.create_table(
        "organisation_inquiries",
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("found_by", sa.String(length=16), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_row", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name=op.f("fk_organisation_inquiries_inquiry_id_inquiries")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_inquiries_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("inquiry_id", name=op.f("pk_organisation_inquiries")),
    )
    with op.batch_alter_table("organisation_inquiries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_inquiries_organisation_id"), ["organisation_id"], unique=False
        )


def _threads() -> None:
    op.create_table(
        "inquiry_links",
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name=op.f("fk_inquiry_links_inquiry_id_inquiries")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["inquiries.id"], name=op.f("fk_inquiry_links_other_id_inquiries")
        ),
        sa.PrimaryKeyConstraint("inquiry_id", "other_id", name=op.f("pk_inquiry_links")),
    )
    with op.batch_alter_table("inquiry_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_links_other_id"), ["other_id"], unique=False)
    with op.batch_alter_table("contents", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("thread_subject", sa.String(length=255), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("organisation_domain", sa.String(length=255), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("ticket", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("written_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("voice", sa.String(length=8), server_default="person", nullable=False))
        batch_op.add_column(sa.Column("bare_reply", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("contested", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("sender_address", sa.Text(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_contents_thread_subject_written_at"),
            ["thread_subject", "written_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_contents_ticket"), ["ticket"], unique=False)
        batch_op.create_index(batch_op.f("ix_contents_written_at"), ["written_at"], unique=False)
    op.execute(
        "UPDATE contents SET written_at = (SELECT COALESCE(received_at, stored_at) FROM messages "
        "WHERE messages.id = contents.message_id)"
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sure", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("inquiries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("outcome_detail", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("background", sa.Text(), nullable=True))
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marked_at", UtcDateTime(), nullable=True))


def _help_desks() -> None:
    op.create_table(
        "tickets",
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("touched", sa.JSON(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("server", "ticket", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_looked_at"), ["looked_at"], unique=False)
    op.create_table(
        "writebacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiries.id"], name=op.f("fk_writebacks_inquiry_id_inquiries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writebacks")),
        sa.UniqueConstraint("server", "ticket", "basis", name=op.f("uq_writebacks_server_ticket_basis")),
    )
    with op.batch_alter_table("writebacks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writebacks_inquiry_id"), ["inquiry_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_writebacks_server_state_ticket"), ["server", "state", "ticket"], unique=False
        )
