"""Tag much mail with several workers: they read and decide, one process keeps what they say, in order.

Threads come out as with one process, because whether a mail belongs to an inquiry is decided where it is kept, one after
the other, in the order in which `triage` would. A chunk that was kept no longer waits; so there is nothing to remember
about an interrupted run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from pipeline.faultpoints import reach
from pipeline.records.work import Reading, StoredMessage
from pipeline.service.answers import Answers, Taken
from pipeline.service.chunks import chunked
from pipeline.service.judging import Fault, Judged
from pipeline.service.leases import Claims, claiming
from pipeline.service.ports import Clock, Ledger, Progress, silent
from pipeline.service.ports_bulk import Crew
from pipeline.service.triage import keep, set_aside, take
from pipeline.settings import Threads

Chunk = tuple[StoredMessage, ...]

# Messages that are claimed at once.
_WINDOW = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkTagging:
    """Reads, decides and keeps all that waits.

    Parameters
    ----------
    ledger, clock, threads, answers
        As in `triage`.
    crew
        Who reads and decides.
    """

    ledger: Ledger
    crew: Crew[Chunk, Sequence[Judged]]
    clock: Clock
    threads: Threads
    answers: Answers | None = None

    def run(self, progress: Progress = silent) -> Counter[str]:
        """Return how many messages ended how, as `triage` names it."""
        outcomes: Counter[str] = Counter()
        total = self.ledger.messages.count_waiting()
        before = -1
        with claiming(self.ledger.messages, self.clock) as claims:
            # Once more for what digests of lists held, and what came meanwhile.
            while outcomes.total() > before:
                before = outcomes.total()
                waiting = _Waiting(claims)
                for chunk, judged in self.crew.map(waiting.chunks()):
                    outcomes += self._keep(chunk, judged)
                    waiting.kept(chunk)
                    claims.hold()
                    reach("bulk.kept")
                    progress("tag", outcomes.total(), max(total, outcomes.total()))
        return outcomes

    def _keep(self, chunk: Chunk, judged: Sequence[Judged]) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        left: list[tuple[StoredMessage, Reading, Taken]] = []
        for stored, one in zip(chunk, judged, strict=True):
            taken = self._settled(stored, one)
            if taken.outcome:
                outcomes[taken.outcome] += 1
            elif isinstance(one.reading, Reading):
                left.append((stored, self._dated(one.reading), taken))
        with self.ledger.together() as shared:
            outcomes += Counter(
                keep(shared, stored, reading, taken, self.threads, self.clock)
                for stored, reading, taken in left
            )
        return outcomes

    def _dated(self, reading: Reading) -> Reading:
        """Let a decision be of now: the clocks of other machines may be wrong."""
        return replace(reading, decision=replace(reading.decision, decided_at=self.clock()))

    def _settled(self, stored: StoredMessage, judged: Judged) -> Taken:
        """Deal with what is not to be kept: unreadable, an answer by mail, a failure of delivery, undecided."""
        if isinstance(judged.inquiry, Fault):
            return Taken(outcome=set_aside(self.ledger, stored, "read", judged.inquiry, self.clock))
        taken = take(self.ledger, self.answers, stored, judged.inquiry, self.clock)
        if not taken.outcome and isinstance(judged.reading, Fault):
            return Taken(outcome=set_aside(self.ledger, stored, "decide", judged.reading, self.clock))
        return taken


@dataclass(slots=True)
class _Waiting:
    """What waits in the ledger, chunk by chunk; what is in hand is not handed out again."""

    claims: Claims
    in_hand: set[int] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def chunks(self) -> Iterator[Chunk]:
        """Yield what waits, in the order in which it is to be kept."""
        while window := self._window():
            with self.lock:
                self.in_hand.update(one.id for one in window)
            yield from chunked(window, lambda one: len(one.octets))

    def kept(self, chunk: Chunk) -> None:
        """Note that a chunk is in the ledger."""
        with self.lock:
            self.in_hand.difference_update(one.id for one in chunk)

    def _window(self) -> Sequence[StoredMessage]:
        with self.lock:
            known = frozenset(self.in_hand)
        return self.claims.take(_WINDOW, known)
