"""What entering an inquiry costs with a hundred and with a hundred thousand organisations in the register.

.venv/bin/python benchmarks/register_lookup.py        (some two minutes)
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.engine import writing
from pipeline.adapters.ledger.schema import inquiries, organisation_marks, organisations
from pipeline.assess.matching import choose, marks
from pipeline.records.organisations import Newcomer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (100, 1_000, 10_000, 100_000)
TRIES = 200
KINDS = ("Museum", "Library", "Archive", "University", "Foundation", "Institute", "Association", "Radio")
SYLLABLES = ("ka", "lo", "mir", "ten", "bru", "sa", "vel", "nor", "dis", "pa", "gru", "ol", "hem", "ri")


def main() -> None:
    print(f"{'organisations':>13} {'median ms':>10} {'middle half':>15} {'ratio to 100':>13}")
    first = 0.0
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            ledger = open_ledger(f"sqlite:///{Path(folder) / 'ledger.db'}")
            fill(ledger, size)
            low, middle, high = (1000 * one for one in statistics.quantiles(timings(ledger), n=4))
            ledger.close()
        first = first or middle
        print(f"{size:>13,} {middle:>10.2f} {low:>7.2f}-{high:>6.2f} {middle / first:>13.2f}")


def fill(ledger: SqlLedger, size: int) -> None:
    seed = random.Random(7)
    newcomers = [newcomer(seed, number) for number in range(1, size + 1)]
    rows = [
        {"id": one.number, "name": one.organisation, "country": one.country, "met_at": NOW}
        for one in newcomers
    ]
    kept = [
        {"organisation_id": one.number, "kind": mark.kind.value, "value": mark.value}
        for one in newcomers
        for mark in marks(one)
    ]
    with writing(ledger.engine) as connection:
        connection.execute(insert(organisations), rows)
        connection.execute(insert(organisation_marks), kept)
        connection.execute(
            insert(inquiries),
            [{"id": n, "key": f"K{n}", "state": "received", "opened_at": NOW} for n in range(1, TRIES + 1)],
        )


def timings(ledger: SqlLedger) -> list[float]:
    """Enter inquiries, half of them of organisations that are known, each in a transaction of its own."""
    found = []
    for number in range(1, TRIES + 1):
        seed = random.Random(7 if number % 2 else 11)
        one = newcomer(seed, number)
        begin = time.perf_counter()
        ledger.organisations.register([(one, marks(one))], choose, NOW)
        found.append(time.perf_counter() - begin)
    return found


def newcomer(seed: random.Random, number: int) -> Newcomer:
    name = " ".join("".join(seed.choices(SYLLABLES, k=3)).capitalize() for _ in range(2))
    country = seed.choice(("DE", "FR", "IN", "KE", "BR", "JP"))
    return Newcomer(
        inquiry=f"K{number}", number=number, organisation=f"{seed.choice(KINDS)} {name}", domain=f"d{number}.example",
        address=f"a@d{number}.example", kind="museum", country=country, region=None, opened_at=NOW,
    )  # fmt: skip


if __name__ == "__main__":
    main()
