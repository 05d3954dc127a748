"""Returning partners: how often an organisation wrote before, and which liaison knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select

from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import speaking_decision
from pipeline.adapters.ledger.organisations.families import families_of
from pipeline.adapters.ledger.organisations.newcomers import UNCOUNTED
from pipeline.adapters.ledger.schema import (
    assignments,
    decisions,
    inquiries,
    organisation_inquiries,
    organisations,
)
from pipeline.records.decisions import Disposition
from pipeline.records.organisations import TALKS, Met
from pipeline.records.work import State

# A liaison took it on: before that it may only have been looked at by whoever had the rota.
_TAKEN = (State.ACCEPTED.value, State.ANSWERED.value, State.WAITING.value, State.DONE.value)


def met(connection: Connection, keys: Iterable[str]) -> Mapping[str, Met]:
    """Return KEY of an inquiry to its organisation and how many inquiries came from there before it."""
    found: dict[str, Met] = {}
    for rows in _batches(connection, keys):
        families = families_of(connection, [row.id for row in rows])
        times = _times(connection, {one for family in families.values() for one in family})
        names = _names(connection, {family[0] for family in families.values()})
        for row in rows:
            family = families.get(row.id)
            if family:
                moments = [moment for one in family for moment in times.get(one, ())]
                before = sum(moment < (row.opened_at, row.id) for moment in moments)
                found[row.key] = Met(organisation=family[0], name=names[family[0]], before=before)
    return found


def former(connection: Connection, keys: Iterable[str]) -> Mapping[str, str]:
    """Return KEY of an inquiry to the liaison who had it before, or who knows its organisation.

    Only talks lead back to a liaison: partnerships for all of them, requests for endorsement for the next such request. Who had
    business offers or misdirected mail of an organisation does not know it.
    """
    found: dict[str, str] = {}
    for rows in _batches(connection, keys):
        families = families_of(connection, [row.id for row in rows])
        for row in rows:
            liaison = _own(connection, row.id) or _knows(connection, row, families.get(row.id, ()))
            if liaison:
                found[row.key] = liaison
    return found


def _batches(connection: Connection, keys: Iterable[str]) -> Iterable[list[Any]]:
    for some in chunks(keys):
        query = (
            select(inquiries.c.id, inquiries.c.key, inquiries.c.opened_at, decisions.c.kind)
            .select_from(inquiries)
            .join(decisions, decisions.c.id == speaking_decision())
            .where(inquiries.c.key.in_(some))
        )
        yield list(connection.execute(query).all())


def _times(connection: Connection, numbers: set[int]) -> dict[int, list[tuple[datetime, int]]]:
    query = (
        select(organisation_inquiries.c.organisation_id, inquiries.c.opened_at, inquiries.c.id)
        .join(inquiries, inquiries.c.id == organisation_inquiries.c.inquiry_id)
        .where(
            organisation_inquiries.c.organisation_id.in_(numbers),
            inquiries.c.state.not_in(UNCOUNTED),
        )
    )
    found: dict[int, list[tuple[datetime, int]]] = {}
    for number, moment, inquiry in connection.execute(query):
        found.setdefault(number, []).append((moment, inquiry))
    return found


def _names(connection: Connection, numbers: set[int]) -> dict[int, str]:
    query = select(organisations.c.id, organisations.c.name).where(organisations.c.id.in_(numbers))
    return {row.id: row.name for row in connection.execute(query)}


def _own(connection: Connection, number: int) -> str | None:
    """Return the liaison who had this very inquiry before it came back."""
    query = (
        select(assignments.c.liaison)
        .where(assignments.c.inquiry_id == number)
        .order_by(assignments.c.assigned_at.desc(), assignments.c.id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _knows(connection: Connection, row: Any, family: tuple[int, ...]) -> str | None:
    """Return the liaison who had the last inquiry of the family, of kinds that lead back to one."""
    if not family or row.kind not in TALKS:
        return None
    kinds = {"partnership", row.kind}
    partnerships_first = case((decisions.c.kind == "partnership", 0), else_=1)
    query = (
        select(assignments.c.liaison)
        .select_from(assignments)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .join(organisation_inquiries, organisation_inquiries.c.inquiry_id == inquiries.c.id)
        .join(decisions, decisions.c.id == speaking_decision())
        .where(
            organisation_inquiries.c.organisation_id.in_(family),
            inquiries.c.id != row.id,
            decisions.c.kind.in_(kinds),
            (decisions.c.disposition == Disposition.ASSIGN.value) | inquiries.c.state.in_(_TAKEN),
            inquiries.c.state.not_in(UNCOUNTED),
        )
        .order_by(partnerships_first, assignments.c.assigned_at.desc(), assignments.c.id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found
