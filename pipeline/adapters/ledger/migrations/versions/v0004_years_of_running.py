"""What a service that runs for years needs: its jobs, retention, forgetting."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go forward."""
