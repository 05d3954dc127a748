"""Reads messages."""

from __future__ import annotations

from datetime import datetime

from pipeline import parsing
from pipeline.records.inquiries import Inquiry


class PlainReader:
    """Reads messages in this process."""

    def read(self, octets: bytes, received_at: datetime | None = None) -> Inquiry:
        """Read one message.

        Raises
        ------
        UnreadableMessage
            If there is no message in the octets.
        """
        return parsing.read(octets, received_at)

    def close(self) -> None:
        """Give back nothing: there is nothing to give."""
