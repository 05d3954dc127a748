"""The ledger as one object: its parts share one database.

A part is loaded when it is first asked for: a command needs two or three of them, and loading all takes longer than most of
what is asked of one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from pipeline.adapters.ledger.database.engine import open_engine
from pipeline.adapters.ledger.database.postgresql import Access
from pipeline.adapters.ledger.reports import Reports
from pipeline.adapters.ledger.running.jobs import JobTable
from pipeline.adapters.ledger.running.leases import LeaseTable

if TYPE_CHECKING:
    from pipeline.adapters.ledger.inquiries.corrections import CorrectionTable
    from pipeline.adapters.ledger.inquiries.lives import LifeTable
    from pipeline.adapters.ledger.inquiries.notes import NoteTable
    from pipeline.adapters.ledger.inquiries.table import InquiryTable
    from pipeline.adapters.ledger.liaisons.answers import AnswerTable
    from pipeline.adapters.ledger.liaisons.duties import DutyTable
    from pipeline.adapters.ledger.mail.imports import ImportTable
    from pipeline.adapters.ledger.mail.messages import MessageTable
    from pipeline.adapters.ledger.organisations.landscape import LandscapeTable
    from pipeline.adapters.ledger.organisations.register import OrganisationTable
    from pipeline.adapters.ledger.outgoing.marks import MarkTable
    from pipeline.adapters.ledger.outgoing.outbox import OutboxTable
    from pipeline.adapters.ledger.outgoing.publications import PublicationTable
    from pipeline.adapters.ledger.outgoing.returns import ReturnTable
    from pipeline.adapters.ledger.outgoing.writebacks import WriteBackTable
    from pipeline.adapters.ledger.privacy.forgetting import ForgettingTable
    from pipeline.adapters.ledger.privacy.retention import RetentionTable
    from pipeline.adapters.ledger.retags.table import RetagTable
    from pipeline.adapters.ledger.stuck import AsideTable, UnsentTable, UntoldTable
    from pipeline.adapters.ledger.together import Parts
    from pipeline.adapters.ledger.weeks.week import Weeks


class SqlLedger:
    """An open ledger.

    Parameters
    ----------
    engine
        Set up and migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # All that this process holds is under one name: it is settled here, not by whoever asks first.
        self.leases = LeaseTable(engine)
        self.jobs = JobTable(engine, self.leases.holder)
        self.reports = Reports(engine)

    @cached_property
    def answers(self) -> AnswerTable:
        """Answers of liaisons by mail."""
        from pipeline.adapters.ledger.liaisons.answers import AnswerTable

        return AnswerTable(self.engine)

    @cached_property
    def notes(self) -> NoteTable:
        """What people wrote down about inquiries."""
        from pipeline.adapters.ledger.inquiries.notes import NoteTable

        return NoteTable(self.engine)

    @cached_property
    def corrections(self) -> CorrectionTable:
        """Tags that people put right."""
        from pipeline.adapters.ledger.inquiries.corrections import CorrectionTable

        return CorrectionTable(self.engine)

    @cached_property
    def messages(self) -> MessageTable:
        """Messages, where they were seen, and how far mailboxes have been read."""
        from pipeline.adapters.ledger.mail.messages import MessageTable

        return MessageTable(self.engine, self.leases.holder)

    @cached_property
    def inquiries(self) -> InquiryTable:
        """Inquiries, their decisions, and who deals with them."""
        from pipeline.adapters.ledger.inquiries.table import InquiryTable

        return InquiryTable(self.engine)

    @cached_property
    def lives(self) -> LifeTable:
        """What became of inquiries, and who did it."""
        from pipeline.adapters.ledger.inquiries.lives import LifeTable

        return LifeTable(self.engine)

    @cached_property
    def duties(self) -> DutyTable:
        """Who is off duty."""
        from pipeline.adapters.ledger.liaisons.duties import DutyTable

        return DutyTable(self.engine)

    @cached_property
    def organisations(self) -> OrganisationTable:
        """The register of organisations."""
        from pipeline.adapters.ledger.organisations.register import OrganisationTable

        return OrganisationTable(self.engine)

    @cached_property
    def landscape(self) -> LandscapeTable:
        """What the public may read."""
        from pipeline.adapters.ledger.organisations.landscape import LandscapeTable

        return LandscapeTable(self.engine)

    @cached_property
    def outbox(self) -> OutboxTable:
        """Mails and pages that have to leave."""
        from pipeline.adapters.ledger.outgoing.outbox import OutboxTable

        return OutboxTable(self.engine, self.leases.holder)

    @cached_property
    def retags(self) -> RetagTable:
        """Old mail that is decided anew."""
        from pipeline.adapters.ledger.retags.table import RetagTable

        return RetagTable(self.engine)

    @cached_property
    def returns(self) -> ReturnTable:
        """Mails of ours that came back."""
        from pipeline.adapters.ledger.outgoing.returns import ReturnTable

        return ReturnTable(self.engine)

    @cached_property
    def publications(self) -> PublicationTable:
        """Pages that were published."""
        from pipeline.adapters.ledger.outgoing.publications import PublicationTable

        return PublicationTable(self.engine)

    @cached_property
    def marks(self) -> MarkTable:
        """What mailboxes are to be told."""
        from pipeline.adapters.ledger.outgoing.marks import MarkTable

        return MarkTable(self.engine)

    @cached_property
    def imports(self) -> ImportTable:
        """How far archives have been read."""
        from pipeline.adapters.ledger.mail.imports import ImportTable

        return ImportTable(self.engine)

    @cached_property
    def weeks(self) -> Weeks:
        """What weeks are counted by."""
        from pipeline.adapters.ledger.weeks.week import Weeks

        return Weeks(self.engine)

    @cached_property
    def writebacks(self) -> WriteBackTable:
        """What help desks are to be told."""
        from pipeline.adapters.ledger.outgoing.writebacks import WriteBackTable

        return WriteBackTable(self.engine)

    @cached_property
    def asides(self) -> AsideTable:
        """Messages that a step failed on."""
        from pipeline.adapters.ledger.stuck import AsideTable

        return AsideTable(self.engine)

    @cached_property
    def unsent(self) -> UnsentTable:
        """Mails that did not leave."""
        from pipeline.adapters.ledger.stuck import UnsentTable

        return UnsentTable(self.engine)

    @cached_property
    def untold(self) -> UntoldTable:
        """What help desks were not told."""
        from pipeline.adapters.ledger.stuck import UntoldTable

        return UntoldTable(self.engine)

    @cached_property
    def forgetting(self) -> ForgettingTable:
        """How a person is removed."""
        from pipeline.adapters.ledger.privacy.forgetting import ForgettingTable

        return ForgettingTable(self.engine)

    @cached_property
    def retention(self) -> RetentionTable:
        """How what was kept long enough is let go."""
        from pipeline.adapters.ledger.privacy.retention import RetentionTable

        return RetentionTable(self.engine)

    def together(self) -> AbstractContextManager[Parts]:
        """Give parts of the ledger of which all that is done belongs to one transaction."""
        from pipeline.adapters.ledger.together import together

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
