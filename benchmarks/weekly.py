"""What the weekly summary costs over a ledger of a million decisions, counted by the database and by reading all rows.

.venv/bin/python benchmarks/weekly.py                 (some six minutes, two gigabytes in the temporary folder)
.venv/bin/python benchmarks/weekly.py 10000 100000    (other numbers of decisions)

The ledgers hold four years of mail: three inquiries in ten have a second message, one in ten was corrected by a person, all
but the last weeks' are over. The reference reads the inquiries of the same weeks as the digests do, one by one, and counts
them in Python.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.records.work import Window
from pipeline.service import periods
from tests.support.weeks import fate, way, worthy

SIZES = (10_000, 100_000, 1_000_000)
RUNS = 5
WEEKS = 208
END = periods.week_named("2026-W47", "UTC")
KINDS = ("partnership",) * 6 + ("endorsement", "business", "spam", "automated")
TYPES = ("museum", "library", "archive", "foundation", "educational_institution", "commercial", None)
REGIONS = (
    "south_asia",
    "northern_western_europe",
    "sub_saharan_africa",
    "latin_america_caribbean",
    "unknown",
)
ACTIVITIES = ("content_donation", "training_event", "research", "funding")
LIAISONS = tuple(f"liaison-{n}" for n in range(12))
# What a decision of the sample mail holds, in octets: median of the packaged ones.
EVIDENCE = json.dumps(
    [
        ["rule", f"rule-{n}", "partner_type=museum", 1.2, "signature: 'a museum of the town'"]
        for n in range(24)
    ]
)


def main() -> None:
    sizes = tuple(int(one) for one in sys.argv[1:]) or SIZES
    print(
        f"{'decisions':>10} {'ledger MB':>10} {'weekly s':>9} {'spread':>13} {'cpu s':>6} {'all rows s':>11} {'ratio':>7}"
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.db"
            ledger = open_ledger(f"sqlite:///{path}")
            fill(ledger, size)
            windows = periods.weeks_until(END, 26, "UTC")
            ours = timings(partial(ledger.weeks.week, windows, 25), RUNS)
            theirs = timings(partial(by_rows, ledger, windows), 1 if size > 100_000 else 3)
            megabytes = path.stat().st_size / 1e6
            ledger.close()
        walls = [wall for wall, _ in ours]
        middle, other = statistics.median(walls), statistics.median(wall for wall, _ in theirs)
        spread, cpu = f"{min(walls):.2f}-{max(walls):.2f}", statistics.median(cpu for _, cpu in ours)
        print(
            f"{size:>10,} {megabytes:>10,.0f} {middle:>9.2f} {spread:>13} {cpu:>6.2f} {other:>11.2f} {other / middle:>7.1f}"
        )


def timings(work: Callable[[], object], runs: int) -> list[tuple[float, float]]:
    """Return wall and processor seconds of each run, after one that fills the caches."""
    work()
    found = []
    for _ in range(runs):
        begin, spent = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - begin, time.process_time() - spent))
    return found


def by_rows(ledger: SqlLedger, windows: tuple[Window, ...]) -> dict[str, object]:
    """Read the inquiries of the weeks and the open ones, and count part of what the summary counts."""
    rows = [entry for window in windows for entry in ledger.inquiries.received(window)]
    still_open = ledger.inquiries.open()
    return {
        "flow": statistics.multimode((way(one), fate(one)) for one in rows),
        "worthy": sum(map(worthy, rows)),
        "overdue": sum(one.is_overdue(windows[-1].end) for one in still_open),
        "types": statistics.multimode(
            (one.decision.tags.partner_type, one.decision.tags.region) for one in rows
        ),
    }


def fill(ledger: SqlLedger, decisions: int) -> None:
    """Write a ledger of so many decisions, table by table."""
    driver = ledger.engine.raw_connection().driver_connection
    assert driver is not None
    driver.execute("PRAGMA synchronous=OFF")
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("BEGIN")
    for table, rows in tables(decisions):
        while some := list(islice(rows, 20_000)):
            driver.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(some[0]))})", some)
    driver.execute("COMMIT")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def tables(decisions: int) -> Iterator[tuple[str, Iterator[tuple[object, ...]]]]:
    inquiries = int(decisions / 1.3)
    names = {
        "messages (id, sha256, size, stored_at, state, archived)": message_rows,
        "contents (message_id, header_id, author_name, author_address, organisation, organisation_domain, subject, text, summary,"
        " recipients, origin, archive_url, attachments, thread_subject, written_at, voice, bare_reply, contested)": content_rows,
        "inquiries (id, key, state, opened_at, closed_at, outcome, version, answered_at)": inquiry_rows,
        "inquiry_messages (message_id, inquiry_id)": link_rows,
        "decisions (id, message_id, disposition, kind, partner_type, region, alignment, priority, language, tags, evidence,"
        " rulebook_version, model_version, decided_at, sure)": decision_rows,
        "assignments (inquiry_id, liaison, reason, due_at, assigned_at, ended_at)": assignment_rows,
        'inquiry_states (inquiry_id, state, at, "by")': state_rows,
        "corrections (inquiry_id, tag, author, at)": correction_rows,
    }
    for table, rows in names.items():
        yield table, rows(inquiries, decisions)


class Life:
    """What became of one inquiry; the same whenever it is asked for."""

    def __init__(self, number: int, inquiries: int) -> None:
        seed = random.Random(number)
        weeks = timedelta(weeks=WEEKS).total_seconds()
        self.opened = END.end - timedelta(seconds=weeks * (1 - number / (inquiries + 1)))
        self.kind = seed.choice(KINDS)
        self.filed = self.kind in ("spam", "automated")
        self.liaison = seed.choice(LIAISONS)
        self.assigned = self.opened + timedelta(hours=2)
        self.due = self.assigned + timedelta(days=7)
        self.answered = self.assigned + timedelta(days=seed.expovariate(1 / 3))
        self.closed = self.answered + timedelta(days=seed.expovariate(1 / 14))
        self.outcome = seed.choice((None, None, "partnership", "declined"))
        self.type, self.region = seed.choice(TYPES), seed.choice(REGIONS)
        self.activities = seed.sample(ACTIVITIES, 2)
        self.alignment = seed.choice(("aligned", "unclear", "not_aligned"))
        self.priority = seed.randrange(100)
        self.state = self._state()

    def _state(self) -> str:
        if self.filed:
            return "filed"
        if self.closed < END.end:
            return "done"
        return "answered" if self.answered < END.end else "assigned"


def message_rows(_inquiries: int, decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, decisions + 1):
        yield number, f"{number:064x}", 3000, stamp(END.start), "read", 0


def content_rows(inquiries: int, decisions: int) -> Iterator[tuple[object, ...]]:
    text = "Our museum would like to give three hundred scanned glass plates to the commons. " * 12
    for number in range(1, decisions + 1):
        yield (
            number, f"m{number}@x.example", "Asha Rao", f"a{number}@museum.example", "Plate Museum", "", "Glass plates", text,
            text[:160], "[]", "imap INBOX", "", "[]", "glass plates", stamp(Life(owner(number, inquiries), inquiries).opened),
            "person", 0, 0,
        )  # fmt: skip


def inquiry_rows(inquiries: int, _decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, inquiries + 1):
        life = Life(number, inquiries)
        over = life.state in ("done", "filed")
        closed = life.opened if life.filed else life.closed
        answered = None if life.state in ("filed", "assigned") else stamp(life.answered)
        outcome = life.outcome if life.state == "done" else None
        yield (
            number, f"K{number:08}", life.state, stamp(life.opened), stamp(closed) if over else None, outcome, 3, answered,
        )  # fmt: skip


def link_rows(inquiries: int, decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, decisions + 1):
        yield number, owner(number, inquiries)


def decision_rows(inquiries: int, decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, decisions + 1):
        life = Life(owner(number, inquiries), inquiries)
        later = timedelta(days=1 if number > inquiries else 0, minutes=5)
        tags: dict[str, object] = {
            "activities": life.activities,
            "priorities": [],
            "criteria": {"preconditions_met": "yes", "shared_objectives": 2, "complexity": "low", "funding": "none",
                         "urgency": None, "further": []},
            "abstained": ["partner_type"] if number % 5 == 0 else [],
            "confidence": {"kind": 0.97, "partner_type": 0.6, "region": 0.8, "alignment": 0.9},
            "route": None,
        }  # fmt: skip
        yield (
            number, number, "file" if life.filed else "assign" if number % 4 else "review", life.kind, life.type,
            life.region, life.alignment, life.priority, "en", json.dumps(tags), EVIDENCE, "2026.11.1", "base-7",
            stamp(life.opened + later), 1,
        )  # fmt: skip


def assignment_rows(inquiries: int, _decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, inquiries + 1):
        life = Life(number, inquiries)
        if not life.filed:
            ended = stamp(life.closed) if life.state == "done" else None
            yield number, life.liaison, "speaks the language", stamp(life.due), stamp(life.assigned), ended


def state_rows(inquiries: int, _decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, inquiries + 1):
        life = Life(number, inquiries)
        if life.filed:
            yield number, "filed", stamp(life.opened), "program"
            continue
        yield number, "received", stamp(life.opened), "program"
        yield number, "assigned", stamp(life.assigned), "program"
        if life.state != "assigned":
            yield number, "answered", stamp(life.answered), life.liaison
        if life.state == "done":
            yield number, "done", stamp(life.closed), life.liaison


def correction_rows(inquiries: int, _decisions: int) -> Iterator[tuple[object, ...]]:
    for number in range(10, inquiries + 1, 10):
        life = Life(number, inquiries)
        yield number, "partner_type=archive", life.liaison, stamp(life.opened + timedelta(days=2))


def owner(message: int, inquiries: int) -> int:
    """Return the inquiry of a message: the first ones begin one each, the others join the oldest every third."""
    return message if message <= inquiries else ((message - inquiries) * 3 - 1) % inquiries + 1


def stamp(moment: datetime) -> str:
    """Return a time as the ledger keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


if __name__ == "__main__":
    main()
