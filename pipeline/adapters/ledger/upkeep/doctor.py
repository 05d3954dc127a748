"""What has to be true of a ledger at every moment: each message in one state, each inquiry with one owner, nothing double or lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, func, not_, or_, select, union_all
from sqlalchemy.exc import DatabaseError

from pipeline.adapters.ledger.database.engine import HEAD, reading
from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    cursors,
    decisions,
    events,
    inquiries,
    inquiry_links,
    inquiry_messages,
    inquiry_states,
    messages,
    organisations,
    outbox,
    set_aside,
    sightings,
)
from pipeline.records.keeping import Finding
from pipeline.records.work import State

_EXAMPLES = 5
_STATES = ("new", "read", "same", "set-aside", "answer", "returned", "dropped", "removed")
_MERGED = State.MERGED.value
_RESTORE = "restore a backup (triage restore) and report how it came to this"
_REPORT = "nothing is lost by going on; report how it came to this"

Ask = Callable[[], Select[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to be true.

    Parameters
    ----------
    name, claim, advice
        As in `Finding`.
    offenders
        Selects what breaks it, one column that names each.
    """

    name: str
    claim: str
    offenders: Ask
    advice: str


def examine(engine: Engine | Connection) -> tuple[Finding, ...]:
    """Return all findings, good ones as well; on a snapshot, while others go on writing.

    Where the file is damaged, or the tables are others, the rest cannot be asked.
    """
    with reading(engine) as connection:
        file = _file(connection)
        if file.offenders:
            return (file,)
        first = (file, _references(connection), _schema(connection))
        if first[-1].offenders:
            return first
        rest = tuple(_finding(connection, check) for check in CHECKS)
        return (*first, *rest, _families(connection))


def _finding(connection: Connection, check: Check) -> Finding:
    query = check.offenders().subquery()
    offenders = int(connection.execute(select(func.count()).select_from(query)).scalar_one())
    examples = connection.execute(select(query).limit(_EXAMPLES)).all() if offenders else []
    return _told(check.name, check.claim, offenders, [str(row[0]) for row in examples], check.advice)


def _told(name: str, claim: str, offenders: int, examples: Sequence[str], advice: str) -> Finding:
    return Finding(
        check=name,
        claim=claim,
        offenders=offenders,
        examples=tuple(examples),
        advice=advice if offenders else "",
    )


def _file(connection: Connection) -> Finding:
    """Let SQLite read every page; PostgreSQL sees to its own pages (pg_amcheck)."""
    bad: list[str] = []
    if connection.dialect.name == "sqlite":
        try:
            rows = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars()
            bad = [str(row).partition("\n")[0] for row in rows if row != "ok"]
        except DatabaseError as error:
            bad = [str(error.orig)]
    return _told("file", "the database file is whole", len(bad), bad[:_EXAMPLES], _RESTORE)


def _references(connection: Connection) -> Finding:
    """Count rows that refer to missing rows; PostgreSQL lets none come about."""
    bad: list[str] = []
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        bad = [f"{row[0]} {row[1]}" for row in rows]
    return _told("references", "no row refers to a missing row", len(bad), bad[:_EXAMPLES], _RESTORE)


def _schema(connection: Connection) -> Finding:
    from alembic.migration import MigrationContext

    version = MigrationContext.configure(connection).get_current_revision()
    wrong = [] if version == HEAD else [str(version)]
    return _told("schema", f"the tables are those of schema {HEAD}", len(wrong), wrong, "triage migrate")


def _families(connection: Connection) -> Finding:
    """Look for organisations that were merged in a circle."""
    rows = connection.execute(select(organisations.c.id, organisations.c.merged_into)).all()
    parent = {row.id: row.merged_into for row in rows if row.merged_into is not None}
    circular = []
    for number, above in parent.items():
        seen, here = {number}, above
        while here in parent and here not in seen:
            seen.add(here)
            here = parent[here]
        if here == number:
            circular.append(str(number))
    claim = "no organisation was merged into itself"
    return _told("organisations", claim, len(circular), circular[:_EXAMPLES], "triage orgs split NUMBER")


# ---------------------------------------------------------------- messages


def _state_of_messages() -> Select[Any]:
    return select(messages.c.id).where(messages.c.state.not_in(_STATES))


