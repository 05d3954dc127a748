"""Alerts: tell a liaison at once of an urgent inquiry, a few times a day at most: strangers can make one look urgent."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.records.work import Entry, State
from pipeline.routing.policy import Policy
from pipeline.routing.urgent import is_urgent
from pipeline.service import periods
from pipeline.service.digests import Digester
from pipeline.service.register import recognised

PURPOSE = "alert"
# What was given to somebody longer ago stood in a digest since.
_FRESH = timedelta(days=1)


def queue_alerts(digester: Digester, policy: Policy, now: datetime) -> int:
    """Queue an alert for each urgent inquiry that nobody was told of yet; return how many.

    Each inquiry once, whoever has it; each liaison so many a day as the policy allows. What is urgent beyond that waits for
    the digest, which has it anyway.

    Parameters
    ----------
    policy
        With those paused who are off duty: they get none.
    """
    if digester.settings.smtp is None or not policy.alerts.a_day:
        return 0
    pressing = sorted(
        _pressing(digester, policy, now), key=lambda entry: (-entry.decision.priority, entry.key)
    )
    return sum(_alert(digester, policy, entry, now) for entry in pressing)


def _pressing(digester: Digester, policy: Policy, now: datetime) -> list[Entry]:
    ledger = digester.ledger
    fresh = [
        one.key
        for one in ledger.lives.standing()
        if one.state is State.ASSIGNED and one.assigned_at > now - _FRESH and one.liaison in policy.by_id
    ]
    found = recognised(ledger.organisations, ledger.lives.entries(fresh)) if fresh else ()
    return [
        entry
        for entry in found
        if (desk := policy.by_id.get(entry.liaison or ""))
        and desk.is_present(now)
        and is_urgent(entry, desk, policy, now)
    ]


def _alert(digester: Digester, policy: Policy, entry: Entry, now: datetime) -> int:
    desk, outbox = policy.by_id[entry.liaison or ""], digester.ledger.outbox
    midnight = periods.day(now.astimezone(ZoneInfo(desk.timezone)).date(), desk.timezone).start
    left = policy.alerts.a_day - outbox.count(desk.address, PURPOSE, midnight)
    # Who has it first: with many desks and many alerts, the others are seldom asked.
    asked = sorted(policy.desks, key=lambda one: one.id != desk.id) if left > 0 else ()
    if left <= 0 or any(outbox.holds(one.address, PURPOSE, entry.key) for one in asked):
        return 0
    return digester.queue_alert(desk, entry, left - 1, now)
