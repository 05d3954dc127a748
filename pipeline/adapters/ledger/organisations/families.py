"""Organisations and those merged into them: one family, with one number outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import CTE, Connection, select

from pipeline.adapters.ledger.schema import organisation_inquiries, organisations

# A chain of merges is never so long; a broken one must not hang the program.
_DEEPEST = 100


def root_of(connection: Connection, number: int) -> int:
    """Return the number of the organisation that `number` was merged into in the end, or `number` itself."""
    for _ in range(_DEEPEST):
        parent = connection.execute(
            select(organisations.c.merged_into).where(organisations.c.id == number)
        ).scalar_one_or_none()
        if parent is None:
            break
        number = parent
    return number


def family_of(connection: Connection, number: int) -> tuple[int, ...]:
    """Return `number` and all organisations merged into it, directly or not."""
    found = [number]
    level = [number]
    while level:
        query = select(organisations.c.id).where(organisations.c.merged_into.in_(level))
        level = [one for one in connection.execute(query).scalars() if one not in found]
        found += level
    return tuple(found)


def families_of(connection: Connection, inquiries: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
    """Return number of an inquiry to the family of its organisation, the family's root first."""
    query = select(organisation_inquiries.c.inquiry_id, organisation_inquiries.c.organisation_id).where(
        organisation_inquiries.c.inquiry_id.in_(list(inquiries)),
        organisation_inquiries.c.organisation_id.is_not(None),
    )
    rows = connection.execute(query).all()
    known = {one: family_of(connection, root_of(connection, one)) for one in {row[1] for row in rows}}
    return {row[0]: known[row[1]] for row in rows}


def roots() -> CTE:
    """Select every organisation with the root of its family: columns ``id`` and ``root``."""
    found = (
        select(organisations.c.id, organisations.c.id.label("root"))
        .where(organisations.c.merged_into.is_(None))
        .cte("roots", recursive=True)
    )
    return found.union_all(
        select(organisations.c.id, found.c.root).join(found, organisations.c.merged_into == found.c.id)
    )
