"""What a help desk of the OTRS family lacks for the program: its web service, its dynamic fields, the agent's rights.

Nothing is written but one update without content for each queue, which changes nothing and needs the right to write.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pipeline.adapters.otrs.client import Denied, OperationError, OtrsClient
from pipeline.adapters.otrs.setup import fields_of
from pipeline.errors import ServerError, UsageError
from pipeline.records.tickets import Ticket
from pipeline.settings.otrs import OtrsServer

_QUARTER = timedelta(minutes=15)
_PRINT = "import it: triage otrs print"


class Level(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    HINT = "hint"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    server
        What the settings call the help desk.
    level
        Whether something has to be done, is advised, or is right.
    about
        What was looked at: ``login``, ``web service``, ``search``, ``queue``, ``state``, ``dynamic field``, ``right``,
        ``time zone``.
    message
        What is so, and what to do about it.
    """

    server: str
    level: Level
    about: str
    message: str


def findings(server: OtrsServer, client: OtrsClient | None = None) -> tuple[Finding, ...]:
    """Look at everything that the settings of a help desk ask of it; tell all at once."""
    looking = _Look(server, client or OtrsClient(server))
    try:
        return tuple(looking.everything())
    finally:
        looking.client.close()


class _Look:
    def __init__(self, server: OtrsServer, client: OtrsClient) -> None:
        self.server = server
        self.client = client
        # A ticket of each queue that has one.
        self.samples: dict[str, Ticket] = {}

    def everything(self) -> Iterator[Finding]:
        """Yield findings; without a login there is nothing more to see."""
        try:
            self.client.session()
            yield self._found(Level.FINE, "login", f"{self.server.username} is let in")
            yield from self._search()
            yield from self._queues()
            yield from self._states()
            yield from self._service()
            yield from self._fields()
            yield from self._rights()
            yield from self._zone()
        except (ServerError, UsageError) as error:
            login = isinstance(error, OperationError | UsageError) and not self.client.has_session
            about = "login" if login else "web service"
            yield self._found(Level.FAULT, about, str(error).removeprefix(f"otrs.{self.server.name}: "))

    def _search(self) -> Iterator[Finding]:
        """Search for what there cannot be: who finds something ignores the condition."""
        nowhere = f"no-such-{secrets.token_hex(4)}"
        for name in ("Queues", "States"):
            found = self.client.search({name: [nowhere], "Limit": 1})
            if found:
                yield self._found(
                    Level.FAULT,
                    "search",
                    f"the server ignores {name}; tickets of others are left out, but it finds all of them each time: "
                    "check that TicketSearch is mapped without changes",
                )
        if self.client.search({"TicketChangeTimeNewerDate": "2100-01-01 00:00:00", "Limit": 1}):
            yield self._found(Level.FAULT, "search", "the server does not search by changed time")

    def _queues(self) -> Iterator[Finding]:
        for queue in (*self.server.queues, *self._targets()):
            found = self.client.search(
                {"Queues": [queue], "SortBy": "Changed", "OrderBy": "Down", "Limit": 1}
            )
            heads = [one for one in self.client.headers(found) if one.queue.casefold() == queue.casefold()]
            if heads:
                self.samples[queue] = heads[0]
                yield self._found(Level.FINE, "queue", f"{queue}: the agent reads it")
                continue
            yield self._found(
                Level.HINT,
                "queue",
                f"{queue}: no ticket to be seen: it is empty, is called otherwise, or the agent lacks the right "
                "ro in its group; which of them, the server does not tell",
            )

    def _targets(self) -> tuple[str, ...]:
        """Return the queues that tickets are moved to and that are not read anyway."""
        write = self.server.write
        named = (*write.queue.values(), *write.queue_by_liaison.values())
        return tuple(dict.fromkeys(queue for queue in named if queue not in self.server.queues))

    def _states(self) -> Iterator[Finding]:
        for state in self.server.states:
            if not self.client.search({"States": [state], "Limit": 1}):
                yield self._found(
                    Level.HINT,
                    "state",
                    f"{state}: no ticket is in it; check that it is called so, in English",
                )

    def _service(self) -> Iterator[Finding]:
        name = self.server.web_service
        lacking = [
            *([] if self.client.searches_by_post() else ["POST /TicketSearch"]),
            *([] if self.client.gets_by_post() or not self.samples else ["POST /Ticket/:TicketID"]),
        ]
        if not lacking:
            yield self._found(Level.FINE, "web service", f"{name} has all routes")
            return
        yield self._found(
            Level.HINT,
            "web service",
            f"{name} lacks {' and '.join(lacking)}: sessions show up in the web server's log, and dynamic fields are "
            f"compared here instead of there; {_PRINT} web-service",
        )

    def _fields(self) -> Iterator[Finding]:
        wanted = [name for name, _ in fields_of(self.server)]
        if not wanted:
            return
        if not self.samples:
            yield self._found(
                Level.HINT, "dynamic field", "no ticket to be seen that could tell which there are"
            )
            return
        ticket = next(iter(self.samples.values()))
        lacking = [name for name in wanted if ticket.dynamic_field(name) is None]
        for name in lacking:
            yield self._found(
                Level.FAULT, "dynamic field", f"{name} is missing, or not valid; {_PRINT} dynamic-fields"
            )
        if not lacking:
            yield self._found(Level.FINE, "dynamic field", f"there: {', '.join(wanted)}")

    def _rights(self) -> Iterator[Finding]:
        """Try to update: an update without content changes nothing, and needs the right all the same."""
        if not self.server.write.wanted:
            return
        for queue, ticket in self.samples.items():
            try:
                self.client.update(ticket.id, {})
            except Denied:
                yield self._found(
                    Level.FAULT,
                    "right",
                    f"{queue}: the agent may not write; give it rw, or note, move_into, owner and priority "
                    "as the settings need, in the group of the queue",
                )
            else:
                yield self._found(Level.FINE, "right", f"{queue}: the agent may write")

    def _zone(self) -> Iterator[Finding]:
        """Compare when a ticket began, which has no zone, with when its first article came, which has one."""
        for sample in self.samples.values():
            ticket = self.client.ticket(sample.id, contents=False)
            came = ticket.articles[0].created_at if ticket.articles else None
            if came is None:
                continue
            off = came - ticket.created_at
            quarters = round(off / _QUARTER)
            if abs(off - quarters * _QUARTER) > timedelta(minutes=2) or abs(quarters) > 14 * 4:
                continue  # moved here from somewhere else
            if quarters:
                yield self._found(
                    Level.FAULT,
                    "time zone",
                    f"the server's clock is {_hours(-quarters)} {self.server.timezone}; set timezone to its "
                    "OTRSTimeZone (OTOBOTimeZone), which is not the agent's",
                )
            else:
                yield self._found(Level.FINE, "time zone", f"{self.server.timezone} fits")
            return

    def _found(self, level: Level, about: str, message: str) -> Finding:
        return Finding(server=self.server.name, level=level, about=about, message=message)


def _hours(quarters: int) -> str:
    return f"{abs(quarters) / 4:g} h {'ahead of' if quarters > 0 else 'behind'}"
