"""One round of work: poll, triage, assign, mark, write back, queue due digests, deliver; and each of these alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.digest import charts
from pipeline.digest.weekly import Draw
from pipeline.faultpoints import reach
from pipeline.records.jobs import JobKind
from pipeline.records.work import Recorded
from pipeline.routing.policy import Policy
from pipeline.service import ingest
from pipeline.service.alerts import queue_alerts
from pipeline.service.answers import Answers
from pipeline.service.assignment import assign_all, policy_now
from pipeline.service.digests import Digester
from pipeline.service.jobs import kept
from pipeline.service.leases import SECONDS, leased
from pipeline.service.marks import MailServer, mark_decided
from pipeline.service.offers import Correspondence, Offers
from pipeline.service.outbox import Outcome, deliver, reverse_path
from pipeline.service.ports import Clock, Ledger, MailReader, MailSender, Progress, WikiSite, silent
from pipeline.service.publication import Publisher, publisher
from pipeline.service.register import register
from pipeline.service.retention import Keeper
from pipeline.service.returns import Relief
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from pipeline.service.writeback import HelpDesk, WriteBacks
from pipeline.settings import Settings

# Messages after which inquiries are assigned, so that none waits until a large archive is through.
_SPELL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What one round did.

    Parameters
    ----------
    recorded
        Messages stored, known before, refused by the source.
    outcomes
        How many messages ended how, as `pipeline.service.triage.triage` names it.
    assigned
        Liaison id to number of new inquiries.
    queued
        Digests queued.
    marked
        Places on mail servers that are done with: told of the decision, or the message is gone.
    delivery
        Mails by outcome.
    problems
        Servers that could not be used, a line each; the rest of the round was done without them.
    written
        Tickets of help desks that were told of a decision.
    """

    recorded: Recorded = field(default_factory=Recorded)
    outcomes: Counter[str] = field(default_factory=Counter)
    assigned: Counter[str] = field(default_factory=Counter)
    queued: int = 0
    marked: int = 0
    delivery: dict[Outcome, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a round needs."""

    settings: Settings
    ledger: Ledger
    sources: Sequence[MailServer]
    reader: MailReader
    tagger: Tagger
    policy: Policy
    sender: MailSender | None
    clock: Clock
    help_desks: Sequence[HelpDesk] = ()
    correspondence: Callable[[], Correspondence | None] = lambda: None
    wiki: WikiSite | None = None
    draw: Draw = charts.draw

    def poll(self, progress: Progress = silent) -> tuple[Recorded, tuple[str, ...]]:
        """Read all sources; one that fails does not keep the others from being read."""
        return ingest.poll(self.sources, self.ledger, self.clock, progress)

    def poll_source(
        self, source: MailServer, progress: Progress = silent
    ) -> tuple[Recorded, tuple[str, ...]]:
        """Read one source; return what was stored, and what went wrong, in a line."""
        return ingest.poll_source(source, self.ledger, self.clock, progress)

    def mark(self) -> tuple[int, tuple[str, ...]]:
        """Tell all sources of the decisions that they do not know; return how many, and what went wrong."""
        done = [self.mark_source(source) for source in self.sources if source.to_mark()]
        return sum(count for count, _ in done), tuple(line for _, lines in done for line in lines)

    def mark_source(self, source: MailServer, progress: Progress = silent) -> tuple[int, tuple[str, ...]]:
        """Tell one source of the decisions that it does not know."""
        with kept(self.ledger.jobs, JobKind.MARK, source.name, self.clock) as run:
            try:
                with leased(self.ledger.leases, f"mark {source.name}", self.clock) as lease:
                    if lease is None:  # another process is at it
                        run.skipped = True
                        return 0, ()
                    show = lease.renewing(progress)
                    marked, run.problems = mark_decided(source, self.ledger.marks, self.clock, show)
                    return marked, tuple(run.problems)
            finally:
                source.close()

    def write_back(self) -> tuple[int, tuple[str, ...]]:
        """Tell all help desks of the decisions that they do not know; return how many tickets, and what went wrong."""
        done = [self.write_back_to(one) for one in self.help_desks]
        return sum(count for count, _ in done), tuple(line for _, lines in done for line in lines)

    def write_back_to(self, desk: HelpDesk, progress: Progress = silent) -> tuple[int, tuple[str, ...]]:
        """Tell one help desk of the decisions that it does not know, and take over what its agents changed."""
        with kept(self.ledger.jobs, JobKind.WRITE_BACK, desk.server.name, self.clock) as run:
            try:
                with leased(self.ledger.leases, f"write back {desk.server.name}", self.clock) as lease:
                    if lease is None:  # another process is at it
                        run.skipped = True
                        return 0, ()
                    written, run.problems = self._write_backs(desk).run(lease.renewing(progress))
                    return written, tuple(run.problems)
            finally:
                desk.close()

    def _write_backs(self, desk: HelpDesk) -> WriteBacks:
        return WriteBacks(
            desk=desk,
            ledger=self.ledger,
            policy=self.policy,
            taxonomy=self.tagger.taxonomy,
            timezone=self.settings.schedule.timezone,
            clock=self.clock,
        )

    def work(self, progress: Progress = silent) -> tuple[Counter[str], Counter[str]]:
        """Triage and assign what the ledger holds; return outcomes, and new inquiries by liaison."""
        with kept(self.ledger.jobs, JobKind.WORK, "", self.clock) as run:
            outcomes: Counter[str] = Counter()
            assigned: Counter[str] = Counter()
            done: Counter[str] | None = None
            while done is None or done.total() >= _SPELL:
                done = self._triage(progress)
                outcomes += done
                reach("work.triaged")
                given = self._assign(progress)
                run.skipped = given is None
                assigned += given or Counter()
            return outcomes, assigned

    def _triage(self, progress: Progress) -> Counter[str]:
        return triage(
            self.ledger,
            self.reader,
            self.tagger,
            self.clock,
            progress,
            self.settings.threads,
            self.settings.otrs,
            self.answers(),
            most=_SPELL,
        )

    def _assign(self, progress: Progress) -> Counter[str] | None:
        """Register and assign what is decided, and alert; None if another process is at it."""
        with leased(self.ledger.leases, "work", self.clock) as lease:
            if lease is None:
                return None
            known = self.ledger.organisations
            register(known, self.clock, lease.renewing(progress))
            reach("work.registered")
            Relief(ledger=self.ledger, policy=self.policy, settings=self.settings).run(self.clock())
            reach("work.relieved")
            assigned, _ = assign_all(self.ledger, self.policy, self.clock)
            reach("work.assigned")
            self.alert()
            reach("work.alerted")
            return assigned

    def answers(self) -> Answers | None:
        """Return what deals with answers by mail; None where that is not set up."""
        found = self.correspondence()
        if found is None:
            return None
        return Answers(
            ledger=self.ledger,
            policy=self.policy,
            taxonomy=self.tagger.taxonomy,
            vocabulary=found.vocabulary,
            settings=self.settings,
            ring=found.ring,
            clock=self.clock,
        )

    def digester(self) -> Digester:
        """Return what makes digests."""
        found = self.correspondence()
        offers = (
            Offers(ledger=self.ledger, policy=self.policy, settings=self.settings, correspondence=found)
            if found
            else None
        )
        return Digester(
            ledger=self.ledger,
            policy=self.policy,
            settings=self.settings,
            offers=offers,
            drift=self._drift,
            draw=self.draw,
        )

    def _drift(self, moment: datetime) -> tuple[str, ...]:
        """Return what the weekly summary has to tell of drift at the end of its week."""
        from pipeline.service.drift import weekly_lines

        locale = self.settings.committee.locale
        return weekly_lines(self.ledger.corrections, self.tagger.model, moment, locale)

    def alert(self) -> int:
        """Queue the alerts that urgent inquiries ask for; return how many."""
        digester = self.digester()
        serving = policy_now(self.policy, self.ledger.duties)
        return queue_alerts(digester, serving, self.clock())

    def leads(self) -> bool:
        """Tell whether this process is the one that queues what is due, of all that run on this ledger."""
        return self.ledger.leases.lead("scheduler", SECONDS, self.clock())

    def send(self, progress: Progress = silent, *, queue: bool = True) -> tuple[int, dict[Outcome, int]]:
        """Queue the digests that are due and deliver the outbox; return how many were queued, and outcomes.

        Without `queue` what others have queued is delivered.
        """
        with kept(self.ledger.jobs, JobKind.SEND, "", self.clock):
            digester = self.digester()
            wiki = self.publisher()
            pages = wiki.queue_due(self.clock()) if wiki and queue else 0
            published = self.publish(progress)
            queued = digester.queue_due(self.clock()) if queue else 0
            outcomes = Counter(published) + Counter(self.deliver(progress))
            return queued + pages, {outcome: outcomes[outcome] for outcome in Outcome if self.sender or wiki}

    def keep(self, progress: Progress = silent) -> dict[str, int]:
        """Let go of what was kept long enough; return what to how much."""
        with (
            kept(self.ledger.jobs, JobKind.KEEP, "", self.clock) as run,
            leased(self.ledger.leases, "work", self.clock) as lease,
        ):
            if lease is None:  # another process is at it
                run.skipped = True
                return {}
            return self.keeper().run(lease.renewing(progress))

    def keeper(self) -> Keeper:
        """Return what lets go of old things."""
        return Keeper(store=self.ledger.retention, settings=self.settings.retention, clock=self.clock)

    def publisher(self) -> Publisher | None:
        """Return what publishes weeks on the wiki; None where there is none."""
        return publisher(self.ledger, self.policy, self.settings)

    def publish(self, progress: Progress = silent) -> dict[Outcome, int]:
        """Publish the pages that wait; nothing where there is no wiki."""
        pages = self.publisher()
        if pages is None or self.wiki is None:
            return {}
        with leased(self.ledger.leases, "publish", self.clock) as lease:
            if lease is None:  # another process is at it
                return {}
            return pages.deliver(self.wiki, self.clock, lease.renewing(progress))

    def deliver(self, progress: Progress = silent) -> dict[Outcome, int]:
        """Send what the outbox holds; nothing where no mail server is configured."""
        smtp = self.settings.smtp
        if self.sender is None or smtp is None:
            return {}
        answers = self.settings.answers.address if smtp.verp else None
        paths = reverse_path(answers, smtp.from_address)
        return deliver(self.ledger.outbox, self.sender, paths, self.clock, progress)

    def close(self) -> None:
        """End all connections."""
        for source in self.sources:
            source.close()
        for help_desk in self.help_desks:
            help_desk.close()
        for way_out in (self.sender, self.wiki):
            if way_out is not None:
                way_out.close()
        self.reader.close()
        self.ledger.close()

    def round(self, progress: Progress = silent) -> RoundReport:
        """Do everything once; digests are queued unless another process leads, which queues them."""
        recorded, problems = self.poll(progress)
        outcomes, assigned = self.work(progress)
        marked, unmarked = self.mark()
        written, unwritten = self.write_back()
        try:
            queued, delivery = self.send(progress, queue=self.leads())
        finally:
            self.ledger.leases.resign()
        return RoundReport(
            recorded=recorded,
            outcomes=outcomes,
            assigned=assigned,
            queued=queued,
            marked=marked,
            delivery=delivery,
            problems=tuple(dict.fromkeys((*problems, *unmarked, *unwritten))),
            written=written,
        )
