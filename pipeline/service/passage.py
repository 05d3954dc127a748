"""Mail that passed through a help desk: its ticket, by a field that may be believed or by the subject, and where to see it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import ParsedMessage
from pipeline.records.work import StoredMessage
from pipeline.service.tickets import ticket_of
from pipeline.settings import Threads
from pipeline.settings.otrs import OtrsServer

# What programs of the family write before a number unless an administrator chose another word.
_HOOK = "Ticket#"
_FIELD = re.compile(r"x-(?:otrs|otobo|znuny)-ticket-?number", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Through which ticket a mail came.

    Parameters
    ----------
    ticket
        As `tickets.ticket_of` names it; None where only the subject can tell.
    number
        What people call it; empty if it is none of a help desk of ours.
    url
        Where agents see it; empty if unknown.
    """

    ticket: str | None = None
    number: str = ""
    url: str = ""


def passage(
    inquiry: Inquiry, stored: StoredMessage, threads: Threads, servers: Iterable[OtrsServer]
) -> Passage:
    """Return through which ticket a mail came.

    A field of the header is believed in what was read from a help desk, and in mail of trusted senders: anybody can
    write one. A subject tells the ticket too, as an answer needs it; it is shown where its hook is one of ours.
    """
    known = tuple(servers)
    home = next((one for one in known if one.name == stored.desk), None) if stored.desk else None
    believed = bool(stored.desk) or is_trusted(inquiry.message, threads)
    number = _number_in(inquiry.message) if believed else ""
    if number:
        hook = home.ticket_hook if home else hooks(threads, known)[0]
        ticket = ticket_of(f"[{hook.rstrip('# :')}#{number}]", (hook,))
        return Passage(ticket=ticket, number=number, url=_url(home, stored, number, known))
    ours = {_word(hook) for hook in hooks(threads, known)}
    told = ticket_of(inquiry.message.subject, hooks(threads, known)) or ""
    word, _, number = told.partition("#")
    if word not in ours:
        return Passage(url=_url(home, stored, "", known))
    return Passage(number=number, url=_url(home, stored, number, known))


def hooks(threads: Threads, servers: Iterable[OtrsServer]) -> tuple[str, ...]:
    """Return what our help desks write before the number of a ticket."""
    return tuple(dict.fromkeys((*(one.ticket_hook for one in servers), *threads.ticket_hooks, _HOOK)))


def is_trusted(message: ParsedMessage, threads: Threads) -> bool:
    """Tell whether the header of a mail may be believed: it is from an address, or a domain, that the settings name."""
    trusted = {one.casefold() for one in threads.trusted_senders}
    sender = (message.sender or message.from_).address.casefold()
    return bool(sender) and (sender in trusted or f"@{sender.rpartition('@')[2]}" in trusted)


def origin(inquiry: Inquiry, stored: StoredMessage, through: Passage) -> str:
    """Return where a mail came from, for people."""
    place = f"list {inquiry.list_id}" if inquiry.list_id else stored.place
    return f"ticket {through.number} ({place})" if through.number else place


def _number_in(message: ParsedMessage) -> str:
    told = (value.strip() for name, value in message.header_fields if _FIELD.fullmatch(name))
    return next((value for value in told if _NUMBER.fullmatch(value)), "")


def _word(hook: str) -> str:
    return (ticket_of(f"[{hook.rstrip('# :')}#1]", (hook,)) or "").partition("#")[0]


def _url(home: OtrsServer | None, stored: StoredMessage, number: str, servers: tuple[OtrsServer, ...]) -> str:
    """Return the agents' page: by the ticket that was read, else by its number where only one help desk can have it."""
    if home is not None and stored.ticket:
        return f"{_pages(home)}?Action=AgentTicketZoom;TicketID={stored.ticket}"
    if len(servers) == 1 and _NUMBER.fullmatch(number):
        return f"{_pages(servers[0])}?Action=AgentTicketZoom;TicketNumber={number}"
    return ""


def _pages(server: OtrsServer) -> str:
    return server.url.rpartition("/")[0] + "/index.pl"
