"""The landscape: what the public may read of each inquiry, and who approved it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import read_entries
from pipeline.adapters.ledger.inquiries.joining import number_of
from pipeline.adapters.ledger.organisations.families import roots
from pipeline.adapters.ledger.organisations.newcomers import UNCOUNTED
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import inquiries, organisation_inquiries, organisations
from pipeline.records.decisions import Tags
from pipeline.records.organisations import LandscapeRow, Listing, Section, section_of
from pipeline.records.outcomes import Outcome
from pipeline.records.work import Entry, State


class LandscapeTable(Part):
    """Keeps outcomes, and what of the register is public."""

    def listings(self, since: datetime | None = None, until: datetime | None = None) -> tuple[Listing, ...]:
        """Return all rows of inquiries that began from `since` on and before `until`, oldest first."""
        where = [inquiries.c.opened_at >= since] if since else []
        where += [inquiries.c.opened_at < until] if until else []
        return self._listings(*where)

    def listing(self, key: str) -> Listing | None:
        """Return the row of an inquiry, or of the one that it was merged into; None if that belongs to no table."""
        with reading(self._engine) as connection:
            number = number_of(connection, key)
        found = self._listings(inquiries.c.id == number)
        return found[0] if found else None

    def settle(
        self,
        key: str,
        now: datetime,
        *,
        outcome: Outcome | None = None,
        nature: str | None = None,
        background: str | None = None,
    ) -> bool:
        """Note how an inquiry ended, and what to say of it; None leaves as is. Return False if there is no such one."""
        given = {
            "outcome": outcome.value if outcome else None,
            "outcome_detail": nature,
            "background": background,
        }
        values = {name: value for name, value in given.items() if value is not None}
        with writing(self._engine) as connection:
            number = number_of(connection, key)
            if number is not None and values:
                connection.execute(update(inquiries).where(inquiries.c.id == number).values(**values))
                # The value of an outcome is its history: any week is told with the outcome it knew.
                told = outcome.value if outcome else ",".join(sorted(values))
                note(connection, now, "outcome", told, inquiry=number)
            return number is not None

    def approve(self, row: LandscapeRow, by: str, now: datetime) -> None:
        """Make `row` public as it is, and nothing that becomes of it later."""
        with writing(self._engine) as connection:
            number = number_of(connection, row.inquiry)
            _approval(connection, number, approved_by=by, approved_at=now, approved_row=_plain(row))
            note(connection, now, "row-approved", row.section.value, inquiry=number)

    def withdraw(self, key: str, now: datetime) -> bool:
        """Make a row private again; return False if it was not public."""
        with writing(self._engine) as connection:
            number = number_of(connection, key)
            held = select(organisation_inquiries.c.approved_at).where(
                organisation_inquiries.c.inquiry_id == number
            )
            if connection.execute(held).scalar_one_or_none() is None:
                return False
            _approval(connection, number, approved_by=None, approved_at=None, approved_row=None)
            note(connection, now, "row-withdrawn", inquiry=number)
            return True

    def _listings(self, *where: Any) -> tuple[Listing, ...]:
        with reading(self._engine) as connection:
            rows = _rows(connection, *where)
            entries: dict[str, Entry] = {}
            for some in chunks(rows):
                numbers = [row.id for row in some]
                entries |= {one.key: one for one in read_entries(connection, inquiries.c.id.in_(numbers))}
        made = (_listing(row, entries[row.key]) for row in rows if row.key in entries)
        return tuple(one for one in made if one is not None)


def _rows(connection: Connection, *where: Any) -> list[Any]:
    tree = roots()
    query = (
        select(
            inquiries,
            organisations.c.name.label("organisation"),
            organisations.c.partner_type,
            organisations.c.country,
            organisations.c.region,
            organisation_inquiries.c.approved_by,
            organisation_inquiries.c.approved_at,
            organisation_inquiries.c.approved_row,
        )
        .select_from(inquiries)
        .join(organisation_inquiries, organisation_inquiries.c.inquiry_id == inquiries.c.id)
        .join(tree, tree.c.id == organisation_inquiries.c.organisation_id)
        .join(organisations, organisations.c.id == tree.c.root)
        .where(inquiries.c.state.not_in(UNCOUNTED), *where)
        .order_by(inquiries.c.opened_at, inquiries.c.id)
    )
    return list(connection.execute(query).all())


def _listing(row: Any, entry: Entry) -> Listing | None:
    tags = entry.decision.tags
    section = section_of(tags.kind, State(row.state), row.outcome)
    approved = _row_from(row.approved_row) if row.approved_row else None
    if section is None:
        if approved is None:
            return None
        section = approved.section
    return Listing(
        row=_row(row, entry, tags, section),
        approved=approved,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
    )


def _row(row: Any, entry: Entry, tags: Tags, section: Section) -> LandscapeRow:
    unsure = frozenset(entry.decision.abstained)
    return LandscapeRow(
        inquiry=row.key,
        section=section,
        organisation=row.organisation,
        partner_type=row.partner_type or (None if "partner_type" in unsure else tags.partner_type),
        country=row.country or (None if "country" in unsure else tags.country),
        region=row.region or (None if "region" in unsure else tags.region),
        asks=tags.kind,
        activities=() if "activities" in unsure else tags.activities,
        nature=row.outcome_detail or "",
        background=row.background or "",
        state=row.state,
        outcome=row.outcome,
        since=row.opened_at.date(),
    )


def _plain(row: LandscapeRow) -> dict[str, Any]:
    return {**asdict(row), "section": row.section.value, "since": row.since.isoformat()}


def _row_from(plain: dict[str, Any]) -> LandscapeRow:
    return LandscapeRow(
        **{
            **plain,
            "section": Section(plain["section"]),
            "since": date.fromisoformat(plain["since"]),
            "activities": tuple(plain["activities"]),
        }
    )


def _approval(connection: Connection, number: int | None, **values: Any) -> None:
    here = organisation_inquiries.c.inquiry_id == number
    connection.execute(update(organisation_inquiries).where(here).values(**values))
