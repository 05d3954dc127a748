"""Assign: give the inquiries that wait to liaisons; who comes again goes to the liaison who knows them."""

from __future__ import annotations

from collections import Counter

from pipeline.routing.assign import assign
from pipeline.routing.policy import Policy
from pipeline.service.ports import Clock, InquiryStore, OrganisationStore


def assign_waiting(
    store: InquiryStore, policy: Policy, clock: Clock, register: OrganisationStore
) -> Counter[str]:
    """Assign all inquiries that have no liaison; return liaison id to number of new ones.

    Whoever dealt with the thread or the organisation before gets it again, or their deputy; who has left since then
    does not count.
    """
    now = clock()
    waiting = store.unassigned()
    if not waiting:
        return Counter()
    former = register.former([entry.key for entry in waiting])
    chosen = assign(waiting, policy, store.loads(), now, former=former)
    store.assign(chosen, now)
    return Counter(assignment.liaison for assignment in chosen)
