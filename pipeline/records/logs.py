"""What the running program tells of itself, a value for each line of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

Fields = Mapping[str, str | int | float]


class Level(IntEnum):
    """How grave it is; numbers as in Python's logging."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the log; nothing of people is in it.

    Parameters
    ----------
    level
        How grave it is.
    event
        What happened, in one word of a fixed set.
    message
        The same for people.
    fields
        Names and figures that belong to it.
    """

    level: Level
    event: str
    message: str
    fields: Fields = field(default_factory=dict)
