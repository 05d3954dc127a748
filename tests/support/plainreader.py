"""Reads mail in the tests' own process: what they write is not hostile, and no process has to be started for it."""

from __future__ import annotations

from datetime import datetime

from pipeline import parsing
from pipeline.records.inquiries import Inquiry


class PlainReader:
    """Reads messages without limits on time and memory, and without their documents."""

    def read(self, octets: bytes, received_at: datetime | None = None) -> Inquiry:
        """Read one message."""
        return parsing.read(octets, received_at)

    def close(self) -> None:
        """Give back nothing: there is nothing to give."""
