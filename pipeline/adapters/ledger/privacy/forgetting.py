"""Take one person out of the ledger; what weeks are counted by stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.joining import number_of
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.inquiries.turns import release, turn
from pipeline.adapters.ledger.privacy.mentions import Circle, mentions, newest, redact_rows, words_in_ledger
from pipeline.adapters.ledger.privacy.removal import (
    remove_contents,
    remove_evidence,
    remove_octets,
    remove_remarks,
)
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    contents,
    forgotten,
    inquiries,
    inquiry_messages,
    messages,
    organisation_marks,
    organisations,
)
from pipeline.errors import LedgerError
from pipeline.faultpoints import reach
from pipeline.records.keeping import REMOVED, Forgotten, Gone, Seeker, Spot
from pipeline.records.threads import Voice
from pipeline.records.work import State

# After so many passes something comes all the time.
_PASSES = 10


class ForgettingTable(Part):
    """Forgets people."""

    def people(self, key: str) -> tuple[str, ...]:
        """Return the addresses of those who wrote in the inquiry called `key`: no machines, none of the liaisons."""
        with reading(self._engine) as connection:
            query = (
                select(contents.c.author_address)
                .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
                .where(
                    inquiry_messages.c.inquiry_id == number_of(connection, key),
                    contents.c.voice == Voice.PERSON.value,
                    contents.c.author_address != "",
                )
                .distinct()
            )
            return tuple(sorted(connection.execute(query).scalars()))

    def find(self, person: Seeker) -> Gone:
        """Return what of a person is in the ledger; nothing is changed."""
        with reading(self._engine) as connection:
            circle = _circle(connection, person)
            rows = Counter(spot.table for spot in mentions(connection, circle))
            open_ = [] if not circle.own else _without_inquirer(connection, circle)
            return _gone(connection, circle, rows, open_)

    def spots(self, person: Seeker) -> tuple[Spot, ...]:
        """Return where a person is found: their address, and their name in what belongs to inquiries of theirs."""
        with reading(self._engine) as connection:
            return tuple(mentions(connection, _circle(connection, person)))

    def forget(self, person: Seeker, marks: Iterable[str], now: datetime) -> Gone:
        """Take a person out, in small transactions, the last of which says that it is done; may be broken off and repeated.

        What comes meanwhile is taken out as well: the last transaction, beside which nothing is written, sees to it
        that there is nothing new.

        Parameters
        ----------
        marks
            Hashes by which organisations know the address.

        Raises
        ------
        LedgerError
            If there is something new each time.
        """
        known = tuple(marks)
        gone, former = Gone(names=(), keys=(), messages=0, rows={}, closed=()), None
        for _ in range(_PASSES):
            with reading(self._engine) as connection:
                last = newest(connection)
                former = circle = _wider(_circle(connection, person.named(gone.names)), former)
            gone = _merged(gone, self._pass(circle, known, now))
            with writing(self._engine) as connection:
                if not _came(connection, circle, last):
                    told = f"{gone.messages} messages, {len(gone.keys)} inquiries"
                    note(connection, now, "forgotten", told)
                    break
        else:
            raise LedgerError(
                "mail that names this person comes faster than it is removed; forget them again"
            )
        reach("forget.done")
        return gone

    def _pass(self, circle: Circle, marks: Iterable[str], now: datetime) -> Gone:
        """Take out once what there is of a person."""
        rows: Counter[str] = Counter()
        for table, count in redact_rows(self._engine, circle):
            rows[table] += count
            reach("forget.redacted")
        for some in chunks(sorted(circle.messages)):
            with writing(self._engine) as connection:
                rows["messages"] += remove_octets(connection, some)
        for some in chunks(sorted(circle.inquiries)):
            with writing(self._engine) as connection:
                rows["notes"] += remove_remarks(connection, some)
        with writing(self._engine) as connection:
            rows["organisations"] += _unname(connection, circle.person_names, marks)
            closed = _without_inquirer(connection, circle)
            for number in closed:
                release(connection, number, now)
                turn(connection, number, State.DONE, now)
                note(connection, now, "forgotten", "nobody is left to answer", inquiry=number)
        # The contents are the last to go: by them the rest is found, should this be broken off.
        for some in chunks(sorted(circle.own)):
            reach("forget.contents")
            with writing(self._engine) as connection:
                rows["decisions"] += remove_evidence(connection, some)
                rows["contents"] += remove_contents(connection, some, now)
        with reading(self._engine) as connection:
            return _gone(connection, circle, rows, closed)

    def remembered(self) -> tuple[Forgotten, ...]:
        """Return the hashes of all who were forgotten, and of their mails."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(forgotten).order_by(forgotten.c.id)).all()
        return tuple(Forgotten(kind=r.kind, salt=r.salt, digest=r.digest, at=r.at) for r in rows)

    def remember(self, hashes: Iterable[Forgotten]) -> None:
        """Keep hashes, each once, with the newest time."""
        with writing(self._engine) as connection:
            for one in hashes:
                row = {"kind": one.kind, "salt": one.salt, "digest": one.digest, "at": one.at}
                here = (forgotten.c.kind == one.kind, forgotten.c.digest == one.digest)
                known = connection.execute(select(forgotten.c.at).where(*here)).scalar()
                if known is None:
                    connection.execute(insert(forgotten).values(**row))
                elif known < one.at:
                    connection.execute(update(forgotten).where(*here).values(at=one.at))

    def knows(self, digests: Iterable[str]) -> bool:
        """Return whether a mail with one of these hashes was forgotten."""
        query = select(forgotten.c.id).where(
            forgotten.c.kind == "mail", forgotten.c.digest.in_(list(digests))
        )
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def salts(self) -> tuple[str, ...]:
        """Return the salts in use."""
        with reading(self._engine) as connection:
            return tuple(connection.execute(select(forgotten.c.salt).distinct()).scalars())

    def mails(self, person: Seeker) -> tuple[tuple[str, str], ...]:
        """Return Message-ID and author's address of what a person wrote."""
        with reading(self._engine) as connection:
            own = _circle(connection, person).own
            query = select(contents.c.message_id, contents.c.header_id, contents.c.author_address)
            rows = connection.execute(query.where(contents.c.header_id != "")).all()
        return tuple((row.header_id, row.author_address) for row in rows if row.message_id in own)

    def refuse(self, message: int, now: datetime) -> None:
        """Drop a message that came again in other octets after it was forgotten."""
        with writing(self._engine) as connection:
            values = {"state": REMOVED, "octets": None}
            connection.execute(update(messages).where(messages.c.id == message).values(**values))
            note(connection, now, "forgotten", "came again", message=message)

    def words(self) -> Iterator[str]:
        """Yield all text in the ledger that can hold an address."""
        with reading(self._engine) as connection:
            yield from words_in_ledger(connection)


