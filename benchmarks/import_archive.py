"""How fast an mbox comes into the ledger, beside reading the same file with the standard library and hashing it.

    .venv/bin/python benchmarks/import_archive.py [largest number of mails, 10000 by default]

Both run as child processes on an mbox made of the train part of the fixtures, each mail under its own Message-ID, in
turns and three times each; start-up counts. Rates are by CPU time, so that other work on the machine matters little. The reference is `mailbox.mbox` and SHA-256 of each message: it stores
nothing, so it says what reading alone costs. A third line packs each message as the ledger keeps it (zlib).
"""

from __future__ import annotations

import csv
import os
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.resources import packaged

ROUNDS = 3
FROM = b"From person at example.org  Sun Mar  1 13:30:00 2026\n"
READ = "import hashlib, mailbox, sys\nbox = mailbox.mbox(sys.argv[1], create=False)\n"
PROGRAMS = {
    "mailbox + sha256": READ + "for key in box.iterkeys(): hashlib.sha256(box.get_bytes(key)).hexdigest()",
    "mailbox + sha256 + zlib": "import zlib\n" + READ + (
        "for key in box.iterkeys():\n"
        "    octets = box.get_bytes(key); hashlib.sha256(octets).hexdigest(); zlib.compress(octets, 6)"
    ),
    "triage import --store-only": (
        "import sys\nfrom pipeline.cli.main import main\n"
        "sys.argv = ['triage', 'import', '--store-only', '--json', sys.argv[1]]\nmain()"
    ),
}  # fmt: skip
OURS = "triage import --store-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Seconds by the clock and of the processor, and the largest resident set in kB."""

    wall: float
    cpu: float
    peak: int


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(
        "| mails | MB | program | s | CPU s (median) | spread | mails/CPU s | of mailbox + sha256 | peak memory, MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for number in (1_000, 3_000, 10_000, 30_000, 100_000):
            if number <= largest:
                compare(Path(folder), number)


def compare(folder: Path, number: int) -> None:
    path = folder / f"{number}.mbox"
    write(path, number)
    runs: dict[str, list[Run]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            runs[name].append(run(folder, program, path))
    reference = statistics.median(one.cpu for one in runs["mailbox + sha256"])
    for name, done in runs.items():
        wall, cpu = (statistics.median(getattr(one, what) for one in done) for what in ("wall", "cpu"))
        spread = f"{min(one.cpu for one in done):.2f}-{max(one.cpu for one in done):.2f}"
        print(
            f"| {number} | {path.stat().st_size / 1e6:.0f} | {name} | {wall:.2f} | {cpu:.2f} | {spread} | "
            f"{number / cpu:.0f} | {reference / cpu:.2f} | {max(one.peak for one in done) / 1024:.0f} |",
            flush=True,
        )
    path.unlink()


def run(folder: Path, program: str, path: Path) -> Run:
    """Run a child in a folder without a ledger."""
    (folder / "triage.toml").write_text("", encoding="utf-8")
    for left in folder.glob("triage.db*"):
        left.unlink()
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", f"import os; os.chdir({str(folder)!r})\n{program}", str(path)],
        {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"a child failed: {program}")
    wall = time.perf_counter() - began
    return Run(wall=wall, cpu=used.ru_utime + used.ru_stime, peak=rss(used))


def rss(used: resource.struct_rusage) -> int:
    return used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024


def write(path: Path, number: int) -> None:
    """Write an mbox of `number` mails, no two alike."""
    with path.open("wb") as stream:
        for count, octets in enumerate(mails(number)):
            fields = b"X-Number: %d\nMessage-ID: <%d.bench@example.org>\n" % (count, count)
            stream.write(FROM + fields + octets + b"\n")


def mails(number: int) -> Iterator[bytes]:
    fixtures = packaged("fixtures")
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        train = sorted(row["id"] for row in csv.DictReader(stream) if row["split"] == "train")
    texts = [(fixtures / "messages" / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n") for name in train]
    texts = [re.sub(rb"(?im)^message-id:.*\n(?:[ \t].*\n)*", b"", text, count=1) for text in texts]
    texts = [re.sub(rb"(?m)^(>*From )", rb">\1", text) for text in texts]
    for count in range(number):
        yield texts[count % len(texts)]


if __name__ == "__main__":
    main()
