"""How bulk work grows: workers, a Dask cluster, PostgreSQL, a ledger of a million decisions, and the reckoning from that.

    .venv/bin/python benchmarks/scaling.py [--mails 2000] [--sizes 1000,...,1000000] [--poll-ms 50] [--quick]
    .venv/bin/python benchmarks/scaling.py --reckon      the reckoning from what was measured last, into docs/scaling.md

Ten minutes on two quiet cores.

1. `triage import` of an mbox with one process, with two workers and on a Dask cluster of two, each a new process, start-up
   counted; the reference is one process. On one core the ratio stays at 1 or below: look at it with as many cores.
2. The steps by themselves, in one warm process: storing, judging (what workers do), keeping (what one process does for all).
3. Keeping on PostgreSQL beside SQLite (the reference), if PostgreSQL is installed (tests/servers.sh).
4. Keeping 50 mails, and finding an inquiry by its KEY, in ledgers of 10^3 to 10^6 decisions; the reference is the smallest.
   The transaction is undone each time, so commits do not count.
5. What that comes to for 10,000,000 mails and 1,000 mailboxes; what it is reckoned from is kept in build/scaling.json.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, select

from benchmarks.frame import Report, asking, cpus, in_turns, run_triage, spent, walls
from benchmarks.import_archive import write
from benchmarks.ledgers import ledger_of
from benchmarks.reckoning import KEPT, Costs, reckon, reckoning
from pipeline import wiring
from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database.engine import writing
from pipeline.adapters.ledger.inquiries.table import InquiryTable
from pipeline.adapters.ledger.mail.imports import ImportTable
from pipeline.adapters.ledger.schema import inquiries
from pipeline.adapters.ledger.together import Parts
from pipeline.records.work import Reading, StoredMessage
from pipeline.service.answers import Taken
from pipeline.service.bulk import BulkTagging
from pipeline.service.importing import import_archives
from pipeline.service.judging import Judged
from pipeline.service.triage import keep
from pipeline.settings import Settings
from pipeline.wiring.workers import judged, let_go, orders
from tests.support import postgres
from tests.support.cluster import running_cluster

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ALONE, TWO, DASK = "1 process", "2 workers", "Dask, 2 workers"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
LOOKUPS = 50
FLAT = 0.5
Pairs = list[tuple[tuple[StoredMessage, ...], Sequence[Judged]]]


class Undo(Exception):
    """Ends a transaction without a trace."""


def main() -> int:
    options = arguments()
    if options.reckon:
        return reckon()
    report = Report(
        title="Bulk work", against="one process; SQLite; the smallest ledger", quick=options.quick
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box = folder / "archive.mbox"
        write(box, options.mails)
        if not options.no_workers:
            at("workers and Dask")
            workers(report, folder, box, options.mails, options.rounds)
        at("step by step")
        costs, known = steps(report, folder, box, options.mails)
        at("SQLite and PostgreSQL")
        times = engines(report, folder, known, options.rounds)
        at("growth")
        growth(report, folder, known[0], options.sizes, options.rounds)
    costs = replace(
        costs,
        postgresql=times,
        poll=options.poll_ms / 1000,
        mails=options.mails,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    reckoning(report, costs)
    if not options.quick:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(asdict(costs)) + "\n", encoding="utf-8")
    return report.done()


def at(part: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {part}", file=sys.stderr, flush=True)


def arguments() -> Any:
    asked = asking(__doc__)
    asked.add_argument("--mails", type=int, default=0, help="in the archive (2000; quick: 120)")
    asked.add_argument("--rounds", type=int, default=0, help="(3; quick: 1)")
    asked.add_argument("--sizes", default="", help="decisions in ledgers (1000 to 1000000; quick: 1000,3000)")
    asked.add_argument("--poll-ms", type=float, default=50.0, help="a poll with nothing new (imap_poll.py)")
    asked.add_argument("--no-workers", action="store_true", help="leave out the first part")
    asked.add_argument(
        "--reckon",
        action="store_true",
        help="measure nothing: reckon from the last run, into docs/scaling.md",
    )
    options = asked.parse_args()
    options.mails = options.mails or (120 if options.quick else 2_000)
    options.rounds = options.rounds or (1 if options.quick else 3)
    sizes = options.sizes or ("1000,3000" if options.quick else ",".join(map(str, SIZES)))
    options.sizes = [int(one) for one in sizes.split(",")]
    return options


# ---------------------------------------------------------------- workers


def workers(report: Report, folder: Path, box: Path, mails: int, rounds: int) -> None:
    with cluster() as address:
        ways = {ALONE: ("--workers", "1"), TWO: ("--workers", "2"), DASK: ("--dask", address)}
        taken = in_turns(
            {name: partial(imported, folder, box, words) for name, words in ways.items() if words[1]},
            rounds,
            warm=False,
        )
    report.compare(f"Import and tags of {mails:,} mails", walls(taken), ALONE, count=mails, digits=1)
    report.say("A cluster that is up already has its workers' libraries loaded after the first round.")


def imported(folder: Path, box: Path, words: Sequence[str]) -> None:
    for left in folder.glob("triage.db*"):
        left.unlink()
    (folder / "triage.toml").write_text("", encoding="utf-8")
    run_triage("import", "--json", *words, str(box), folder=folder)


@contextmanager
def cluster() -> Iterator[str]:
    """Give the address of a cluster of two; empty where Dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        yield ""
        return
    with running_cluster() as made:
        yield made.scheduler_address


