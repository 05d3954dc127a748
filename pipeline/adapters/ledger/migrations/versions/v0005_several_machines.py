"""Several machines on one ledger: claims."""

import sqlalchemy as sa
from alembic import op

from pipeline.adapters.ledger.schema.columns import UtcDateTime

revision = "0005"
down_revision = "0004"

_CLAIMED = sa.column("claimed_by").is_not(None)


def upgrade() -> None:
    """Go forward."""
    for table in ("messages", "outbox"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("claimed_by", sa.String(length=64), nullable=True))
            batch_op.add_column(sa.Column("claimed_until", UtcDateTime(), nullable=True))
            batch_op.create_index(
                batch_op.f(f"ix_{table}_claimed_by"),
                ["claimed_by"],
                unique=False,
                sqlite_where=_CLAIMED,
                postgresql_where=_CLAIMED,
            )