def _half_read() -> Select[Any]:
    """Select messages that are read and lack something, or are not and have something."""
    parts = [
        select(table.c.message_id).where(table.c.message_id == messages.c.id).exists()
        for table in (contents, decisions, inquiry_messages)
    ]
    read = messages.c.state == "read"
    return select(messages.c.id).where(
        or_(and_(read, not_(and_(*parts))), and_(not_(read), or_(parts[0], parts[2])))
    )


def _copies() -> Select[Any]:
    original = messages.alias("original")
    return (
        select(messages.c.id)
        .outerjoin(original, original.c.id == messages.c.same_as)
        .where(
            or_(
                and_(messages.c.state == "same", func.coalesce(original.c.state, "") != "read"),
                and_(messages.c.state != "same", messages.c.same_as.is_not(None)),
            )
        )
    )


def _empty_new() -> Select[Any]:
    return select(messages.c.id).where(messages.c.state == "new", messages.c.octets.is_(None))


def _unseen() -> Select[Any]:
    seen = select(sightings.c.id).where(sightings.c.message_id == messages.c.id).exists()
    return select(messages.c.id).where(~seen)


def _told_otherwise() -> Select[Any]:
    """Select messages whose arrival was not written down exactly once."""
    counted = (
        select(events.c.message_id, func.count().label("number"))
        .where(events.c.name == "stored")
        .group_by(events.c.message_id)
        .subquery()
    )
    return (
        select(messages.c.id)
        .outerjoin(counted, counted.c.message_id == messages.c.id)
        .where(func.coalesce(counted.c.number, 0) != 1)
    )


def _aside() -> Select[Any]:
    """Select messages that are set aside and not on the list, or on the list and not set aside."""
    listed = select(set_aside.c.id).where(set_aside.c.message_id == messages.c.id).exists()
    here = messages.c.state == "set-aside"
    return select(messages.c.id).where(or_(and_(here, ~listed), and_(~here, listed)))


def _behind() -> Select[Any]:
    """Select mailboxes in which something was seen behind the cursor."""
    newest = (
        select(
            sightings.c.source,
            sightings.c.place,
            sightings.c.epoch,
            func.max(sightings.c.number).label("uid"),
        )
        .where(sightings.c.kind == "imap")
        .group_by(sightings.c.source, sightings.c.place, sightings.c.epoch)
        .subquery()
    )
    return select(cursors.c.mailbox).join(
        newest,
        and_(
            or_(cursors.c.source == newest.c.source, cursors.c.source == "imap:" + newest.c.source),
            cursors.c.mailbox == newest.c.place,
            cursors.c.uidvalidity == newest.c.epoch,
            cursors.c.uid < newest.c.uid,
        ),
    )


def _not_removed() -> Select[Any]:
    """Select messages whose text was removed and of which something is left."""
    return (
        select(contents.c.message_id)
        .join(messages, messages.c.id == contents.c.message_id)
        .where(
            contents.c.removed_at.is_not(None),
            or_(messages.c.octets.is_not(None), contents.c.text != "", contents.c.author_address != ""),
        )
    )


# ---------------------------------------------------------------- inquiries


def _empty_inquiries() -> Select[Any]:
    member = (
        select(inquiry_messages.c.message_id).where(inquiry_messages.c.inquiry_id == inquiries.c.id).exists()
    )
    merged = inquiries.c.state == _MERGED
    return select(inquiries.c.key).where(or_(and_(~merged, ~member), and_(merged, member)))


def _merged_nowhere() -> Select[Any]:
    led = (
        select(inquiry_links.c.other_id)
        .where(inquiry_links.c.inquiry_id == inquiries.c.id, inquiry_links.c.reason == "merged")
        .exists()
    )
    return select(inquiries.c.key).where(inquiries.c.state == _MERGED, ~led)


def _owners() -> Select[Any]:
    """Select inquiries that do not have exactly one owner while somebody has them, or have one when nobody has."""
    held = (
        select(assignments.c.inquiry_id, func.count().label("number"))
        .where(assignments.c.ended_at.is_(None))
        .group_by(assignments.c.inquiry_id)
        .subquery()
    )
    number = func.coalesce(held.c.number, 0)
    with_somebody = inquiries.c.state.in_([one for one in OPEN_STATES if one != State.RECEIVED.value])
    return (
        select(inquiries.c.key)
        .outerjoin(held, held.c.inquiry_id == inquiries.c.id)
        .where(or_(and_(with_somebody, number != 1), and_(~with_somebody, number != 0)))
    )


