"""Handing in mail with OAuth 2.0 tokens: both mechanisms, against aiosmtpd."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipeline.adapters.smtp import SmtpSender
from pipeline.declarative import validate
from pipeline.errors import DeclarationError, Refused
from pipeline.settings import Settings, Smtp
from tests.support.smtpd import PASSWORD, USER, Smtpd, running_smtpd

MECHANISMS = ("xoauth2", "oauthbearer")
GOOD = "eyJ0eXAi.good-token_0123456789/+=="
SENDER = "desk@committee.example"
LIAISON = "noor@committee.example"
MAIL = b"From: desk@committee.example\r\nSubject: Digest\r\n\r\nOne.\r\n"


def sender(port: int, mechanism: str, **more: object) -> SmtpSender:
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": USER,
        "oauth2": mechanism,
        "from_address": SENDER,
        "timeout_seconds": 10.0,
    }
    return SmtpSender(Smtp.model_validate_json(json.dumps({**values, **more})))


def printing(*tokens: str) -> list[str]:
    """Return a command that prints one token after the other, and the last one for ever."""
    count = (
        "import pathlib, sys; p = pathlib.Path(sys.argv[1]); n = len(p.read_text()) if p.exists() else 0; "
    )
    say = f"p.write_text('x' * (n + 1)); print({list(tokens)!r}[min(n, {len(tokens) - 1})])"
    return [sys.executable, "-c", count + say]


@pytest.mark.parametrize("token", [GOOD, GOOD[:-2] * 60], ids=["short", "longer than a line"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_good_token_hands_in_mail(mechanism: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_TOKEN", token)
    with (
        running_smtpd(Smtpd(token=token)) as server,
        sender(server.port, mechanism, password_env="MAIL_TOKEN") as out,
    ):
        assert out.check() == ()
        out.send(SENDER, LIAISON, MAIL)
    assert [mail.octets for mail in server.received] == [MAIL]


def test_an_expired_token_is_asked_for_once_more(tmp_path: Path) -> None:
    command = [*printing("expired-token", GOOD), str(tmp_path / "asked")]
    with (
        running_smtpd(Smtpd(token=GOOD)) as server,
        sender(server.port, "xoauth2", token_command=command) as out,
    ):
        out.send(SENDER, LIAISON, MAIL)
    assert len(server.received) == 1
    assert server.sessions == 1


@pytest.mark.parametrize(("mechanism", "answered"), [("xoauth2", b""), ("oauthbearer", b"\1")])
def test_a_wrong_token_is_refused_without_showing_it(
    mechanism: str, answered: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_TOKEN", "somebody-elses-token")
    with running_smtpd(Smtpd(token=GOOD)) as server:
        out = sender(server.port, mechanism, password_env="MAIL_TOKEN")
        with pytest.raises(
            Refused, match=r"login as 'digests' refused \(invalid_token; 535 .*access token"
        ) as told:
            out.send(SENDER, LIAISON, MAIL)
    assert "somebody-elses-token" not in str(told.value)
    assert server.exchanges[1::2] == [answered]
    assert server.received == []


def test_a_server_without_tokens_says_what_it_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_TOKEN", PASSWORD)
    with running_smtpd(Smtpd(login=True)) as server:
        (problem,) = sender(server.port, "xoauth2", password_env="MAIL_TOKEN").check()
    assert "does not offer XOAUTH2, but LOGIN, PLAIN; correct oauth2" in problem


def test_faults_of_the_settings_are_told() -> None:
    given = {"host": "smtp.example.org", "from_address": SENDER, "token_command": ["token"], "username": USER}
    with pytest.raises(DeclarationError) as told:
        validate({"smtp": given}, Settings, "triage.toml")
    (found,) = told.value.faults
    assert found.message == "token_command needs oauth2; set it to xoauth2 or oauthbearer"
