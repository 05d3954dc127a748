"""How long it takes to give inquiries to liaisons, and how good that is, beside taking them one by one.

The reference (greedy) gives each inquiry, the most pressing first, to the liaison who is cheapest at that moment, by the same
prices. "cost" is what all pairings cost together, load left out; "over" how many inquiries are beyond a capacity. The bars are
ten seconds for 10,000 inquiries and 500 liaisons, and 0.2 s for a day's 200.

    python benchmarks/assign.py
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.frame import Report, asking, figure
from pipeline.records.decisions import Decision, Disposition, Tags
from pipeline.records.messages import Address
from pipeline.records.work import Entry
from pipeline.resources import packaged
from pipeline.routing.assign import assign
from pipeline.routing.balance import Prices
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.roster import Roster
from pipeline.taxonomy import Taxonomy, load_taxonomy

_NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
_TRIES = 5
# Inquiries, liaisons, and the seconds that it may take.
_SIZES = ((200, 20, 0.2), (200, 500, 0.2), (2_000, 100, 5.0), (10_000, 500, 10.0))
_LANGUAGES = ("en", "es", "fr", "de", "pt", "hi", "ar", "id", "pl", "sw")
_ZONES = ("Europe/Brussels", "Africa/Nairobi", "Asia/Kolkata", "America/Bogota", "Asia/Jakarta", "UTC")
_COUNTRIES = ("BE", "KE", "IN", "CO", "ID", None)
Chosen = dict[str, str]


HEADER = ("inquiries", "liaisons", "", "median s", "least to most", "speed, greedy = 1", "cost", "over")


def main() -> int:
    """Print the table."""
    options = asking(__doc__).parse_args()
    report = Report(
        title="Assignment",
        against="the cheapest one by one (greedy), by the same prices",
        quick=options.quick,
    )
    taxonomy = load_taxonomy(packaged("rules"))
    warm = _entries(2, taxonomy, random.Random(1))
    assign(warm, _policy(2, taxonomy, random.Random(1)), {}, _NOW)  # scipy and the holidays are loaded once
    rows, medians = [], []
    for count, people, limit in _SIZES[:2] if options.quick else _SIZES:
        chance = random.Random(count + people)
        entries, policy = _entries(count, taxonomy, chance), _policy(people, taxonomy, chance)
        reference, greedily = _timed(partial(_greedy, entries, policy))
        times, chosen = _timed(partial(_assigned, entries, policy))
        rows.append(_row("greedy", reference, reference, greedily, entries, policy))
        rows.append(_row("assign", times, reference, chosen, entries, policy))
        medians.append((f"{count:,} inquiries to {people} liaisons", statistics.median(times), limit))
    report.table(f"Seconds of the processor, {_TRIES} times each", HEADER, rows)
    for what, median, limit in medians:
        report.bar(what, median, "s", at_most=limit)
    return report.done()


def _timed(work: Callable[[], Chosen]) -> tuple[list[float], Chosen]:
    times, found = [], {}
    for _ in range(_TRIES):
        started = time.process_time()
        found = work()
        times.append(time.process_time() - started)
    return times, found


def _assigned(entries: Sequence[Entry], policy: Policy) -> Chosen:
    return {one.inquiry: one.liaison for one in assign(entries, policy, {}, _NOW)}


def _greedy(entries: Sequence[Entry], policy: Policy) -> Chosen:
    """Give each inquiry to whoever is cheapest now, a desk the dearer the fuller it is."""
    roster = Roster(policy, {}, _NOW)
    rows = Prices(roster).rows(entries)
    open_ = np.zeros(len(roster.present))
    capacity = np.array([one.capacity for one in roster.present], dtype=float)
    chosen = {}
    order = sorted(range(len(entries)), key=lambda number: -entries[number].decision.priority)
    for number in order:
        costs = rows[number] + 3.0 * open_ / capacity + np.where(open_ >= capacity, 8.0, 0.0)
        best = int(np.argmin(costs))
        name = policy.fallback if np.isinf(costs[best]) else roster.present[best].id
        open_[[one.id for one in roster.present].index(name)] += 1
        chosen[entries[number].key] = name
    return chosen


def _row(
    name: str,
    times: Sequence[float],
    reference: Sequence[float],
    chosen: Chosen,
    entries: Sequence[Entry],
    policy: Policy,
) -> tuple[str, ...]:
    speed = statistics.median(reference) / max(statistics.median(times), 1e-9)
    loads = Counter(chosen.values())
    over = sum(max(load - policy.by_id[one].capacity, 0) for one, load in loads.items())
    spread = f"{figure(min(times))} to {figure(max(times))}"
    sizes = f"{len(entries):,}", f"{len(policy.liaisons):,}"
    cost = f"{_cost(chosen, entries, policy):,.0f}"
    return (*sizes, name, figure(statistics.median(times)), spread, f"{speed:.1f}", cost, f"{over:,}")


def _cost(chosen: Chosen, entries: Sequence[Entry], policy: Policy) -> float:
    """Return what the pairings cost, load left out; those that nobody takes are left out, too."""
    roster = Roster(policy, {}, _NOW)
    rows = Prices(roster).rows(entries)
    place = {one.id: index for index, one in enumerate(roster.present)}
    costs = np.array([rows[number, place[chosen[one.key]]] for number, one in enumerate(entries)])
    return float(costs[np.isfinite(costs)].sum())


def _policy(count: int, taxonomy: Taxonomy, chance: random.Random) -> Policy:
    regions, types = taxonomy.values("region"), taxonomy.values("partner_type")
    people = tuple(
        Liaison(
            id=f"l{number}",
            name=f"Liaison {number}",
            address=f"l{number}@liaisons.example",
            languages=("en", *chance.sample(_LANGUAGES[1:], 2)),
            regions=tuple(chance.sample(regions, 3)),
            partner_types=tuple(chance.sample(types, 6)) if chance.random() < 0.3 else (),
            capacity=24,
            timezone=chance.choice(_ZONES),
            country=chance.choice(_COUNTRIES),
        )
        for number in range(count)
    )
    return Policy(fallback="l0", liaisons=people)


def _entries(count: int, taxonomy: Taxonomy, chance: random.Random) -> list[Entry]:
    return [
        Entry(
            key=f"K{number:05}",
            decision=_decision(number, taxonomy, chance),
            author=Address(),
            organisation="",
            subject="",
            text="",
            received_at=_NOW,
        )
        for number in range(count)
    ]


def _decision(number: int, taxonomy: Taxonomy, chance: random.Random) -> Decision:
    region = chance.choice(taxonomy.values("region"))
    inside = [country for country, lies_in in taxonomy.countries.items() if lies_in == region]
    return Decision(
        sha256=str(number),
        disposition=Disposition.ASSIGN,
        tags=Tags(
            kind="partnership",
            partner_type=chance.choice(taxonomy.values("partner_type")),
            activities=tuple(chance.sample(taxonomy.values("activities"), 2)),
            country=chance.choice(inside) if inside else None,
            region=region,
            alignment="aligned",
        ),
        abstained=(),
        confidence={},
        priority=chance.randint(0, 100),
        language=chance.choice(_LANGUAGES),
        summary="",
        evidence=(),
        rulebook_version="",
        model_version="",
        decided_at=_NOW,
    )


if __name__ == "__main__":
    sys.exit(main())
