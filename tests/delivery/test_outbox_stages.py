"""Whatever a mail server answers at whatever stage: nothing is lost, and what may be a repeat is known as one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.smtp import SmtpSender
from pipeline.digest.message import compose
from pipeline.digest.render import Rendered
from pipeline.records.messages import Address
from pipeline.records.work import OutgoingMail
from pipeline.service.outbox import GIVE_UP, Outcome, deliver, pause_after, reverse_path
from pipeline.settings import Smtp
from tests.support.mails import NOW
from tests.support.scriptedsmtp import DROP, STAGES, ScriptedSmtp, running

pytestmark = pytest.mark.usefixtures("each_engine")

ANA = "ana@wiki.example"
LATER = NOW + timedelta(hours=5)


def mail(number: int = 1, recipient: str = ANA, purpose: str = "weekly", period: str = "") -> OutgoingMail:
    identifier = f"<{purpose}.{number}@wiki.example>"
    octets = compose(
        Rendered(subject=f"Digest {number}", text="Nothing is late.\n", html=""),
        sender=Address(address="desk@wiki.example"),
        recipient=Address(address=recipient),
        message_id=identifier,
        date=NOW,
    )
    return OutgoingMail(
        recipient=recipient,
        purpose=purpose,
        period=period or str(number),
        message_id=identifier,
        octets=octets,
    )


def attempt(
    ledger: SqlLedger, port: int, now: datetime = NOW, answers: str | None = "desk@wiki.example"
) -> dict[Outcome, int]:
    """Deliver what is due at `now`; return the outcomes that came up."""
    settings = Smtp(
        host="127.0.0.1", port=port, security="none", from_address="t@wiki.example", timeout_seconds=10.0
    )
    with SmtpSender(settings) as sender:
        done = deliver(ledger.outbox, sender, reverse_path(answers, "t@wiki.example"), lambda: now)
    return {outcome: count for outcome, count in done.items() if count}


def rows(ledger: SqlLedger, query: str) -> list[tuple[object, ...]]:
    with ledger.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("answer", ["451 4.3.0 later", "421 4.3.2 shutting down", DROP])
def test_later_at_any_stage_is_tried_again(ledger: SqlLedger, stage: str, answer: str) -> None:
    ledger.outbox.queue(mail(), NOW)
    # HELO follows an EHLO that was not understood.
    with running(ScriptedSmtp(answers={stage: [answer, answer][: 1 + (stage == "EHLO")]})) as server:
        assert attempt(ledger, server.port) == {Outcome.DEFERRED: 1}
        assert attempt(ledger, server.port, NOW + timedelta(minutes=1)) == {}, "it waits first"
        server.answers.clear()
        assert attempt(ledger, server.port, LATER) == {Outcome.SENT: 1}
        assert attempt(ledger, server.port, LATER + timedelta(days=1)) == {}
        # Taken without an answer: the repeat has the same Message-ID.
        assert server.identifiers() == ["<weekly.1@wiki.example>"] * (
            2 if (stage, answer) == ("end", DROP) else 1
        )
    assert rows(ledger, "SELECT * FROM returns") == []


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL"])
def test_a_server_that_wants_nothing_from_us_is_not_the_mails_fault(ledger: SqlLedger, stage: str) -> None:
    ledger.outbox.queue(mail(), NOW)
    with running(ScriptedSmtp(answers={stage: ["554 5.7.1 not you", "554 5.7.1 not you"]})) as server:
        assert attempt(ledger, server.port) == {Outcome.DEFERRED: 1}
        server.answers.clear()
        assert attempt(ledger, server.port, LATER) == {Outcome.SENT: 1}
        assert len(server.received) == 1
    assert rows(ledger, "SELECT * FROM returns") == []


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "end"])
def test_a_refused_mail_fails_and_counts_as_a_hard_bounce(ledger: SqlLedger, stage: str) -> None:
    ledger.outbox.queue(mail(1), NOW)
    ledger.outbox.queue(mail(2, "luc@wiki.example"), NOW)
    with running(ScriptedSmtp(answers={stage: ["550 5.1.1 no such user"]})) as server:
        assert attempt(ledger, server.port) == {Outcome.FAILED: 1, Outcome.SENT: 1}, (
            "the next mail goes its way"
        )
        assert attempt(ledger, server.port, LATER) == {}
        assert server.identifiers() == ["<weekly.2@wiki.example>"]
    assert rows(ledger, "SELECT outbox_id, message_id, status, hard FROM returns") == [(1, None, "5.1.1", 1)]
    assert "550 5.1.1 no such user" in str(rows(ledger, "SELECT error FROM outbox WHERE state = 'failed'"))


def test_each_mail_has_a_reverse_path_of_its_own(ledger: SqlLedger) -> None:
    ledger.outbox.queue(mail(1), NOW)
    ledger.outbox.queue(mail(2), NOW)
    with running(ScriptedSmtp()) as server:
        attempt(ledger, server.port)
        paths = [one.envelope_from for one in server.received]
    tokens = [str(token) for (token,) in rows(ledger, "SELECT token FROM outbox ORDER BY id")]
    assert paths == [f"desk+b-{token}@wiki.example" for token in tokens]
    assert len(set(tokens)) == 2
    assert all(len(token) == 16 and token == token.lower() for token in tokens)


def test_without_an_answers_address_mail_comes_back_to_the_sender(ledger: SqlLedger) -> None:
    ledger.outbox.queue(mail(), NOW)
    with running(ScriptedSmtp()) as server:
        attempt(ledger, server.port, answers=None)
        assert server.received[0].envelope_from == "t@wiki.example"


def test_a_repeat_keeps_its_reverse_path(ledger: SqlLedger) -> None:
    ledger.outbox.queue(mail(), NOW)
    with running(ScriptedSmtp(answers={"end": [DROP]})) as server:
        attempt(ledger, server.port)
        attempt(ledger, server.port, LATER)
        first, second = server.received
    assert (first.envelope_from, first.octets) == (second.envelope_from, second.octets)


def test_later_for_five_days_and_no_longer(ledger: SqlLedger) -> None:
    ledger.outbox.queue(mail(), NOW)
    now, tries = NOW, 0
    with running(ScriptedSmtp(answers={"RCPT": ["450 4.2.0 greylisted"] * 100})) as server:
        while (done := attempt(ledger, server.port, now)) != {Outcome.FAILED: 1}:
            assert done == {Outcome.DEFERRED: 1}
            now += pause_after(tries)
            tries += 1
    assert GIVE_UP < now - NOW <= GIVE_UP + timedelta(hours=4)
    assert tries > 20
    assert rows(ledger, "SELECT * FROM returns") == [], "later is not never"


def test_a_dead_server_is_not_asked_for_each_mail(ledger: SqlLedger) -> None:
    for number in range(9):
        ledger.outbox.queue(mail(number), NOW)
    with running(ScriptedSmtp(answers={"greeting": ["554 5.3.2 closed"] * 4})) as server:
        assert attempt(ledger, server.port) == {Outcome.DEFERRED: 9}
        assert len(server.answers["greeting"]) == 1, "three tries"
        server.answers.clear()
        assert attempt(ledger, server.port, LATER) == {Outcome.SENT: 9}


def test_after_days_without_a_server_one_digest_leaves(ledger: SqlLedger) -> None:
    for day in range(4):
        ledger.outbox.queue(mail(day, purpose="daily"), NOW + timedelta(days=day))
    ledger.outbox.queue(mail(9, "luc@wiki.example", purpose="daily"), NOW)
    assert ledger.outbox.last(ANA, "daily") is None, "what never left is still news"
    with running(ScriptedSmtp()) as server:
        assert attempt(ledger, server.port, NOW + timedelta(days=4)) == {Outcome.SENT: 2}
        assert sorted(server.identifiers()) == ["<daily.3@wiki.example>", "<daily.9@wiki.example>"]
    assert ledger.outbox.last(ANA, "daily") == NOW + timedelta(days=3)
    assert rows(ledger, "SELECT count(*) FROM outbox WHERE state = 'replaced'") == [(3,)]


def test_weekly_summaries_all_leave(ledger: SqlLedger) -> None:
    ledger.outbox.queue(mail(1), NOW)
    ledger.outbox.queue(mail(2), NOW + timedelta(days=7))
    with running(ScriptedSmtp()) as server:
        assert attempt(ledger, server.port, NOW + timedelta(days=7)) == {Outcome.SENT: 2}


def test_one_key_is_queued_once_ever(ledger: SqlLedger) -> None:
    assert ledger.outbox.queue(mail(), NOW)
    with running(ScriptedSmtp()) as server:
        attempt(ledger, server.port)
        assert not ledger.outbox.queue(mail(), NOW + timedelta(days=1))
        assert not ledger.outbox.again(ANA, "weekly", "1", NOW), "what was sent is not sent again"
        assert attempt(ledger, server.port, NOW + timedelta(days=2)) == {}
