"""The ledger as one object: its parts share one database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy import Engine

from pipeline.adapters.ledger.answers import AnswerTable
from pipeline.adapters.ledger.corrections import CorrectionTable
from pipeline.adapters.ledger.duties import DutyTable
from pipeline.adapters.ledger.engine import open_engine
from pipeline.adapters.ledger.forgetting import ForgettingTable
from pipeline.adapters.ledger.imports import ImportTable
from pipeline.adapters.ledger.inquiries import InquiryTable
from pipeline.adapters.ledger.jobs import JobTable
from pipeline.adapters.ledger.landscape import LandscapeTable
from pipeline.adapters.ledger.leases import LeaseTable
from pipeline.adapters.ledger.lives import LifeTable
from pipeline.adapters.ledger.marks import MarkTable
from pipeline.adapters.ledger.messages import MessageTable
from pipeline.adapters.ledger.notes import NoteTable
from pipeline.adapters.ledger.organisations import OrganisationTable
from pipeline.adapters.ledger.outbox import OutboxTable
from pipeline.adapters.ledger.postgresql import Access
from pipeline.adapters.ledger.publications import PublicationTable
from pipeline.adapters.ledger.reports import Reports
from pipeline.adapters.ledger.retags import RetagTable
from pipeline.adapters.ledger.retention import RetentionTable
from pipeline.adapters.ledger.returns import ReturnTable
from pipeline.adapters.ledger.stuck import AsideTable, UnsentTable, UntoldTable
from pipeline.adapters.ledger.together import Parts, together
from pipeline.adapters.ledger.weeks import Weeks
from pipeline.adapters.ledger.writebacks import WriteBackTable


class SqlLedger:
    """An open ledger.

    Parameters
    ----------
    engine
        Set up and migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.leases = LeaseTable(engine)
        self.answers = AnswerTable(engine)
        self.notes = NoteTable(engine)
        self.corrections = CorrectionTable(engine)
        self.messages = MessageTable(engine, self.leases.holder)
        self.inquiries = InquiryTable(engine)
        self.lives = LifeTable(engine)
        self.duties = DutyTable(engine)
        self.organisations = OrganisationTable(engine)
        self.landscape = LandscapeTable(engine)
        self.outbox = OutboxTable(engine, self.leases.holder)
        self.retags = RetagTable(engine)
        self.returns = ReturnTable(engine)
        self.publications = PublicationTable(engine)
        self.marks = MarkTable(engine)
        self.imports = ImportTable(engine)
        self.jobs = JobTable(engine, self.leases.holder)
        self.reports = Reports(engine)
        self.weeks = Weeks(engine)
        self.writebacks = WriteBackTable(engine)
        self.asides = AsideTable(engine)
        self.unsent = UnsentTable(engine)
        self.untold = UntoldTable(engine)
        self.forgetting = ForgettingTable(engine)
        self.retention = RetentionTable(engine)

    def together(self) -> AbstractContextManager[Parts]:
        """Give parts of the ledger of which all that is done belongs to one transaction."""
        return together(self.engine)

    def close(self) -> None:
        """Give all connections back."""
        self.leases.resign()
        self.engine.dispose()


def open_ledger(url: str, access: Access | None = None) -> SqlLedger:
    """Open the ledger at the SQLAlchemy `url`, and create or migrate it.

    Parameters
    ----------
    access
        How to come to a PostgreSQL, beside what the URL says.

    Raises
    ------
    LedgerError
        If it cannot be opened, is locked, is no ledger, or belongs to a newer program.
    """
    return SqlLedger(open_engine(url, access))
