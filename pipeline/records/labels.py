"""What people say about tags, as the learning loop sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.records.work import Correction, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An inquiry that people corrected or confirmed, with the message that was decided on.

    Parameters
    ----------
    entry
        As the ledger tells it.
    said
        What people said of it, oldest first.
    octets
        The message; None if it is no longer kept.
    received_at
        When the message arrived (aware, UTC), or None.
    """

    entry: Entry
    said: tuple[Correction, ...]
    octets: bytes | None = field(repr=False)
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What drift is measured on: one inquiry, its first message, as it was decided.

    Parameters
    ----------
    at
        When it was written (aware, UTC).
    tags
        Field to value of the fields with one value, ``language`` and ``disposition`` among them; to the values, joined
        with spaces, of lists.
    confidence
        Field to probability.
    abstained
        Fields whose value was only the best guess.
    model_version
        Of the model that spoke.
    text
        What the author wrote, shortened.
    """

    at: datetime
    tags: Mapping[str, str]
    confidence: Mapping[str, float]
    abstained: tuple[str, ...]
    model_version: str
    text: str = field(repr=False)
