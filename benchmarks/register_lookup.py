"""What entering an inquiry costs with a hundred and with a hundred thousand organisations in the register.

    .venv/bin/python benchmarks/register_lookup.py        (some two minutes)

The reference is the register of a hundred: what an inquiry costs may grow by half at most on the way to a hundred thousand.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert

from benchmarks.frame import Report, Spent, asking, cpus, spent, walls
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database.engine import writing
from pipeline.adapters.ledger.schema import inquiries, organisation_marks, organisations
from pipeline.assess.matching import choose, marks
from pipeline.records.organisations import Newcomer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (100, 1_000, 10_000, 100_000)
TRIES = 200
MOST = 1.5
KINDS = ("Museum", "Library", "Archive", "University", "Foundation", "Institute", "Association", "Radio")
SYLLABLES = ("ka", "lo", "mir", "ten", "bru", "sa", "vel", "nor", "dis", "pa", "gru", "ol", "hem", "ri")


def main() -> int:
    options = asking(__doc__).parse_args()
    report = Report(
        title="The register of organisations", against="a register of a hundred", quick=options.quick
    )
    found: dict[str, list[Spent]] = {}
    for size in SIZES[:3] if options.quick else SIZES:
        with tempfile.TemporaryDirectory() as folder:
            ledger = open_ledger(f"sqlite:///{Path(folder) / 'ledger.db'}")
            fill(ledger, size)
            found[f"{size:,} organisations"] = timings(ledger)
            ledger.close()
    first, *_, last = found
    one = f"to enter one inquiry, of {TRIES}, each in a transaction of its own"
    report.compare(
        f"Milliseconds of the processor {one}", cpus(found), first, unit="ms", digits=2, paired=False
    )
    report.compare(f"Milliseconds by the clock {one}", walls(found), first, unit="ms", digits=2, paired=False)
    growth = statistics.median(cpus(found)[last]) / statistics.median(cpus(found)[first])
    report.bar(f"an inquiry with {last}, times one with {first}", growth, at_most=MOST)
    return report.done()


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


def timings(ledger: SqlLedger) -> list[Spent]:
    """Enter inquiries, half of them of organisations that are known, each in a transaction of its own."""
    found = []
    for number in range(1, TRIES + 1):
        seed = random.Random(7 if number % 2 else 11)
        one = newcomer(seed, number)
        found.append(spent(partial(ledger.organisations.register, [(one, marks(one))], choose, NOW)))
    return found


def newcomer(seed: random.Random, number: int) -> Newcomer:
    name = " ".join("".join(seed.choices(SYLLABLES, k=3)).capitalize() for _ in range(2))
    country = seed.choice(("DE", "FR", "IN", "KE", "BR", "JP"))
    return Newcomer(
        inquiry=f"K{number}", number=number, organisation=f"{seed.choice(KINDS)} {name}", domain=f"d{number}.example",
        address=f"a@d{number}.example", kind="museum", country=country, region=None, opened_at=NOW,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
