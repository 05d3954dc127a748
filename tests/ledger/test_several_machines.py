"""Several processes on one ledger, on either engine: who works on what, and what comes of two that do the same at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database.engine import database_time, reading, writing
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import OutgoingMail, State
from tests.support.ledgers import fresh_url
from tests.support.mails import NOW, letter
from tests.support.mails import reading as read_letter

pytestmark = pytest.mark.usefixtures("each_engine")
DUE = NOW + timedelta(days=5)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[SqlLedger, SqlLedger]]:
    """The same ledger, opened twice."""
    url = fresh_url(tmp_path / "ledger.db")
    one, two = open_ledger(url), open_ledger(url)
    yield one, two
    one.close()
    two.close()


def batch(*numbers: int, mailbox: str = "INBOX") -> Batch:
    mails = tuple(
        RawMessage(
            sighting=ImapSighting(account="a", mailbox=mailbox, uidvalidity=7, uid=number),
            octets=letter(identifier=f"m{number}@x.example", subject=f"Maps {number}"),
            received_at=NOW + timedelta(minutes=number),
        )
        for number in numbers
    )
    return Batch(messages=mails, refused=(), cursor=Cursor(uidvalidity=7, uid=max(numbers)), total=None)


def mail(number: int, recipient: str = "ana@wiki.example") -> OutgoingMail:
    identifier = f"<daily.{number}@wiki.example>"
    return OutgoingMail(
        recipient=recipient,
        purpose="alert",
        period=str(number),
        message_id=identifier,
        octets=identifier.encode(),
    )


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that begin together; return what they returned or raised."""
    gate = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = job()
        except Exception as error:  # noqa: BLE001 - told to the test
            results[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_machines_claim_different_messages(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(*range(1, 8)), NOW)
    first = [message.id for message in one.messages.claim(3, 600, NOW)]
    second = [message.id for message in two.messages.claim(3, 600, NOW)]
    rest = [message.id for message in two.messages.claim(9, 600, NOW, second)]
    assert (len(first), len(second), len(rest)) == (3, 3, 1)
    assert not {*first} & {*second, *rest}
    assert two.messages.claim(9, 600, NOW, (*second, *rest)) == ()
    one.messages.let_go()
    assert [message.id for message in two.messages.claim(9, 600, NOW, (*second, *rest))] == first


def test_a_claim_that_nobody_holds_on_is_taken_over_after_its_time(
    machines: tuple[SqlLedger, SqlLedger],
) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1, 2), NOW)
    held = one.messages.claim(5, 600, NOW)
    assert two.messages.claim(5, 600, NOW + timedelta(seconds=599)) == ()
    one.messages.hold(600, NOW + timedelta(seconds=590))
    assert two.messages.claim(5, 600, NOW + timedelta(seconds=700)) == ()
    assert two.messages.claim(5, 600, NOW + timedelta(seconds=1300)) == held


def test_claims_of_a_process_that_has_ended_are_free_at_once(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1, 2), NOW)
    held = one.messages.claim(5, 600, NOW)
    pid, start, *rest = one.leases.holder.split(".")
    dead = ".".join((pid, str(int(start) + 1), *rest))
    with writing(one.engine) as connection:
        connection.execute(text("UPDATE messages SET claimed_by = :dead"), {"dead": dead})
    assert two.messages.claim(5, 600, NOW) == held


def test_a_claim_made_while_a_clock_was_ahead_holds_nobody_up(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1), NOW)
    assert one.messages.claim(5, 600, NOW + timedelta(days=90))
    assert len(two.messages.claim(5, 600, NOW)) == 1


def test_claims_at_the_same_moment_never_overlap(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(*range(1, 41)), NOW)

    def all_of(ledger: SqlLedger) -> list[int]:
        found: list[int] = []
        while some := ledger.messages.claim(4, 600, NOW, found):
            found += [message.id for message in some]
        return found

    first, second = at_once(lambda: all_of(one), lambda: all_of(two))
    assert sorted(first + second) == sorted({*first, *second})
    assert len(first + second) == 40


