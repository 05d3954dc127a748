"""What else happened in a week: how long answers took, who wrote, which rules and models came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Select, func, select

from pipeline.adapters.ledger.database.dialects import days_between
from pipeline.adapters.ledger.organisations.families import roots
from pipeline.adapters.ledger.organisations.newcomers import UNCOUNTED
from pipeline.adapters.ledger.schema import (
    decisions,
    inquiries,
    organisation_inquiries,
    organisations,
    set_aside,
)
from pipeline.adapters.ledger.weeks.counts import asked, in_week
from pipeline.adapters.ledger.weeks.told import told
from pipeline.records.weeks import Acquaintances, Change, Delay
from pipeline.records.work import Window

_NAMES = 12
_MINUTES = 24 * 60


def delay(connection: Connection, start: datetime, end: datetime) -> Delay:
    """Measure the first answers that were given from `start` on and before `end`; percentiles by nearest rank."""
    days = days_between(inquiries.c.opened_at, inquiries.c.answered_at)
    given = (inquiries.c.answered_at >= start, inquiries.c.answered_at < end)
    answers = int(connection.execute(select(func.count()).select_from(inquiries).where(*given)).scalar_one())
    if not answers:
        return Delay()

    def ranked(percent: int) -> timedelta:
        place = -(-answers * percent // 100)
        query = select(days).where(*given).order_by(days).limit(1).offset(place - 1)
        return timedelta(minutes=max(0, round(connection.execute(query).scalar_one() * _MINUTES)))

    return Delay(answers=answers, median=ranked(50), ninetieth=ranked(90))


def acquaintances(connection: Connection, place: int) -> Acquaintances:
    """Tell which organisations wrote in the week at `place` for the first time, and which had before.

    Who is one organisation with whom is what the register knows today.
    """
    rows = connection.execute(_writers(place)).all()
    known = [row for row in rows if row.root is not None]
    unknown = sum(row.number for row in rows if row.root is None)
    new, old = [row for row in known if not row.before], [row for row in known if row.before]
    old.sort(key=lambda row: (-row.before, row.name))
    return Acquaintances(
        new=len(new),
        returning=len(old),
        unknown=unknown,
        newcomers=tuple(sorted(row.name for row in new)[:_NAMES]),
        old=tuple((row.name, row.before) for row in old[:_NAMES]),
    )


def _writers(place: int) -> Select[Any]:
    """Select the organisations of the week's inquiries: how many now, and how many came before the first of these."""
    tree = roots()
    week = (
        select(tree.c.root, func.min(told.c.opened_at).label("since"), func.count().label("number"))
        .select_from(told)
        .outerjoin(organisation_inquiries, organisation_inquiries.c.inquiry_id == told.c.inquiry_id)
        .outerjoin(tree, tree.c.id == organisation_inquiries.c.organisation_id)
        .where(in_week(place), asked)
        .group_by(tree.c.root)
        .cte("week")
    )
    branches = tree.alias("branches")
    before = (
        select(week.c.root, func.count(inquiries.c.id).label("before"))
        .join(branches, branches.c.root == week.c.root)
        .join(organisation_inquiries, organisation_inquiries.c.organisation_id == branches.c.id)
        .join(inquiries, inquiries.c.id == organisation_inquiries.c.inquiry_id)
        .where(inquiries.c.opened_at < week.c.since, inquiries.c.state.not_in(UNCOUNTED))
        .group_by(week.c.root)
        .cte("before")
    )
    return (
        select(
            week.c.root,
            week.c.number,
            organisations.c.name,
            func.coalesce(before.c.before, 0).label("before"),
        )
        .select_from(week)
        .outerjoin(organisations, organisations.c.id == week.c.root)
        .outerjoin(before, before.c.root == week.c.root)
    )


def versions(connection: Connection, window: Window) -> tuple[str, str]:
    """Return the rules and the model that decided last before the week's end; else those that decided first."""
    row = _last(connection, window.end)
    if row is None:
        first = select(decisions).order_by(decisions.c.decided_at, decisions.c.id).limit(1)
        row = connection.execute(first).one_or_none()
    return (row.rulebook_version, row.model_version) if row else ("", "")


def changes(connection: Connection, window: Window) -> tuple[Change, ...]:
    """Return the versions that decided for the first time since what decided before the week, in order of time."""
    before = _last(connection, window.start)
    if before is None:
        return ()
    found = [
        *_changes(connection, window, "rules", decisions.c.rulebook_version, before.rulebook_version),
        *_changes(connection, window, "model", decisions.c.model_version, before.model_version),
    ]
    return tuple(sorted(found, key=lambda change: (change.at, change.part)))


def count_set_aside(connection: Connection, window: Window) -> int:
    """Count the messages that a step failed on before the week's end, and that nobody has mended since."""
    query = select(func.count()).select_from(set_aside).where(set_aside.c.at < window.end)
    return int(connection.execute(query).scalar_one())


def _changes(
    connection: Connection, window: Window, part: str, column: Column[str], before: str
) -> list[Change]:
    first = func.min(decisions.c.decided_at)
    query = (
        select(column, first.label("first"))
        .where(decisions.c.decided_at >= window.start, decisions.c.decided_at < window.end, column != before)
        .group_by(column)
        .order_by(first, column)
    )
    found = []
    for version, at in connection.execute(query):
        found.append(Change(part=part, before=before, after=version, at=at))
        before = version
    return found


def _last(connection: Connection, moment: datetime) -> Any:
    query = (
        select(decisions.c.rulebook_version, decisions.c.model_version)
        .where(decisions.c.decided_at < moment)
        .order_by(decisions.c.decided_at.desc(), decisions.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()
