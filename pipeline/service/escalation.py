"""Look after what is open: what waited long enough comes back, what is orphaned moves on, what is late goes before the deputy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.records.decisions import Disposition
from pipeline.records.work import Assignment, Entry, State
from pipeline.routing import escalation
from pipeline.routing.assign import assign, moved
from pipeline.routing.deadlines import due_for, later
from pipeline.routing.holidays import days_off
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.roster import Roster, deputy_with_room
from pipeline.service.ports import Clock, Ledger
from pipeline.service.ports_people import LifeStore

_PROGRAM = "program"
# What an earlier wait added to a reason.
_ADDED = "waited until "


def look_after(ledger: Ledger, policy: Policy, clock: Clock) -> Counter[str]:
    """Do what nobody has to ask for.

    Parameters
    ----------
    policy
        With those paused who are off duty (`routing.roster.on_duty`).

    Returns
    -------
    Counter
        ``back``: waited long enough; ``moved``: to another liaison; ``escalated``: brought before the deputy.
    """
    now = clock()
    waited = [one.key for one in ledger.lives.standing() if escalation.has_waited(one, policy, now)]
    back = _bring_back(ledger.lives, ledger.lives.entries(waited), policy, now)
    orphans = [one.key for one in ledger.lives.standing() if escalation.is_orphaned(one, policy, now)]
    handed = _move(ledger, ledger.lives.entries(orphans), policy, now)
    late = [one.key for one in ledger.lives.standing() if escalation.for_deputy(one, policy, now)]
    if late:
        ledger.lives.escalate(late, now)
    return +Counter({"back": back, "moved": handed, "escalated": len(late)})


def to_be_looked_at(entry: Entry) -> Entry:
    """Let a person look at what is open although it reads like something to be filed: it would lie there for good."""
    if entry.decision.disposition is not Disposition.FILE:
        return entry
    return replace(entry, decision=replace(entry.decision, disposition=Disposition.REVIEW))


def _bring_back(lives: LifeStore, entries: Sequence[Entry], policy: Policy, now: datetime) -> int:
    """Give inquiries whose day is there to whoever waited, to be answered like a new one."""
    count = 0
    for entry in entries:
        desk = policy.by_id.get(entry.liaison or "")
        due = due_for(entry.decision, desk, now, policy) if desk else now
        reason = "; ".join((f"waited until {entry.waiting_until}", *_first_reason(entry)))
        chosen = Assignment(inquiry=entry.key, liaison=entry.liaison or "", reason=reason, due_at=due)
        count += _hand(lives, entry, chosen, now)
    return count


def _move(ledger: Ledger, orphans: Sequence[Entry], policy: Policy, now: datetime) -> int:
    """Give inquiries whose liaison is away to the deputy, and where there is none, to whoever suits.

    The most pressing first, so that it is the others which go to a second deputy where the first has a full desk.
    """
    if not orphans:
        return 0
    by_key = {entry.key: entry for entry in orphans}
    declined = ledger.lives.declined(by_key)
    roster = Roster(policy, ledger.inquiries.loads(), now, declined)
    pressing = sorted(orphans, key=lambda entry: (-entry.decision.priority, entry.received_at, entry.key))
    chosen = [one for entry in pressing if (one := _to_deputy(entry, roster))]
    placed = {one.inquiry for one in chosen}
    rest = [to_be_looked_at(entry) for entry in orphans if entry.key not in placed]
    shared = assign(rest, policy, roster.open, now, refused=declined)
    # Where nobody else is there, it stays where it is.
    elsewhere = [one for one in (*chosen, *shared) if one.liaison != by_key[one.inquiry].liaison]
    return sum(_hand(ledger.lives, by_key[one.inquiry], one, now) for one in elsewhere)


def _to_deputy(entry: Entry, roster: Roster) -> Assignment | None:
    policy, now = roster.policy, roster.now
    desk = policy.by_id.get(entry.liaison or "")
    refused = roster.refused.get(entry.key, ())
    deputy = deputy_with_room(desk, policy, now, roster.open, refused) if desk else None
    if desk is None or deputy is None:
        return None
    reason = moved(to_be_looked_at(entry), desk, deputy, roster)
    due = _still_due(entry, deputy, now, policy)
    return Assignment(inquiry=entry.key, liaison=deputy.id, reason=reason, due_at=due)


def _still_due(entry: Entry, deputy: Liaison, now: datetime, policy: Policy) -> datetime:
    """Return when the answer was due anyway, but leave whoever comes to it a working day."""
    soonest = later(now, 1, deputy.timezone, days_off(deputy.country))
    return max(entry.due_at or due_for(entry.decision, deputy, now, policy), soonest)


def _first_reason(entry: Entry) -> tuple[str, ...]:
    """Return why it was assigned at first, without what waits added."""
    return tuple(part for part in entry.reason.split("; ") if part and not part.startswith(_ADDED))


def _hand(lives: LifeStore, entry: Entry, chosen: Assignment, now: datetime) -> bool:
    return lives.change(
        entry.key,
        entry.version,
        State.ASSIGNED,
        _PROGRAM,
        now,
        liaison=chosen.liaison,
        reason=chosen.reason,
        due_at=chosen.due_at,
    )
