"""What has to hold at a desk every day of a month, looked up in the ledger's tables and at the SMTP server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from pipeline.adapters.ledger.schema import (
    assignments,
    corrections,
    decisions,
    duties,
    inquiries,
    inquiry_messages,
    inquiry_states,
    messages,
    notes,
    outbox,
    set_aside,
)
from pipeline.routing.policy import Liaison, Policy
from pipeline.service.assignment import policy_now
from tests.support.invariants import check_ledger, count
from tests.support.lives import broken_lives
from tests.support.month import COMMITTEE, MAINTAINER, Standing, World
from tests.support.month_people import LEADS, Deed, identifier_of

# What the ledger may make of each sort of mail.
_ENDS: Mapping[str, frozenset[str]] = {
    "inquiry": frozenset({"read", "same"}),
    "answer": frozenset({"answer"}),
    "to-inquirer": frozenset({"read", "same"}),
    "follow-up": frozenset({"read"}),
    "bounce": frozenset({"returned"}),
    "absence": frozenset({"returned", "read"}),
    "own": frozenset({"read", "same"}),
    "forged": frozenset({"read", "answer", "set-aside"}),
}


def check_day(world: World) -> None:
    """Check whatever has to hold at every moment."""
    assert broken_lives(world.ledger) == []
    check_ledger(world.database, {one.sha256 for one in world.posted}, complete=True, moving=True)
    _check_recipients(world)
    _check_mails(world)
    _check_no_loop(world)
    _check_accounts(world)
    _check_presence(world)


def _check_recipients(world: World) -> None:
    desks = {one.address for one in world.desk.policy.desks}
    asked = world.post.asked
    assert asked <= desks | {MAINTAINER, COMMITTEE}, "mail to somebody who is not configured"
    assert all(len(mail.recipients) == 1 for _, mail in world.arrived)


def _check_mails(world: World) -> None:
    """Each mail went out once; one digest for each hour of each day, and one summary a week."""
    identifiers = Counter(identifier_of(mail.octets) for _, mail in world.arrived)
    assert set(identifiers.values()) <= {1}, "a mail went out twice"
    days: Counter[tuple[str, object]] = Counter()
    weeks: Counter[object] = Counter()
    for came, mail in world.arrived:
        purpose = identifier_of(mail.octets).strip("<").partition(".")[0]
        if purpose == "daily":
            days[mail.recipients[0], came.date()] += 1
        if purpose == "weekly":
            weeks[came.isocalendar()[:2]] += 1
    hours = {one.address: max(len(one.digest_at), 1) for one in world.desk.policy.desks}
    # One that was put off by the server on its day may come beside that of the next.
    assert all(count <= hours[address] + 1 for (address, _), count in days.items()), "too many digests a day"
    assert set(weeks.values()) <= {1}, "two summaries in a week"


def _check_no_loop(world: World) -> None:
    """Nothing that a machine wrote is open: own mail, absences."""
    machines = {one.sha256 for one in world.posted if one.what in ("own", "absence")}
    query = (
        select(messages.c.sha256, inquiries.c.state, inquiries.c.key)
        .join(inquiry_messages, inquiry_messages.c.message_id == messages.c.id)
        .join(inquiries, inquiries.c.id == inquiry_messages.c.inquiry_id)
    )
    with world.ledger.engine.connect() as connection:
        rows = connection.execute(query).all()
    found = [(row.key, row.state) for row in rows if row.sha256 in machines]
    by_hand = {key for _, key, state, by, _ in world.turns() if by != "program"}
    assert [one for one in found if one[1] != "filed" and one[0] not in by_hand] == [], (
        "mail of a machine is open"
    )
    receipts = sum(b"Message-ID: <receipt." in mail.octets for _, mail in world.arrived)
    answers = sum(one.what in ("answer", "forged") for one in world.posted)
    assert receipts <= answers, "more receipts than answers"


def _check_accounts(world: World) -> None:
    """Every mail that lay in the mailbox is accounted for, as what it was."""
    with world.ledger.engine.connect() as connection:
        rows = connection.execute(select(messages.c.sha256, messages.c.state)).all()
        reasons = connection.execute(
            select(messages.c.sha256, set_aside.c.step, set_aside.c.reason).join(
                set_aside, set_aside.c.message_id == messages.c.id
            )
        ).all()
    states = {row.sha256: row.state for row in rows}
    told = {row.sha256: f"{row.step}: {row.reason}" for row in reasons}
    odd = [
        (one.what, states.get(one.sha256), told.get(one.sha256))
        for one in world.posted
        if states.get(one.sha256) not in _ENDS[one.what]
    ]
    assert odd == [], "not accounted for"


def _check_presence(world: World) -> None:
    """What needs somebody is with somebody who is there."""
    policy = policy_now(world.desk.policy, world.desk.ledger.duties)
    away = {one.id for one in policy.desks if not one.is_present(world.now)}
    lost = {
        key: one
        for key, one in world.states().items()
        if one.state in ("assigned", "accepted") and one.liaison in away
    }
    assert lost == {}, "with somebody who is away"


def check_deeds(world: World, deeds: Sequence[Deed], before: Mapping[str, Standing], last: int) -> int:
    """Check that each answer did what it wanted, if the inquiry was as its digest said, and else nothing; return how many did.

    Parameters
    ----------
    before, last
        How inquiries stood before the answers were read, and the number of the last change of state then.
    """
    turns = [one for one in world.turns() if one[0] > last]
    done = 0
    for deed in deeds:
        mine = [state for _, key, state, by, _ in turns if key == deed.key and by == deed.by]
        wanted = _wanted(deed, before[deed.key])
        assert mine[-1:] == ([wanted] if wanted else []), f"{deed} of {before[deed.key]} led to {mine}"
        done += bool(mine)
    return done


def _wanted(deed: Deed, now: Standing) -> str | None:
    state = LEADS[deed.action]
    if deed.fresh is None:  # an answer to the inquirer counts for whoever has the inquiry
        return (
            state if now.liaison == deed.desk and now.state in ("assigned", "accepted", "waiting") else None
        )
    if deed.fresh.version != now.version:
        return None
    if deed.action == "handed" and now.liaison == "kenya":
        return "done"
    return None if state == now.state and deed.action not in ("wait", "reassign", "handed") else state


def snapshot(world: World, only: frozenset[int] | None = None) -> dict[str, list[Any]]:
    """Return all that people can change, of the inquiries with these numbers or of all."""
    of = {
        inquiries: inquiries.c.id,
        inquiry_states: inquiry_states.c.inquiry_id,
        assignments: assignments.c.inquiry_id,
        corrections: corrections.c.inquiry_id,
        notes: notes.c.inquiry_id,
    }
    with world.ledger.engine.connect() as connection:
        numbers = only or frozenset(connection.execute(select(inquiries.c.id)).scalars())
        found: dict[str, list[Any]] = {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).where(column.in_(numbers)).order_by(table.c.id))
            ]
            for table, column in of.items()
        }
        found["duties"] = [tuple(row) for row in connection.execute(select(duties))]
    return found | {"numbers": sorted(numbers)}


def message_states(world: World) -> dict[str, str]:
    """Return SHA-256 to what became of a message."""
    with world.ledger.engine.connect() as connection:
        rows = connection.execute(select(messages.c.sha256, messages.c.state)).all()
    return {row.sha256: row.state for row in rows}


def reads_automated(world: World, sha256: str) -> bool:
    """Return whether a message was taken for a machine's."""
    query = (
        select(decisions.c.kind)
        .join(messages, messages.c.id == decisions.c.message_id)
        .where(messages.c.sha256 == sha256)
    )
    with world.ledger.engine.connect() as connection:
        return "automated" in connection.execute(query).scalars()


