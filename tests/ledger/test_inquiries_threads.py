"""Inquiries of several messages in the ledger: who opens them again, and whose words stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import corrections
from pipeline.records.threads import Placement, Voice
from pipeline.records.work import State
from tests.support.mails import NOW, reading
from tests.support.threaded import ANA, again, keys, mail, put, state
from tests.threads.desk import receive, rows, store

CLOSED = (
    State.DONE,
    State.DECLINED,
    State.NOT_OURS,
    State.ANSWERED,
    State.WAITING,
    State.FILED,
    State.ARCHIVED,
)


@pytest.mark.parametrize("closed", CLOSED)
def test_a_person_who_writes_again_opens_the_inquiry_for_its_owner(ledger: SqlLedger, closed: State) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=key)], NOW)
    put(ledger, key, closed)
    receive(ledger, [again()], NOW + timedelta(days=30), first=2)
    (entry,) = ledger.inquiries.open()
    assert (entry.key, entry.state, entry.liaison, entry.messages) == (key, State.ASSIGNED, "ana", 2)
    assert entry.due_at == NOW + timedelta(days=35)
    assert ("reopened", closed.value) in rows(ledger, "SELECT name, detail FROM events")


@pytest.mark.parametrize("closed", CLOSED)
def test_without_an_owner_it_waits_for_one(ledger: SqlLedger, closed: State) -> None:
    receive(ledger, [mail()], NOW)
    put(ledger, keys(ledger)[0], closed)
    receive(ledger, [again()], NOW, first=2)
    (entry,) = ledger.inquiries.unassigned()
    assert entry.liaison is None


@pytest.mark.parametrize("awake", [State.RECEIVED, State.ASSIGNED, State.ACCEPTED])
def test_what_is_open_stays_as_it_is(ledger: SqlLedger, awake: State) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=key)], NOW)
    put(ledger, key, awake)
    receive(ledger, [again()], NOW, first=2)
    assert state(ledger, key) is awake
    assert len(rows(ledger, "SELECT * FROM assignments")) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"headers": "Auto-Submitted: auto-replied"},
        {"sender": "Mail Delivery <mailer-daemon@mx.example>", "headers": "Auto-Submitted: auto-replied"},
        {"sender": "Wanjiru <wanjiru@liaisons.example>"},
    ],
)
def test_machines_and_liaisons_open_nothing_and_decide_nothing(
    ledger: SqlLedger, more: dict[str, Any]
) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    put(ledger, key, State.DONE)
    before = ledger.inquiries.find(key)
    receive(ledger, [again(**more)], NOW, first=2)
    after = ledger.inquiries.find(key)
    assert before is not None
    assert after is not None
    assert (after.messages, after.state, after.decision) == (2, State.DONE, before.decision)


def test_more_spam_does_not_open_what_was_filed_as_spam(ledger: SqlLedger) -> None:
    told: dict[str, Any] = {"subject": "spam of the day for you"}
    receive(ledger, [mail(**told), again(**told)], NOW)
    (key,) = keys(ledger)
    assert state(ledger, key) is State.FILED


def test_an_archived_follow_up_opens_nothing(ledger: SqlLedger) -> None:
    receive(ledger, [mail()], NOW)
    (key,) = keys(ledger)
    put(ledger, key, State.DONE)
    store(ledger, again(), 2, NOW)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET archived = true WHERE state = 'new'"))
    receive(ledger, [], NOW)
    (waiting,) = ledger.messages.waiting(9)
    ledger.inquiries.record(waiting, reading(again().octets), Placement(join=key), NOW)
    assert state(ledger, key) is State.DONE


def test_a_follow_up_that_says_nothing_keeps_the_words_of_the_first(ledger: SqlLedger) -> None:
    receive(ledger, [again(), mail()], NOW)
    entry = ledger.inquiries.find(keys(ledger)[0])
    assert entry is not None
    assert entry.subject == "Glass plates"
    assert entry.text.startswith("Dear all,")
    assert entry.newest_at == NOW + timedelta(hours=1)
    assert entry.received_at == NOW


def test_an_empty_first_mail_is_told_by_the_next(ledger: SqlLedger) -> None:
    receive(ledger, [mail(body=b"\r\n"), again()], NOW)
    entry = ledger.inquiries.find(keys(ledger)[0])
    assert entry is not None
    assert (entry.text, entry.decision.summary) == ("Any news?", "Any news?")


def test_the_word_of_a_person_stands(ledger: SqlLedger) -> None:
    receive(ledger, [mail(), again()], NOW)
    (key,) = keys(ledger)
    for hours, tag in enumerate(("partner_type=archive", "partner_type=library")):
        with ledger.engine.begin() as connection:
            at = NOW + timedelta(hours=hours)
            connection.execute(insert(corrections).values(inquiry_id=1, tag=tag, author="ana", at=at))
    receive(ledger, [again("three@x.example", 2)], NOW, first=3)
    entry = ledger.inquiries.find(key)
    assert entry is not None
    assert (entry.messages, entry.decision.tags.partner_type) == (3, "library")


def test_voices_are_kept(ledger: SqlLedger) -> None:
    receive(ledger, [mail(), again(headers="Auto-Submitted: auto-replied")], NOW)
    assert {row[0] for row in rows(ledger, "SELECT voice FROM contents")} == {Voice.PERSON, Voice.MACHINE}
