"""Store messages and their sightings many at a time: each set of octets once, each place once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.archived import open_archived
from pipeline.adapters.ledger.schema import events, messages, set_aside, sightings
from pipeline.records.messages import EnclosedSighting, FileSighting, ImapSighting, RawMessage, Sighting
from pipeline.records.sources import SetAsideMessage

_REASON_LENGTH = 500
# Digits of the content's hash that tell one mail from another at the same place of a file that was written anew.
_EPOCH_DIGITS = 15

Key = tuple[str, str, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message as it will be stored; made before the database is locked.

    Parameters
    ----------
    sha256, packed, size, received_at
        Its identity, octets and time.
    key
        Its sighting: kind, source, place, epoch, number.
    """

    sha256: str
    packed: bytes = field(repr=False)
    size: int
    received_at: datetime | None
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch.

    Parameters
    ----------
    new, known
        How many are first sightings of a message, and how many are not; reading them once more counts them the same.
    earlier
        How many had been seen at the same place before.
    again
        How many of the `new` had.
    """

    new: int
    known: int
    earlier: int
    again: int


def prepare(batch: Iterable[RawMessage]) -> list[Prepared]:
    """Compress and hash what is to be stored."""
    prepared = []
    for message in batch:
        sha256 = message.sha256
        prepared.append(
            Prepared(
                sha256=sha256,
                packed=zlib.compress(message.octets, 6),
                size=len(message.octets),
                received_at=message.received_at,
                key=_key(message.sighting, sha256),
            )
        )
    return prepared


def store(connection: Connection, batch: Sequence[Prepared], *, archived: bool, now: datetime) -> Stored:
    """Store messages, and where they were seen.

    Parameters
    ----------
    archived
        They come from an archive that nobody is to answer. What comes otherwise as well is live.
    """
    before = _known(connection, [one.sha256 for one in batch])
    new = {one.sha256: one for one in reversed(batch) if one.sha256 not in before}
    numbers = {sha256: number for sha256, (number, _) in before.items()}
    numbers |= _insert(connection, list(reversed(new.values())), archived=archived, now=now)
    seen = _seen(connection, [one.key for one in batch])
    rows = {one.key: numbers[one.sha256] for one in batch if one.key not in seen}
    _sight(connection, rows, now)
    forget_set_aside(connection, [place(one.key) for one in batch])
    if not archived:
        for some in chunks(number for number, is_archived in before.values() if is_archived):
            open_archived(connection, some, now)
    repeated = [one for one in batch if one.key in seen]
    first = _first_sightings(connection, {numbers[one.sha256] for one in repeated})
    again = sum(first.get(numbers[one.sha256]) == seen[one.key] for one in repeated)
    count = len(new) + again
    return Stored(new=count, known=len(batch) - count, earlier=len(repeated), again=again)


def put_aside(connection: Connection, refused: SetAsideMessage, now: datetime) -> bool:
    """Keep what a source could not hand over whole; return whether it had been before."""
    values = {
        "place": place(_key(refused.sighting, "")),
        "octets": zlib.compress(refused.octets) if refused.octets else None,
        "step": "fetch",
        "reason": refused.reason[:_REASON_LENGTH],
        "trace": "",
    }
    return write_set_aside(connection, values, now) > 1


def write_set_aside(connection: Connection, values: dict[str, Any], now: datetime) -> int:
    """Write one row for each place, and return how often it came to this, also before it was tried again."""
    here = set_aside.c.place == values["place"]
    before = connection.execute(select(set_aside.c.attempts).where(here)).scalar() or 0
    if values.get("message_id") is not None:
        again = (events.c.message_id == values["message_id"], events.c.name == "retried")
        before += connection.execute(select(func.count()).select_from(events).where(*again)).scalar_one()
    connection.execute(delete(set_aside).where(here))
    connection.execute(insert(set_aside).values(**values, attempts=before + 1, at=now))
    return before + 1


def forget_set_aside(connection: Connection, places: Iterable[str]) -> None:
    """Take from the list what has come whole after all."""
    for some in chunks(places):
        connection.execute(
            delete(set_aside).where(set_aside.c.place.in_(some), set_aside.c.message_id.is_(None))
        )


def place(key: Key) -> str:
    """Return a sighting in words; of a file, the octet at which the message starts."""
    kind, source, where, epoch, number = key
    return f"{source} {where} {0 if kind == 'file' else epoch}/{number}"


def _key(sighting: Sighting, sha256: str) -> Key:
    if isinstance(sighting, ImapSighting):
        return ("imap", sighting.account, sighting.mailbox, sighting.uidvalidity, sighting.uid)
    if isinstance(sighting, FileSighting):
        epoch = int(sha256[:_EPOCH_DIGITS], 16) if sha256 else 0
        return ("file", "file", sighting.path, epoch, sighting.offset)
    if isinstance(sighting, EnclosedSighting):
        return ("digest", "digest", sighting.digest, 0, sighting.number)
    return ("otrs", sighting.server, "", sighting.ticket, sighting.article)


def _known(connection: Connection, hashes: Sequence[str]) -> dict[str, tuple[int, bool]]:
    found: dict[str, tuple[int, bool]] = {}
    for some in chunks(hashes):
        query = select(messages.c.sha256, messages.c.id, messages.c.archived).where(
            messages.c.sha256.in_(some)
        )
        found |= {row.sha256: (row.id, row.archived) for row in connection.execute(query)}
    return found


def _insert(
    connection: Connection, new: Sequence[Prepared], *, archived: bool, now: datetime
) -> dict[str, int]:
    """Store octets that were never seen; return hash to number."""
    if not new:
        return {}
    rows = [
        {
            "sha256": one.sha256,
            "octets": one.packed,
            "size": one.size,
            "received_at": one.received_at,
            "stored_at": now,
            "state": "new",
            "archived": archived,
        }
        for one in new
    ]
    connection.execute(insert(messages), rows)
    numbers = {sha256: found[0] for sha256, found in _known(connection, [o.sha256 for o in new]).items()}
    connection.execute(
        insert(events),
        [{"at": now, "name": "stored", "message_id": numbers[one.sha256], "detail": ""} for one in new],
    )
    return numbers


def _seen(connection: Connection, keys: Sequence[Key]) -> dict[Key, int]:
    """Return the sightings that are in the ledger already, with their numbers."""
    columns = sightings.c
    found: dict[Key, int] = {}
    for some in chunks(keys):
        for where, group in groupby(sorted(some), key=lambda key: key[:3]):
            here = (columns.kind == where[0], columns.source == where[1], columns.place == where[2])
            query = select(columns.id, columns.epoch, columns.number).where(
                *here, tuple_(columns.epoch, columns.number).in_([key[3:] for key in group])
            )
            found |= {(*where, row.epoch, row.number): row.id for row in connection.execute(query)}
    return found


def _sight(connection: Connection, rows: dict[Key, int], now: datetime) -> None:
    if rows:
        names = ("kind", "source", "place", "epoch", "number")
        values = [
            {"message_id": number, "seen_at": now, **dict(zip(names, key, strict=True))}
            for key, number in rows.items()
        ]
        connection.execute(insert(sightings), values)


def _first_sightings(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return message to its first sighting, by which it counts as new however often it is read again."""
    found: dict[int, int] = {}
    for some in chunks(numbers):
        query = (
            select(sightings.c.message_id, func.min(sightings.c.id))
            .where(sightings.c.message_id.in_(some))
            .group_by(sightings.c.message_id)
        )
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found
