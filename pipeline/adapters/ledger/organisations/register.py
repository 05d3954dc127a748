"""The register of organisations: who approached the movement, what they are known by, who knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import put
from pipeline.adapters.ledger.organisations import acquaintance, profiles
from pipeline.adapters.ledger.organisations.families import family_of, root_of
from pipeline.adapters.ledger.organisations.newcomers import read_named, read_registered, read_unregistered
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    organisation_inquiries,
    organisation_marks,
    organisations,
)
from pipeline.records.organisations import (
    Choose,
    Known,
    MarkKind,
    Match,
    Met,
    Newcomer,
    OrganisationMark,
    Profile,
)

# Organisations with a mark in common that are looked at, and marks of each: what an inquiry costs stays the same.
_SHARERS = 100
_MARKS = 300


class OrganisationTable(Part):
    """Keeps the register."""

    def unregistered(self, after: int, limit: int) -> tuple[Newcomer, ...]:
        """Return up to `limit` inquiries behind the number `after` that are not registered yet, in order."""
        with reading(self._engine) as connection:
            return read_unregistered(connection, after, limit)

    def register(
        self, batch: Sequence[tuple[Newcomer, frozenset[OrganisationMark]]], choose: Choose, now: datetime
    ) -> int:
        """Enter inquiries, each with the marks to look it up by, in one transaction; return how many were new.

        Looking up and entering are one: two processes cannot both enter the same organisation.
        """
        with writing(self._engine) as connection:
            return sum(_register(connection, newcomer, marks, choose, now) for newcomer, marks in batch)

    def met(self, keys: Iterable[str]) -> Mapping[str, Met]:
        """Return KEY of an inquiry to its organisation and how many inquiries came from there before it."""
        with reading(self._engine) as connection:
            return acquaintance.met(connection, keys)

    def former(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Return KEY of an inquiry to the liaison who dealt with it, or with its organisation, last."""
        with reading(self._engine) as connection:
            return acquaintance.former(connection, keys)

    def find(self, query: str, limit: int) -> tuple[Profile, ...]:
        """Return organisations whose name or domain has `query` in it, who wrote last first."""
        with reading(self._engine) as connection:
            return profiles.found(connection, query, limit)

    def profile(self, number: int) -> Profile | None:
        """Return an organisation with all its inquiries, or None."""
        with reading(self._engine) as connection:
            return profiles.profile(connection, number)

    def inquiries(self, number: int) -> tuple[Newcomer, ...]:
        """Return the inquiries of an organisation and of those merged into it."""
        with reading(self._engine) as connection:
            return read_registered(connection, family_of(connection, number))

    def named(self, keys: Iterable[str]) -> tuple[Newcomer, ...]:
        """Return the inquiries called `keys`, as far as there are such."""
        with reading(self._engine) as connection:
            return read_named(connection, keys)

    def merge(self, into: int, other: int, now: datetime) -> bool:
        """Note that the family of `other` is the same as that of `into`; return False if it was already."""
        with writing(self._engine) as connection:
            root, branch = root_of(connection, into), root_of(connection, other)
            if root == branch:
                return False
            _change(connection, branch, merged_into=root)
            note(connection, now, "org-merged", f"{branch} into {root}")
            return True

    def unmerge(self, number: int, now: datetime) -> None:
        """Take a merge back."""
        with writing(self._engine) as connection:
            _change(connection, number, merged_into=None)
            note(connection, now, "org-split", str(number))

    def rename(self, number: int, name: str, marks: Iterable[OrganisationMark], now: datetime) -> None:
        """Call an organisation `name`, and know it by that from now on."""
        with writing(self._engine) as connection:
            _change(connection, number, name=name)
            _add_marks(connection, number, marks)
            note(connection, now, "org-renamed", str(number))

    def move(
        self,
        moved: Sequence[Newcomer],
        match: Match,
        lost: Mapping[int, frozenset[OrganisationMark]],
        now: datetime,
    ) -> int:
        """Give inquiries to the organisation of `match`, new or known; return its number.

        Parameters
        ----------
        moved
            At least one.
        match
            Where to, and the marks that go with them.
        lost
            Number of an organisation to the marks by which its family is not known any more.
        """
        with writing(self._engine) as connection:
            number = _enter(connection, moved[0], match)
            if number is None:
                raise ValueError("a move needs an organisation, or the name of a new one")
            for one in moved:
                _give(connection, one, number, match.found_by, now)
            for former, marks in lost.items():
                _drop_marks(connection, family_of(connection, former), marks)
            _add_marks(connection, number, match.marks)
            return number


