"""Simulate: what another file of liaisons would have done with the inquiries of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.routing.policy import Policy
from pipeline.routing.simulate import Simulation, replay
from pipeline.service.escalation import to_be_looked_at
from pipeline.service.ports import Ledger, Progress, silent
from pipeline.service.register import recognised

# Inquiries whose organisations are looked up together.
_BATCH = 400


def simulate(
    ledger: Ledger, policy: Policy, since: datetime | None = None, progress: Progress = silent
) -> Simulation:
    """Give the inquiries that came at `since` or later out again, by `policy`; the ledger stays as it is."""
    careers = list(ledger.lives.careers(since))
    looked_up = []
    for start in range(0, len(careers), _BATCH):
        some = careers[start : start + _BATCH]
        entries = recognised(ledger.organisations, tuple(one.entry for one in some))
        looked_up += [
            replace(one, entry=to_be_looked_at(entry)) for one, entry in zip(some, entries, strict=True)
        ]
        progress("read", len(looked_up), len(careers))
    return replay(looked_up, policy)
