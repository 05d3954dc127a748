"""Bulk work: imports in chunks, old mail tagged anew."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Go forward."""
