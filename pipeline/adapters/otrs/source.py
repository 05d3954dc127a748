"""Tickets of a help desk of the OTRS family as a source of mail: each queue a mailbox, read by changed time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.otrs.answers import stamp
from pipeline.adapters.otrs.client import Denied, OtrsClient
from pipeline.adapters.otrs.http import Pause, TooLarge
from pipeline.adapters.otrs.mail import compose
from pipeline.adapters.otrs.write import seen
from pipeline.errors import Refused, ServerError, UsageError
from pipeline.records.decisions import Disposition
from pipeline.records.marks import Mark
from pipeline.records.messages import OtrsSighting, RawMessage
from pipeline.records.sources import Batch, Cursor, SetAsideMessage
from pipeline.records.tickets import Article, Ticket
from pipeline.records.writebacks import TicketSeen
from pipeline.settings.otrs import OtrsServer

# Seconds to wait before each further try; the first lost connection mostly is one gone stale.
_PAUSES = (0.0, 1.0)
# Tickets whose times are asked for in one request, and tickets after which what came is stored.
_HEADERS = 50
_BATCH = 25
# Tickets that may fail in one queue before the rest is left for later.
_FAILURES = 5
# Writes that were begun may show up a bit later with an earlier time.
_OVERLAP = timedelta(minutes=2)
# A second is over for the server when its answer is so much later.
_SETTLED = timedelta(seconds=2)
_SECOND = timedelta(seconds=1)
_MOST = 100_000

T = TypeVar("T")


class OtrsSource:
    """The queues of one help desk; for use in one thread at a time.

    Only what a customer wrote and may read is handed over. Notes, and what agents and the server itself wrote, are the
    desk's own words: no inquiries.

    Parameters
    ----------
    server
        Settings; the password is read when a session begins.
    pause
        Called with seconds to wait; a true answer means stop, as `threading.Event.wait` gives it.
    tick
        Seconds of a clock that never goes back.
    """

    def __init__(
        self, server: OtrsServer, pause: Pause = time.sleep, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = f"otrs:{server.name}"
        self._server = server
        self._pause = pause
        self.tick = tick
        self._client = OtrsClient(server, pause, tick)
        # Queue to ticket to the change that was handed over; spares the tickets of the overlap.
        self._done: dict[str, dict[int, datetime]] = {}
        self._failed: list[Refused] = []

    @property
    def account(self) -> str:
        """What sightings call this server."""
        return self._server.name

    @property
    def client(self) -> OtrsClient:
        """The session that it uses."""
        return self._client

    def mailboxes(self) -> tuple[str, ...]:
        """Return the queues to read."""
        return self._server.queues

    def to_mark(self) -> frozenset[Disposition]:
        """Return nothing: tickets are told of decisions in another way."""
        return frozenset()

    def mark(self, mailbox: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:  # noqa: ARG002 - as MailServer has it
        """Do nothing, see `to_mark`."""
        return ()

    def fetch(self, mailbox: str, cursor: Cursor | None, limit_bytes: int) -> Iterator[Batch]:
        """Yield what customers wrote in the queue `mailbox` since `cursor`, in batches.

        The first time, tickets whose triaged field is set are left out: somebody had triaged them before. From then
        on a ticket comes again whenever it changed, with all its mails; the ledger knows those that it had.

        Parameters
        ----------
        mailbox
            Full name of the queue.
        cursor
            Where to go on, in seconds since 1970; None, or one made for other states or another server, starts at the
            beginning.
        limit_bytes
            Most octets in a batch; a single larger ticket is a batch of its own.

        Raises
        ------
        Unreachable
            If there is no connection, or it keeps being lost.
        Refused
            If the server says no. A ticket that fails alone does not keep others from being read; it is tried again
            the next time, and told of when the last queue is through.
        """
        epoch = _epoch(self._server)
        mine = cursor if cursor and cursor.uidvalidity == epoch else None
        reading = _Queue(self, self._server, mailbox, mine, epoch)
        yield from reading.batches(limit_bytes)
        self._failed += reading.failed
        # Told after the last queue: one bad ticket is no reason to leave the other queues unread.
        if self._failed and mailbox == self._server.queues[-1]:
            failed, self._failed = self._failed[0], []
            raise failed

    def check(self) -> tuple[str, ...]:
        """Log in and look into each queue; return what is wrong, a line for each problem."""
        problems: list[str] = []
        try:
            for queue in self.mailboxes():
                self._client.search({"Queues": [queue], "Limit": 1})
        except (ServerError, UsageError) as error:
            problems.append(str(error))
        self.close()
        return tuple(problems)

    def interrupt(self) -> None:
        """End what another thread waits for here, and send nothing more; for the end of the program."""
        self._client.interrupt()

    def close(self) -> None:
        """End the connection, if there is one; the next use makes another."""
        self._client.close()

    def again(self, call: Callable[[], T]) -> T:
        """Ask once more, after a pause, where a connection was lost."""
        for seconds in _PAUSES:
            try:
                return call()
            except Dropped:
                if seconds and self._pause(seconds):
                    raise
        return call()

    def handed_over(self, queue: str) -> dict[int, datetime]:
        """Return ticket to the change that was stored, of tickets in `queue`; to be added to."""
        return self._done.setdefault(queue, {})


class _Queue:
    """One reading of one queue."""

    def __init__(
        self, source: OtrsSource, server: OtrsServer, queue: str, cursor: Cursor | None, epoch: int
    ) -> None:
        self._source = source
        self._server = server
        self._queue = queue
        self._zone = ZoneInfo(server.timezone)
        self._begins = cursor is None
        self._since = datetime.fromtimestamp(cursor.uid, UTC) if cursor else None
        self._epoch = epoch
        self._place = self._since
        # The cursor does not go behind this: a ticket that failed, what the page surely holds, the moment of the search.
        self._bound = datetime.max.replace(tzinfo=UTC)
        self.failed: list[Refused] = []
        self._messages: list[RawMessage] = []
        self._refused: list[SetAsideMessage] = []
        self._through: list[Ticket] = []
        self._seen: list[TicketSeen] = []

    def batches(self, limit_bytes: int) -> Iterator[Batch]:
        for page, asked_at, bound in self._pages():
            self._bound = bound if not self.failed else min(self._bound, bound)
            for head in page:
                self._take(head)
                full = sum(len(one.octets) for one in self._messages) >= limit_bytes
                if full or len(self._through) >= _BATCH:
                    yield from self._batch(asked_at)
                if len(self.failed) >= _FAILURES:
                    break
            yield from self._batch(asked_at)
            if len(self.failed) >= _FAILURES:
                return

    def _batch(self, asked_at: datetime) -> Iterator[Batch]:
        """Yield what was collected; when it comes back it is stored."""
        if not self._through:
            return
        reached = min(self._through[-1].changed_at, self._bound)
        self._place = max(self._place, reached) if self._place else reached
        cursor = Cursor(uidvalidity=self._epoch, uid=int(self._place.timestamp()))
        yield Batch(
            messages=tuple(self._messages),
            refused=tuple(self._refused),
            cursor=cursor,
            total=None,
            tickets=tuple(self._seen),
        )
        done = self._source.handed_over(self._queue)
        over = asked_at - _SETTLED
        done.update({one.id: one.changed_at for one in self._through if one.changed_at < over})
        self._messages, self._refused, self._through, self._seen = [], [], [], []

    def _pages(self) -> Iterator[tuple[list[Ticket], datetime, datetime]]:
        """Yield tickets that fit, by changed time; the server knows no offset.

        With each page comes when it was asked for by the server's clock, and up to when it holds all that changed.
        """
        since, limit = self._since and self._since - _overlap(self._since, self._zone), self._server.page
        while True:
            ids, asked_at = self._source.again(partial(self._search, since, limit))
            heads = self._heads(ids)
            # What changed after the question has gone to the end, and tells nothing of what lies between.
            before = max((one.changed_at for one in heads if one.changed_at < asked_at), default=None)
            whole = len(ids) < limit
            wanted = sorted(filter(self._is_wanted, heads), key=lambda one: (one.changed_at, one.id))
            yield wanted, asked_at, asked_at if whole else before or since or datetime.min.replace(tzinfo=UTC)
            if whole:
                return
            if before is not None and (since is None or before > since):
                since, limit = before, self._server.page
            elif limit < _MOST:
                limit *= 4  # more tickets changed in one second than a page holds
            else:
                raise Refused(
                    f"otrs.{self._server.name}: finds ever the same {limit} tickets in {self._queue}: "
                    "it does not search by changed time; see: triage otrs check"
                )

    def _search(self, since: datetime | None, limit: int) -> tuple[tuple[int, ...], datetime]:
        """Return ids, and a moment before the server looked for them, by its own clock."""
        filters: dict[str, object] = {
            "Queues": [self._queue],
            "States": list(self._server.states),
            "SortBy": "Changed",
            "OrderBy": "Up",
            "Limit": limit,
        }
        if since is not None:
            # Whether "newer" includes the moment itself is not said.
            filters["TicketChangeTimeNewerDate"] = stamp(since - _SECOND, self._zone)
        if self._begins and self._server.triaged_field:
            filters[f"DynamicField_{self._server.triaged_field}"] = {"Empty": 1}
        began = self._source.tick()
        ids = self._source.client.search(filters)
        answered_at = self._source.client.answered_at or datetime.now(UTC)
        return ids, answered_at - timedelta(seconds=self._source.tick() - began) - _SECOND

    def _heads(self, ids: Sequence[int]) -> list[Ticket]:
        found: list[Ticket] = []
        for start in range(0, len(ids), _HEADERS):
            some = ids[start : start + _HEADERS]
            found += self._source.again(partial(self._source.client.headers, some))
        return found

    def _is_wanted(self, ticket: Ticket) -> bool:
        """Check a ticket against all that was asked: the server ignores conditions that it does not know."""
        if (
            not self._is_here(ticket)
            or self._source.handed_over(self._queue).get(ticket.id) == ticket.changed_at
        ):
            return False
        if self._since is not None:
            return ticket.changed_at >= self._since - _overlap(self._since, self._zone)
        return not (self._server.triaged_field and ticket.dynamic_field(self._server.triaged_field))

    def _is_here(self, ticket: Ticket) -> bool:
        states = {state.casefold() for state in self._server.states}
        return ticket.queue.casefold() == self._queue.casefold() and ticket.state.casefold() in states

    def _take(self, head: Ticket) -> None:
        """Collect the mails of a ticket; one that is gone, or somewhere else by now, has none."""
        try:
            ticket = self._whole(head.id)
        except Denied:
            ticket = None
        except Refused as error:
            self.failed.append(error)
            self._bound = min(self._bound, head.changed_at)
            return
        self._through.append(head)
        if ticket is None or not self._is_here(ticket):
            return
        self._seen.append(seen(ticket, self._server))
        mails = [one for one in ticket.articles if is_mail_of_customer(one)]
        for article in mails:
            self._add(ticket, article, mails[0])

    def _whole(self, ticket: int) -> Ticket:
        client = self._source.client
        try:
            return self._source.again(partial(client.ticket, ticket))
        except TooLarge:
            return self._source.again(partial(client.ticket, ticket, contents=False))

    def _add(self, ticket: Ticket, article: Article, first: Article) -> None:
        name, largest = self._server.name, self._server.largest_message
        sighting = OtrsSighting(server=name, ticket=ticket.id, article=article.id)
        octets = compose(name, ticket, article, first)
        size = max(len(octets), sum(one.size for one in article.files))
        if size <= largest:
            received = article.created_at or ticket.created_at
            self._messages.append(RawMessage(sighting=sighting, octets=octets, received_at=received))
            return
        reason = f"{size} octets; more than largest_message = {largest} allows"
        rest = compose(name, ticket, article, first, files=False)[:largest]
        self._refused.append(SetAsideMessage(sighting=sighting, reason=reason, octets=rest))


def is_mail_of_customer(article: Article) -> bool:
    """Tell whether an article is what a customer wrote, by whatever way it came in, and not a note about it."""
    return article.sender_type == "customer" and article.visible


def _epoch(server: OtrsServer) -> int:
    """Return a number that changes with what decides which tickets are read."""
    told = json.dumps([server.url, sorted(server.states)])
    return int(hashlib.sha256(told.encode()).hexdigest()[:12], 16)


def _overlap(since: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far before `since` to look: longer where the server's clock was put back, as it tells no zone."""
    nearby = timedelta(hours=3)
    before, after = (
        (since - nearby).astimezone(zone).utcoffset(),
        (since + nearby).astimezone(zone).utcoffset(),
    )
    return _OVERLAP + max(timedelta(), (before or timedelta()) - (after or timedelta()))
