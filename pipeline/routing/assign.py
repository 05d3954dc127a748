"""Who gets which inquiry: what has its own way first, the rest together at minimum cost.

What counts: language, place, type and activities (`scope`), who is there in time (`hours`), and how full a desk is. Desks are filled up to
their capacity at the least total cost; what is left over goes to the suitable liaison with the least relative
load beyond it. Everything open is assigned: capacity is a wish, a lost inquiry is not. Time to answer begins when the liaison
gets it, so that a backlog does not arrive overdue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from pipeline.records.decisions import Disposition
from pipeline.records.work import Assignment, Entry
from pipeline.routing import balance, reasons
from pipeline.routing.deadlines import due_for
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.roster import Roster
from pipeline.routing.routes import ROTA, forward_of, is_low_priority, places, told_by

# So many are shared out at once, the most pressing first: a day's mail together, and a backlog in linear time.
_BATCH = 250


def assign(
    entries: Sequence[Entry],
    policy: Policy,
    loads: Mapping[str, int],
    now: datetime,
    former: Mapping[str, str] | None = None,
    refused: Mapping[str, Collection[str]] | None = None,
) -> tuple[Assignment, ...]:
    """Assign each of the `entries` to one liaison; those to be filed to nobody.

    Parameters
    ----------
    entries
        Inquiries that nobody holds, each with a key of its own.
    loads
        Id of a liaison to the number of their open inquiries.
    now
        Aware; decides who is absent.
    former
        Key of an entry to the id of who already deals with its thread or organisation; they keep it.
    refused
        Key of an entry to the ids of those who gave it back; they do not get it again, while there is anybody else.

    Returns
    -------
    tuple of Assignment
        The most pressing first. The order of `entries` makes no difference.
    """
    roster = Roster(policy, loads, now, refused)
    waiting = sorted(
        (entry for entry in entries if entry.decision.disposition is not Disposition.FILE),
        key=lambda entry: (-entry.decision.priority, entry.received_at, entry.key),
    )
    handed: dict[str, Assignment] = {}
    shared: list[Entry] = []
    for entry in waiting:
        way = _own_way(entry, roster, former or {})
        if way is None:
            shared.append(entry)
        else:
            handed[entry.key] = _hand(entry, *way, roster)
    for entry, liaison, reason in _shared_out(shared, roster):
        handed[entry.key] = _hand(entry, liaison, reason, roster)
    return tuple(handed[entry.key] for entry in waiting)


def _own_way(entry: Entry, roster: Roster, former: Mapping[str, str]) -> tuple[Liaison, str] | None:
    """Return who gets `entry` whatever its place and type, and why; None if it is to be shared out."""
    if entry.decision.disposition is Disposition.REVIEW:
        return _reviewer(roster, entry.key), reasons.for_review(entry.decision)
    ruled = _by_rule(entry, roster)
    if ruled:
        return ruled, reasons.by_rule(entry.decision)
    known = roster.in_place_of(former.get(entry.key), entry.key)
    if known:
        return known, reasons.FORMER
    route = route_of(entry, roster.policy)
    if route is None:
        return None
    identifier, reason = route
    return roster.in_place_of(identifier, entry.key) or roster.fallback(entry.key), reason


def moved(entry: Entry, absent: Liaison, deputy: Liaison, roster: Roster) -> str:
    """Return why `deputy` gets the `entry` of an `absent` liaison, and count it there.

    What was said of the absent one, such as the languages that they read, does not hold of the deputy.
    """
    ways = [reasons.standing_in(absent)]
    route = route_of(entry, roster.policy)
    if entry.decision.disposition is Disposition.REVIEW:
        ways.append(reasons.for_review(entry.decision))
    elif entry.decision.route in places(roster.policy):
        ways.append(reasons.by_rule(entry.decision))
    elif reasons.FORMER in entry.reason.split("; "):
        ways.append(reasons.FORMER)
    elif route is not None:
        ways.append(route[1])
    text = reasons.sentence(entry, deputy, "; ".join(ways), roster)
    roster.open[deputy.id] += 1
    return text


def _by_rule(entry: Entry, roster: Roster) -> Liaison | None:
    """Return who gets `entry` because a rule names them; None if no rule does, or nobody is called so any more."""
    named = places(roster.policy).get(entry.decision.route or "")
    if named is None:
        return None
    if named == ROTA:
        return _reviewer(roster, entry.key)
    return roster.in_place_of(named, entry.key) or roster.fallback(entry.key)


def route_of(entry: Entry, policy: Policy) -> tuple[str, str] | None:
    """Return the id of who gets all mail of the entry's kind or topic, and why; None if it has no route of its own."""
    kind = entry.decision.tags.kind
    if kind == "endorsement" and policy.routes.endorsement:
        return policy.routes.endorsement, reasons.ENDORSEMENT
    if kind == "misdirected":
        teller = told_by(entry, policy)
        return (teller, reasons.misdirected(forward_of(entry, policy))) if teller else None
    if policy.low_priority and is_low_priority(entry, policy):
        return policy.low_priority, reasons.LOW_PRIORITY
    return None


def _reviewer(roster: Roster, key: str) -> Liaison:
    """Return the least loaded of the triage rota; of equals who comes first on it."""
    rota = (roster.in_place_of(identifier, key) for identifier in roster.policy.triage)
    return roster.least_loaded(one for one in rota if one) or roster.fallback(key)


def _shared_out(entries: Sequence[Entry], roster: Roster) -> Iterator[tuple[Entry, Liaison, str]]:
    """Yield each of `entries` with its liaison; whoever reads on has counted the one before as a load."""
    if not entries:
        return
    prices = balance.Prices(roster)
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        rows = prices.rows(batch)
        left: list[int] = []
        for number, index in enumerate(balance.within_capacity(rows, roster)):
            if index is None:
                left.append(number)
            else:
                yield batch[number], roster.present[index], reasons.SHARED
        for number in left:
            index = balance.beyond_capacity(rows[number], roster)
            if index is None:
                yield batch[number], roster.fallback(batch[number].key), reasons.FALLBACK
            else:
                yield batch[number], roster.present[index], reasons.SHARED


def _hand(entry: Entry, liaison: Liaison, reason: str, roster: Roster) -> Assignment:
    """Count `entry` as the load of `liaison`, and write down why and until when."""
    text = reasons.sentence(entry, liaison, reason, roster)
    roster.open[liaison.id] += 1
    due = due_for(entry.decision, liaison, roster.now, roster.policy)
    return Assignment(inquiry=entry.key, liaison=liaison.id, reason=text, due_at=due)
