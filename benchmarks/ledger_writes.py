"""What it costs to write into the ledger, beside sqlite3 by hand with the same safety (WAL, every transaction on the disk).

    .venv/bin/python benchmarks/ledger_writes.py

Storing: a hundred mails with where they were seen, an event each, and the cursor, in one transaction, octets packed by zlib
on both sides. Keeping: one inquiry a transaction with contents, decision, state and event; by hand into the same tables by
prepared statements. The ledger asks first what it knows already, so that nothing is stored twice; by hand nothing is asked.
The bars, for changes that make it worse: half the speed by hand for storing, a twentieth for keeping, of the processor.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import sys
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.frame import Report, asking, cpus, in_turns, train_part, walls
from benchmarks.ledgers import stamp
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Reading
from tests.support.mails import NOW, letter, reading

ROUNDS, BATCHES, AT_ONCE, INQUIRIES = 7, 10, 100, 200
BY_HAND, OURS = "sqlite3 by hand", "the ledger"
STORING, KEEPING = 0.5, 0.05
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def main() -> int:
    options = asking(__doc__).parse_args()
    rounds = 2 if options.quick else ROUNDS
    report = Report(title="Writing into the ledger", against="sqlite3 by hand", quick=options.quick)
    with tempfile.TemporaryDirectory() as folder:
        bench = Writes(Path(folder), 2 * (rounds + 1) * INQUIRIES)
        stored = in_turns({BY_HAND: bench.store_by_hand, OURS: bench.store}, rounds)
        kept = in_turns({BY_HAND: bench.keep_by_hand, OURS: bench.keep}, rounds)
        bench.close()
    count = BATCHES * AT_ONCE
    storing = report.compare(
        f"Storing {count:,} mails: seconds of the processor", cpus(stored), BY_HAND, count=count
    )
    report.compare(f"Storing {count:,} mails: seconds by the clock", walls(stored), BY_HAND, count=count)
    caption = f"Keeping {INQUIRIES} inquiries, each in a transaction"
    keeping = report.compare(f"{caption}: seconds of the processor", cpus(kept), BY_HAND, count=INQUIRIES)
    report.compare(f"{caption}: seconds by the clock", walls(kept), BY_HAND, count=INQUIRIES)
    report.bar("storing mails, times sqlite3 by hand", storing[OURS], at_least=STORING)
    report.bar("keeping inquiries, times sqlite3 by hand", keeping[OURS], at_least=KEEPING)
    return report.done()


class Writes:
    """Two ledgers that get the same kind of rows; never the same mail twice."""

    def __init__(self, folder: Path, inquiries: int) -> None:
        # Made before: reading a mail takes longer than keeping it.
        letters = (letter(identifier=f"{number}@museum.example") for number in range(inquiries))
        self.readings: list[Reading] = [reading(one) for one in letters]
        self.texts = [path.read_bytes() for path in train_part(200)]
        self.chance = random.Random(7)
        self.ledger: SqlLedger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
        open_ledger(f"sqlite:///{folder / 'by-hand.db'}").close()
        self.driver = sqlite3.connect(folder / "by-hand.db", isolation_level=None)
        for pragma in PRAGMAS:
            self.driver.execute(f"PRAGMA {pragma}")
        self.number = 0
        self.uid = 0

    def close(self) -> None:
        self.ledger.close()
        self.driver.close()

    def store(self) -> None:
        for _ in range(BATCHES):
            first = self.uid + 1
            self.uid += AT_ONCE
            messages = tuple(
                RawMessage(
                    sighting=ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=uid),
                    octets=self.octets(),
                    received_at=NOW,
                )
                for uid in range(first, self.uid + 1)
            )
            cursor = Cursor(uidvalidity=1, uid=self.uid)
            batch = Batch(messages=messages, refused=(), cursor=cursor, total=AT_ONCE)
            self.ledger.messages.record("main", "INBOX", batch, NOW)

    def store_by_hand(self) -> None:
        for _ in range(BATCHES):
            rows = [self.octets() for _ in range(AT_ONCE)]
            packed = [(hashlib.sha256(one).hexdigest(), zlib.compress(one, 6), len(one)) for one in rows]
            now = stamp(NOW)
            self.driver.execute("BEGIN IMMEDIATE")
            for sha256, octets, size in packed:
                number = self.insert("messages", sha256=sha256, octets=octets, size=size, received_at=now,
                                     stored_at=now, state="new", archived=0)  # fmt: skip
                self.uid += 1
                self.insert("sightings", message_id=number, kind="imap", source="main", place="INBOX", epoch=1,
                            number=self.uid, seen_at=now)  # fmt: skip
                self.insert("events", at=now, name="stored", message_id=number, detail="")
            self.driver.execute("DELETE FROM cursors")
            self.insert(
                "cursors", source="main", mailbox="INBOX", uidvalidity=1, uid=self.uid, checked_at=now
            )
            self.driver.execute("COMMIT")

    def keep(self) -> None:
        for message in self.ledger.messages.waiting(INQUIRIES):
            self.ledger.inquiries.record(message, self.readings.pop(), None, NOW)

    def keep_by_hand(self) -> None:
        found = self.driver.execute(
            "SELECT id FROM messages WHERE state = 'new' LIMIT ?", (INQUIRIES,)
        ).fetchall()
        for (message,) in found:
            self.driver.execute("BEGIN IMMEDIATE")
            self._keep_one(message, self.readings.pop())
            self.driver.execute("COMMIT")

    def _keep_one(self, message: int, one: Reading) -> None:
        now, inquiry, decision = stamp(NOW), one.inquiry, one.decision
        number = self.insert("inquiries", key=f"K{message:08}", state="received", opened_at=now)
        self.insert(
            "contents", message_id=message, header_id=f"{message}@x.example", author_name=inquiry.author.name,
            author_address=inquiry.author.address, organisation=one.organisation, subject=inquiry.base_subject,
            text=inquiry.text, summary=decision.summary, recipients="[]", origin=one.origin, archive_url="",
            attachments="[]", thread_subject="offer", written_at=now,
        )  # fmt: skip
        self.insert("inquiry_messages", message_id=message, inquiry_id=number)
        evidence = [
            [each.source.value, each.name, each.tag, each.score, each.detail] for each in decision.evidence
        ]
        self.insert(
            "decisions", message_id=message, disposition="assign", kind=decision.tags.kind,
            partner_type=decision.tags.partner_type, priority=decision.priority, language="en",
            tags=json.dumps({"activities": list(decision.tags.activities)}), evidence=json.dumps(evidence),
            rulebook_version="r1", model_version="m1", decided_at=now,
        )  # fmt: skip
        self.insert("inquiry_states", inquiry_id=number, state="received", at=now, by="program")
        self.insert("events", at=now, name="decided", message_id=message, inquiry_id=number, detail="assign")
        self.driver.execute("UPDATE messages SET state = 'read' WHERE id = ?", (message,))

    def insert(self, table: str, **values: object) -> int:
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
        done = self.driver.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return done.lastrowid or 0

    def octets(self) -> bytes:
        self.number += 1
        return b"X-Number: %d\n" % self.number + self.chance.choice(self.texts)


if __name__ == "__main__":
    sys.exit(main())
