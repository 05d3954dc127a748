"""Settings of help desks of the OTRS family (OTRS 6, Znuny, OTOBO): one ``[[otrs]]`` table for each."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from pipeline.declarative import Declared
from pipeline.logins import Login
from pipeline.settings.fields import TimeZone, is_this_machine


def _url(url: str) -> str:
    """Check the address up to ``nph-genericinterface.pl``; without TLS on this very machine alone."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host:
        raise ValueError(
            f"not a web address: {url!r}; write one such as 'https://help.example.org/otrs/nph-genericinterface.pl'"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("holds more than an address; leave out user, password, ? and #")
    if parts.scheme == "http" and not is_this_machine(host):
        raise ValueError("http would show the password to the network; write https")
    return url.rstrip("/")


QueueName = Annotated[str, Field(min_length=1, max_length=200)]
StateName = Annotated[str, Field(min_length=1, max_length=200)]
LoginName = Annotated[str, Field(min_length=1, max_length=200)]
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,200}$", description="letters and digits")]
ServerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
PriorityText = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]?|100)$", description="0 to 100")]


class OtrsFields(Declared):
    """Which dynamic field takes what; nothing is written where no name is given.

    Parameters
    ----------
    type, kind, country, region, alignment, priority
        Name of the dynamic field for this tag.
    liaison
        Name of the dynamic field for the id of who has the inquiry.
    model_version
        Name of the dynamic field for the model that decided.
    """

    type: FieldName | None = None
    kind: FieldName | None = None
    country: FieldName | None = None
    region: FieldName | None = None
    alignment: FieldName | None = None
    priority: FieldName | None = None
    liaison: FieldName | None = None
    model_version: FieldName | None = None


class OtrsWrite(Declared):
    """What the help desk is told once a mail is decided; nothing where nothing is said.

    Parameters
    ----------
    fields
        Dynamic fields.
    note
        Whether to add an internal note with tags, reasons and criteria grid.
    queue
        Disposition (assign, review, file) to the queue that a ticket is moved to.
    queue_by_liaison
        Id of a liaison to the queue; it goes before `queue`.
    owner_by_liaison
        Id of a liaison to the login of the agent who is to own the ticket.
    lock
        Whether a ticket that gets an owner is locked.
    priority_ids
        From which priority of ours on (``"0"`` to ``"100"``) a ticket gets which number of the help desk's.
    """

    fields: OtrsFields = OtrsFields()
    note: bool = False
    queue: dict[Literal["assign", "review", "file"], QueueName] = Field(default_factory=dict)
    queue_by_liaison: dict[str, QueueName] = Field(default_factory=dict)
    owner_by_liaison: dict[str, LoginName] = Field(default_factory=dict)
    lock: bool = False
    priority_ids: dict[PriorityText, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether the help desk is to be told anything."""
        return self != OtrsWrite()


class OtrsServer(Login):
    """One help desk of the OTRS family, read over its Generic Interface.

    Parameters
    ----------
    name
        What the ledger calls it.
    url
        Up to ``nph-genericinterface.pl``; https, or http on this very machine.
    web_service
        Name of the REST web service there.
    queues, states
        Which tickets are read.
    triaged_field
        Dynamic field of ours that is set on tickets that were triaged; empty for none.
    ticket_hook
        What the help desk writes before the number of a ticket (its setting Ticket::Hook).
    timezone
        OTRSTimeZone of the help desk: its times tell none.
    page
        Tickets asked for at once.
    per_minute
        Most requests a minute, so that agents do not feel it.
    largest_message
        Octets; larger articles are set aside with their header.
    write
        What is told to the help desk.
    """

    name: ServerName
    url: Annotated[str, AfterValidator(_url)]
    web_service: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")] = "GenericTicketConnectorREST"
    queues: Annotated[tuple[QueueName, ...], Field(min_length=1)]
    states: Annotated[tuple[StateName, ...], Field(min_length=1)] = ("new", "open")
    triaged_field: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,200}$")] = "TriageState"
    ticket_hook: Annotated[str, Field(min_length=1, max_length=40)] = "Ticket#"
    timezone: TimeZone = "UTC"
    page: Annotated[int, Field(ge=1, le=5000)] = 500
    per_minute: Annotated[int, Field(ge=1, le=60_000)] = 600
    largest_message: Annotated[int, Field(ge=1024)] = 50 * 1024 * 1024
    write: OtrsWrite = OtrsWrite()

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The dynamic fields that the program writes."""
        named = [name for _, name in self.write.fields if name]
        return tuple(dict.fromkeys((*named, *filter(None, (self.triaged_field,)))))

    @model_validator(mode="after")
    def _has_login(self) -> Self:
        if not self.username:
            raise ValueError("username is missing; name the agent that the program logs in as")
        return self
