"""Mail that comes back: matched by its token alone, counted once, and liaisons whom mail does not reach are relieved."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline import parsing
from pipeline.adapters.ledger import SqlLedger
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import Assignment, OutgoingMail, StoredMessage
from pipeline.routing.policy import Policy, load_policy
from pipeline.service.assignment import assign_all
from pipeline.service.returns import Relief, take_return, tokens
from pipeline.settings import Answers, Committee, Settings, Smtp
from pipeline.taxonomy import Taxonomy
from tests.parsing.test_failures import EXIM_DELAY, QMAIL, plain, recipient, report
from tests.support.mails import NOW, letter, reading

pytestmark = pytest.mark.usefixtures("each_engine")

TEAM = """
fallback = "ana"
[[liaisons]]
id = "ana"
name = "Ana Kos"
address = "Ana@wiki.example"
deputy = "luc"
[[liaisons]]
id = "luc"
name = "Luc Roy"
address = "luc@wiki.example"
deputy = "mia"
[[liaisons]]
id = "mia"
name = "Mia Ott"
address = "mia@wiki.example"
"""
HARD = recipient("failed", "5.1.1")


@pytest.fixture
def policy(taxonomy: Taxonomy, tmp_path: Path) -> Policy:
    path = tmp_path / "liaisons.toml"
    path.write_text(TEAM, encoding="utf-8")
    return load_policy(path, taxonomy)


@pytest.fixture
def relief(ledger: SqlLedger, policy: Policy) -> Relief:
    settings = Settings(
        smtp=Smtp(host="127.0.0.1", security="none", from_address="t@wiki.example"),
        committee=Committee(addresses=("board@wiki.example", "chair@wiki.example")),
        answers=Answers(address="desk@wiki.example", maintainer="root@wiki.example"),
    )
    return Relief(ledger=ledger, policy=policy, settings=settings)


def rows(ledger: SqlLedger, query: str) -> list[tuple[object, ...]]:
    with ledger.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def sent(ledger: SqlLedger, number: int, recipient: str = "ana@wiki.example", now: datetime = NOW) -> str:
    """Send a digest; return the token of its reverse-path."""
    identifier = f"<daily.{number}.{recipient}>"
    mail = OutgoingMail(
        recipient=recipient, purpose="daily", period=str(number), message_id=identifier, octets=b"x"
    )
    assert ledger.outbox.queue(mail, now)
    queued = ledger.outbox.due(now)[-1]
    ledger.outbox.sent(queued.id, now)
    return queued.mail.token


def arrived(ledger: SqlLedger, octets: bytes) -> tuple[StoredMessage, Inquiry]:
    """Let a mail come in, and read it."""
    uid = len(rows(ledger, "SELECT id FROM messages")) + 1
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=uid)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=uid), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, NOW)
    return ledger.messages.waiting(10)[-1], parsing.read(octets)


def comes_back(ledger: SqlLedger, token: str, octets: bytes = report(HARD)) -> bool:
    """Let a bounce to a reverse-path with `token` come in; return whether it was taken as one."""
    stored, inquiry = arrived(ledger, octets.replace(b"abcdefghijklmnop", token.encode()))
    return take_return(ledger.returns, stored, inquiry, lambda: NOW)


def given_to(ledger: SqlLedger, liaison: str, number: int, due_at: datetime) -> str:
    """Let an inquiry come in, and give it to somebody."""
    octets = letter(identifier=f"i{number}@x.example", sender=f"P{number} <p{number}@museum{number}.example>")
    stored, _ = arrived(ledger, octets)
    key = ledger.inquiries.record(stored, reading(octets), Placement(), NOW)
    ledger.inquiries.assign([Assignment(inquiry=key, liaison=liaison, reason="", due_at=due_at)], NOW)
    return key


def suspended(ledger: SqlLedger) -> list[str]:
    return sorted(one for one, kinds in ledger.duties.current().items() if "suspended" in kinds)


def holder(ledger: SqlLedger, key: str) -> str | None:
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry.liaison


def notices(ledger: SqlLedger) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of the notices that wait."""
    waiting = [queued.mail for queued in ledger.outbox.due(NOW + timedelta(days=90))]
    told = [
        (mail.recipient, email.message_from_bytes(mail.octets, policy=email.policy.default))
        for mail in waiting
    ]
    return [(to, str(message["Subject"]), str(message.get_content())) for to, message in told]


