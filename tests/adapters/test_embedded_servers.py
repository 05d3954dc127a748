"""The demo's servers: real protocols, exact octets, and nothing left behind."""

from __future__ import annotations

import json
import smtplib
import threading
import time
from datetime import UTC, datetime

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.demo.servers import imap_server, smtp_sink
from pipeline.errors import Refused
from pipeline.settings import ImapAccount

WHEN = datetime(2026, 3, 1, 13, 30, tzinfo=UTC)


def source(port: int, user: str) -> ImapSource:
    values = {
        "name": "demo",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": user,
        "password_env": "IMAP_PASSWORD",
        "mailboxes": ["INBOX", "Lists"],
    }
    return ImapSource(ImapAccount.model_validate_json(json.dumps(values)))


def test_the_imap_server_gives_exactly_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    inbox = [
        (b"Subject: %d\r\n\r\nCaf\xc3\xa9 \xff\0\r\n" % number * 20, WHEN.replace(hour=number % 24))
        for number in range(120)
    ]
    lists = [(b"Subject: unix\n\nline ends\n", WHEN)]
    threads = threading.active_count()
    began = time.monotonic()
    with imap_server({"INBOX": inbox, "Lists": lists}) as (port, user, password):
        monkeypatch.setenv("IMAP_PASSWORD", password)
        demo = source(port, user)
        found = {
            name: [
                (message.octets, message.received_at)
                for batch in demo.fetch(name, None, 10**7)
                for message in batch.messages
            ]
            for name in demo.mailboxes()
        }
        demo.close()
        monkeypatch.setenv("IMAP_PASSWORD", "guess")
        with pytest.raises(Refused, match="refused"):
            list(demo.fetch("INBOX", None, 10**7))
    assert found == {"INBOX": inbox, "Lists": lists}
    assert time.monotonic() - began < 10
    assert threading.active_count() == threads
    assert capfd.readouterr() == ("", "")


def test_a_new_start_is_a_new_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for _ in range(2):
        with imap_server({"INBOX": [(b"Subject: x\r\n\r\n", WHEN)]}) as (port, user, password):
            monkeypatch.setenv("IMAP_PASSWORD", password)
            demo = source(port, user)
            (batch,) = demo.fetch("INBOX", None, 10**7)
            demo.close()
            seen.add(batch.cursor.uidvalidity)
    assert len(seen) == 2


def test_the_sink_keeps_mail_as_it_came(capfd: pytest.CaptureFixture[str]) -> None:
    mail = b"Subject: Digest\r\n\r\n.\r\n..two\r\n"
    with smtp_sink() as (port, received):
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10) as client:
            client.sendmail("triage@committee.example", ["noor@committee.example"], mail)
        (kept,) = received
    assert kept.octets == mail
    assert kept.envelope_from == "triage@committee.example"
    assert kept.recipients == ("noor@committee.example",)
    assert capfd.readouterr() == ("", "")


def test_servers_end_while_clients_are_still_connected(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with imap_server({"INBOX": [(b"Subject: x\r\n\r\n", WHEN)]}) as (port, user, password):
        monkeypatch.setenv("IMAP_PASSWORD", password)
        demo = source(port, user)
        assert demo.idle("INBOX", 0.1) is True
        assert demo.idle("INBOX", 0.1) is False
    demo.close()
    with smtp_sink() as (port, _):
        client = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    client.close()
    assert capfd.readouterr() == ("", "")
