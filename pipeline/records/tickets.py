"""Tickets of a help desk of the OTRS family, as its Generic Interface tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile:
    """A file at an article.

    Parameters
    ----------
    name
        As the help desk calls it.
    content_type
        With its parameters.
    disposition
        ``attachment``, ``inline`` or empty.
    content_id
        For what the HTML shows in its text; empty for others.
    alternative
        It is the article's text once more, as HTML.
    size
        Octets, as declared.
    content
        Those octets; empty if they were not asked for.
    """

    name: str
    content_type: str
    disposition: str = ""
    content_id: str = ""
    alternative: bool = False
    size: int = 0
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One entry of a ticket: a mail, a note, a call.

    Parameters
    ----------
    id
        Its number on that server.
    sender_type
        ``customer``, ``agent`` or ``system``.
    visible
        The customer may read it.
    from_, to, cc, reply_to, subject, in_reply_to, references
        Header fields as text, decoded and unchecked.
    message_id
        As in the mail, with angle brackets; empty for what was no mail.
    mime_type, body
        Type of the text in lower case, and the text.
    created_at
        When it came (aware, UTC).
    files
        What is attached, in the server's order.
    """

    id: int
    sender_type: str
    visible: bool
    from_: str
    to: str
    cc: str
    reply_to: str
    subject: str
    message_id: str
    in_reply_to: str
    references: str
    mime_type: str
    body: str = field(repr=False)
    created_at: datetime | None
    files: tuple[TicketFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket.

    Parameters
    ----------
    id, number
        What the server and what people call it.
    title, queue, state, owner
        As people read them.
    priority_id
        Number of its priority.
    locked
        An agent works on it.
    created_at, changed_at
        Aware, UTC; the server tells them in its own time zone.
    dynamic_fields
        Name and values of each; no values where it is empty.
    articles
        Oldest first; none where they were not asked for.
    """

    id: int
    number: str
    title: str
    queue: str
    state: str
    priority_id: int
    owner: str
    locked: bool
    created_at: datetime
    changed_at: datetime
    dynamic_fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    articles: tuple[Article, ...] = ()

    def dynamic_field(self, name: str) -> tuple[str, ...] | None:
        """Return the values of a dynamic field, or None where the ticket has no such field."""
        return next((values for known, values in self.dynamic_fields if known == name), None)
