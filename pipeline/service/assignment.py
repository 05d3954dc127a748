"""Assign: give the inquiries that wait to liaisons."""

from __future__ import annotations

from collections import Counter

from pipeline.routing.assign import assign
from pipeline.routing.policy import Policy
from pipeline.service.ports import Clock, InquiryStore


def assign_waiting(store: InquiryStore, policy: Policy, clock: Clock) -> Counter[str]:
    """Assign all inquiries that have no liaison; return liaison id to number of new ones."""
    now = clock()
    waiting = store.unassigned()
    if not waiting:
        return Counter()
    chosen = assign(waiting, policy, store.loads(), now)
    store.assign(chosen, now)
    return Counter(assignment.liaison for assignment in chosen)
