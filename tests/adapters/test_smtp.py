# ruff: noqa: SIM117 - the server and the expected error are two things
"""SMTP against aiosmtpd: what every answer means, and that one connection serves many mails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.adapters.smtp import SmtpSender
from pipeline.errors import Deferred, Refused, Unreachable
from pipeline.settings import Smtp
from tests.support.certificates import Certificates
from tests.support.dovecot import free_port
from tests.support.proxy import Fault, Line, bad_line
from tests.support.smtpd import PASSWORD, USER, Smtpd, running_smtpd

SENDER = "triage@committee.example"
LIAISON = "noor@committee.example"
MAIL = b"From: triage@committee.example\r\nSubject: Digest\r\n\r\nOne.\r\n.\r\n..two\r\nFrom here.\r\n"


def sender(port: int, **more: object) -> SmtpSender:
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": SENDER,
        "timeout_seconds": 10.0,
    }
    return SmtpSender(Smtp.model_validate_json(json.dumps({**values, **more})))


def test_a_mail_arrives_octet_for_octet() -> None:
    with running_smtpd(Smtpd()) as server, sender(server.port) as out:
        out.send(SENDER, LIAISON, MAIL)
    (mail,) = server.received
    assert (mail.envelope_from, mail.recipients, mail.octets) == (SENDER, (LIAISON,), MAIL)


def test_one_connection_serves_many_mails() -> None:
    with running_smtpd(Smtpd()) as server, sender(server.port) as out:
        for number in range(5):
            out.send(SENDER, f"liaison{number}@committee.example", MAIL)
    assert server.sessions == 1
    assert [mail.recipients[0] for mail in server.received] == [
        f"liaison{number}@committee.example" for number in range(5)
    ]


def test_an_empty_reverse_path_is_kept() -> None:
    with running_smtpd(Smtpd()) as server, sender(server.port) as out:
        out.send("", LIAISON, MAIL)
    assert server.received[0].envelope_from == "<>"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error"), [("450 4.2.0 greylisted", Deferred), ("550 5.1.1 unknown", Refused)]
)
def test_later_and_no_are_told_apart(
    command: str, answer: str, error: type[Deferred] | type[Refused]
) -> None:
    with running_smtpd(Smtpd(answers={command: [answer]})) as server, sender(server.port) as out:
        with pytest.raises(error, match=rf"^smtp: 127\.0\.0\.1:{server.port}: mail to {LIAISON}: .*{answer}"):
            out.send(SENDER, LIAISON, MAIL)
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 1
    assert server.sessions == 1


def test_a_server_that_closes_is_called_again() -> None:
    with running_smtpd(Smtpd(answers={"RCPT": ["421 4.3.2 closing"]})) as server, sender(server.port) as out:
        with pytest.raises(Deferred, match="421"):
            out.send(SENDER, LIAISON, MAIL)
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 1
    assert server.sessions == 2


def test_a_connection_lost_after_the_mail_is_deferred() -> None:
    with running_smtpd(Smtpd(drops=1)) as server, sender(server.port) as out:
        with pytest.raises(Deferred, match="connection was lost"):
            out.send(SENDER, LIAISON, MAIL)
        assert server.received == []
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 1


def test_a_connection_gone_stale_is_made_anew() -> None:
    with running_smtpd(Smtpd()) as server, sender(server.port) as out:
        out.send(SENDER, LIAISON, MAIL)
        server.hang_up()
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 2
    assert server.sessions == 2


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_and_login(security: str, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    wanted = Smtpd(
        certificates=certificates,
        implicit_tls=security == "tls",
        starttls=security == "starttls",
        login=True,
    )
    own = {"ca_file": str(certificates.authority), "username": USER, "password_env": "SMTP_PASSWORD"}
    with running_smtpd(wanted) as server, sender(server.port, security=security, **own) as out:
        assert out.check() == ()
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_untrusted_certificate_is_refused(
    security: str, certificates: Certificates, other_authority: Path
) -> None:
    wanted = Smtpd(certificates=certificates, implicit_tls=security == "tls", starttls=security == "starttls")
    with running_smtpd(wanted) as server:
        out = sender(server.port, security=security, ca_file=str(other_authority))
        with pytest.raises(Unreachable, match=r"certificate is not trusted .*ca_file"):
            out.send(SENDER, LIAISON, MAIL)
        assert len(out.check()) == 1
    assert server.received == []


def test_a_wrong_password_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "wrong-guess")
    with running_smtpd(Smtpd(login=True)) as server:
        out = sender(server.port, username=USER, password_env="SMTP_PASSWORD")
        with pytest.raises(Refused, match=r"login as 'digests' refused .*535") as told:
            out.send(SENDER, LIAISON, MAIL)
    assert "wrong-guess" not in str(told.value)


def test_a_login_that_is_asked_for_is_told() -> None:
    with running_smtpd(Smtpd(login=True)) as server, sender(server.port) as out:
        with pytest.raises(Refused, match="530"):
            out.send(SENDER, LIAISON, MAIL)


def test_a_login_that_is_not_offered_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    with running_smtpd(Smtpd()) as server:
        (problem,) = sender(server.port, username=USER, password_env="SMTP_PASSWORD").check()
    assert "it offers no login" in problem


def test_starttls_that_is_not_offered_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    own = {"security": "starttls", "username": USER, "password_env": "SMTP_PASSWORD"}
    with running_smtpd(Smtpd()) as server, sender(server.port, **own) as out:
        with pytest.raises(Refused, match="does not offer STARTTLS"):
            out.send(SENDER, LIAISON, MAIL)
    assert server.received == []


def test_nobody_there_is_told() -> None:
    port = free_port()
    with pytest.raises(Unreachable, match=rf"^smtp: 127\.0\.0\.1:{port}: nothing listens there"):
        sender(port).send(SENDER, LIAISON, MAIL)


def test_an_unknown_host_is_told() -> None:
    (problem,) = sender(25, host="no-such-host.invalid").check()
    assert "host name is not found" in problem


@pytest.mark.parametrize(
    ("fault", "words"), [(Fault.STALL, "no answer within 0.2 s"), (Fault.CUT, "connection was lost")]
)
def test_a_line_that_fails_while_connecting(fault: Fault, words: str) -> None:
    with (
        running_smtpd(Smtpd()) as server,
        bad_line(Line(target=server.port, fault=fault, octets=10, faults=9)) as line,
    ):
        (problem,) = sender(line.port, timeout_seconds=0.2).check()
    assert words in problem


def test_smtputf8_is_used_only_where_it_is_needed() -> None:
    with running_smtpd(Smtpd(smtputf8=True)) as server, sender(server.port) as out:
        out.send(SENDER, "søren@committee.example", MAIL)
        out.send(SENDER, LIAISON, MAIL)
    assert [mail.recipients for mail in server.received] == [("søren@committee.example",), (LIAISON,)]


def test_without_smtputf8_a_domain_is_written_in_ascii() -> None:
    with running_smtpd(Smtpd(smtputf8=False)) as server, sender(server.port) as out:
        out.send(SENDER, "noor@bücher.example", MAIL)
        with pytest.raises(Refused, match="needs SMTPUTF8"):
            out.send(SENDER, "søren@committee.example", MAIL)
    assert [mail.recipients for mail in server.received] == [("noor@xn--bcher-kva.example",)]


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example> x", "a b@c.example"]
)
def test_an_address_cannot_smuggle_a_command(address: str) -> None:
    with running_smtpd(Smtpd()) as server, sender(server.port) as out:
        with pytest.raises(Refused, match="not a mail address"):
            out.send(SENDER, address, MAIL)
    assert server.received == []