def _histories() -> Select[Any]:
    """Select inquiries whose state is not the last of their history; what was filed or archived at once has none."""
    last = (
        select(inquiry_states.c.inquiry_id, func.max(inquiry_states.c.id).label("id"))
        .group_by(inquiry_states.c.inquiry_id)
        .subquery()
    )
    return (
        select(inquiries.c.key)
        .outerjoin(last, last.c.inquiry_id == inquiries.c.id)
        .outerjoin(inquiry_states, inquiry_states.c.id == last.c.id)
        .where(
            or_(
                inquiry_states.c.state != inquiries.c.state,
                and_(inquiry_states.c.state.is_(None), inquiries.c.state.not_in(("filed", "archived"))),
            )
        )
    )


def _ends() -> Select[Any]:
    """Select open inquiries with an end, and such as are over without one."""
    open_ = or_(inquiries.c.state.in_(OPEN_STATES), inquiries.c.state == _MERGED)
    over = and_(~open_, inquiries.c.state != State.ARCHIVED.value)
    return select(inquiries.c.key).where(
        or_(and_(open_, inquiries.c.closed_at.is_not(None)), and_(over, inquiries.c.closed_at.is_(None)))
    )


# ---------------------------------------------------------------- what leaves


def _mails() -> Select[Any]:
    return select(outbox.c.id).where(
        or_(
            outbox.c.state.not_in(("queued", "sent", "failed", "replaced", "nothing", "dropped")),
            and_(outbox.c.state == "sent", outbox.c.sent_at.is_(None)),
            and_(outbox.c.state == "queued", func.length(outbox.c.octets) == 0),
        )
    )


def _doubles() -> Select[Any]:
    """Select what is there twice although a key forbids it: mails by recipient and time, messages by hash, places."""
    one = (
        select(func.min(outbox.c.id).label("id"))
        .group_by(outbox.c.recipient, outbox.c.purpose, outbox.c.period)
        .having(func.count() > 1)
    )
    two = select(func.min(messages.c.id)).group_by(messages.c.sha256).having(func.count() > 1)
    columns = (sightings.c.kind, sightings.c.source, sightings.c.place, sightings.c.epoch, sightings.c.number)
    three = select(func.min(sightings.c.id)).group_by(*columns).having(func.count() > 1)
    return select(union_all(one, two, three).subquery())


CHECKS = (
    Check(name="messages", claim="each message is in one known state", offenders=_state_of_messages, advice=_REPORT),
    Check(name="read", claim="what is read is decided and belongs to one inquiry, and nothing else does", offenders=_half_read, advice=_RESTORE),
    Check(name="copies", claim="each copy names the message that it is a copy of", offenders=_copies, advice=_RESTORE),
    Check(name="waiting", claim="what waits can be read", offenders=_empty_new, advice=_RESTORE),
    Check(name="sightings", claim="each message was seen somewhere", offenders=_unseen, advice=_REPORT),
    Check(name="arrivals", claim="each message arrived once by the event log", offenders=_told_otherwise, advice=_REPORT),
    Check(name="set aside", claim="what is set aside is listed, and nothing else is", offenders=_aside, advice="triage set-aside list; retry or drop what is there"),
    Check(name="cursors", claim="nothing was read behind a cursor", offenders=_behind, advice="nothing is lost: the mailbox is read on from the cursor, and known mail is known"),
    Check(name="removed", claim="of what was removed nothing is left", offenders=_not_removed, advice="triage retention; or triage forget ADDRESS again"),
    Check(name="inquiries", claim="each inquiry has a message", offenders=_empty_inquiries, advice=_RESTORE),
    Check(name="merged", claim="what was merged leads to another inquiry", offenders=_merged_nowhere, advice=_REPORT),
    Check(name="owners", claim="each inquiry is with one liaison while somebody has it, else with nobody", offenders=_owners, advice="give it to somebody: triage explain KEY, then an answer by mail; and report how it came to this"),
    Check(name="histories", claim="each inquiry is in the last state of its history", offenders=_histories, advice=_REPORT),
    Check(name="ends", claim="each inquiry that is over has an end, and no other has", offenders=_ends, advice=_REPORT),
    Check(name="outbox", claim="each mail is in one known state, and what waits has octets", offenders=_mails, advice="triage outbox list; drop what cannot leave"),
    Check(name="doubles", claim="no mail, message or place is there twice", offenders=_doubles, advice=_RESTORE),
)  # fmt: skip
