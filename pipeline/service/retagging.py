"""Tag old mail anew with other rules or another model; nothing takes hold until people have compared and said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.errors import ReaderUnavailable, UsageError
from pipeline.faultpoints import reach
from pipeline.records.decisions import Decision
from pipeline.records.inquiries import Inquiry
from pipeline.records.retags import Former, Proposal, Proposed, Retag, Stage, Witnesses, gist
from pipeline.service.chunks import chunked
from pipeline.service.judging import Judge
from pipeline.service.leases import Lease, leased
from pipeline.service.machine import blame
from pipeline.service.ports import Clock, Ledger, Progress, silent
from pipeline.service.ports_bulk import Crew

Chunk = tuple[Former, ...]

_LEASE = "retag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retagging:
    """Decides old mail anew, lets that take hold, or drops it.

    Parameters
    ----------
    ledger, clock
        What was decided, and the time.
    """

    ledger: Ledger
    clock: Clock

    def begin(self, witnesses: Witnesses, since: datetime | None) -> Retag:
        """Begin, or go on with what was interrupted.

        Raises
        ------
        UsageError
            If another retag is open.
        """
        found = self.ledger.retags.begin(witnesses, since, self.clock())
        if found.witnesses != witnesses or found.since != since or found.stage is Stage.APPLYING:
            raise UsageError(
                f"another retag is open, with model {found.witnesses.model_version or 'none'} and rules "
                f"{found.witnesses.rulebook_version}{_since(found.since)}; compare it with: triage retag show; then finish it "
                "with: triage retag apply, or: triage retag drop"
            )
        return found

    def run(
        self, retag: Retag, crew: Crew[Chunk, Sequence[Proposed]], progress: Progress = silent
    ) -> Retag | None:
        """Decide all that is not decided anew yet; return how it came out, None if another process is at it."""
        store = self.ledger.retags
        with leased(self.ledger.leases, _LEASE, self.clock) as lease:
            if lease is None:
                return None
            total = store.count(retag)
            done = 0
            for chunk, found in crew.map(_chunks(store.formers(retag))):
                store.propose(retag, found)
                reach("retag.proposed")
                done += len(chunk)
                lease.renewing(progress)("retag", done, max(total, done))
            store.enter(retag, Stage.COMPLETE, self.clock())
        return store.current()

    def open(self) -> Retag:
        """Return the retag that is open.

        Raises
        ------
        UsageError
            If there is none.
        """
        found = self.ledger.retags.current()
        if found is None:
            raise UsageError("no retag is open; begin one with: triage retag")
        return found

    def apply(self, *, reopen: bool, progress: Progress = silent) -> Retag:
        """Let the open retag take hold, batch by batch; an interrupted one goes on.

        Parameters
        ----------
        reopen
            What was filed and is an inquiry after all is given to liaisons.

        Raises
        ------
        UsageError
            If none is open, it is not complete, or another process is at it.
        """
        with self._alone() as lease:
            found = self.open()
            if found.stage is Stage.RUNNING:
                raise UsageError("the retag is not complete; go on with: triage retag")
            store = self.ledger.retags
            if found.stage is Stage.COMPLETE:
                store.enter(found, Stage.APPLYING, self.clock(), reopen=reopen)
            found = self.open()
            done = 0
            for some in store.apply(found, self.clock()):
                reach("retag.applied")
                done += some
                lease.renewing(progress)("apply", done, None)
            return self._end(found, Stage.APPLIED)

    def drop(self) -> Retag:
        """Forget the open retag.

        Raises
        ------
        UsageError
            If none is open, some of it has taken hold, or another process is at it.
        """
        with self._alone():
            found = self.open()
            if found.stage is Stage.APPLYING:
                raise UsageError("some of it has taken hold; finish that with: triage retag apply")
            return self._end(found, Stage.DROPPED)

    def _end(self, retag: Retag, stage: Stage) -> Retag:
        """Remove the proposals; the last step makes it known, so that an interrupted end is gone on with.

        Returned is the retag at its end, with the counts of what was removed.
        """
        counted = self.ledger.retags.current() or retag
        self.ledger.retags.clear(retag)
        self.ledger.retags.enter(retag, stage, self.clock(), reopen=retag.reopen)
        return replace(counted, stage=stage)

    @contextmanager
    def _alone(self) -> Iterator[Lease]:
        """Hold the lease on the retag; refuse where another process has it."""
        with leased(self.ledger.leases, _LEASE, self.clock) as lease:
            if lease is None:
                raise UsageError("another process works on the retag; try again in a while")
            yield lease


def propose(judge: Judge, chunk: Sequence[Former]) -> tuple[Proposed, ...]:
    """Return what would be decided on messages now; only where it differs with what weighed most."""
    read = [_read(judge, one) for one in chunk]
    known = [(at, one) for at, one in enumerate(read) if isinstance(one, Inquiry)]
    decided = dict(
        zip((at for at, _ in known), _decided(judge, [one for _, one in known], explain=False), strict=True)
    )
    differing = [at for at, decision in decided.items() if decision and gist(decision) != chunk[at].gist]
    told = _decided(judge, [one for at, one in known if at in set(differing)], explain=True)
    explained = dict(zip(differing, told, strict=True))
    return tuple(_proposed(one, read[at], decided.get(at), explained.get(at)) for at, one in enumerate(chunk))


def _proposed(
    former: Former, read: Inquiry | Proposal, decided: Decision | None, explained: Decision | None
) -> Proposed:
    if isinstance(read, Proposal):
        outcome = read
    elif decided is None:
        outcome = Proposal.FAILED
    else:
        outcome = Proposal.CHANGED if explained else Proposal.SAME
    return Proposed(message=former.message, former=former.decision, outcome=outcome, decision=explained)


def _read(judge: Judge, former: Former) -> Inquiry | Proposal:
    if former.octets is None:
        return Proposal.GONE
    try:
        return judge.reader.read(former.octets, former.received_at)
    except ReaderUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one mail must not end the run
        blame(error)
        return Proposal.FAILED


def _decided(judge: Judge, inquiries: Sequence[Inquiry], *, explain: bool) -> list[Decision | None]:
    """Decide together, and one by one if that fails."""
    if not inquiries:
        return []
    try:
        return list(judge.tagger.decide(inquiries, judge.clock(), explain=explain))
    except Exception as error:  # noqa: BLE001 - the culprit is found below
        if len(inquiries) == 1:
            blame(error)
            return [None]
        return [each for one in inquiries for each in _decided(judge, [one], explain=explain)]


def _chunks(windows: Iterator[Chunk]) -> Iterator[Chunk]:
    for window in windows:
        yield from chunked(window, lambda one: len(one.octets or b""))


def _since(since: datetime | None) -> str:
    return f" since {since:%Y-%m-%d}" if since else ""
