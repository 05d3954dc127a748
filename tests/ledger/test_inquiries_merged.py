"""Inquiries that turn out to be one, mails with one Message-ID, and copies over a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import corrections
from pipeline.records.decisions import Disposition
from pipeline.records.work import State, Window
from tests.support.mails import NOW
from tests.support.threaded import ANA, again, keys, mail, put, state
from tests.threads.desk import receive, rows, store
from tests.threads.letters import Letter


def three(ledger: SqlLedger) -> tuple[str, str]:
    """Let two answers come before their root; return their KEYs."""
    luc = "Luc Roy <luc@museum.example>"
    receive(ledger, [again(), again("three@x.example", 2, sender=luc, subject="The list")], NOW)
    first, second = keys(ledger)
    return first, second


ROOT: dict[str, Any] = {"headers": "Cc: luc@museum.example"}


def test_a_late_root_makes_one_inquiry_of_its_answers(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=second)], NOW)
    with ledger.engine.begin() as connection:
        connection.execute(insert(corrections).values(inquiry_id=1, tag="country=FR", author="ana", at=NOW))
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    assert keys(ledger) == [second]
    for key in (first, second):
        entry = ledger.inquiries.find(key)
        assert entry is not None
        assert (entry.key, entry.messages, entry.liaison, entry.state) == (second, 3, "ana", State.ASSIGNED)
        assert entry.decision.tags.country == "FR"
        assert entry.received_at == NOW - timedelta(hours=1)
    assert ledger.reports.status(NOW).inquiries == {"assigned": 1, "merged": 1}
    assert sum(ledger.inquiries.loads().values()) == 1


def test_two_people_at_work_keep_their_inquiries(ledger: SqlLedger) -> None:
    for key, liaison in zip(three(ledger), ("ana", "ben"), strict=True):
        ledger.inquiries.assign([replace(ANA, inquiry=key, liaison=liaison)], NOW)
        put(ledger, key, State.ACCEPTED)
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    first, second = keys(ledger)
    history = ledger.inquiries.history(first)
    assert history is not None
    assert [link.key for link in history.links] == [second]


def test_what_is_merged_counts_for_nobody_and_nothing(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    for key, liaison in ((first, "ana"), (second, "ben")):
        ledger.inquiries.assign([replace(ANA, inquiry=key, liaison=liaison)], NOW)
    receive(ledger, [mail(hours=-1, **ROOT)], NOW, first=3)
    assert dict(ledger.inquiries.loads()) == {"ana": 1}
    week = Window(period="w", start=NOW - timedelta(days=3), end=NOW + timedelta(days=3))
    assert len(ledger.inquiries.received(week)) == 1
    (count,) = ledger.weeks.week([week], 5).trend
    assert (count.assigned, count.closed) == (1, 0)


def test_an_open_inquiry_opens_the_closed_one_that_it_becomes_part_of(ledger: SqlLedger) -> None:
    first, second = three(ledger)
    ledger.inquiries.assign([replace(ANA, inquiry=first)], NOW)
    put(ledger, first, State.DONE)
    headers = f"{ROOT['headers']}\nAuto-Submitted: auto-replied"
    receive(ledger, [mail(hours=-1, headers=headers)], NOW, first=3)
    assert keys(ledger) == [first]
    assert state(ledger, second) is State.ASSIGNED


def test_history_tells_messages_copies_and_links(ledger: SqlLedger) -> None:
    listed = mail(headers="List-Id: <partners.lists.example>", hours=0.1)
    stranger = again(sender="Eve <eve@elsewhere.example>", body=b"Buy followers.\r\n")
    other = mail(
        body=b"We collect coins, and this is another matter altogether.\r\n",
        hours=3,
        subject="Coins of the realm",
    )
    receive(ledger, [mail(), listed, again("three@x.example"), stranger, other], NOW)
    first, second, third = keys(ledger)
    history = ledger.inquiries.history(first.lower())
    assert history is not None
    assert [(one.subject, one.seen, one.contested) for one in history.articles] == [
        ("Glass plates", 2, False),
        ("Glass plates", 1, False),
    ]
    assert {(link.key, link.reason) for link in history.links} == {
        (second, "claims to belong to this one"),
        (third, "another mail with the same Message-ID"),
    }
    flagged = ledger.inquiries.history(third)
    assert flagged is not None
    assert flagged.articles[0].contested
    assert ledger.inquiries.history("NOBODY") is None
    assert ("same-id", "") in rows(ledger, "SELECT name, detail FROM events")


def test_an_answer_to_a_contested_id_means_the_first_mail(ledger: SqlLedger) -> None:
    other = mail(
        body=b"We collect coins, and this is another matter altogether.\r\n",
        hours=3,
        subject="Coins of the realm",
    )
    receive(ledger, [mail(), other, again(hours=4)], NOW)
    first, second = keys(ledger)
    assert [entry.messages for entry in map(ledger.inquiries.find, (first, second)) if entry] == [2, 1]


def test_a_third_copy_of_the_second_mail_is_a_copy(ledger: SqlLedger) -> None:
    coins = b"We collect coins, and this is another matter altogether.\r\n"
    other = mail(body=coins, hours=3, subject="Coins of the realm")
    copy = mail(body=coins + b"_____\r\nlist footer\r\n", hours=3, subject="Coins of the realm")
    receive(ledger, [mail(), other, copy], NOW)
    assert len(keys(ledger)) == 2
    assert rows(ledger, "SELECT same_as FROM messages WHERE same_as IS NOT NULL") == [(2,)]


def listed(**more: Any) -> Letter:
    return mail(
        hours=0.01,
        headers="List-Id: <partners.lists.example>\nArchived-At: <https://lists.example/1>",
        **more,
    )


@pytest.mark.parametrize("direct_first", [True, False])
def test_the_direct_copy_is_kept_with_what_the_list_adds(ledger: SqlLedger, direct_first: bool) -> None:
    both = [mail(), listed(sender="Asha Rao via Partners <partners@lists.example>")]
    receive(ledger, both if direct_first else both[::-1], NOW)
    (entry,) = ledger.inquiries.open()
    assert (entry.author.address, entry.messages) == ("asha@museum.example", 1)
    assert entry.archive_url == "https://lists.example/1"
    kept = rows(ledger, "SELECT state, octets IS NOT NULL AS kept FROM messages ORDER BY received_at")
    assert kept == [("read", 1), ("same", 0)]
    over_the_list = again(sender="Sam <sam@member.example>", headers="List-Id: <partners.lists.example>")
    receive(ledger, [over_the_list], NOW, first=3)
    assert [one.messages for one in ledger.inquiries.open()] == [2]


def test_copies_of_a_copy_stay_one_step_away(ledger: SqlLedger) -> None:
    first = listed(sender="Asha Rao via Partners <partners@lists.example>")
    second = listed(
        sender="Asha Rao via Partners <partners@lists.example>", subject="[Partners] Glass plates"
    )
    receive(ledger, [first, second, mail()], NOW)
    assert {row[0] for row in rows(ledger, "SELECT same_as FROM messages WHERE state = 'same'")} == {3}
    assert len(keys(ledger)) == 1


@pytest.mark.parametrize("honest_first", [True, False])
def test_of_two_copies_the_one_that_was_not_filed_counts(ledger: SqlLedger, honest_first: bool) -> None:
    both = [mail(subject="Glass plates"), listed(subject="Glass plates spam")]
    receive(ledger, both if honest_first else both[::-1], NOW)
    (entry,) = ledger.inquiries.open()
    assert (entry.state, entry.decision.disposition) == (State.RECEIVED, Disposition.ASSIGN)


def test_a_live_copy_opens_what_an_archive_brought(ledger: SqlLedger) -> None:
    store(ledger, listed(), 1, NOW)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET archived = true"))
    receive(ledger, [mail()], NOW, first=2)
    (key,) = keys(ledger)
    assert state(ledger, key) is State.RECEIVED
