"""What harms the reader is set aside with the reason, and everything else goes on."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.reading.reader import ChildReader
from pipeline.errors import ReaderUnavailable
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from tests.support.hostile import large, plain, web
from tests.support.mails import NOW, letter


def arrive(ledger: SqlLedger, *mails: bytes) -> None:
    """Put mails into the ledger, a minute after one another."""
    messages = tuple(
        RawMessage(
            sighting=ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=uid),
            octets=octets,
            received_at=NOW + timedelta(minutes=uid),
        )
        for uid, octets in enumerate(mails, 1)
    )
    ledger.messages.record(
        "main",
        "INBOX",
        Batch(messages=messages, refused=(), cursor=Cursor(uidvalidity=1, uid=len(mails)), total=len(mails)),
        NOW,
    )


def test_one_bad_mail_stops_nothing(ledger: SqlLedger, tagger: Tagger) -> None:
    slow = web(b"<b><p>" * 80_000)
    arrive(
        ledger,
        letter(),
        plain(slow * 20),
        large(60 * 2**20),
        b"\x00\x01\x02\x03" * 50,
        letter(
            identifier="two@y.example",
            sender="Luc <luc@archive.example>",
            body=b"Dear all,\r\n\r\nwe are an archive.\r\n",
        ),
    )
    with ChildReader(seconds=0.5, memory=100 * 2**20) as reader:
        outcomes = triage(ledger, reader, tagger, lambda: NOW)
    status = ledger.reports.status(NOW)
    assert outcomes["set-aside"] == len(status.set_aside) >= 2
    assert outcomes.total() == 5
    assert sum(status.inquiries.values()) == 5 - len(status.set_aside)
    reasons = " ".join(one.reason for one in status.set_aside)
    assert "memory" in reasons
    assert "these octets are not a mail" in reasons
    assert ledger.messages.count_waiting() == 0


@pytest.mark.usefixtures("cold_reader")
def test_mail_waits_while_the_reader_cannot_be_started(
    ledger: SqlLedger, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(ledger, letter())
    reader = ChildReader()
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ReaderUnavailable):
        triage(ledger, reader, tagger, lambda: NOW)
    assert ledger.messages.count_waiting() == 1
    monkeypatch.undo()
    assert triage(ledger, reader, tagger, lambda: NOW)["set-aside"] == 0
    assert ledger.messages.count_waiting() == 0
    reader.close()


def test_large_mails_are_held_one_after_the_other(ledger: SqlLedger) -> None:
    arrive(ledger, *(large(30 * 2**20 + number * 1000) for number in range(4)), letter())
    assert len(ledger.messages.waiting(50)) == 2
    assert len(ledger.messages.waiting(1)) == 1
