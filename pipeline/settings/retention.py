"""Settings of how long what is known is kept: a period of its own for raw mail, personal data, decisions, and the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from pipeline.declarative import Declared

Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(Declared):
    """How many days things are kept; None: until somebody says otherwise.

    Days count from when an inquiry was over, or its newest message came, if that was later; of mail that belongs to no
    inquiry, from when it came. What is open is never touched. Counts stay.

    Parameters
    ----------
    raw_days
        Octets of messages, and of mails that were sent.
    personal_days
        Names, addresses, subjects, texts and notes; with them the octets.
    decisions_days
        Why something was decided: evidence, and notes to help desks. Tags stay: weeks are counted by them.
    set_aside_days
        Mail that a step failed on, and answers that were not trusted: their octets, reason and trace. From when it was
        set aside.
    backups_days
        After how many days a backup is to be deleted; it says so in its name.
    backups
        Where `triage backup` writes unless told otherwise.
    forgotten
        The list of who was forgotten, as salted hashes, kept beside the ledger, so that nobody comes back with an old
        backup.
    """

    raw_days: Days | None = None
    personal_days: Days | None = None
    decisions_days: Days | None = None
    set_aside_days: Days | None = None
    backups_days: Days | None = None
    backups: Path = Path("backups")
    forgotten: Path = Path("triage.forgotten")
