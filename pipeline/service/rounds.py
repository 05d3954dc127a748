"""One round of work: poll, triage, assign, queue due digests, deliver; what `triage run` does again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import ServerError
from pipeline.records.work import Recorded
from pipeline.routing.policy import Policy
from pipeline.service.assignment import assign_waiting
from pipeline.service.digests import Digester
from pipeline.service.ingest import ingest
from pipeline.service.outbox import Outcome, deliver
from pipeline.service.ports import Clock, Ledger, MailReader, MailSender, MessageSource, Progress, silent
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What one round did.

    Parameters
    ----------
    recorded
        Messages stored, known before, refused by the source.
    outcomes
        Messages by disposition, and ``same`` and ``set-aside``.
    assigned
        Liaison id to number of new inquiries.
    queued
        Digests queued.
    delivery
        Mails by outcome.
    problems
        Servers that could not be used, a line each; the rest of the round was done without them.
    """

    recorded: Recorded = field(default_factory=Recorded)
    outcomes: Counter[str] = field(default_factory=Counter)
    assigned: Counter[str] = field(default_factory=Counter)
    queued: int = 0
    delivery: dict[Outcome, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a round needs."""

    settings: Settings
    ledger: Ledger
    sources: Sequence[MessageSource]
    reader: MailReader
    tagger: Tagger
    policy: Policy
    sender: MailSender | None
    clock: Clock

    def poll(self, progress: Progress = silent) -> tuple[Recorded, tuple[str, ...]]:
        """Read all sources; one that fails does not keep the others from being read."""
        total = Recorded()
        problems = []
        for source in self.sources:
            try:
                total = total + ingest(source, self.ledger.messages, self.clock, progress)
            except ServerError as error:
                problems.append(str(error))
            finally:
                source.close()
        return total, tuple(problems)

    def work(self, progress: Progress = silent) -> tuple[Counter[str], Counter[str]]:
        """Triage and assign what the ledger holds; return outcomes, and new inquiries by liaison."""
        outcomes = triage(self.ledger, self.reader, self.tagger, self.clock, progress)
        return outcomes, assign_waiting(self.ledger.inquiries, self.policy, self.clock)

    def send(self, progress: Progress = silent) -> tuple[int, dict[Outcome, int]]:
        """Queue the digests that are due and deliver the outbox; return how many were queued, and outcomes."""
        digester = Digester(ledger=self.ledger, policy=self.policy, settings=self.settings)
        queued = digester.queue_due(self.clock())
        return queued, self.deliver(progress)

    def deliver(self, progress: Progress = silent) -> dict[Outcome, int]:
        """Send what the outbox holds; nothing where no mail server is configured."""
        smtp = self.settings.smtp
        if self.sender is None or smtp is None:
            return {}
        return deliver(self.ledger.outbox, self.sender, smtp.from_address, self.clock, progress)

    def close(self) -> None:
        """End all connections."""
        for source in self.sources:
            source.close()
        if self.sender is not None:
            self.sender.close()
        self.reader.close()
        self.ledger.close()

    def round(self, progress: Progress = silent) -> RoundReport:
        """Do everything once."""
        recorded, problems = self.poll(progress)
        outcomes, assigned = self.work(progress)
        queued, delivery = self.send(progress)
        return RoundReport(
            recorded=recorded,
            outcomes=outcomes,
            assigned=assigned,
            queued=queued,
            delivery=delivery,
            problems=problems,
        )