def test_the_same_mail_from_two_mailboxes_at_once_is_stored_once(
    machines: tuple[SqlLedger, SqlLedger],
) -> None:
    one, two = machines
    numbers = range(1, 31)
    found = at_once(
        lambda: one.messages.record("imap:a", "INBOX", batch(*numbers), NOW),
        lambda: two.messages.record("imap:a", "Lists", batch(*reversed(numbers), mailbox="Lists"), NOW),
    )
    assert sum(each.stored for each in found) == 30
    assert (one.messages.count_waiting(), one.reports.status(NOW).sightings) == (30, 60)


def test_a_message_that_two_have_in_hand_is_kept_once(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1), NOW)
    (message,) = one.messages.waiting(5)
    read = read_letter(message.octets)
    keys = at_once(
        lambda: one.inquiries.record(message, read, None, NOW),
        lambda: two.inquiries.record(message, read, None, NOW),
    )
    assert keys[0] == keys[1]
    assert sum(one.reports.status(NOW).inquiries.values()) == 1


def test_of_two_answers_at_once_to_one_inquiry_one_counts(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1), NOW)
    (message,) = one.messages.waiting(5)
    key = one.inquiries.record(message, read_letter(message.octets), None, NOW)
    assert one.lives.change(key, None, State.ASSIGNED, "program", NOW, liaison="ana", reason="r", due_at=DUE)
    entry = one.inquiries.find(key)
    assert entry is not None
    done = at_once(
        lambda: one.lives.change(key, entry.version, State.ACCEPTED, "ana", NOW),
        lambda: two.lives.change(key, entry.version, State.NOT_OURS, "ana", NOW),
    )
    assert sorted(done) == [False, True]
    now = two.inquiries.find(key)
    assert now is not None
    assert now.version == entry.version + 1


def test_the_same_mail_queued_by_two_at_once_is_queued_once(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    for number in range(5):
        done = at_once(*(partial(ledger.outbox.queue, mail(number), NOW) for ledger in (one, two)))
        assert sorted(done) == [False, True]
    assert len(one.outbox.due(NOW)) == 5


def test_a_mail_is_sent_by_one(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    for number in range(3):
        assert one.outbox.queue(mail(number), NOW)
    first, second = one.outbox.claim(NOW, ("mail",), 600), two.outbox.claim(NOW, ("mail",), 600)
    assert first is not None
    assert second is not None
    assert first.id < second.id
    one.outbox.sent(first.id, NOW)
    third = one.outbox.claim(NOW, ("mail",), 600)
    assert third is not None
    assert third.id > second.id
    assert two.outbox.claim(NOW, ("mail",), 600, {second.id}) is None
    one.outbox.let_go()
    assert two.outbox.claim(NOW, ("mail",), 600, {second.id}) == third


def test_one_leads_until_it_resigns(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    now = datetime.now(UTC)
    assert one.leases.lead("scheduler", 600, now)
    assert not two.leases.lead("scheduler", 600, now)
    assert two.leases.lead("another", 600, now)
    assert one.leases.lead("scheduler", 600, now), "it goes on"
    one.close()
    assert two.leases.lead("scheduler", 600, now)


def test_a_reading_sees_one_moment(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    count = text("SELECT count(*) FROM messages")
    with reading(one.engine) as connection:
        before = connection.execute(count).scalar_one()
        two.messages.record("imap:a", "INBOX", batch(1, 2), NOW)
        assert connection.execute(count).scalar_one() == before
    assert one.messages.count_waiting() == 2


def test_what_fails_leaves_nothing_behind(machines: tuple[SqlLedger, SqlLedger]) -> None:
    one, two = machines
    one.messages.record("imap:a", "INBOX", batch(1), NOW)
    (message,) = one.messages.waiting(5)

    def half() -> None:
        with one.together() as shared:
            shared.inquiries.record(message, read_letter(message.octets), None, NOW)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half()
    assert (two.messages.count_waiting(), two.reports.status(NOW).inquiries) == (1, {})


def test_a_clock_that_is_wrong_counts_for_nothing_on_postgresql(
    machines: tuple[SqlLedger, SqlLedger], each_engine: str
) -> None:
    with reading(machines[0].engine) as connection:
        real = datetime.now(UTC)
        told = database_time(
            connection, real - timedelta(hours=3), lambda: datetime.now(UTC) - timedelta(hours=3)
        )
    off = timedelta() if each_engine == "postgresql" else timedelta(hours=-3)
    assert abs(told - real - off) < timedelta(seconds=5)
