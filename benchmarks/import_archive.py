"""How fast an mbox comes into the ledger, beside reading the same file with the standard library and hashing it.

    .venv/bin/python benchmarks/import_archive.py [--largest 100000]

Both run as child processes on an mbox made of the train part of the fixtures, each mail under its own Message-ID, in
turns and three times each (the largest archive twice); start-up counts. Rates are by CPU time, so that other work on the machine matters little. The reference is `mailbox.mbox` and SHA-256 of each message: it stores
nothing, so it says what reading alone costs; the next line packs each message as the ledger keeps it (zlib), and sqlite3 by
hand stores that, a thousand in a transaction. The bars: the time for a mail grows by a quarter at most from a thousand mails
to a hundred thousand (start-up taken off), and the memory does not grow.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Ran, Report, asking, ran, train_part

ROUNDS = 3
LARGE_ROUNDS = 2
FROM = b"From person at example.org  Sun Mar  1 13:30:00 2026\n"
READ = "import hashlib, mailbox, sys\nbox = mailbox.mbox(sys.argv[1], create=False)\n"
PROGRAMS = {
    "mailbox + sha256": READ + "for key in box.iterkeys(): hashlib.sha256(box.get_bytes(key)).hexdigest()",
    "mailbox + sha256 + zlib": "import zlib\n" + READ + (
        "for key in box.iterkeys():\n"
        "    octets = box.get_bytes(key); hashlib.sha256(octets).hexdigest(); zlib.compress(octets, 6)"
    ),
    "and sqlite3 by hand": "import sqlite3, zlib\n" + READ + (
        "ledger = sqlite3.connect('by-hand.db', isolation_level=None)\n"
        "ledger.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;'\n"
        "    'CREATE TABLE messages (id INTEGER PRIMARY KEY, sha256 TEXT UNIQUE, octets BLOB, size INTEGER)')\n"
        "ledger.execute('BEGIN')\n"
        "for number, key in enumerate(box.iterkeys()):\n"
        "    if number % 1000 == 999: ledger.execute('COMMIT'); ledger.execute('BEGIN')\n"
        "    octets = box.get_bytes(key); sha256 = hashlib.sha256(octets).hexdigest()\n"
        "    ledger.execute('INSERT OR IGNORE INTO messages (sha256, octets, size) VALUES (?, ?, ?)',\n"
        "        (sha256, zlib.compress(octets, 6), len(octets)))\n"
        "ledger.execute('COMMIT')"
    ),
    "triage import --store-only": (
        "import sys\nfrom pipeline.cli.main import main\n"
        "sys.argv = ['triage', 'import', '--store-only', '--json', sys.argv[1]]\nmain()"
    ),
}  # fmt: skip
OURS, REFERENCE = "triage import --store-only", "mailbox + sha256"
SIZES = (1_000, 10_000, 100_000)
GROWTH, MEMORY = 1.25, 1.25


def main() -> int:
    asked = asking(__doc__)
    asked.add_argument("--largest", type=int, default=0)
    options = asked.parse_args()
    sizes = [size for size in SIZES if size <= (options.largest or (1_000 if options.quick else SIZES[-1]))]
    report = Report(
        title="Import of an archive",
        against="mailbox and SHA-256 of the standard library",
        quick=options.quick,
    )
    with tempfile.TemporaryDirectory() as folder:
        done = {number: compare(report, Path(folder), number) for number in sizes}
    judge(report, {number: runs[OURS] for number, runs in done.items()})
    return report.done()


def judge(report: Report, ours: Mapping[int, Sequence[Ran]]) -> None:
    """Print how the time of one mail grows, start-up taken off by the difference to the next smaller archive."""
    if len(ours) < len(SIZES):
        return
    small, middle, large = SIZES
    cpu = {number: statistics.median(one.cpu for one in runs) for number, runs in ours.items()}
    first = (cpu[middle] - cpu[small]) / (middle - small)
    last = (cpu[large] - cpu[middle]) / (large - middle)
    each = f"{first * 1000:.2f} ms from {small:,} to {middle:,} mails, {last * 1000:.2f} ms from {middle:,} to {large:,}"
    report.say(f"Each further mail costs {each}: {1 / last:,.0f} mails/s and core.")
    report.bar("a mail's time in a large archive, times that in a small one", last / first, at_most=GROWTH)
    peaks = [max(one.peak for one in ours[number]) for number in (middle, large)]
    report.bar(f"memory for {large:,} mails, times that for {middle:,}", peaks[1] / peaks[0], at_most=MEMORY)


def compare(report: Report, folder: Path, number: int) -> dict[str, list[Ran]]:
    path = folder / f"{number}.mbox"
    write(path, number)
    runs: dict[str, list[Ran]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS if number < SIZES[-1] else LARGE_ROUNDS):
        for name, program in PROGRAMS.items():
            runs[name].append(run(folder, program, path))
    megabytes = path.stat().st_size / 1e6
    report.compare(
        f"{number:,} mails, {megabytes:.0f} MB: seconds of the processor, start-up included",
        {name: [one.cpu for one in done] for name, done in runs.items()},
        REFERENCE,
        count=number,
        digits=2,
    )
    rows = [
        (
            name,
            f"{statistics.median(one.wall for one in done):.2f}",
            f"{max(one.peak for one in done):.0f}",
        )
        for name, done in runs.items()
    ]
    report.table("", ("", "seconds by the clock, median", "memory at most, MiB"), rows)
    path.unlink()
    return runs


def run(folder: Path, program: str, path: Path) -> Ran:
    """Run a child in a folder without a ledger."""
    (folder / "triage.toml").write_text("", encoding="utf-8")
    for left in (*folder.glob("triage.db*"), *folder.glob("by-hand.db*")):
        left.unlink()
    return ran(folder, "-c", program, str(path))


def write(path: Path, number: int) -> None:
    """Write an mbox of `number` mails, no two alike."""
    with path.open("wb") as stream:
        for count, octets in enumerate(mails(number)):
            fields = b"X-Number: %d\nMessage-ID: <%d.bench@example.org>\n" % (count, count)
            stream.write(FROM + fields + octets + b"\n")


def mails(number: int) -> Iterator[bytes]:
    texts = [path.read_bytes().replace(b"\r\n", b"\n") for path in train_part()]
    texts = [re.sub(rb"(?im)^message-id:.*\n(?:[ \t].*\n)*", b"", text, count=1) for text in texts]
    texts = [re.sub(rb"(?m)^(>*From )", rb">\1", text) for text in texts]
    for count in range(number):
        yield texts[count % len(texts)]


if __name__ == "__main__":
    sys.exit(main())