def test_a_bounce_is_noted_and_is_no_inquiry(ledger: SqlLedger) -> None:
    assert comes_back(ledger, sent(ledger, 1))
    assert rows(ledger, "SELECT outbox_id, status, hard FROM returns") == [(1, "5.1.1", 1)]
    assert rows(ledger, "SELECT state FROM messages") == [("returned",)]
    assert ledger.messages.waiting(10) == ()
    assert rows(ledger, "SELECT * FROM inquiries") == []


def test_a_plain_bounce_by_qmail_is_matched_too(ledger: SqlLedger) -> None:
    assert comes_back(
        ledger, sent(ledger, 1), plain("MAILER-DAEMON@mx.wiki.example", "failure notice", QMAIL)
    )
    assert rows(ledger, "SELECT status, hard FROM returns") == [("5.1.1", 1)]


def test_a_delay_and_an_absence_are_no_hard_failures(ledger: SqlLedger) -> None:
    token = sent(ledger, 1)
    delay = plain("Mailer-Daemon@mx.wiki.example", "Warning: message delayed", EXIM_DELAY)
    away = plain("Ana <ana@wiki.example>", "Away", "Back on Monday.", "Auto-Submitted: auto-replied\r\n")
    assert comes_back(ledger, token, delay)
    assert comes_back(ledger, token, away)
    assert rows(ledger, "SELECT status, hard FROM returns ORDER BY id") == [("4.0.0", 0), ("auto-reply", 0)]


