"""What people wrote to a list that comes as a digest: each mail an inquiry of its own, and once."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from pipeline import parsing
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.reading.reader import ChildReader
from pipeline.parsing.listdigests import digest_parts, enclosed_mails
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from tests.support.ledgers import ledger_url
from tests.threads.desk import Judge, Reader

pytestmark = pytest.mark.usefixtures("each_engine")

LISTS = Path(__file__).parents[1] / "lists" / "data"
NOW = datetime(2025, 3, 5, 9, 0, tzinfo=UTC)
ALONE = b"""\
From: Nora Field <nora@museum.example>
To: partners@lists.wiki.example
Subject: [Partners] Harbour pictures
Message-ID: <%s@museum.example>
List-Id: <partners.lists.wiki.example>
Date: Tue, 04 Mar 2025 10:12:00 +0000

Dear all,

we keep 300 pictures of the old harbour. May we release them with you?

Kind regards
Nora Field
"""


def arrive(ledger: SqlLedger, uid: int, octets: bytes, reader: Reader | ChildReader) -> Counter[str]:
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=uid)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    cursor = Cursor(uidvalidity=1, uid=uid)
    ledger.messages.record(
        "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), NOW
    )
    return triage(ledger, reader, cast("Tagger", Judge()), lambda: NOW)


def told(ledger: SqlLedger) -> list[tuple[str, str, str]]:
    query = "SELECT author_address, subject, list_id FROM contents ORDER BY message_id"
    with ledger.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("name", ["mailman2-digest-plain", "mailman3-digest-mime"])
def test_the_mails_of_a_digest_are_inquiries_of_their_authors(tmp_path: Path, name: str) -> None:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    octets = (LISTS / f"{name}.eml").read_bytes()
    with ChildReader() as reader:
        outcomes = arrive(ledger, 1, octets, reader)
        again = arrive(ledger, 2, octets, reader)
    assert outcomes == {"automated": 1, "assign": 2}
    assert again == {}
    assert told(ledger)[1:] == [
        ("nora@museum.example", "Harbour pictures", "partners.lists.wiki.example"),
        ("ola@arkiv.example", "Scanner", "partners.lists.wiki.example"),
    ]
    ledger.close()


@pytest.mark.parametrize("digest_first", [True, False])
def test_a_mail_that_comes_alone_and_in_a_digest_is_one_inquiry(tmp_path: Path, digest_first: bool) -> None:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    mails = [(LISTS / "mailman2-digest-plain.eml").read_bytes(), ALONE % b"d1"]
    outcomes: Counter[str] = Counter()
    for uid, octets in enumerate(mails if digest_first else reversed(mails), 1):
        outcomes += arrive(ledger, uid, octets, Reader())
    assert outcomes == {"automated": 1, "assign": 2, "same": 1}
    ledger.close()


def test_a_digest_of_an_archive_brings_archived_mails(tmp_path: Path) -> None:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=1)
    octets = (LISTS / "mailman2-digest-plain.eml").read_bytes()
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=1), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, NOW)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET archived = true"))
    triage(ledger, Reader(), cast("Tagger", Judge()), lambda: NOW)
    with ledger.engine.connect() as connection:
        states = connection.execute(text("SELECT state, COUNT(*) FROM inquiries GROUP BY state")).all()
    assert {tuple(row) for row in states} == {("archived", 2), ("filed", 1)}
    ledger.close()


@pytest.mark.parametrize("list_id", ["a\r\nBcc: x@y.example", "weird id", "x" * 300])
def test_a_hostile_list_id_is_not_written_into_the_mails(list_id: str) -> None:

    message = parsing.read((LISTS / "mailman2-digest-plain.eml").read_bytes()).message

    hostile = replace(message, list_id=list_id)
    assert [b64decode(mail) for mail in enclosed_mails(hostile)] == list(digest_parts(hostile))
