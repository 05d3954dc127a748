"""Inquiries times desks: what each pairing costs, and the cheapest way to share them all out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from math import ceil, inf
from typing import TYPE_CHECKING

from pipeline.records.work import Entry
from pipeline.routing import hours, scope
from pipeline.routing.deadlines import working_days
from pipeline.routing.policy import Group, Liaison
from pipeline.routing.roster import Roster

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Costs = NDArray[np.float64]

# An empty desk against a full one weighs as much as naming a region against naming nothing, and a little more.
_FULL_DESK = 3.0
# Beyond capacity fairness comes first: a whole desk more weighs as much as a language that is not read.
_OVERFULL = scope.NOT_READ
# Whoever stands in comes after those who take such inquiries themselves.
_STANDING_IN = 1.0
_IMPOSSIBLE = 1e6


class Prices:
    """What it costs to give an inquiry to each liaison who is present, load left out.

    Each distinct place, type, set of activities, language and time to answer is priced once, as a vector over the seats.
    """

    def __init__(self, roster: Roster) -> None:
        import numpy as np

        self._roster = roster
        self._seats = roster.seats
        self._known: dict[Hashable, Costs] = {}
        holders = [holder.id for _, holder in roster.seats]
        self._first = np.array([holders.index(one.id) for one in roster.present], dtype=np.intp)
        self._standing_in = np.array([_STANDING_IN * (one.id != holder.id) for one, holder in roster.seats])

    def rows(self, entries: Sequence[Entry]) -> Costs:
        """Return entries times present liaisons; infinite where place or type is not what a liaison takes.

        Infinite, too, where a liaison gave the entry back before.
        """
        import numpy as np

        if not self._seats:
            return np.empty((len(entries), 0))
        by_seat = np.stack([self._of(entry) for entry in entries])
        rows = np.asarray(np.minimum.reduceat(by_seat, self._first, axis=1), dtype=np.float64)
        for number, entry in enumerate(entries):
            for index, liaison in enumerate(
                self._roster.present if entry.key in self._roster.refused else ()
            ):
                if liaison.id in self._roster.refused[entry.key]:
                    rows[number, index] = np.inf
        return rows

    def _of(self, entry: Entry) -> Costs:
        tags, language = entry.decision.tags, entry.decision.language
        place = (tags.country, tags.region)
        kind, wanted = tags.partner_type, tags.activities
        days, now = working_days(entry.decision.priority, self._roster.policy), self._roster.now
        total: Costs = (
            self._vector(("place", *place), lambda one, _: _place_cost(one, *place))
            + self._vector(("type", kind), lambda one, _: scope.type_cost(one, kind))
            + self._vector(("activities", wanted), lambda one, _: scope.activity_cost(one, wanted))
            + self._vector(("language", language), lambda one, holder: _language_cost(one, holder, language))
            + self._vector(("time", days), lambda _, holder: hours.time_cost(holder, now, days))
            + self._standing_in
        )
        return total

    def _vector(self, key: Hashable, price: Callable[..., float]) -> Costs:
        import numpy as np

        if key not in self._known:
            self._known[key] = np.array([price(one, holder) for one, holder in self._seats])
        return self._known[key]


def _place_cost(one: Liaison, country: str | None, region: str | None) -> float:
    """Return how far a place is from what `one` takes; a chapter is not given what may come from anywhere."""
    cost = scope.place_cost(one, country, region)
    bound = isinstance(one, Group) and (one.regions or one.countries)
    return inf if bound and cost >= scope.BLANKET else cost


def _language_cost(one: Liaison, holder: Liaison, language: str) -> float:
    """Return what it costs that the `holder` of a seat may not read a language; to a group it is a limit."""
    if isinstance(one, Group) and not scope.reads(one, language):
        return inf
    return scope.language_cost(holder, language)


def within_capacity(rows: Costs, roster: Roster) -> list[int | None]:
    """Return for each row the index of its liaison in ``roster.present``, None where no desk has room.

    The Hungarian problem over one column for each free place, which costs the more the fuller the desk is
    by then, so that equal desks fill evenly (D. F. Crouse, On implementing 2D rectangular assignment algorithms, 2016,
    as in scipy.optimize.linear_sum_assignment).
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    free = [_places(index, rows.shape, roster) for index in range(len(roster.present))]
    desk = np.repeat(np.arange(len(free)), free)
    chosen: list[int | None] = [None] * len(rows)
    if not len(desk):
        return chosen
    filled = np.concatenate([_filling(index, count, roster) for index, count in enumerate(free)])
    costs = np.minimum(rows[:, desk] + filled, _IMPOSSIBLE)
    for row, column in zip(*linear_sum_assignment(costs), strict=True):
        if costs[row, column] < _IMPOSSIBLE:
            chosen[row] = int(desk[column])
    return chosen


def _places(index: int, shape: tuple[int, ...], roster: Roster) -> int:
    """Return how many free places of a desk take part: no more than could matter, so that the matrix stays small.

    Sixteen times the even share is enough; what finds no place goes the way of `beyond_capacity`.
    """
    liaison = roster.present[index]
    room = max(liaison.capacity - roster.open[liaison.id], 0)
    entries, desks = shape
    return min(room, entries, max(8, ceil(16 * entries / desks)))


def _filling(index: int, count: int, roster: Roster) -> Costs:
    import numpy as np

    liaison = roster.present[index]
    return _FULL_DESK * (roster.open[liaison.id] + np.arange(count)) / liaison.capacity


def beyond_capacity(row: Costs, roster: Roster) -> int | None:
    """Return the index of the suitable liaison with the least relative load, or None where nobody suits.

    A language that is not read counts as a whole desk more.
    """
    import numpy as np

    suitable = [int(index) for index in np.flatnonzero(np.isfinite(row))]
    return min(suitable, key=partial(_overflow, row=row, roster=roster), default=None)


def _overflow(index: int, row: Costs, roster: Roster) -> float:
    return _OVERFULL * roster.relative_load(roster.present[index]) + float(row[index])
