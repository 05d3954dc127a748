"""Reads queues of the tests' help desk, and tells what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.otrs.source import OtrsSource
from pipeline.records.messages import OtrsSighting
from pipeline.records.sources import Batch, Cursor
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from tests.support.imap import Pauses
from tests.support.otrs import FakeHelpDesk
from tests.support.plainreader import PlainReader
from tests.threads.desk import Judge

LIMIT = 10_000_000
QUEUE = "Partnerships"


def source(desk: FakeHelpDesk, **more: object) -> OtrsSource:
    return OtrsSource(desk.settings(**more), pause=Pauses(), tick=desk.tick)


def batches(found: OtrsSource, cursor: Cursor | None = None, queue: str = QUEUE) -> list[Batch]:
    """Return all that is new, and end the connection."""
    try:
        return list(found.fetch(queue, cursor, LIMIT))
    finally:
        found.close()


def seen(given: Iterable[Batch]) -> list[tuple[int, int]]:
    """Return ticket and article of each message."""
    places = [one.sighting for batch in given for one in batch.messages]
    return [(one.ticket, one.article) for one in places if isinstance(one, OtrsSighting)]


def counts(ledger: SqlLedger) -> tuple[int, int, int]:
    """Return how many messages, sightings and inquiries there are."""
    with ledger.engine.connect() as connection:
        tables = ("messages", "sightings", "inquiries")
        first, second, third = (
            int(connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one())  # noqa: S608
            for one in tables
        )
    return first, second, third


def work(ledger: SqlLedger, now: datetime) -> None:
    triage(ledger, PlainReader(), cast("Tagger", Judge()), lambda: now)


def whole_gets(desk: FakeHelpDesk) -> list[int]:
    """Return the tickets that were read with their articles."""
    asked = [one for one in desk.requests if "AllArticles" in one.told]
    return [int(one.path.rsplit("/", 1)[1]) for one in asked if one.path.startswith("/Ticket/")]
