"""Does the memory of a running service stay flat over 20,000 mails?

Mails made of the train part of the fixtures (each with its own Message-ID, sender and words, a tenth of them damaged) go
through the ledger, the process that reads, the rules, the model and the judge, as in `triage run`. Printed is the
resident memory of the service and of the process that reads, and what each is of its own size after 1,000 mails: flat is 1.

    .venv/bin/python benchmarks/poller_memory.py                 20,000 mails; half an hour
    .venv/bin/python benchmarks/poller_memory.py 5000 --rules    fewer, without the model
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import wiring
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.reading import ChildReader
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.resources import packaged
from pipeline.service.triage import triage
from pipeline.settings import Folders, Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.support.mutants import mutant

SEED = 20_000
CHUNK = 250
START = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
MARKS = (1_000, 2_000, 5_000, 10_000, 15_000, 20_000)
REFERENCE = 1_000  # mails after which everything that is loaded once is loaded


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("count", nargs="?", type=int, default=20_000)
    asked.add_argument("--rules", action="store_true", help="without the model")
    options = asked.parse_args()
    settings = Settings(folders=Folders(model="")) if options.rules else Settings()
    tagger = wiring.tagger(settings)
    mails = made(train_mails(), random.Random(SEED))
    outcomes: Counter[str] = Counter()
    rows: list[tuple[int, float, float, float]] = []
    print("| mails | service MiB | of its size | reader MiB | of its size | ms a mail, median and spread |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, ChildReader() as reader:
        ledger = open_ledger(f"sqlite:///{folder}/triage.db")
        began = time.perf_counter()
        for done in range(0, options.count, CHUNK):
            arrive(ledger, [next(mails) for _ in range(CHUNK)], done)
            outcomes += triage(ledger, reader, tagger, lambda: START)
            rows.append(
                (done + CHUNK, resident("self"), resident(str(reader.pid)), time.perf_counter() - began)
            )
            began = time.perf_counter()
            show(rows)
        ledger.close()
    print("\n" + ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items())))


def train_mails() -> list[bytes]:
    folder = packaged("fixtures")
    with (folder / "splits.csv").open(encoding="utf-8", newline="") as stream:
        train = sorted(row["id"] for row in csv.DictReader(stream) if row["split"] == "train")
    return [(folder / "messages" / f"{name}.eml").read_bytes() for name in train]


def made(originals: list[bytes], chance: random.Random) -> Iterator[bytes]:
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


def show(rows: list[tuple[int, float, float, float]]) -> None:
    """Print the last row of the table, if it is one to be printed."""
    mails, service, reader, _ = rows[-1]
    if mails % REFERENCE or mails not in MARKS:
        return
    base = next(row for row in rows if row[0] >= REFERENCE)
    pace = [row[3] / CHUNK * 1000 for row in rows[-20:]]
    spread = f"{statistics.median(pace):.1f} ({min(pace):.1f} to {max(pace):.1f})"
    shares = f"{service:.0f} | {service / base[1]:.2f} | {reader:.0f} | {reader / base[2]:.2f}"
    print(f"| {mails:,} | {shares} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