def _came(connection: Connection, former: Circle, last: Mapping[str, int]) -> bool:
    """Tell whether anything of a person has come since these were the highest numbers."""
    new = _circle(connection, former.person, after=last.get("messages", 0))
    return bool(new.own) or any(True for _ in mentions(connection, _wider(new, former), last))


def _wider(circle: Circle, former: Circle | None) -> Circle:
    """Return a circle with what was around the person before it was removed: names are looked for there, too."""
    if former is None:
        return circle
    return replace(
        circle,
        near=circle.near | former.near,
        keys=tuple(sorted({*circle.keys, *former.keys})),
        messages=circle.messages | former.messages,
    )


def _merged(before: Gone, after: Gone) -> Gone:
    """Return what went in two passes."""
    rows = Counter(before.rows) + Counter(after.rows)
    return Gone(
        names=tuple(dict.fromkeys((*before.names, *after.names))),
        keys=tuple(sorted({*before.keys, *after.keys})),
        messages=before.messages + after.messages,
        rows=dict(sorted(rows.items())),
        closed=tuple(sorted({*before.closed, *after.closed})),
    )


def _circle(connection: Connection, person: Seeker, after: int = 0) -> Circle:
    """Find what a person wrote, the inquiries that is in, and the names that stood with the address.

    Only of messages whose numbers are higher than `after`.
    """
    columns = (
        contents.c.message_id, contents.c.author_name, contents.c.author_address, contents.c.forwarder_name,
        contents.c.forwarder_address, contents.c.sender_address,
    )  # fmt: skip
    own: set[int] = set()
    passed: set[int] = set()
    names: dict[str, None] = {}
    for row in connection.execute(select(*columns).where(contents.c.message_id > after)):
        if _is(person, row.author_address):
            own.add(row.message_id)
            names[row.author_name] = None
        elif _is(person, row.sender_address) or _is(person, row.forwarder_address):
            passed.add(row.message_id)
            if _is(person, row.forwarder_address):
                names[row.forwarder_name or ""] = None
    homes = _homes(connection, own | passed)
    return Circle(
        person=person.named(names),
        person_names=tuple(name for name in names if name),
        own=frozenset(own),
        inquiries=frozenset(_homes(connection, own)),
        near=frozenset(homes),
        keys=_keys(connection, homes),
        messages=frozenset(_members(connection, homes) | own | passed),
    )


