"""Organisations as people look at them: lists, and one with all its inquiries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from pipeline.adapters.ledger.inquiries.entries import speaking_decision
from pipeline.adapters.ledger.organisations.families import family_of, roots
from pipeline.adapters.ledger.organisations.newcomers import UNCOUNTED
from pipeline.adapters.ledger.schema import (
    assignments,
    decisions,
    inquiries,
    organisation_inquiries,
    organisation_marks,
    organisations,
)
from pipeline.records.organisations import Contact, MarkKind, Profile


def found(connection: Connection, query: str, limit: int) -> tuple[Profile, ...]:
    """Return organisations whose name or domain has `query` in it, who wrote last first."""
    tree = roots()
    counted = (
        select(
            tree.c.root,
            func.count(inquiries.c.id).label("inquiries"),
            func.max(inquiries.c.opened_at).label("last_at"),
        )
        .join(organisation_inquiries, organisation_inquiries.c.organisation_id == tree.c.id)
        .join(
            inquiries,
            and_(inquiries.c.id == organisation_inquiries.c.inquiry_id, inquiries.c.state.not_in(UNCOUNTED)),
        )
        .group_by(tree.c.root)
        .subquery()
    )
    statement = (
        select(organisations, counted.c.inquiries, counted.c.last_at)
        .join(counted, counted.c.root == organisations.c.id, isouter=True)
        .where(organisations.c.merged_into.is_(None))
        .order_by(func.coalesce(counted.c.last_at, organisations.c.met_at).desc(), organisations.c.id)
        .limit(limit)
    )
    if query:
        matching = _matching(query)
        fitting = select(tree.c.root).join(organisations, organisations.c.id == tree.c.id).where(matching)
        statement = statement.where(organisations.c.id.in_(fitting))
    return tuple(
        _profile(connection, row, row.inquiries or 0, row.last_at)
        for row in connection.execute(statement).all()
    )


def profile(connection: Connection, number: int) -> Profile | None:
    """Return the organisation `number` with all its inquiries, those of merged ones among them, or None."""
    row = connection.execute(select(organisations).where(organisations.c.id == number)).one_or_none()
    if row is None:
        return None
    contacts = _contacts(connection, family_of(connection, number))
    merged = connection.execute(
        select(organisations.c.id, organisations.c.name)
        .where(organisations.c.merged_into == number)
        .order_by(organisations.c.id)
    )
    return replace(
        _profile(connection, row, len(contacts), contacts[-1].opened_at if contacts else None),
        merged_into=row.merged_into,
        merged=tuple((one.id, one.name) for one in merged),
        contacts=contacts,
    )


def _matching(query: str) -> Any:
    escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    marked = select(organisation_marks.c.organisation_id).where(
        organisation_marks.c.kind.in_((MarkKind.DOMAIN.value, MarkKind.NAME.value)),
        organisation_marks.c.value.ilike(f"%{escaped}%", escape="\\"),
    )
    # Case is folded by the database for ASCII only; the canonical names among the marks help for the rest.
    return or_(organisations.c.name.ilike(f"%{escaped}%", escape="\\"), organisations.c.id.in_(marked))


def _profile(connection: Connection, row: Any, count: int, last_at: datetime | None) -> Profile:
    return Profile(
        id=row.id,
        name=row.name,
        kind=row.partner_type,
        country=row.country,
        region=row.region,
        met_at=row.met_at,
        last_at=last_at or row.met_at,
        inquiries=count,
        domains=_domains(connection, family_of(connection, row.id)),
    )


def _domains(connection: Connection, family: tuple[int, ...]) -> tuple[str, ...]:
    query = (
        select(organisation_marks.c.value)
        .where(
            organisation_marks.c.organisation_id.in_(family),
            organisation_marks.c.kind == MarkKind.DOMAIN.value,
        )
        .distinct()
        .order_by(organisation_marks.c.value)
    )
    return tuple(connection.execute(query).scalars())


def _contacts(connection: Connection, family: tuple[int, ...]) -> tuple[Contact, ...]:
    liaison = (
        select(assignments.c.liaison)
        .where(assignments.c.inquiry_id == inquiries.c.id)
        .order_by(assignments.c.assigned_at.desc(), assignments.c.id.desc())
        .limit(1)
        .correlate(inquiries)
        .scalar_subquery()
    )
    query = (
        select(inquiries, decisions.c.kind, decisions.c.tags, organisation_inquiries.c.found_by)
        .add_columns(liaison.label("liaison"))
        .select_from(inquiries)
        .join(organisation_inquiries, organisation_inquiries.c.inquiry_id == inquiries.c.id)
        .join(decisions, decisions.c.id == speaking_decision())
        .where(organisation_inquiries.c.organisation_id.in_(family), inquiries.c.state.not_in(UNCOUNTED))
        .order_by(inquiries.c.opened_at, inquiries.c.id)
    )
    return tuple(
        Contact(
            inquiry=row.key,
            opened_at=row.opened_at,
            kind=row.kind,
            state=row.state,
            activities=tuple(row.tags["activities"]),
            liaison=row.liaison,
            outcome=row.outcome,
            found_by=row.found_by,
        )
        for row in connection.execute(query)
    )
