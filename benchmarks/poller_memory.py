"""Does the memory of a running service stay flat over 20,000 mails, with either model?

Mails made of the train part of the fixtures (each with its own Message-ID, sender and words, a tenth of them damaged) go
through the ledger, the process that reads, the rules, the model and the judge, as in `triage run`. Printed is the
resident memory of the service and of the process that reads, and what each is of its own size after 1,000 mails: flat is 1.
The bar is 400 MB, 381 MiB, for either process at any time. Models are measured at the same time, each in a process of its own.
The service finds its ledger made: one that has to bring the tables up to date holds 12 MiB more until it is started again.

    .venv/bin/python benchmarks/poller_memory.py                        20,000 mails with `base` and with `embed`; 15 minutes on two cores
    .venv/bin/python benchmarks/poller_memory.py 5000 --models rules    fewer, without a model
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, train_part
from pipeline import wiring
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.reading.reader import ChildReader
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.triage import triage
from pipeline.settings import Folders, Settings
from tests.support.mutants import mutant

SEED = 20_000
CHUNK = 250
START = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
MARKS = (1_000, 2_000, 5_000, 10_000, 15_000, 20_000)
MOST = 400e6 / 2**20
REFERENCE = 1_000  # mails after which everything that is loaded once is loaded


MODELS = "base,embed"
RULES = "rules"  # no model at all
HEADER = (
    "mails",
    "service, MiB",
    "of its size",
    "reader, MiB",
    "of its size",
    "ms a mail, median and spread",
)
Row = tuple[int, float, float, float]
Passed = tuple[Counter[str], list[Row]]


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("count", nargs="?", type=int, default=0)
    asked.add_argument("--models", default=MODELS, help=f"by commas; {RULES}: without one ({MODELS})")
    options = asked.parse_args()
    count = options.count or (1_000 if options.quick else 20_000)
    report = Report(
        title=f"Memory over {count:,} mails", against="itself after 1,000 mails", quick=options.quick
    )
    names = options.models.split(",")
    with ProcessPoolExecutor(len(names), mp_context=get_context("spawn")) as pool:
        for name, found in zip(names, pool.map(passed, names, [count] * len(names)), strict=True):
            tell(report, name, count, found)
    return report.done()


def tell(report: Report, name: str, count: int, found: Passed) -> None:
    outcomes, rows = found
    last = len(rows) - 1
    shown = [shown_as(rows, place) for place, row in enumerate(rows) if row[0] in MARKS or place == last]
    report.table(f"{name}: resident memory; the clock includes the ledger and the reader", HEADER, shown)
    report.say(f"{name}: " + ", ".join(f"{number:,} {one}" for one, number in sorted(outcomes.items())))
    for process, place in (("service", 1), ("reader", 2)):
        most = max(row[place] for row in rows)
        report.bar(f"{name}: {process} over {count:,} mails, at most", most, "MiB", at_most=MOST)


def passed(name: str, count: int) -> Passed:
    """Let mails come and be decided by a model; return what became of them, and the memory after each chunk."""
    settings = Settings(folders=Folders(model="" if name == RULES else name))
    tagger = wiring.tagger(settings)
    mails = made(OnDisk(train_part()), random.Random(SEED))
    outcomes: Counter[str] = Counter()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, ChildReader() as reader:
        url = f"sqlite:///{folder}/triage.db"
        elsewhere = get_context("spawn").Process(target=make, args=(url,))
        elsewhere.start()
        elsewhere.join()
        ledger = open_ledger(url)
        began = time.perf_counter()
        for done in range(0, count, CHUNK):
            arrive(ledger, [next(mails) for _ in range(CHUNK)], done)
            outcomes += triage(ledger, reader, tagger, lambda: START)
            pace = time.perf_counter() - began
            rows.append((done + CHUNK, resident("self"), resident(str(reader.pid)), pace))
            began = time.perf_counter()
            told = f"{done + CHUNK:,} of {count:,}: service {rows[-1][1]:.0f}, reader {rows[-1][2]:.0f} MiB"
            print(f"{datetime.now(UTC):%H:%M:%S} {name} {told}", file=sys.stderr, flush=True)
        ledger.close()
    return outcomes, rows


def make(url: str) -> None:
    open_ledger(url).close()


class OnDisk(Sequence[bytes]):
    """Mails that are read when they are asked for, so that they do not count as memory of the service."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: Any) -> Any:
        return self._paths[place].read_bytes()


def made(originals: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Yield mails without end, no two alike: as if each came from a stranger."""
    number = 0
    while True:
        number += 1
        head, _, rest = chance.choice(originals).partition(b"\n")
        mail = b"X-Copy: %d\n" % number + head + b"\n" + rest
        mail = mail.replace(b"Message-ID: <", b"Message-ID: <%d." % number).replace(
            b"@", b"@n%d." % number, 3
        )
        yield mutant(mail, chance, originals) if chance.random() < 0.1 else mail


def arrive(ledger: SqlLedger, mails: list[bytes], done: int) -> None:
    messages = tuple(
        RawMessage(
            sighting=ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=uid),
            octets=octets,
            received_at=START - timedelta(seconds=uid),
        )
        for uid, octets in enumerate(mails, done + 1)
    )
    cursor = Cursor(uidvalidity=1, uid=done + len(mails))
    ledger.messages.record(
        "main", "INBOX", Batch(messages=messages, refused=(), cursor=cursor, total=len(mails)), START
    )


def resident(process: str) -> float:
    """Return the resident memory of a process in MiB (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def shown_as(rows: list[Row], place: int) -> tuple[str, ...]:
    mails, service, reader, _ = rows[place]
    base = next(row for row in rows if row[0] >= REFERENCE)
    pace = [row[3] / CHUNK * 1000 for row in rows[max(0, place - 19) : place + 1]]
    spread = f"{statistics.median(pace):.1f} ({min(pace):.1f} to {max(pace):.1f})"
    return (
        f"{mails:,}",
        f"{service:.0f}",
        f"{service / base[1]:.2f}",
        f"{reader:.0f}",
        f"{reader / base[2]:.2f}",
        spread,
    )


if __name__ == "__main__":
    sys.exit(main())