@pytest.mark.parametrize("field", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To"])
def test_the_token_is_found_where_mail_servers_write_it(field: str) -> None:
    octets = report(HARD).replace(b"To: desk+b-abcdefghijklmnop@", b"To: undisclosed@")
    octets = f"{field}: DESK+B-ABCDEFGHIJKLMNOP@Wiki.example\r\n".encode() + octets
    assert tokens(parsing.read(octets)) == ("abcdefghijklmnop",)


@pytest.mark.parametrize(
    "address",
    [
        "desk+b-aaaaaaaaaaaaaaaa@wiki.example",
        "desk@wiki.example",
        "desk+b-@wiki.example",
        "desk+b-%@x.example",
    ],
)
def test_a_forged_bounce_does_nothing(ledger: SqlLedger, address: str) -> None:
    sent(ledger, 1)
    forged = report(HARD).replace(b"desk+b-abcdefghijklmnop@wiki.example", address.encode())
    stored, inquiry = arrived(ledger, forged)
    assert not take_return(ledger.returns, stored, inquiry, lambda: NOW)
    assert rows(ledger, "SELECT * FROM returns") == []
    assert ledger.messages.count_waiting() == 1, "it goes on as other automatic mail does"


def test_a_person_who_writes_to_the_reverse_path_is_heard(ledger: SqlLedger) -> None:
    token = sent(ledger, 1)
    stored, inquiry = arrived(ledger, letter(headers=f"X-Original-To: desk+b-{token}@wiki.example"))
    assert not take_return(ledger.returns, stored, inquiry, lambda: NOW)
    assert ledger.messages.count_waiting() == 1


def test_a_bounce_read_twice_counts_once(ledger: SqlLedger) -> None:
    token = sent(ledger, 1)
    stored, inquiry = arrived(ledger, report(HARD).replace(b"abcdefghijklmnop", token.encode()))
    for _ in range(3):
        assert take_return(ledger.returns, stored, inquiry, lambda: NOW)
    assert len(rows(ledger, "SELECT * FROM returns")) == 1


def test_three_failures_of_one_mail_are_one(ledger: SqlLedger, relief: Relief) -> None:
    token = sent(ledger, 1)
    for number in range(3):
        comes_back(ledger, token, report(HARD, words=f"copy {number}"))
    assert len(ledger.returns.hard(NOW - timedelta(days=1))) == 1
    assert relief.run(NOW) == ()


def fail_thrice(
    ledger: SqlLedger, first: int = 1, recipient: str = "ana@wiki.example", now: datetime = NOW
) -> None:
    for number in range(first, first + 3):
        comes_back(ledger, sent(ledger, number, recipient, now))


def test_three_hard_failures_suspend_a_liaison(ledger: SqlLedger, relief: Relief) -> None:
    late = given_to(ledger, "ana", 1, NOW - timedelta(days=1))
    soon = given_to(ledger, "ana", 2, NOW + timedelta(days=1))
    easy = given_to(ledger, "ana", 3, NOW + timedelta(days=9))
    others = given_to(ledger, "luc", 4, NOW - timedelta(days=1))
    for number in (1, 2):
        comes_back(ledger, sent(ledger, number))
    assert relief.run(NOW) == ()
    assert suspended(ledger) == []
    comes_back(ledger, sent(ledger, 3))
    assert relief.run(NOW) == ("ana",)
    assert suspended(ledger) == ["ana"]
    assert assign_all(ledger, relief.policy, lambda: NOW)[1] == {"moved": 3}
    assert [holder(ledger, key) for key in (late, soon, easy, others)] == ["luc"] * 4


def test_the_maintainer_is_told_once(ledger: SqlLedger, relief: Relief) -> None:
    fail_thrice(ledger)
    for _ in range(3):
        relief.run(NOW)
    ((to, subject, words),) = notices(ledger)
    assert to == "root@wiki.example"
    assert subject == "Mail to Ana Kos comes back; suspended"
    assert "no such address (5.1.1)" in words
    assert "moved to Luc Roy" in words
    assert "triage routes resume ana" in words


def test_a_run_that_was_killed_on_the_way_is_made_good(ledger: SqlLedger, relief: Relief) -> None:
    late = given_to(ledger, "ana", 1, NOW - timedelta(days=1))
    fail_thrice(ledger)
    relief.run(NOW)
    # As if it had been killed before the last step: the notice is queued.
    ledger.duties.end("ana", "suspended", "test", NOW - timedelta(days=1))
    assert relief.run(NOW) == ("ana",)
    assert len(notices(ledger)) == 1
    for _ in range(2):
        assign_all(ledger, relief.policy, lambda: NOW)
    assert holder(ledger, late) == "luc"
    assert len(rows(ledger, "SELECT * FROM assignments")) == 2


def test_work_goes_past_a_deputy_who_is_not_reached_either(ledger: SqlLedger, relief: Relief) -> None:
    key = given_to(ledger, "ana", 1, NOW)
    fail_thrice(ledger, recipient="luc@wiki.example")
    fail_thrice(ledger)
    relief.run(NOW)
    assign_all(ledger, relief.policy, lambda: NOW)
    assert suspended(ledger) == ["ana", "luc"]
    assert holder(ledger, key) == "mia"


def test_resuming_starts_the_count_anew(ledger: SqlLedger, relief: Relief) -> None:
    fail_thrice(ledger)
    relief.run(NOW)
    after = NOW + timedelta(days=3)
    ledger.duties.end("ana", "suspended", "root", after)
    assert relief.run(after) == ()
    fail_thrice(ledger, 10, now=after + timedelta(hours=1))
    assert relief.run(after + timedelta(days=1)) == ("ana",)
    assert len(notices(ledger)) == 2


def test_old_failures_are_forgiven(ledger: SqlLedger, relief: Relief) -> None:
    fail_thrice(ledger)
    assert relief.run(NOW + timedelta(days=61)) == ()


def test_refusals_while_sending_count_as_well(ledger: SqlLedger, relief: Relief) -> None:
    for number in range(3):
        sent(ledger, number)
        ledger.outbox.failed(number + 1, "550 5.1.1 unknown", refused="5.1.1", now=NOW)
    assert relief.run(NOW) == ("ana",)


def test_of_an_address_of_the_committee_the_others_are_told(ledger: SqlLedger, relief: Relief) -> None:
    fail_thrice(ledger, recipient="board@wiki.example")
    relief.run(NOW)
    relief.run(NOW)
    ((to, subject, words),) = notices(ledger)
    assert (to, subject) == ("root@wiki.example", "Mail to board@wiki.example comes back")
    assert "5.1.1" in words
    assert suspended(ledger) == []


def test_without_a_maintainer_the_committee_is_told(
    ledger: SqlLedger, policy: Policy, relief: Relief
) -> None:
    settings = relief.settings.model_copy(update={"answers": Answers(address="desk@wiki.example")})
    fail_thrice(ledger, recipient="board@wiki.example")
    fail_thrice(ledger)
    Relief(ledger=ledger, policy=policy, settings=settings).run(NOW)
    told = sorted((to, subject) for to, subject, _ in notices(ledger))
    assert told == [
        ("board@wiki.example", "Mail to Ana Kos comes back; suspended"),
        ("chair@wiki.example", "Mail to Ana Kos comes back; suspended"),
        ("chair@wiki.example", "Mail to board@wiki.example comes back"),
    ]