def _register(
    connection: Connection,
    newcomer: Newcomer,
    marks: frozenset[OrganisationMark],
    choose: Choose,
    now: datetime,
) -> int:
    done = select(organisation_inquiries.c.inquiry_id).where(
        organisation_inquiries.c.inquiry_id == newcomer.number
    )
    if connection.execute(done).first() is not None:
        return 0
    match = choose(newcomer, _known(connection, marks))
    number = _enter(connection, newcomer, match)
    connection.execute(
        insert(organisation_inquiries).values(
            inquiry_id=newcomer.number, organisation_id=number, found_by=match.found_by
        )
    )
    if number is not None:
        _add_marks(connection, number, match.marks)
        note(connection, now, "organisation", f"{number} by {match.found_by}", inquiry=newcomer.number)
    return 1


def _known(connection: Connection, marks: frozenset[OrganisationMark]) -> tuple[Known, ...]:
    """Return the organisations that share a mark, each family once."""
    found: dict[int, None] = {}
    for mark in sorted(marks):
        query = (
            select(organisation_marks.c.organisation_id)
            .where(organisation_marks.c.value == mark.value, organisation_marks.c.kind == mark.kind.value)
            .order_by(organisation_marks.c.id)
            .limit(_SHARERS)
        )
        found |= dict.fromkeys(root_of(connection, one) for one in connection.execute(query).scalars())
    return tuple(_one_known(connection, number) for number in found)


def _one_known(connection: Connection, number: int) -> Known:
    row = connection.execute(select(organisations).where(organisations.c.id == number)).one()
    query = (
        select(organisation_marks.c.kind, organisation_marks.c.value)
        .where(organisation_marks.c.organisation_id.in_(family_of(connection, number)))
        .order_by(organisation_marks.c.id)
        .limit(_MARKS)
    )
    values: dict[str, set[str]] = {kind.value: set() for kind in MarkKind}
    for mark in connection.execute(query):
        values[mark.kind].add(mark.value)
    return Known(
        id=number,
        name=row.name,
        kind=row.partner_type,
        country=row.country,
        domains=frozenset(values[MarkKind.DOMAIN]),
        names=frozenset(values[MarkKind.NAME]),
        writers=frozenset(values[MarkKind.WRITER]),
    )


def _enter(connection: Connection, newcomer: Newcomer, match: Match) -> int | None:
    """Return the number of the organisation, after entering it, or adding what was not known of it; None for none."""
    if match.organisation is not None:
        _complete(connection, match.organisation, newcomer, match.name)
        return match.organisation
    if not match.name:
        return None
    result = connection.execute(
        insert(organisations).values(
            name=match.name,
            partner_type=newcomer.kind,
            country=newcomer.country,
            region=newcomer.region,
            met_at=newcomer.opened_at,
        )
    )
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def _complete(connection: Connection, number: int, newcomer: Newcomer, name: str) -> None:
    row = connection.execute(select(organisations).where(organisations.c.id == number)).one()
    _change(
        connection,
        number,
        name=name or row.name,
        partner_type=row.partner_type or newcomer.kind,
        country=row.country or newcomer.country,
        region=row.region or newcomer.region,
        met_at=min(row.met_at, newcomer.opened_at),
    )


def _give(connection: Connection, one: Newcomer, number: int | None, found_by: str, now: datetime) -> None:
    values = {"organisation_id": number, "found_by": found_by}
    put(connection, organisation_inquiries, {"inquiry_id": one.number}, values)
    note(connection, now, "organisation", f"{number} by {found_by}", inquiry=one.number)


def _add_marks(connection: Connection, number: int | None, marks: Iterable[OrganisationMark]) -> None:
    query = select(organisation_marks.c.kind, organisation_marks.c.value).where(
        organisation_marks.c.organisation_id == number
    )
    held = {(row.kind, row.value) for row in connection.execute(query)} if marks else set()
    rows = [
        {"organisation_id": number, "kind": mark.kind.value, "value": mark.value}
        for mark in sorted(marks)
        if (mark.kind.value, mark.value) not in held
    ]
    if rows and number is not None:
        connection.execute(insert(organisation_marks), rows)


def _drop_marks(connection: Connection, family: Sequence[int], marks: Iterable[OrganisationMark]) -> None:
    for mark in marks:
        connection.execute(
            delete(organisation_marks).where(
                organisation_marks.c.organisation_id.in_(family),
                organisation_marks.c.kind == mark.kind.value,
                organisation_marks.c.value == mark.value,
            )
        )


def _change(connection: Connection, number: int, **values: object) -> None:
    connection.execute(update(organisations).where(organisations.c.id == number).values(**values))