def overfull(world: World, since: int, loads: Mapping[str, int]) -> list[str]:
    """Return which inquiries the program gave to a full desk while a suitable one had room, a line each.

    Parameters
    ----------
    since
        Number of the last assignment before.
    loads
        Open inquiries of each desk after it.
    """
    policy = policy_now(world.desk.policy, world.desk.ledger.duties)
    with world.ledger.engine.connect() as connection:
        rows = connection.execute(select(assignments).where(assignments.c.id > since)).all()
        keys = {row.id: row.key for row in connection.execute(select(inquiries.c.id, inquiries.c.key)).all()}
    faults = []
    for row in rows:
        desk = policy.by_id[row.liaison]
        if row.reason.count(" open") == 1 and _is_shared(row.reason) and loads[desk.id] > desk.capacity:
            entry = world.desk.ledger.inquiries.find(keys[row.inquiry_id])
            assert entry is not None
            free = [one.id for one in _suitable(policy, entry, world) if loads.get(one.id, 0) < one.capacity]
            faults += [f"{entry.key}: {desk.id} ({row.reason}) though {free} had room"] if free else []
    return faults


def _is_shared(reason: str) -> bool:
    """Tell whether an inquiry was shared out: what has a way of its own says so in front."""
    ways = (
        "nobody else", "to be looked at", "deals with", "endorsement", "not for us", "low priority", "by rule",
        "by a rule", "for ", "deputy of", "handed", "fetched", "taken over", "given back", "waited",
    )  # fmt: skip
    return not reason.startswith(ways) and "given back by" not in reason


