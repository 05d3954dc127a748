"""Which columns of the ledger can hold personal data, and what of it is text to be searched: the source of docs/privacy.md.

Every table and every column is named here; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from sqlalchemy import Column, Table

from pipeline.adapters.ledger.schema import metadata


class Held(Enum):
    """How personal data lies in a column.

    ``PACKED``: octets of a mail, compressed. ``MAIL``: octets of a mail. ``TEXT``: words. ``LIST``: JSON with words
    in it. ``HASH``: nothing to read, but it tells an address from others.
    """

    PACKED = "packed"
    MAIL = "mail"
    TEXT = "text"
    LIST = "list"
    HASH = "hash"


# Table to its columns that can hold personal data; the others hold numbers, times, tags, ids and versions.
HELD: Mapping[str, Mapping[str, Held]] = {
    "messages": {"octets": Held.PACKED, "sha256": Held.HASH},
    "sightings": {"place": Held.TEXT},
    "contents": {
        **dict.fromkeys(
            (
                "header_id", "author_name", "author_address", "forwarder_name", "forwarder_address",
                "organisation", "organisation_domain", "subject", "text", "summary", "list_id", "origin",
                "archive_url", "thread_subject", "ticket", "sender_address",
            ),
            Held.TEXT,
        ),
        "recipients": Held.LIST,
        "attachments": Held.LIST,
    },
    "message_references": {"header_id": Held.TEXT},
    "inquiries": {"outcome_detail": Held.TEXT, "background": Held.TEXT},
    "inquiry_messages": {},
    "inquiry_links": {},
    "decisions": {"evidence": Held.LIST},
    "assignments": {"reason": Held.TEXT},
    "corrections": {"author": Held.TEXT},
    "outbox": {"recipient": Held.TEXT, "octets": Held.MAIL, "error": Held.TEXT},
    "tickets": {"base": Held.LIST},
    "writebacks": {"payload": Held.LIST, "error": Held.TEXT},
    "cursors": {},
    "leases": {},
    "imports": {"path": Held.TEXT},
    "set_aside": {"octets": Held.PACKED, "place": Held.TEXT, "reason": Held.TEXT, "trace": Held.TEXT},
    "events": {"detail": Held.TEXT},
    "organisations": {"name": Held.TEXT},
    "organisation_marks": {"value": Held.TEXT},
    "organisation_inquiries": {"approved_by": Held.TEXT, "approved_row": Held.LIST},
    "inquiry_states": {"by": Held.TEXT},
    "notes": {"author": Held.TEXT, "text": Held.TEXT},
    "answers": {"fingerprint": Held.HASH},
    "duties": {"by": Held.TEXT},
    "returns": {},
    "publications": {},
    "jobs": {"error": Held.TEXT},
    "forgotten": {"digest": Held.HASH},
    "retags": {},
    "proposals": {"evidence": Held.LIST},
}  # fmt: skip


def tables() -> Iterable[Table]:
    """Return the tables that can hold personal data in a readable way, each before those that refer to it."""
    return (one for one in metadata.sorted_tables if one.name in HELD and personal(one))


def personal(table: Table) -> list[tuple[Column[object], Held]]:
    """Return the columns of a table in which somebody can be found by reading."""
    held = HELD.get(table.name, {})
    return [(table.c[name], how) for name, how in held.items() if how is not Held.HASH]


def unknown() -> list[str]:
    """Return the tables that are not named here, and the columns named here that do not exist."""
    missing = [name for name in metadata.tables if name not in HELD]
    wrong = [
        f"{table}.{column}"
        for table, columns in HELD.items()
        for column in columns
        if table in metadata.tables and column not in metadata.tables[table].c
    ]
    return [*missing, *wrong]
