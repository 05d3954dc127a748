"""Assign: give the inquiries that wait to liaisons; who comes again goes to the liaison who knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pipeline.routing.assign import assign
from pipeline.routing.policy import Policy
from pipeline.routing.roster import on_duty
from pipeline.service.escalation import look_after, to_be_looked_at
from pipeline.service.ports import Clock, InquiryStore, Ledger
from pipeline.service.ports_organisations import OrganisationStore
from pipeline.service.ports_people import DutyStore, LifeStore


def assign_all(ledger: Ledger, policy: Policy, clock: Clock) -> tuple[Counter[str], Counter[str]]:
    """Assign what waits and look after what is open; return liaison id to number of new ones, and what else was done."""
    serving = policy_now(policy, ledger.duties)
    assigned = assign_waiting(ledger.inquiries, serving, clock, ledger.organisations, ledger.lives)
    return assigned, look_after(ledger, serving, clock)


def policy_now(policy: Policy, duties: DutyStore) -> Policy:
    """Return `policy` with those paused who said so by mail, or whom mail does not reach."""
    return on_duty(policy, frozenset(duties.current()))


def assign_waiting(
    store: InquiryStore,
    policy: Policy,
    clock: Clock,
    register: OrganisationStore,
    lives: LifeStore | None = None,
) -> Counter[str]:
    """Assign all inquiries that have no liaison; return liaison id to number of new ones.

    Whoever dealt with the thread or the organisation before gets it again, or their deputy; who has left since then
    does not count, nor who gave it back.
    """
    now = clock()
    waiting = [to_be_looked_at(entry) for entry in store.unassigned()]
    if not waiting:
        return Counter()
    keys = [entry.key for entry in waiting]
    refused: Mapping[str, frozenset[str]] = lives.declined(keys) if lives else {}
    former = {
        key: liaison for key, liaison in register.former(keys).items() if liaison not in refused.get(key, ())
    }
    chosen = assign(waiting, policy, store.loads(), now, former=former, refused=refused)
    store.assign(chosen, now)
    return Counter(assignment.liaison for assignment in chosen)
