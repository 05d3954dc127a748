"""Ledgers of any size for the benchmarks: four years of mail, written table by table with the indexes in place.

Three inquiries in ten have a second message, one in ten was corrected by a person, all but the last weeks' are over. The
octets of the messages are left out, as after their retention; decisions carry as much evidence as the sample mail's do.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.database.engine import HEAD
from pipeline.service import periods

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
TEXT = "Our museum would like to give three hundred scanned glass plates to the commons. " * 12
COLUMNS = {
    "messages": "id, sha256, size, received_at, stored_at, state, archived",
    "contents": "message_id, header_id, author_name, author_address, organisation, organisation_domain, subject, text,"
    " summary, recipients, origin, archive_url, attachments, thread_subject, written_at, voice, bare_reply, contested",
    "sightings": "message_id, kind, source, place, epoch, number, seen_at",
    "inquiries": "id, key, state, opened_at, closed_at, outcome, version, answered_at",
    "inquiry_messages": "message_id, inquiry_id",
    "decisions": "id, message_id, disposition, kind, partner_type, region, alignment, priority, language, tags, evidence,"
    " rulebook_version, model_version, decided_at, sure",
    "assignments": "inquiry_id, liaison, reason, due_at, assigned_at, ended_at",
    "inquiry_states": 'inquiry_id, state, at, "by"',
    "corrections": "inquiry_id, tag, author, at",
    "events": "at, name, message_id, inquiry_id, detail",
}
_AT_ONCE = 10_000
Row = tuple[object, ...]


def ledger_of(decisions: int, folder: Path) -> Path:
    """Return a ledger of so many decisions, to be read only: made anew in `folder`, or what an earlier script had made.

    Where BENCH_KEEP names a folder, a ledger that was made stays there for the scripts that follow.
    """
    path = Path(os.environ.get("BENCH_KEEP", folder)) / f"ledger-{HEAD}-{decisions}.db"
    if not path.exists():
        partial = path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        fill(partial, decisions)
        partial.rename(path)
    return path


def fill(path: Path, decisions: int) -> None:
    """Write a ledger of so many decisions."""
    began = time.perf_counter()
    open_ledger(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as driver:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("BEGIN")
        for rows in batches(decisions):
            for table, some in rows.items():
                if some:
                    marks = ", ".join("?" * len(some[0]))
                    driver.executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", some)
        driver.execute("COMMIT")
        driver.execute("PRAGMA journal_mode=WAL")
    print(f"({decisions:,} decisions written in {time.perf_counter() - began:.0f} s)", flush=True)


def batches(decisions: int) -> Iterator[dict[str, list[Row]]]:
    inquiries = int(decisions / 1.3)
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for number in range(1, inquiries + 1):
        _inquiry(rows, number, inquiries, decisions)
        if number % _AT_ONCE == 0:
            yield rows
            rows = {table: [] for table in COLUMNS}
    yield rows


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


def _inquiry(rows: dict[str, list[Row]], number: int, inquiries: int, decisions: int) -> None:
    life = Life(number, inquiries)
    over = life.state in ("done", "filed")
    closed = life.opened if life.filed else life.closed
    answered = None if life.state in ("filed", "assigned") else stamp(life.answered)
    outcome = life.outcome if life.state == "done" else None
    rows["inquiries"].append(
        (
            number,
            f"K{number:08}",
            life.state,
            stamp(life.opened),
            stamp(closed) if over else None,
            outcome,
            3,
            answered,
        )
    )
    _message(rows, number, number, life, timedelta())
    second = inquiries + number // 3
    if number % 3 == 0 and second <= decisions:
        _message(rows, second, number, life, timedelta(days=1))
    _course(rows, number, life)
    if number % 10 == 0:
        corrected = stamp(life.opened + timedelta(days=2))
        rows["corrections"].append((number, "partner_type=archive", life.liaison, corrected))


def _message(rows: dict[str, list[Row]], message: int, inquiry: int, life: Life, later: timedelta) -> None:
    came = stamp(life.opened + later)
    rows["messages"].append((message, f"{message:064x}", 3000, came, came, "read", 0))
    rows["contents"].append(
        (
            message, f"m{message}@x.example", "Asha Rao", f"a{message}@museum.example", "Plate Museum", "", "Glass plates",
            TEXT, TEXT[:160], "[]", "imap INBOX", "", "[]", "glass plates", stamp(life.opened), "person", 0, 0,
        )
    )  # fmt: skip
    rows["sightings"].append((message, "imap", "main", "INBOX", 1, message, came))
    rows["inquiry_messages"].append((message, inquiry))
    rows["decisions"].append(_decision(message, life, life.opened + later + timedelta(minutes=5)))
    rows["events"].append((came, "decided", message, inquiry, ""))


def _decision(message: int, life: Life, at: datetime) -> Row:
    tags: dict[str, object] = {
        "activities": life.activities,
        "priorities": [],
        "criteria": {"preconditions_met": "yes", "shared_objectives": 2, "complexity": "low", "funding": "none",
                     "urgency": None, "further": []},
        "abstained": ["partner_type"] if message % 5 == 0 else [],
        "confidence": {"kind": 0.97, "partner_type": 0.6, "region": 0.8, "alignment": 0.9},
        "route": None,
    }  # fmt: skip
    disposition = "file" if life.filed else "assign" if message % 4 else "review"
    return (
        message, message, disposition, life.kind, life.type, life.region, life.alignment, life.priority, "en",
        json.dumps(tags), EVIDENCE, "2026.11.1", "base-7", stamp(at), 1,
    )  # fmt: skip


def _course(rows: dict[str, list[Row]], number: int, life: Life) -> None:
    """Write who got an inquiry, and each of its states."""
    states = rows["inquiry_states"]
    if life.filed:
        states.append((number, "filed", stamp(life.opened), "program"))
        return
    done = life.state == "done"
    rows["assignments"].append(
        (
            number, life.liaison, "speaks the language", stamp(life.due), stamp(life.assigned),
            stamp(life.closed) if done else None,
        )
    )  # fmt: skip
    states.append((number, "received", stamp(life.opened), "program"))
    states.append((number, "assigned", stamp(life.assigned), "program"))
    if life.state != "assigned":
        states.append((number, "answered", stamp(life.answered), life.liaison))
    if done:
        states.append((number, "done", stamp(life.closed), life.liaison))


def stamp(moment: datetime) -> str:
    """Return a time as the ledger keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
