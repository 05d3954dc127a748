"""Write back: tell help desks of decisions through a queue, leave to agents what they touched, and learn from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.errors import Refused, ServerError
from pipeline.faultpoints import reach
from pipeline.records.work import UNANSWERED, Assignment
from pipeline.records.writebacks import (
    KnownTicket,
    TicketChange,
    TicketSeen,
    TicketState,
    Told,
    Wish,
    WriteBack,
)
from pipeline.routing.deadlines import due_at
from pipeline.routing.policy import Policy
from pipeline.service.outbox import GIVE_UP, pause_after
from pipeline.service.ports import Clock, Ledger, Progress, silent
from pipeline.service.ticketnotes import note_on
from pipeline.service.wishes import (
    change_for,
    changes_between,
    disposition_of,
    is_known,
    said_by,
    wish_for,
    without_old_note,
)
from pipeline.settings.otrs import OtrsServer
from pipeline.taxonomy import Taxonomy

# What is older is not told: switching write-backs on must not stir up tickets of last year.
_FRESH = timedelta(days=14)
# Tickets of inquiries that are open or younger than this are watched for what agents change; how many in one go.
_WATCHED = timedelta(days=90)
_LOOKS = 200
# Clocks differ, and a search takes its time.
_OVERLAP_MINUTES = 5
_NOTHING = Wish()


class HelpDesk(Protocol):
    """A help desk that can be told of decisions."""

    @property
    def server(self) -> OtrsServer:
        """Its settings."""
        ...

    def look(self, ticket: int) -> TicketSeen:
        """Return how a ticket looks now; raise Refused if it is gone or may not be read, else a ServerError."""
        ...

    def changed(self, minutes: int) -> frozenset[int] | None:
        """Return the tickets that changed in the last `minutes`; None if there are too many to tell."""
        ...

    def write(self, ticket: int, change: TicketChange) -> None:
        """Change a ticket, in one update; raise Refused or another ServerError."""
        ...

    def interrupt(self) -> None:
        """End what another thread waits for, and connect no more."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBacks:
    """All that one help desk is told, and tells.

    Parameters
    ----------
    desk
        The help desk.
    ledger, policy, taxonomy
        What is known, who the liaisons are, and which values fields may have.
    timezone
        Of the days in notes.
    clock
        Tells the time.
    """

    desk: HelpDesk
    ledger: Ledger
    policy: Policy
    taxonomy: Taxonomy
    timezone: str
    clock: Clock

    def run(self, progress: Progress = silent) -> tuple[int, tuple[str, ...]]:
        """Queue what is new, write what is due, look for what agents changed.

        Returns
        -------
        tuple[int, tuple[str, ...]]
            How many tickets were written to, and what went wrong, in lines.
        """
        problems: list[str] = []
        self.queue(self.clock())
        written = 0
        try:
            written = self._deliver(problems, progress)
            self._look(progress)
        except ServerError as error:
            problems.append(str(error))
        return written, tuple(dict.fromkeys(problems))

    def queue(self, now: datetime) -> int:
        """Queue a wish for each ticket whose inquiry has changed; return how many are new."""
        found = self.ledger.writebacks.told(self._name, now - _FRESH)
        queued = sum(self._queue(told, now) for told in found)
        reach("writeback.queued")
        return queued

    @property
    def _name(self) -> str:
        return self.desk.server.name

    def _queue(self, told: Told, now: datetime) -> bool:
        entry = self.ledger.inquiries.find(told.key)
        if entry is None:
            return False
        names = {one.id: one.name for one in self.policy.desks}
        note = note_on(entry, told.decision, self.timezone, names.get(entry.liaison or "", ""))
        wish = without_old_note(wish_for(entry, self.desk.server, note), told.last_note)
        same = is_known(wish, told.last)
        queued = self.ledger.writebacks.queue(self._name, told, wish, now, same=same)
        return queued and not same

    def _deliver(self, problems: list[str], progress: Progress) -> int:
        """Write what is due, ticket by ticket; a server that is away ends it, a refusal holds up its own ticket alone."""
        now = self.clock()
        written = 0
        while batch := self.ledger.writebacks.due(self._name, now):
            for done, one in enumerate(batch, 1):
                try:
                    written += self._write(one, problems)
                except ServerError as error:
                    self._later(one, str(error), now)
                    if not isinstance(error, Refused):
                        raise
                    problems.append(f"{error}; ticket {one.ticket} waits; see: triage otrs check")
                progress("write back", done, len(batch))
        return written

    def _later(self, one: WriteBack, error: str, now: datetime) -> None:
        if now - one.queued_at > GIVE_UP:
            self.ledger.writebacks.failed(one.id, error)
        else:
            self.ledger.writebacks.deferred(one.id, now + pause_after(one.attempts), error)

    def _write(self, one: WriteBack, problems: list[str]) -> bool:
        """Make a wish come true as far as agents let it; tell whether anything was written.

        The ticket is read before and after. Should the program die between writing and noting that down, it finds its
        own writing the next time, and writes nothing twice.
        """
        before = self.desk.look(one.ticket)
        known = self._known(before)
        touched = changes_between(known.base, before.state, one.wish, self.desk.server.states)
        change = change_for(one.wish, before.state, known.touched | touched)
        after = before
        if change:
            self.desk.write(one.ticket, change)
            reach("writeback.written")
            after = self.desk.look(one.ticket)
            touched |= changes_between(before.state, after.state, one.wish, self.desk.server.states)
            problems += self._lost(change, after, known.touched | touched)
        self._settle(known, after, touched, done=one.id)
        reach("writeback.settled")
        return bool(change)

    def _known(self, seen: TicketSeen) -> KnownTicket:
        return self.ledger.writebacks.known(self._name, seen.ticket) or seen.known(None, self.clock())

    def _lost(self, change: TicketChange, after: TicketSeen, touched: frozenset[str]) -> Iterator[str]:
        """Return what did not hold, though no agent was at it."""
        lost = _unkept(change, after.state)
        names = [name for name in lost if name not in touched]
        if names:
            yield f"otrs.{self._name}: ticket {after.number}: not kept by the help desk: {', '.join(names)}"

    def _look(self, progress: Progress) -> None:
        """Compare the tickets that changed with how the program knows them."""
        now, store = self.clock(), self.ledger.writebacks
        watched = store.watched(self._name, now - _WATCHED)
        if not watched:
            return
        oldest = min(watched.values())
        minutes = math.ceil((now - oldest) / timedelta(minutes=1)) + _OVERLAP_MINUTES
        changed = self.desk.changed(minutes)
        found = [ticket for ticket in watched if changed is None or ticket in changed]
        for done, one in enumerate(found[:_LOOKS], 1):
            self._compare(one)
            progress("look at tickets", done, len(found))
        store.looked(self._name, found[_LOOKS:], now)

    def _compare(self, ticket: int) -> None:
        try:
            seen = self.desk.look(ticket)
        except Refused:
            return  # gone, or moved to where the program may not look
        known = self._known(seen)
        touched = changes_between(known.base, seen.state, _NOTHING, self.desk.server.states)
        if touched or seen.state != known.base:
            self._settle(known, seen, touched)

    def _settle(
        self, known: KnownTicket, seen: TicketSeen, touched: frozenset[str], *, done: int | None = None
    ) -> None:
        """Remember how a ticket looks, and take what agents changed as corrections."""
        tags = self._said(touched, seen.state)
        now = self.clock()
        kept = replace(
            known, number=seen.number or known.number, base=seen.state, touched=known.touched | touched
        )
        author = f"otrs:{self._name} agent"
        self.ledger.writebacks.settle(
            self._name, kept, tags, author, now, disposition=disposition_of(tags), done=done
        )
        self._reassign(known.key, tags, now)

    def _said(self, touched: Iterable[str], state: TicketState) -> tuple[str, ...]:
        liaisons = frozenset(one.id for one in self.policy.desks)
        said = (
            said_by(one, state, self.desk.server, self.taxonomy, liaisons)
            for one in sorted(touched, key=lambda name: name == "queue")
        )
        return tuple(dict.fromkeys(tag for tags in said for tag in tags))

    def _reassign(self, key: str | None, tags: Sequence[str], now: datetime) -> None:
        """Give an open inquiry to the liaison that an agent named."""
        named = next((tag.partition("=")[2] for tag in tags if tag.startswith("liaison=")), "")
        liaison = next((one for one in self.policy.desks if one.id == named), None)
        entry = self.ledger.inquiries.find(key) if key and liaison else None
        if liaison is None or entry is None or entry.liaison == named or entry.state not in UNANSWERED:
            return
        due = entry.due_at or due_at(entry.decision.priority, now, liaison.timezone, self.policy)
        reason = f"an agent of {self._name} said so"
        chosen = Assignment(inquiry=entry.key, liaison=named, reason=reason, due_at=due)
        self.ledger.inquiries.assign([chosen], now)


def _unkept(change: TicketChange, after: TicketState) -> list[str]:
    """Return what a ticket does not have, though it was written."""
    lost = [f"field:{name}" for name, value in change.fields.items() if after.fields.get(name) != value]
    if change.move:
        pairs = (
            ("queue", change.move.queue, after.queue),
            ("owner", change.move.owner, after.owner),
            ("locked", change.move.locked, after.locked),
        )
        lost += [name for name, wished, found in pairs if wished != found]
    if change.priority not in (None, after.priority):
        lost.append("priority")
    if change.note and change.note.ref not in after.refs:
        lost.append("note")
    return lost
