"""What a message may belong to, or be a copy of: the stored messages that it has something in common with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.inquiries.lookups import (
    PERSONAL,
    answered_query,
    desk_query,
    people_query,
    referring_query,
    subject_query,
    ticket_query,
    twin_query,
)
from pipeline.adapters.ledger.schema import (
    assignments,
    contents,
    inquiries,
    inquiry_links,
    inquiry_messages,
    messages,
)
from pipeline.records.decisions import Disposition
from pipeline.records.messages import Address
from pipeline.records.threads import Claims, Known, Related, Thread, Tie, Twin, Voice
from pipeline.records.work import State

# Inquiries that are looked at; messages of each that tell who takes part; claimants of each; copies of a message.
_INQUIRIES = 25
_FIRST, _LATEST = 50, 250
_CLAIMANTS = 20
_TWINS = 20
_WORKED = tuple(
    state.value
    for state in (
        State.ACCEPTED,
        State.ANSWERED,
        State.WAITING,
        State.DONE,
        State.DECLINED,
        State.NOT_OURS,
    )
)

_STRENGTH = (Tie.DESK, Tie.ANSWERED, Tie.ANSWERS, Tie.TICKET, Tie.SHARED, Tie.SUBJECT)

Ties = dict[int, set[Tie]]


def find_related(connection: Connection, claims: Claims, days: int) -> Related:
    """Return the stored messages that `claims` has something in common with, and their inquiries.

    Parameters
    ----------
    claims
        What a message says.
    days
        Before and after it in which an equal subject counts.
    """
    ties = _ties(connection, claims, days)
    known = _known(connection, ties)
    ranked = sorted(known, key=lambda row: _rank(row, ties[row.message_id], claims))
    numbers = list(dict.fromkeys(row.inquiry_id for row in ranked))[:_INQUIRIES]
    threads = find_threads(connection, sorted(numbers))
    kept = {thread.number for thread in threads}
    return Related(
        known=tuple(_a_known(row, ties[row.message_id]) for row in known if row.inquiry_id in kept),
        threads=threads,
    )


def find_threads(
    connection: Connection, numbers: Sequence[int], *, claimants: bool = True
) -> tuple[Thread, ...]:
    """Return inquiries as threads, oldest first."""
    return tuple(_thread(connection, number, claimants=claimants) for number in numbers)


def find_twins(connection: Connection, claims: Claims) -> tuple[Twin, ...]:
    """Return the messages with the same Message-ID, and those of the same moment where one of the two has none."""
    writer = contents.c.author_address.in_((claims.author.address, ""))
    moment = and_(contents.c.written_at == claims.written_at, writer)
    conditions = [moment]
    if claims.header_id:
        # The length keeps the index of Message-IDs out of it: all that have none are alike there.
        nameless = and_(moment, func.length(contents.c.header_id) == 0)
        conditions = [contents.c.header_id == claims.header_id, nameless]
    queries = (twin_query().where(one).limit(_TWINS) for one in conditions)
    return tuple(_twin(row) for query in queries for row in connection.execute(query))


def _rank(row: Any, ties: set[Tie], claims: Claims) -> tuple[int, bool, int]:
    """Order messages by how much they can tell, for the case that there are too many: the last ones are left out."""
    return (
        min(_STRENGTH.index(tie) for tie in ties),
        row.author_address != claims.author.address,
        row.message_id,
    )


def _ties(connection: Connection, claims: Claims, days: int) -> Ties:
    ties: Ties = {}
    refers = list(claims.refers)
    found = connection.execute(answered_query(refers)).all() if refers else []
    _tie(ties, Tie.ANSWERED, (row.message_id for row in found))
    here = {row.header_id for row in found}
    missing = [one for one in refers if one not in here]
    if claims.thread_index:
        missing.append(conversation(claims.thread_index))
    for tie, identifiers in ((Tie.SHARED, missing), (Tie.ANSWERS, [claims.header_id])):
        if any(identifiers):
            _tie(ties, tie, connection.execute(referring_query(identifiers)).scalars())
    if claims.ticket:
        _tie(ties, Tie.TICKET, connection.execute(ticket_query(claims.ticket)).scalars())
    if claims.desk_ticket:
        _tie(ties, Tie.DESK, connection.execute(desk_query(*claims.desk_ticket)).scalars())
    if claims.subject:
        span = timedelta(days=days)
        query = subject_query(claims.subject, claims.written_at - span, claims.written_at + span)
        _tie(ties, Tie.SUBJECT, connection.execute(query).scalars())
    return ties


def conversation(thread_index: str) -> str:
    """Return the name under which Outlook's conversations lie among the references; no Message-ID looks like it."""
    return f"{thread_index} thread-index"


