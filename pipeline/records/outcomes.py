"""How inquiries end, as liaisons say it."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How an inquiry ended."""

    PARTNERSHIP = "partnership"
    ENDORSED = "endorsed"
    HANDED_OVER = "handed-over"
    DECLINED = "declined"