def _suitable(policy: Policy, entry: Any, world: World) -> list[Liaison]:
    from pipeline.routing.scope import covers

    tags = entry.decision.tags
    language = entry.decision.language
    return [
        one
        for one in policy.takers
        if one.is_present(world.now)
        and covers(one, tags.partner_type, tags.country, tags.region)
        and (not one.languages or language in one.languages)
    ]


def last_assignment(world: World) -> int:
    """Return the number of the newest assignment."""
    with world.ledger.engine.connect() as connection:
        return int(connection.execute(select(func.max(assignments.c.id))).scalar() or 0)


def check_end(world: World, bouncing: str) -> None:
    """Check what has to hold when everything is over."""
    due = world.desk.ledger.outbox.due(world.now + timedelta(days=30))
    left = [(one.mail.purpose, one.mail.recipient, one.attempts) for one in due]
    assert left == [], f"left in the outbox: {left}"
    told = count(world.database, "outbox WHERE purpose = 'suspended' AND state = 'sent'")
    assert told == 1, "the maintainer was not told once"
    assert world.desk.ledger.duties.current().get(bouncing) == frozenset({"suspended"})
    notices = [mail for _, mail in world.arrived if MAINTAINER in mail.recipients]
    assert len(notices) == 1


def table(world: World, figures: Mapping[str, int]) -> str:
    """Return what the month came to, as a table."""
    with world.ledger.engine.connect() as connection:
        sent = connection.execute(
            select(outbox.c.purpose, outbox.c.state, func.count()).group_by(outbox.c.purpose, outbox.c.state)
        ).all()
    states = Counter(one.state for one in world.states().values())
    loads = world.desk.ledger.inquiries.loads()
    lines = ["", "mail in        " + _counts(Counter(one.what for one in world.posted))]
    lines += ["became         " + _counts(Counter(message_states(world).values()))]
    lines += ["inquiries      " + _counts(states)]
    lines += [
        "mail out       "
        + ", ".join(f"{purpose} {state} {n}" for purpose, state, n in sorted(map(tuple, sent)))
    ]
    lines += ["put off        " + str(world.post.waited)]
    lines += ["overdue        " + str(world.desk.ledger.reports.status(world.now).overdue)]
    lines += [
        "open           "
        + ", ".join(f"{one.id} {loads.get(one.id, 0)}/{one.capacity}" for one in world.desk.policy.desks)
    ]
    return "\n".join([*lines, *(f"{name:15}{count}" for name, count in figures.items())])


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()))
