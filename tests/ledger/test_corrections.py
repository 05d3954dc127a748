"""Corrections in a real ledger: beside the predictions, with author and time, until somebody is forgotten."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import State
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter, reading

pytestmark = pytest.mark.usefixtures("each_engine")

LATER = NOW + timedelta(days=40)


class Desk:
    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.said = ledger.corrections
        self.count = 0

    def mail(self, kind: str = "partnership", disposition: Disposition = Disposition.ASSIGN) -> str:
        self.count += 1
        octets = letter(
            identifier=f"m{self.count}@x.example", sender=f"Ana Kos <ana{self.count}@beads.example>"
        )
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=self.count)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW + timedelta(days=self.count))
        cursor = Cursor(uidvalidity=7, uid=self.count)
        self.ledger.messages.record(
            "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), NOW
        )
        (waiting,) = self.ledger.messages.waiting(10)
        read = reading(octets)
        tags = dataclasses.replace(read.decision.tags, kind=kind)
        decision = dataclasses.replace(read.decision, tags=tags, disposition=disposition)
        return self.ledger.inquiries.record(
            waiting, dataclasses.replace(read, decision=decision), Placement(), NOW
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    yield Desk(ledger)
    ledger.close()


def tags(desk: Desk, key: str) -> list[tuple[str, str]]:
    (one,) = desk.said.read([key])
    return [(each.author, each.tag) for each in one.said]


def test_a_correction_overrules_the_prediction_that_stays_as_it_was(desk: Desk) -> None:
    key = desk.mail()
    assert desk.said.add(
        key.lower(), ["kind=partnership", "partner_type=library", "activities="], "ana", LATER
    )
    (one,) = desk.said.read([key])
    assert one.entry.decision.tags.partner_type == "library"
    assert one.entry.decision.tags.activities == ()
    assert [(each.author, each.tag, each.at) for each in one.said] == [
        ("ana", "kind=partnership", LATER),
        ("ana", "partner_type=library", LATER),
        ("ana", "activities=", LATER),
    ]
    assert one.octets is not None
    assert b"300 scanned glass plates" in one.octets
    assert desk.said.take_back(key, "ana", LATER) == 3
    (again,) = desk.said.read([key])
    assert again.entry.decision.tags.partner_type == "museum"


def test_nobody_can_correct_what_is_not_there(desk: Desk) -> None:
    assert not desk.said.add("NONE42", ["kind=spam"], "ana", LATER)
    assert desk.said.labelled() == ()


def test_an_honest_inquiry_that_was_filed_is_opened_by_its_label(desk: Desk) -> None:
    lost = desk.mail("spam", Disposition.FILE)
    spam = desk.mail("spam", Disposition.FILE)
    desk.said.add(lost, ["kind=partnership"], "ana", LATER)
    desk.said.add(spam, ["kind=spam"], "ana", LATER)
    states = {key: entry.state for key in (lost, spam) if (entry := desk.ledger.inquiries.find(key))}
    assert states == {lost: State.RECEIVED, spam: State.FILED}


def test_what_one_has_labelled_is_not_asked_again_and_a_liaisons_word_on_the_type_leaves_the_kind_open(
    desk: Desk,
) -> None:
    mine, typed, spam, fresh = desk.mail(), desk.mail(), desk.mail("spam", Disposition.FILE), desk.mail()
    desk.said.add(mine, ["kind=partnership"], "ana", LATER)
    desk.said.add(typed, ["partner_type=library"], "liaison", LATER)
    assert {entry.key for entry in desk.said.unlabelled(10, "ana")} == {typed, spam, fresh}
    assert {entry.key for entry in desk.said.unlabelled(10, "liaison")} == {spam, fresh}
    assert [entry.key for entry in desk.said.unlabelled(1)] == [fresh]


def test_who_asks_to_be_forgotten_is_and_others_are_not(desk: Desk) -> None:
    one, other = desk.mail(), desk.mail()
    desk.said.add(one, ["kind=business"], "ana", LATER)
    desk.said.add(one, ["alignment=unclear"], "bo", LATER)
    desk.said.add(other, ["kind=business", "partner_type=commercial"], "ana", LATER)
    assert desk.said.counts() == {"ana": 2, "bo": 1}
    assert desk.said.forget(LATER) == 0
    assert desk.said.forget(LATER, author="ana") == 3
    assert tags(desk, one) == [("bo", "alignment=unclear")]
    assert desk.said.forget(LATER, inquiry=one) == 1
    assert desk.said.labelled() == ()


def test_observations_cover_the_whole_span_and_end_before_its_end(desk: Desk) -> None:
    for _ in range(9):
        desk.mail()
    start, end = NOW - timedelta(days=400), NOW + timedelta(days=400)
    everything = desk.said.observed(start, end, 100)
    assert len(everything) == 9
    assert everything[0].tags["kind"] == "partnership"
    assert everything[0].tags["activities"] == "content_donation"
    assert "glass plates" in everything[0].text
    assert len(desk.said.observed(start, end, 3)) == 3
    assert desk.said.observed(start, everything[0].at, 100) == ()
