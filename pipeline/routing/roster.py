"""Who is there today, who stands in for whom, and how much each holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from pipeline.routing.policy import Liaison, Policy


def stand_in(
    liaison: Liaison, policy: Policy, now: datetime, refused: Collection[str] = ()
) -> Liaison | None:
    """Return `liaison` if present at `now`, else the first present one among the deputies and theirs, else None.

    A deputy comes before the deputies' own deputies; whoever `refused` is passed over.
    """
    return next(_line(liaison, policy, now, refused), None)


def _line(liaison: Liaison, policy: Policy, now: datetime, refused: Collection[str]) -> Iterator[Liaison]:
    """Yield those present among `liaison`, the deputies and theirs, in the order in which they are asked."""
    seen: set[str] = set()
    queue: list[str] = [liaison.id]
    while queue:
        one = policy.by_id.get(queue.pop(0))
        if one is None or one.id in seen:
            continue
        if one.is_present(now) and one.id not in refused:
            yield one
        seen.add(one.id)
        queue += one.deputy


def deputy_of(liaison: Liaison, policy: Policy, now: datetime) -> Liaison | None:
    """Return who stands in for `liaison` at `now`, though they be there themselves; None if nobody does."""
    return stand_in(liaison, policy, now, refused=(liaison.id,))


def deputy_with_room(
    liaison: Liaison, policy: Policy, now: datetime, loads: Mapping[str, int], refused: Collection[str] = ()
) -> Liaison | None:
    """Return the first deputy whose desk is not full; where all are, the least overloaded; None if nobody stands in."""
    there = list(_line(liaison, policy, now, (liaison.id, *refused)))
    room = (one for one in there if loads.get(one.id, 0) < one.capacity)
    least = min(there, key=lambda one: (loads.get(one.id, 0) + 1) / one.capacity, default=None)
    return next(room, least)


def on_duty(policy: Policy, off: Collection[str]) -> Policy:
    """Return `policy` with those paused who are `off` duty: they said so, or mail to them comes back."""
    if not any(desk.id in off for desk in policy.desks):
        return policy
    tables = {
        name: tuple(
            desk.model_copy(update={"paused": True}) if desk.id in off else desk
            for desk in getattr(policy, name)
        )
        for name in ("liaisons", "groups")
    }
    return policy.model_copy(update=tables)


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
    refused
        KEY of an inquiry to the ids of those who gave it back: they do not get it again.

    Attributes
    ----------
    present
        To whom inquiries are shared out, by id.
    seats
        Pairs of a liaison and of who sits in their place today, by id of the latter; without those for whom nobody does.
    """

    def __init__(
        self,
        policy: Policy,
        loads: Mapping[str, int],
        now: datetime,
        refused: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.policy = policy
        self.now = now
        self.refused = refused or {}
        self.open = {one.id: max(loads.get(one.id, 0), 0) for one in policy.desks}
        everybody = sorted(policy.takers, key=lambda one: one.id)
        held = ((one, stand_in(one, policy, now)) for one in everybody)
        taken = [(one, holder) for one, holder in held if holder is not None]
        self.seats = tuple(sorted(taken, key=lambda seat: (seat[1].id, seat[0].id)))
        holders = {holder.id: holder for _, holder in self.seats}
        self.present = tuple(holders[identifier] for identifier in sorted(holders))

    def relative_load(self, liaison: Liaison) -> float:
        """Return open inquiries over capacity, with one more counted in."""
        return (self.open[liaison.id] + 1) / liaison.capacity

    def least_loaded(self, liaisons: Iterable[Liaison]) -> Liaison | None:
        """Return who of `liaisons` would be the least loaded with one more; of equals the first; None of nobody."""
        return min(liaisons, key=self.relative_load, default=None)

    def in_place_of(self, identifier: str | None, key: str = "") -> Liaison | None:
        """Return who takes what is meant for the liaison called `identifier`; None if nobody or no such liaison.

        Whoever gave the inquiry `key` back is passed over.
        """
        liaison = self.policy.by_id.get(identifier or "")
        return stand_in(liaison, self.policy, self.now, self.refused.get(key, ())) if liaison else None

    def fallback(self, key: str = "") -> Liaison:
        """Return who takes what nobody else does: the fallback, their deputy, or the least loaded one present.

        What somebody gave back goes to their deputy before. Where all of them gave the inquiry `key` back or are away, it is
        the fallback: better a late answer than a lost inquiry.
        """
        refused = self.refused.get(key, ())
        next_ones = (*sorted(refused), self.policy.fallback)
        found = (self.in_place_of(identifier, key) for identifier in next_ones)
        rest = (one for one in self.present if one.id not in refused)
        someone = next((one for one in found if one), None) or self.least_loaded(rest)
        return someone or self.policy.by_id[self.policy.fallback]