# ---------------------------------------------------------------- steps


class Told:
    """Hands out what was judged before."""

    def __init__(self, pairs: Pairs) -> None:
        self.known = {
            one.sha256: told for chunk, some in pairs for one, told in zip(chunk, some, strict=True)
        }

    def map(self, chunks: Any) -> Iterator[tuple[tuple[StoredMessage, ...], Sequence[Judged]]]:
        for chunk in chunks:
            yield chunk, [self.known[one.sha256] for one in chunk]

    def close(self) -> None:
        """Nothing."""


def steps(report: Report, folder: Path, box: Path, mails: int) -> tuple[Costs, Pairs]:
    path = folder / "steps.db"
    ledger = open_ledger(f"sqlite:///{path}")
    storing = spent(lambda: import_archives([str(box)], MailArchives(), ledger, wiring.utc_now))
    told = orders(Settings())
    judged(told, ledger.messages.waiting(5))  # loads rules and model
    waiting = ledger.messages.waiting(mails)
    chunks = [waiting[first : first + 50] for first in range(0, len(waiting), 50)]
    pairs: Pairs = []
    before = of_children()
    judging = spent(lambda: pairs.extend((chunk, judged(told, chunk)) for chunk in chunks))
    judging = replace(judging, cpu=judging.cpu + of_children() - before)
    handing = spent(lambda: [pickle.loads(pickle.dumps(pair)) for pair in pairs])
    keeping = spent(partial(kept, ledger, Told(pairs)))
    ledger.close()
    let_go()
    costs = Costs(
        store=storing.wall / mails,
        judge=judging.wall / len(waiting),
        keep=keeping.wall / len(waiting),
        hand=handing.cpu / len(waiting),
        octets=path.stat().st_size / mails,
    )
    rows = [
        (name, f"{one.cpu / count * 1000:.2f}", f"{one.wall / count * 1000:.2f}", f"{count / one.wall:,.0f}")
        for name, one, count in (
            ("storing (one process, before)", storing, mails),
            ("judging (each worker)", judging, len(waiting)),
            ("the way to a worker and back (both)", handing, len(waiting)),
            ("keeping (one process)", keeping, len(waiting)),
        )
    ]
    report.table("One mail, step by step", ["step", "CPU ms", "wall ms", "mails/s"], rows)
    one_for_all = keeping.cpu + handing.cpu
    report.say(
        f"Of the processor time of a mail, {one_for_all / (one_for_all + judging.cpu):.0%} is that of the one process that "
        f"keeps: it is busy all the time with {judging.cpu / one_for_all:.1f} workers. "
        f"A mail takes {costs.octets:,.0f} octets in the ledger."
    )
    return costs, pairs


def of_children() -> float:
    """Return the seconds of the processor that child processes which still run have used (proc(5), stat)."""
    used, mine = 0.0, str(os.getpid())
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = one.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if words[1] == mine:
                used += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return used


def kept(ledger: SqlLedger, crew: Any) -> None:
    job = BulkTagging(ledger=ledger, crew=crew, clock=wiring.utc_now, threads=Settings().threads)
    job.run()


# ---------------------------------------------------------------- engines


