"""Tell a help desk of the OTRS family of decisions: one update a ticket, and notes that no customer ever gets.

A queue move alone takes owner and lock off a ticket, so that queue, owner and lock are always said together. A note
without ``IsVisibleForCustomer`` is visible, and where a queue answers by itself it is mailed: to the customer if it is
visible, else to its own From. So notes say that they are internal, and have no From.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from pipeline.adapters.otrs.client import OtrsClient
from pipeline.adapters.otrs.http import Pause
from pipeline.records.tickets import Article, Ticket
from pipeline.records.writebacks import Note, TicketChange, TicketSeen, TicketState
from pipeline.settings.otrs import OtrsServer

# Tickets that one search names; where more changed, all that are known are looked at.
_FOUND = 10_000
_REF = re.compile(r"^Triage reference: ([0-9A-Z]{1,12}-[0-9]{1,12})\s*\Z", re.MULTILINE)
_TAIL = 200


class OtrsDesk:
    """A help desk that is told of decisions; for use in one thread at a time.

    Parameters
    ----------
    server
        Its settings.
    pause
        Called with seconds to wait between requests; a true answer means stop.
    """

    def __init__(self, server: OtrsServer, pause: Pause = time.sleep) -> None:
        self._server = server
        self._client = OtrsClient(server, pause)

    @property
    def server(self) -> OtrsServer:
        """The settings."""
        return self._server

    def look(self, ticket: int) -> TicketSeen:
        """Return how a ticket looks now.

        Raises
        ------
        Refused
            If it is gone, or not for this agent.
        Unreachable
            If the server does not answer.
        """
        return seen(self._client.ticket(ticket, contents=False), self._server)

    def changed(self, minutes: int) -> frozenset[int] | None:
        """Return the tickets that changed in the last `minutes`, of all queues; None if there are too many to tell."""
        wanted = {
            "TicketChangeTimeNewerMinutes": minutes,
            "SortBy": "Changed",
            "OrderBy": "Down",
            "Limit": _FOUND,
        }
        found = self._client.search(wanted)
        return None if len(found) >= _FOUND else frozenset(found)

    def write(self, ticket: int, change: TicketChange) -> None:
        """Change a ticket, in one update.

        Raises
        ------
        Refused
            If the server does not know a queue, an owner, a field or a value, or the agent may not; nothing is written.
        Unreachable
            If it is not known whether it was done.
        """
        self._client.update(ticket, payload(change))

    def interrupt(self) -> None:
        """End what another thread waits for here."""
        self._client.interrupt()

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def payload(change: TicketChange) -> dict[str, Any]:
    """Return a change as the parameters of TicketUpdate."""
    told: dict[str, Any] = {}
    ticket = _ticket(change)
    if ticket:
        told["Ticket"] = ticket
    if change.fields:
        told["DynamicField"] = [{"Name": name, "Value": value} for name, value in change.fields.items()]
    if change.note:
        told["Article"] = _article(change.note)
    return told


def seen(ticket: Ticket, server: OtrsServer) -> TicketSeen:
    """Return what write-backs have to know of a ticket."""
    state = state_of(ticket, server)
    own = server.triaged_field
    return TicketSeen(
        server=server.name,
        ticket=ticket.id,
        number=ticket.number,
        state=state,
        taken=frozenset(f"field:{name}" for name, value in state.fields.items() if value and name != own),
    )


def state_of(ticket: Ticket, server: OtrsServer) -> TicketState:
    """Return how a ticket looks; of its dynamic fields only those that the program writes."""
    refs = {one.id: _ref(one) for one in ticket.articles}
    return TicketState(
        queue=ticket.queue,
        owner=ticket.owner,
        state=ticket.state,
        locked=ticket.locked,
        priority=ticket.priority_id,
        answers=sum(one.sender_type == "agent" and not refs[one.id] for one in ticket.articles),
        fields={name: "\n".join(ticket.dynamic_field(name) or ()) for name in server.own_fields},
        refs=frozenset(filter(None, refs.values())),
    )


def _ticket(change: TicketChange) -> Mapping[str, Any]:
    told: dict[str, Any] = {}
    if change.move:
        told = {
            "Queue": change.move.queue,
            "Owner": change.move.owner,
            "Lock": "lock" if change.move.locked else "unlock",
        }
    if change.priority is not None:
        told["PriorityID"] = change.priority
    return told


def _article(note: Note) -> Mapping[str, Any]:
    return {
        "CommunicationChannel": "Internal",
        "SenderType": "agent",
        "IsVisibleForCustomer": 0,
        "NoAgentNotify": 1,
        "Subject": note.subject,
        "Body": f"{note.body.rstrip()}\n\nTriage reference: {note.ref}\n",
        "ContentType": "text/plain; charset=utf-8",
        "HistoryType": "AddNote",
        "HistoryComment": "Partnership triage",
        "TimeUnit": 0,
    }


def _ref(article: Article) -> str:
    """Return by what a note of this program is known, or nothing for any other article."""
    if article.sender_type != "agent" or article.visible:
        return ""
    found = _REF.search(article.body[-_TAIL:].rstrip())
    return found[1] if found else ""
