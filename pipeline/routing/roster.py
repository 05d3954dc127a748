"""Who is there today, who stands in for whom, and how much each holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.routing.policy import Liaison, Policy


def stand_in(liaison: Liaison, policy: Policy, now: datetime) -> Liaison | None:
    """Return `liaison` if present at `now`, else the first present one along the deputies, else None."""
    seen: set[str] = set()
    one: Liaison | None = liaison
    while one is not None and one.id not in seen:
        if one.is_present(now):
            return one
        seen.add(one.id)
        one = policy.by_id.get(one.deputy or "")
    return None


class Roster:
    """The liaisons on one day, and their open inquiries, counted on while more are handed out.

    Parameters
    ----------
    policy
        Who there is.
    loads
        Id to open inquiries; whoever is missing has none.
    now
        Aware.

    Attributes
    ----------
    present
        Who takes inquiries, by id.
    seats
        Pairs of a liaison and of who sits in their place today, by id of the latter; without those for whom nobody does.
    """

    def __init__(self, policy: Policy, loads: Mapping[str, int], now: datetime) -> None:
        self.policy = policy
        self.now = now
        self.open = {one.id: max(loads.get(one.id, 0), 0) for one in policy.liaisons}
        everybody = sorted(policy.liaisons, key=lambda one: one.id)
        self.present = tuple(one for one in everybody if one.is_present(now))
        held = ((one, stand_in(one, policy, now)) for one in everybody)
        taken = [(one, holder) for one, holder in held if holder is not None]
        self.seats = tuple(sorted(taken, key=lambda seat: (seat[1].id, seat[0].id)))

    def relative_load(self, liaison: Liaison) -> float:
        """Return open inquiries over capacity, with one more counted in."""
        return (self.open[liaison.id] + 1) / liaison.capacity

    def least_loaded(self, liaisons: Iterable[Liaison]) -> Liaison | None:
        """Return who of `liaisons` would be the least loaded with one more; of equals the first; None of nobody."""
        return min(liaisons, key=self.relative_load, default=None)

    def in_place_of(self, identifier: str | None) -> Liaison | None:
        """Return who takes what is meant for the liaison called `identifier`; None if nobody or no such liaison."""
        liaison = self.policy.by_id.get(identifier or "")
        return stand_in(liaison, self.policy, self.now) if liaison else None

    def fallback(self) -> Liaison:
        """Return who takes what nobody else does: the fallback, their deputy, or the least loaded one present.

        Where nobody is present at all it is the fallback: better a late answer than a lost inquiry.
        """
        someone = self.in_place_of(self.policy.fallback) or self.least_loaded(self.present)
        return someone or self.policy.by_id[self.policy.fallback]
