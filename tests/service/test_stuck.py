"""What did not get through is tried again, or given up; nothing of it is lost by accident."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline import parsing
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.records.inquiries import Inquiry
from pipeline.records.work import OutgoingMail
from pipeline.service.stuck import retry
from pipeline.settings import Answers
from tests.support.answering import ADDRESS, SERVER, Office, answer, office
from tests.support.mails import letter


class Stubborn:
    """Reads nothing until it is told to."""

    broken = True

    def read(self, octets: bytes, received_at: datetime | None) -> Inquiry:
        if self.broken:
            raise ValueError("the reader is\x1b[31m broken")
        return parsing.read(octets, received_at)

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def wrong(desk: Office) -> list[str]:
    return [one.check for one in examine(desk.desk.ledger.engine) if one.offenders]  # type: ignore[attr-defined]


def test_a_message_is_tried_again_until_it_can_be_read(desk: Office) -> None:
    reader = Stubborn()
    desk.desk = replace(desk.desk, reader=reader)
    assert desk.receive(letter()) == {"set-aside": 1}
    asides = desk.desk.ledger.asides
    (first,) = asides.all()
    assert (first.step, first.attempts, first.whole) == ("read", 1, True)
    (tried,) = retry(desk.desk, [first.number])
    assert not tried.done
    assert "the reader is" in tried.outcome
    (second,) = asides.all()
    assert second.attempts == 2
    reader.broken = False
    (tried,) = retry(desk.desk, [second.number])
    assert (tried.done, tried.outcome) == (True, "read")
    assert asides.all() == ()
    assert len(desk.desk.ledger.inquiries.open()) == 1
    assert wrong(desk) == []


def test_an_answer_that_was_not_trusted_is_listed_and_works_once_the_settings_are_right(
    tmp_path: Path,
) -> None:
    key = tmp_path / "triage.key"
    with office(
        tmp_path, settings=Answers(address=ADDRESS, authserv_ids=("mx.old.example",), key_file=key)
    ) as desk:
        entry = desk.inquiry("one")
        reply = answer(f"{entry.key} done", to=desk.reply_to())
        assert desk.receive(reply) == {"set-aside": 1}
        (aside,) = desk.desk.ledger.asides.all("answer")
        assert desk.desk.ledger.asides.all("read") == ()
        right = desk.desk.settings.answers.model_copy(update={"authserv_ids": (SERVER,)})
        desk.desk = replace(desk.desk, settings=desk.desk.settings.model_copy(update={"answers": right}))
        assert retry(desk.desk, [aside.number])[0].outcome == "answer"
        assert desk.state(entry.key).value == "done"
        assert wrong(desk) == []


def test_what_is_given_up_does_not_come_back(desk: Office) -> None:
    reply = answer("done", results="evil; dmarc=pass")
    desk.receive(reply)
    asides = desk.desk.ledger.asides
    (aside,) = asides.all()
    found = asides.find(aside.number)
    assert found is not None
    assert found.octets == reply
    assert asides.drop(aside.number, desk.now)
    assert not asides.drop(aside.number, desk.now)
    assert desk.receive(reply) == {}
    assert (asides.all(), asides.find(aside.number)) == ((), None)
    assert wrong(desk) == []


def test_a_number_that_is_not_there_is_told(desk: Office) -> None:
    assert [one.outcome for one in retry(desk.desk, [7])] == ["there is no such number"]


def test_mail_that_failed_is_sent_again_or_never(desk: Office) -> None:
    box, unsent = desk.desk.ledger.outbox, desk.desk.ledger.unsent
    mail = OutgoingMail(
        recipient="lieve@liaisons.example",
        purpose="daily",
        period="2026-03-23",
        message_id="<a@b.example>",
        octets=b"x",
    )
    box.queue(mail, desk.now)
    (queued,) = box.due(desk.now)
    box.failed(queued.id, "550 no such user")
    (failed,) = unsent.all()
    assert (failed.to, failed.what, failed.error) == (mail.recipient, "daily 2026-03-23", "550 no such user")
    later = desk.now + timedelta(days=10)
    assert unsent.retry(failed.number, later) == ""
    assert [(one.id, one.attempts, one.queued_at) for one in box.due(later)] == [(queued.id, 0, later)]
    assert unsent.drop(queued.id, later) == ""
    assert box.due(later) == ()
    assert not box.queue(mail, later)
    assert unsent.retry(queued.id, later) == "it is dropped"
    assert unsent.retry(99, later) == "there is no such number"
    assert wrong(desk) == []


def test_mail_that_left_is_not_sent_again(desk: Office) -> None:
    box = desk.desk.ledger.outbox
    box.queue(
        OutgoingMail(
            recipient="a@b.example", purpose="x", period="1", message_id="<a@b.example>", octets=b"x"
        ),
        desk.now,
    )
    (queued,) = box.due(desk.now)
    box.sent(queued.id, desk.now)
    assert desk.desk.ledger.unsent.retry(queued.id, desk.now) == "it is sent"


def test_a_help_desk_is_told_again_and_the_newest_wish_wins(desk: Office) -> None:
    from pipeline.records.writebacks import Told, Wish

    entry, desks = desk.inquiry("one"), desk.desk.ledger.writebacks
    told = Told(ticket=5, key=entry.key, basis="1", decision=1, last=None, last_note=None)
    for basis in ("1", "2"):
        desks.queue("desk", replace(told, basis=basis), Wish(queue=f"Q{basis}"), desk.now, same=False)
        (due,) = desks.due("desk", desk.now)
        desks.failed(due.id, "the queue is unknown")
    untold = desk.desk.ledger.untold
    older, newer = untold.all()
    assert (older.to, older.what, older.error) == ("desk ticket 5", entry.key, "the queue is unknown")
    assert f"number {newer.number} tells of the same ticket" in untold.retry(older.number, desk.now)
    assert untold.retry(newer.number, desk.now) == ""
    assert [one.wish.queue for one in desks.due("desk", desk.now)] == ["Q2"]
    assert untold.drop(older.number, desk.now) == ""
    assert untold.all() == ()