def _is(person: Seeker, address: str | None) -> bool:
    return bool(address) and person.is_theirs(address or "")


def _homes(connection: Connection, own: set[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(own)):
        query = select(inquiry_messages.c.inquiry_id).where(inquiry_messages.c.message_id.in_(some))
        found |= set(connection.execute(query).scalars())
    return found


def _members(connection: Connection, homes: set[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(homes)):
        query = select(inquiry_messages.c.message_id).where(inquiry_messages.c.inquiry_id.in_(some))
        found |= set(connection.execute(query).scalars())
    return found


def _keys(connection: Connection, numbers: Iterable[int]) -> tuple[str, ...]:
    keys: list[str] = []
    for some in chunks(sorted(numbers)):
        keys += connection.execute(select(inquiries.c.key).where(inquiries.c.id.in_(some))).scalars()
    return tuple(sorted(keys))


def _without_inquirer(connection: Connection, circle: Circle) -> list[int]:
    """Return the open inquiries in which nobody but this person asks."""
    found = []
    for number in sorted(circle.inquiries):
        state = connection.execute(select(inquiries.c.state).where(inquiries.c.id == number)).scalar_one()
        if state in OPEN_STATES and not _asked_by_others(connection, number, circle):
            found.append(number)
    return found


def _asked_by_others(connection: Connection, number: int, circle: Circle) -> bool:
    query = (
        select(contents.c.message_id)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .where(
            inquiry_messages.c.inquiry_id == number,
            contents.c.voice == Voice.PERSON.value,
            contents.c.removed_at.is_(None),
        )
    )
    return any(one not in circle.own for one in connection.execute(query).scalars())


def _unname(connection: Connection, names: Iterable[str], marks: Iterable[str]) -> int:
    """Take away the marks by which organisations know the address, and names of organisations that are the person's."""
    gone = connection.execute(
        delete(organisation_marks).where(
            organisation_marks.c.kind == "writer", organisation_marks.c.value.in_(list(marks))
        )
    ).rowcount
    theirs = [" ".join(name.split()).casefold() for name in names]
    for row in connection.execute(select(organisations.c.id, organisations.c.name)).all():
        if " ".join(row.name.split()).casefold() in theirs:
            here = organisation_marks.c.organisation_id == row.id
            connection.execute(delete(organisation_marks).where(here))
            values = {"name": REMOVED}
            connection.execute(update(organisations).where(organisations.c.id == row.id).values(**values))
            gone += 1
    return int(gone)


def _gone(connection: Connection, circle: Circle, rows: Counter[str], closed: Iterable[int]) -> Gone:
    return Gone(
        names=circle.person_names,
        keys=circle.keys,
        messages=len(circle.own),
        rows={name: count for name, count in sorted(rows.items()) if count},
        closed=_keys(connection, closed),
    )
