"""What becomes of late answers: the deputy sees them, then the committee. And of inquiries that wait, whose day is there."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.records.lives import Standing
from pipeline.records.work import Entry, State
from pipeline.routing.deadlines import later
from pipeline.routing.holidays import days_off
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.roster import deputy_of, stand_in

Held = Entry | Standing
# Nothing is to be done for these until the inquirer writes or the day comes, and then they are assigned again.
_QUIET = frozenset({State.ANSWERED, State.WAITING})


def is_late_by(entry: Held, days: int, policy: Policy, now: datetime) -> bool:
    """Return whether the first answer is late by more than so many working days of whoever has the inquiry."""
    if entry.due_at is None or not entry.is_overdue(now):
        return False
    desk = policy.by_id.get(entry.liaison or "")
    zone, country = (desk.timezone, desk.country) if desk else ("UTC", None)
    return later(entry.due_at, days, zone, days_off(country)) < now


def deputy_for(entry: Held, policy: Policy, now: datetime) -> str | None:
    """Return the id of who sees an escalated `entry` beside its liaison; None if nobody else does.

    The first deputy who is there; else the fallback, or who stands in for the fallback.

    Parameters
    ----------
    policy
        With those paused who are off duty (`routing.roster.on_duty`).
    """
    desk, fallback = policy.by_id.get(entry.liaison or ""), policy.by_id[policy.fallback]
    if desk is None:
        found = stand_in(fallback, policy, now) or fallback
    else:
        found = (
            deputy_of(desk, policy, now) or stand_in(fallback, policy, now, refused=(desk.id,)) or fallback
        )
    return None if desk is not None and found.id == desk.id else found.id


def for_deputy(entry: Held, policy: Policy, now: datetime) -> bool:
    """Return whether an answer is so late that the deputy is to be told, and was not."""
    return entry.escalated_at is None and is_late_by(entry, policy.escalation.deputy, policy, now)


def for_committee(entry: Held, policy: Policy, now: datetime) -> bool:
    """Return whether an answer is so late that the committee's summary names it."""
    return is_late_by(entry, policy.escalation.committee, policy, now)


def has_waited(entry: Held, policy: Policy, now: datetime) -> bool:
    """Return whether the day is there until which the liaison waited for the inquirer, by the liaison's calendar."""
    if entry.state is not State.WAITING or entry.waiting_until is None:
        return False
    desk = policy.by_id.get(entry.liaison or "")
    today = now.astimezone(ZoneInfo(desk.timezone if desk else "UTC")).date()
    return entry.waiting_until <= today


def is_orphaned(entry: Held, policy: Policy, now: datetime) -> bool:
    """Return whether nobody looks after an `entry`: its liaison is away and it needs somebody, or they have left for good."""
    if entry.liaison is None:
        return False
    desk: Liaison | None = policy.by_id.get(entry.liaison)
    if desk is None:
        return True
    return entry.state not in _QUIET and not desk.is_present(now)
