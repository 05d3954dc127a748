"""Octets to meaning: MIME, header fields, body, quotes and signatures, forwards, automatic mail."""

from __future__ import annotations

from datetime import datetime

from pipeline.parsing.inquiry import read_inquiry
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Inquiry

__all__ = ["parse_message", "read", "read_inquiry"]


def read(octets: bytes, received_at: datetime | None = None) -> Inquiry:
    """Read one mail as an inquiry.

    Parameters
    ----------
    octets
        The message (RFC 5322).
    received_at
        When it arrived (aware, UTC), if the source knows.

    Raises
    ------
    UnreadableMessage
        If no message can be made of the octets within the limits.
    """
    return read_inquiry(parse_message(octets), received_at)
