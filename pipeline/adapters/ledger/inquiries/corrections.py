"""What people say about tags: kept beside the predictions, with author and time, until somebody asks to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import correction_from, read_entries, speaking_decision
from pipeline.adapters.ledger.inquiries.joining import number_of, wake
from pipeline.adapters.ledger.inquiries.past import decided_on
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import contents, corrections, decisions, inquiries
from pipeline.records.labels import Labelled, Observed
from pipeline.records.work import Correction, Entry, State

_TAG_LENGTH = 128
_TEXT_LENGTH = 4000
# A kind by which nobody has to act.
_FILED = ("kind=spam", "kind=automated")
_KIND = "kind=%"


class CorrectionTable(Part):
    """Keeps corrections and confirmations."""

    def add(self, key: str, tags: Iterable[str], author: str, now: datetime) -> bool:
        """Keep what `author` says of an inquiry at this moment; return False if there is no such inquiry.

        What was filed is opened again where the kind that it is said to be asks for somebody.

        Parameters
        ----------
        key
            Its KEY, or that of one that was merged into it.
        tags
            Each as ``field=value``; of a list one for each value, ``field=`` for an empty one.
        """
        with writing(self._engine) as connection:
            number = number_of(connection, key)
            if number is None:
                return False
            said = list(dict.fromkeys(tag[:_TAG_LENGTH] for tag in tags))
            for tag in said:
                connection.execute(
                    insert(corrections).values(inquiry_id=number, tag=tag, author=author, at=now)
                )
                note(connection, now, "corrected", tag.partition("=")[0], inquiry=number)
            _open_if_lost(connection, number, said, author, now)
            return True

    def take_back(self, key: str, author: str, at: datetime) -> int:
        """Remove what `author` said of an inquiry at the moment `at`; return how many tags that were."""
        with writing(self._engine) as connection:
            number = number_of(connection, key)
            here = (
                corrections.c.inquiry_id == number,
                corrections.c.author == author,
                corrections.c.at == at,
            )
            return _removed(connection, *here)

    def forget(self, now: datetime, *, author: str | None = None, inquiry: str | None = None) -> int:
        """Remove all that `author` said, or all that was said of `inquiry`, or with both what they said of it.

        Returns
        -------
        int
            How many tags were removed; 0 also where neither is given.
        """
        with writing(self._engine) as connection:
            where: list[ColumnElement[bool]] = []
            if author is not None:
                where.append(corrections.c.author == author)
            if inquiry is not None:
                where.append(corrections.c.inquiry_id == number_of(connection, inquiry))
            gone = _removed(connection, *where) if where else 0
            if gone:
                note(connection, now, "forgotten", f"{gone} corrections")
            return gone

    def labelled(self) -> tuple[str, ...]:
        """Return the KEYs of the inquiries of which people said something, oldest first."""
        query = (
            select(inquiries.c.key)
            .where(exists().where(corrections.c.inquiry_id == inquiries.c.id))
            .order_by(inquiries.c.opened_at, inquiries.c.id)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())

    def unlabelled(self, limit: int, author: str = "") -> tuple[Entry, ...]:
        """Return the newest inquiries, of every state, whose kind nobody confirmed and of which `author` said nothing.

        Parameters
        ----------
        limit
            How many at most.
        """
        told = exists().where(
            corrections.c.inquiry_id == inquiries.c.id,
            or_(corrections.c.tag.like(_KIND), corrections.c.author == author),
        )
        query = (
            select(inquiries.c.key)
            .where(~told, inquiries.c.state != State.MERGED.value)
            .order_by(inquiries.c.opened_at.desc(), inquiries.c.id.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            keys = list(connection.execute(query).scalars())
            return tuple(entry for some in chunks(keys) for entry in _entries(connection, some))

    def read(self, keys: Sequence[str]) -> tuple[Labelled, ...]:
        """Return inquiries with what was said of them and the message that was decided on, oldest first."""
        with reading(self._engine) as connection:
            return tuple(one for some in chunks(keys) for one in _labelled(connection, some))

    def counts(self) -> dict[str, int]:
        """Return author to the number of inquiries of which they said something."""
        query = (
            select(corrections.c.author, func.count(corrections.c.inquiry_id.distinct()).label("inquiries"))
            .group_by(corrections.c.author)
            .order_by(corrections.c.author)
        )
        with reading(self._engine) as connection:
            return {row.author: row.inquiries for row in connection.execute(query)}

    def observed(self, since: datetime, until: datetime, limit: int) -> tuple[Observed, ...]:
        """Return the inquiries whose deciding message was written from `since` on and before `until`.

        Parameters
        ----------
        limit
            How many at most; of more, every second, third and so on, so that the whole time is covered.
        """
        span = (contents.c.written_at >= since, contents.c.written_at < until)
        with reading(self._engine) as connection:
            numbers = list(connection.execute(_observed(inquiries.c.id, *span)).scalars())
            chosen = numbers[:: max(1, -(-len(numbers) // limit))]
            found: list[Observed] = []
            for some in chunks(chosen):
                rows = connection.execute(_observed_columns(inquiries.c.id.in_(some)))
                found.extend(map(_observation, rows))
        return tuple(sorted(found, key=lambda one: one.at))


def _open_if_lost(
    connection: Connection, number: int, said: Iterable[str], author: str, now: datetime
) -> None:
    kinds = [tag for tag in said if tag.startswith("kind=")]
    state = connection.execute(select(inquiries.c.state).where(inquiries.c.id == number)).scalar_one()
    if kinds and kinds[-1] not in _FILED and state == State.FILED.value:
        wake(connection, number, now, author)


def _removed(connection: Connection, *where: ColumnElement[bool]) -> int:
    return int(connection.execute(delete(corrections).where(*where)).rowcount)


def _entries(connection: Connection, keys: list[str]) -> tuple[Entry, ...]:
    return read_entries(connection, inquiries.c.key.in_(keys))


def _labelled(connection: Connection, keys: list[str]) -> list[Labelled]:
    found, told = decided_on(connection, keys), _told(connection, keys)
    return [
        Labelled(
            entry=entry,
            said=tuple(told.get(entry.key, ())),
            octets=found[entry.key][0],
            received_at=found[entry.key][1],
        )
        for entry in _entries(connection, keys)
    ]


def _told(connection: Connection, keys: list[str]) -> dict[str, list[Correction]]:
    query = (
        select(inquiries.c.key, corrections)
        .join(inquiries, inquiries.c.id == corrections.c.inquiry_id)
        .where(inquiries.c.key.in_(keys))
        .order_by(corrections.c.at, corrections.c.id)
    )
    told: dict[str, list[Correction]] = {}
    for row in connection.execute(query):
        told.setdefault(row.key, []).append(correction_from(row, row.key))
    return told


def _observed(what: Any, *where: ColumnElement[bool]) -> Any:
    return (
        select(what)
        .select_from(inquiries)
        .join(decisions, decisions.c.id == speaking_decision())
        .join(contents, contents.c.message_id == decisions.c.message_id)
        .where(inquiries.c.state != State.MERGED.value, *where)
        .order_by(contents.c.written_at, inquiries.c.id)
    )


def _observed_columns(some: ColumnElement[bool]) -> Any:
    columns = (
        contents.c.written_at,
        func.substr(contents.c.text, 1, _TEXT_LENGTH).label("text"),
        decisions.c.kind,
        decisions.c.partner_type,
        decisions.c.region,
        decisions.c.alignment,
        decisions.c.language,
        decisions.c.disposition,
        decisions.c.tags,
        decisions.c.model_version,
    )
    return _observed(inquiries.c.id, some).with_only_columns(*columns)


def _observation(row: Any) -> Observed:
    names = ("kind", "partner_type", "region", "alignment", "language", "disposition")
    single = {name: value for name in names if (value := getattr(row, name))}
    lists = {name: " ".join(row.tags[name]) for name in ("activities", "priorities") if row.tags[name]}
    return Observed(
        at=row.written_at,
        tags=single | lists,
        confidence=dict(row.tags["confidence"]),
        abstained=tuple(row.tags["abstained"]),
        model_version=row.model_version,
        text=row.text,
    )
