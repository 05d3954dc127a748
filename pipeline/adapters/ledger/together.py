"""Many messages kept in one transaction: one wait for the disk instead of one for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from pipeline.adapters.ledger.database.engine import writing
from pipeline.adapters.ledger.inquiries.lives import LifeTable
from pipeline.adapters.ledger.inquiries.table import InquiryTable
from pipeline.adapters.ledger.mail.messages import MessageTable
from pipeline.adapters.ledger.privacy.forgetting import ForgettingTable


class Parts:
    """The parts of the ledger that keep messages, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.messages = MessageTable(connection)
        self.inquiries = InquiryTable(connection)
        self.lives = LifeTable(connection)
        self.forgetting = ForgettingTable(connection)


@contextmanager
def together(engine: Engine) -> Iterator[Parts]:
    """Give parts of the ledger of which all that is done belongs to one transaction."""
    with writing(engine) as connection:
        yield Parts(connection)
