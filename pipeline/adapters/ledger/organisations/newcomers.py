"""Inquiries that wait to be registered, with what the ledger knows of who writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import read_entries
from pipeline.adapters.ledger.schema import (
    contents,
    inquiries,
    inquiry_messages,
    organisation_inquiries,
)
from pipeline.records.organisations import Newcomer
from pipeline.records.work import Entry, State

# Filed ones are no inquiries; merged ones live on in others.
UNCOUNTED = (State.FILED.value, State.MERGED.value)


def read_unregistered(connection: Connection, after: int, limit: int) -> tuple[Newcomer, ...]:
    """Return up to `limit` inquiries behind the number `after` that nobody has registered yet, in order."""
    registered = select(organisation_inquiries.c.inquiry_id).where(
        organisation_inquiries.c.inquiry_id == inquiries.c.id
    )
    return _newcomers(
        connection,
        inquiries.c.id > after,
        inquiries.c.state.not_in(UNCOUNTED),
        ~registered.exists(),
        limit=limit,
    )


def read_registered(connection: Connection, family: Sequence[int]) -> tuple[Newcomer, ...]:
    """Return the inquiries of the organisations numbered `family`."""
    mine = select(organisation_inquiries.c.inquiry_id).where(
        organisation_inquiries.c.organisation_id.in_(family)
    )
    return _newcomers(connection, inquiries.c.id.in_(mine))


def read_named(connection: Connection, keys: Iterable[str]) -> tuple[Newcomer, ...]:
    """Return the inquiries called `keys`."""
    return _newcomers(connection, inquiries.c.key.in_(list(keys)))


def _newcomers(
    connection: Connection, *where: ColumnElement[bool], limit: int | None = None
) -> tuple[Newcomer, ...]:
    query = select(inquiries.c.id, inquiries.c.key).where(*where).order_by(inquiries.c.id).limit(limit)
    keys = {row.key: row.id for row in connection.execute(query)}
    numbers = list(keys.values())
    entries = {
        entry.key: entry
        for some in chunks(numbers)
        for entry in read_entries(connection, inquiries.c.id.in_(some))
    }
    writers = _writers(connection, numbers)
    return tuple(
        _newcomer(entries[key], number, writers.get(number, []))
        for key, number in keys.items()
        if key in entries
    )


def _writers(connection: Connection, numbers: list[int]) -> dict[int, list[Any]]:
    """Return number of an inquiry to what is known of who wrote its messages, in order."""
    found: dict[int, list[Any]] = {}
    for some in chunks(numbers):
        query = (
            select(
                inquiry_messages.c.inquiry_id,
                contents.c.author_address,
                contents.c.organisation,
                contents.c.organisation_domain,
            )
            .join(contents, contents.c.message_id == inquiry_messages.c.message_id)
            .where(inquiry_messages.c.inquiry_id.in_(some))
            .order_by(contents.c.written_at, contents.c.message_id)
        )
        for row in connection.execute(query):
            found.setdefault(row.inquiry_id, []).append(row)
    return found


def _newcomer(entry: Entry, number: int, writers: list[Any]) -> Newcomer:
    """Return what the messages of the first author tell; who answers on a list may be of another organisation."""
    address = entry.author.address.lower()
    mine = [one for one in writers if one.author_address.lower() == address]
    tags, abstained = entry.decision.tags, frozenset(entry.decision.abstained)
    return Newcomer(
        inquiry=entry.key,
        number=number,
        organisation=next((one.organisation for one in mine if one.organisation), ""),
        domain=next((one.organisation_domain for one in mine if one.organisation_domain), ""),
        address=address,
        kind=None if "partner_type" in abstained else tags.partner_type,
        country=None if "country" in abstained else tags.country,
        region=None if "region" in abstained else tags.region,
        opened_at=entry.received_at,
    )
