"""The sample mailbox: which of the fixtures lie in which mailbox, and when they came."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pipeline.errors import UsageError

Mail = tuple[bytes, datetime]


def sample(fixtures: Path) -> Mapping[str, tuple[Mail, ...]]:
    """Return mailbox to mails, each with the time at which it came, in order of arrival.

    Some mails lie in two mailboxes, as when they were sent to a list and to a person.

    Parameters
    ----------
    fixtures
        Folder with ``demo.csv`` and ``messages/``.

    Raises
    ------
    UsageError
        If the sample is missing.
    """
    boxes: dict[str, list[Mail]] = {}
    try:
        with (fixtures / "demo.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                octets = (fixtures / "messages" / f"{row['id']}.eml").read_bytes()
                boxes.setdefault(row["mailbox"], []).append(
                    (octets, datetime.fromisoformat(row["received_at"]))
                )
    except OSError as error:
        raise UsageError(f"{error.filename}: the sample mail is missing; install the program again") from None
    return {name: tuple(mails) for name, mails in boxes.items()}
