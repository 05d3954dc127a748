"""What the service asks of the ledger about its jobs: when each began, and how it fared."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pipeline.records.jobs import JobStatus


class JobStore(Protocol):
    """The ledger's memory of how jobs fared."""

    @property
    def holder(self) -> str:
        """The name under which this process is known."""
        ...

    def began(self, name: str, now: datetime) -> None: ...  # noqa: D102
    def succeeded(self, name: str, now: datetime, seconds: float) -> None: ...  # noqa: D102
    def failed(self, name: str, now: datetime, seconds: float, error: str) -> None: ...  # noqa: D102
    def alive(self, name: str, now: datetime) -> None: ...  # noqa: D102
    def left(self, name: str) -> None: ...  # noqa: D102
    def all(self) -> tuple[JobStatus, ...]: ...  # noqa: D102
    def is_gone(self, holder: str) -> bool: ...  # noqa: D102