def engines(report: Report, folder: Path, known: Pairs, rounds: int) -> float:
    """Return how many times as long PostgreSQL takes; 0 where it is not installed."""
    lacking = postgres.missing()
    if lacking:
        report.say(f"No PostgreSQL to set beside SQLite: {lacking}")
        return 0.0
    box = folder / "archive.mbox"
    found: dict[str, list[float]] = {SQLITE: [], POSTGRESQL: []}
    with postgres.running("fsync=on", "synchronous_commit=on") as server:
        for number in range(rounds):
            urls = {SQLITE: f"sqlite:///{folder / f'engine-{number}.db'}", POSTGRESQL: server.bare()}
            for name, url in urls.items():
                found[name].append(on_engine(url, box, Told(known)))
    count = sum(len(chunk) for chunk, _ in known)
    report.compare("Storing and keeping, both on a disk that is waited for", found, SQLITE, count=count)
    return statistics.median(found[POSTGRESQL]) / statistics.median(found[SQLITE])


def on_engine(url: str, box: Path, crew: Told) -> float:
    ledger = open_ledger(url)
    try:

        def work() -> None:
            import_archives([str(box)], MailArchives(), ledger, wiring.utc_now)
            kept(ledger, crew)

        return spent(work).wall
    finally:
        ledger.close()


# ---------------------------------------------------------------- growth


def growth(report: Report, folder: Path, pair: Any, sizes: Sequence[int], rounds: int) -> None:
    written: dict[str, list[float]] = {}
    looked: dict[str, list[float]] = {}
    ledgers = {f"{size:,} decisions": open_ledger(f"sqlite:///{ledger_of(size, folder)}") for size in sizes}
    taken = in_turns({name: partial(write_some, one, pair) for name, one in ledgers.items()}, rounds)
    written = cpus(taken)
    keys = {name: some_keys(one) for name, one in ledgers.items()}
    found = in_turns({name: partial(look, one, keys[name]) for name, one in ledgers.items()}, rounds)
    looked = cpus(found)
    for one in ledgers.values():
        one.close()
    first = next(iter(ledgers))
    last = list(ledgers)[-1]
    count = len(pair[0])
    speeds = report.compare(
        "Storing and keeping 50 mails, CPU", written, first, unit="ms", each=count, count=count
    )
    report.bar(f"speed of writing, {last} against {first}", speeds[last], at_least=FLAT)
    speeds = report.compare(
        "Finding an inquiry by its KEY, CPU",
        looked,
        first,
        unit="ms",
        each=LOOKUPS,
        count=LOOKUPS,
        thing="finds",
    )
    report.bar(f"speed of finding, {last} against {first}", speeds[last], at_least=FLAT)


def write_some(ledger: SqlLedger, pair: tuple[Sequence[StoredMessage], Sequence[Judged]]) -> None:
    """Store and keep a chunk as new mail would be, and undo it."""
    with suppress(Undo), writing(ledger.engine) as connection:
        keep_here(connection, *pair)
        raise Undo


def keep_here(connection: Connection, chunk: Sequence[StoredMessage], told: Sequence[Judged]) -> None:
    from pipeline.records.messages import FileSighting, RawMessage
    from pipeline.records.sources import ArchiveBatch

    raw = tuple(
        RawMessage(
            sighting=FileSighting(path="/bench.mbox", offset=at),
            octets=one.octets,
            received_at=one.received_at,
        )
        for at, one in enumerate(chunk)
    )
    now = wiring.utc_now()
    ImportTable(connection).record(ArchiveBatch(messages=raw, refused=(), octets=1), now, live=True)
    parts = Parts(connection)
    numbers = {one.sha256: one.id for one in parts.messages.waiting(1_000)}
    for stored, one in zip(chunk, told, strict=True):
        if isinstance(one.reading, Reading) and stored.sha256 in numbers:
            here = replace(stored, id=numbers[stored.sha256])
            keep(parts, here, one.reading, Taken(), Settings().threads, lambda: now)


def some_keys(ledger: SqlLedger) -> list[str]:
    with ledger.engine.connect() as connection:
        keys = list(connection.execute(select(inquiries.c.key).order_by(inquiries.c.id)).scalars())
    return random.Random(1).choices(keys, k=LOOKUPS)


def look(ledger: SqlLedger, keys: Sequence[str]) -> None:
    with ledger.engine.connect() as connection:
        table = InquiryTable(connection)
        for key in keys:
            table.find(key)


if __name__ == "__main__":
    sys.exit(main())
