"""Which inquiries are urgent: their liaison is told at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.records.decisions import Disposition
from pipeline.records.work import Entry, State
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.routes import is_low_priority


def is_urgent(entry: Entry, desk: Liaison, policy: Policy, now: datetime) -> bool:
    """Return whether `desk` is to be told of an inquiry at once: they got it, did not react yet, and it presses.

    What is to be reviewed or filed never is, nor what is on the low-priority list, however it shouts.
    """
    if entry.state is not State.ASSIGNED or entry.decision.disposition is not Disposition.ASSIGN:
        return False
    if is_low_priority(entry, policy) or entry.decision.tags.kind == "misdirected":
        return False
    alerts, priority = policy.alerts, entry.decision.priority
    if priority >= alerts.priority:
        return True
    wanted = entry.decision.tags.criteria.urgency
    if wanted is None or priority < alerts.from_priority:
        return False
    today = now.astimezone(ZoneInfo(desk.timezone)).date()
    return 0 <= (wanted - today).days <= alerts.within_days