def _tie(ties: Ties, tie: Tie, numbers: Iterable[int]) -> None:
    for number in numbers:
        ties.setdefault(number, set()).add(tie)


def _known(connection: Connection, ties: Mapping[int, set[Tie]]) -> list[Any]:
    arrived = func.coalesce(messages.c.received_at, contents.c.written_at).label("arrived_at")
    query = (
        select(*PERSONAL, contents.c.written_at, inquiry_messages.c.inquiry_id, inquiries.c.key, arrived)
        .join(inquiry_messages, inquiry_messages.c.message_id == contents.c.message_id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
        .join(messages, messages.c.id == contents.c.message_id)
        .where(contents.c.message_id.in_(sorted(ties)))
        .order_by(contents.c.message_id)
    )
    return list(connection.execute(query)) if ties else []


def _a_known(row: Any, ties: Iterable[Tie]) -> Known:
    return Known(
        key=row.key,
        ties=frozenset(ties),
        author=Address(name=row.author_name, address=row.author_address),
        others=_others(row),
        list_id=row.list_id,
        bare_reply=row.bare_reply,
        voice=Voice(row.voice),
        written_at=row.written_at,
        arrived_at=row.arrived_at,
        sender=row.sender_address,
    )


def _others(row: Any) -> tuple[str, ...]:
    forwarder = (row.forwarder_address,) if row.forwarder_address else ()
    return (*row.recipients, *forwarder)


def _sender(row: Any) -> str:
    return str(row.author_address if row.sender_address is None else row.sender_address)


def _thread(connection: Connection, number: int, *, claimants: bool) -> Thread:
    row = connection.execute(
        select(inquiries.c.key, inquiries.c.state, assignments.c.liaison)
        .outerjoin(
            assignments, and_(assignments.c.inquiry_id == inquiries.c.id, assignments.c.ended_at.is_(None))
        )
        .where(inquiries.c.id == number)
        .limit(1)
    ).one()
    people = list(connection.execute(people_query(number).order_by(contents.c.message_id).limit(_FIRST)))
    if len(people) == _FIRST:
        newest = people_query(number).order_by(contents.c.message_id.desc()).limit(_LATEST)
        people += connection.execute(newest)
    return Thread(
        key=row.key,
        number=number,
        authors=frozenset(one.author_address for one in people) - {""},
        others=frozenset(address for one in people for address in _others(one)) - {""},
        lists=frozenset(one.list_id for one in people if one.list_id),
        open=row.state in OPEN_STATES,
        worked=row.state in _WORKED,
        liaison=row.liaison,
        claimants=_claimants(connection, number) if claimants else (),
        senders=frozenset(map(_sender, people)) - {""},
    )


def _claimants(connection: Connection, number: int) -> tuple[Thread, ...]:
    query = (
        select(inquiry_links.c.inquiry_id)
        .where(inquiry_links.c.other_id == number, inquiry_links.c.reason == "reference")
        .order_by(inquiry_links.c.inquiry_id)
        .limit(_CLAIMANTS)
    )
    return find_threads(connection, list(connection.execute(query).scalars()), claimants=False)


def _twin(row: Any) -> Twin:
    return Twin(
        id=row.message_id,
        key=row.key,
        header_id=row.header_id,
        author=Address(name=row.author_name, address=row.author_address),
        subject=row.thread_subject,
        text=row.text,
        list_id=row.list_id,
        attachments=len(row.attachments),
        written_at=row.written_at,
        filed=row.disposition == Disposition.FILE.value,
        forwarder=row.forwarder_address or "",
        dated=row.written_at != row.received_at,
    )
