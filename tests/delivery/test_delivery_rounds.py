"""Whole rounds: a bounce that comes in by IMAP is no inquiry, and the week is published beside the digests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.demo.servers import smtp_sink
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import OutgoingMail
from pipeline.service.outbox import Outcome
from pipeline.service.ports import Ledger
from pipeline.settings import Answers, Committee, Folders, ImapAccount, LedgerSettings, Settings, Smtp
from tests.parsing.test_failures import recipient, report
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter, reading
from tests.support.mediawiki import BOT_PASSWORD, PASSWORD_ENV, MediaWikiServer


def test_bounces_of_digests_come_in_and_suspend(
    dovecot: Dovecot, tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_IMAP_PASSWORD", PASSWORD)
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    keyfile.make(tmp_path / "key")
    with smtp_sink() as (port, received):
        settings = Settings(
            imap=(
                ImapAccount(
                    name="main", host="127.0.0.1", port=dovecot.port, security="none", username=user,
                    password_env="TEST_IMAP_PASSWORD", idle=False,
                ),
            ),
            smtp=Smtp(host="127.0.0.1", port=port, security="none", from_address="triage@wiki.example"),
            answers=Answers(address="desk@wiki.example", key_file=tmp_path / "key", maintainer="root@wiki.example"),
            ledger=LedgerSettings(url=ledger_url(tmp_path / "triage.db")),
            folders=Folders(liaisons=rules / "liaisons.toml", model=""),
        )  # fmt: skip
        desk = wiring.desk(settings, clock=lambda: NOW, pause=lambda _: None)
        desk.round()
        sent = next(mail for mail in received if mail.recipients[0] != "root@wiki.example")
        assert sent.envelope_from.startswith("desk+b-")
        bounce = report(recipient("failed", "5.1.1"))
        dovecot.fill(
            user, [bounce.replace(b"desk+b-abcdefghijklmnop@wiki.example", sent.envelope_from.encode())]
        )
        before = desk.ledger.reports.status(NOW).inquiries
        done = desk.round()
        assert (done.recorded.stored, done.outcomes) == (1, {"returned": 1})
        assert desk.ledger.reports.status(NOW).inquiries == before
        (failed,) = desk.ledger.returns.hard(NOW)
        assert (failed.recipient, failed.status) == (sent.recipients[0], "5.1.1")
        assert desk.round().outcomes == {}
        desk.close()


@pytest.mark.parametrize(
    ("verp", "path"), [(True, "desk+b-a-token@wiki.example"), (False, "triage@wiki.example")]
)
def test_a_server_that_takes_one_sender_alone_gets_no_other(
    verp: bool, path: str, tmp_path: Path, rules: Path
) -> None:
    keyfile.make(tmp_path / "key")
    with smtp_sink() as (port, received):
        settings = Settings(
            smtp=Smtp(
                host="127.0.0.1", port=port, security="none", from_address="triage@wiki.example", verp=verp
            ),
            answers=Answers(address="desk@wiki.example", key_file=tmp_path / "key"),
            ledger=LedgerSettings(url=ledger_url(tmp_path / "triage.db")),
            folders=Folders(liaisons=rules / "liaisons.toml", model=""),
        )
        desk = wiring.desk(settings, clock=lambda: NOW, pause=lambda _: None)
        desk.ledger.outbox.queue(
            OutgoingMail(
                recipient="ana@wiki.example", purpose="weekly", period="1", message_id="<1@wiki.example>",
                octets=b"Subject: One\r\n\r\nOne.\r\n", token="a-token",
            ),
            NOW,
        )  # fmt: skip
        desk.deliver()
        desk.close()
    assert [mail.envelope_from for mail in received] == [path]


def test_the_week_is_published_beside_the_digests(
    mediawiki: MediaWikiServer, tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, BOT_PASSWORD)
    place = mediawiki.settings()
    with smtp_sink() as (port, received):
        settings = Settings(
            smtp=Smtp(host="127.0.0.1", port=port, security="none", from_address="triage@wiki.example"),
            committee=Committee(addresses=("board@wiki.example",)),
            ledger=LedgerSettings(url=ledger_url(tmp_path / "triage.db")),
            folders=Folders(liaisons=rules / "liaisons.toml", model=""),
            wiki=place,
        )
        now = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
        desk = wiring.desk(settings, clock=lambda: now, pause=lambda _: None)
        assert desk.send() == (0, dict.fromkeys(Outcome, 0)), "nothing ever came: there is no week to tell of"
        _store(desk.ledger, letter())
        now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        queued, outcomes = desk.send()
        assert (queued, outcomes[Outcome.SENT]) == (2, 3), "page and mail, and the list of weeks"
        assert desk.send()[0] == 0
        desk.close()
    assert [mail.recipients for mail in received] == [("board@wiki.example",)]
    assert mediawiki.person().pages[f"{place.prefix}/2026-W47"].exists
    assert mediawiki.person().pages[place.prefix].exists


def _store(ledger: Ledger, octets: bytes) -> None:
    """Let a mail come in in week 47 that is decided."""
    at = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=1)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=at)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=1), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, at)
    (waiting,) = ledger.messages.waiting(10)
    ledger.inquiries.record(waiting, reading(octets), Placement(), at)
