"""Logging in with OAuth 2.0 tokens: both mechanisms, against Dovecot with an introspection server."""

from __future__ import annotations

import json
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.declarative import validate
from pipeline.errors import DeclarationError, Refused, Unreachable, UsageError
from pipeline.settings import ImapAccount, Settings
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.imap import LIMIT, Pauses, account, everything, mail, octets
from tests.support.proxy import Line, bad_line

MECHANISMS = ("xoauth2", "oauthbearer")
GOOD = "ya29.good-token_0123456789/+=="
EXPIRED = "ya29.expired-token"


class Introspection(BaseHTTPRequestHandler):
    """Says of a token whether it is in force (RFC 7662), and whose it is."""

    users: ClassVar[dict[str, str]] = {}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        user = self.users.get(parse_qs(body, keep_blank_values=True).get("token", [""])[0])
        answer = {"active": True, "username": user} if user else {"active": False}
        octets = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def introspection() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Introspection)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/introspect"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def token_server(dovecot: Dovecot) -> Iterator[Dovecot]:
    """A Dovecot that takes tokens; `dovecot` is asked for so that both are there or both are missing."""
    with introspection() as url, running_dovecot(tokens=url) as server:
        yield server


@pytest.fixture
def user(token_server: Dovecot) -> str:
    name = token_server.new_user()
    Introspection.users[GOOD] = name
    token_server.fill(name, [mail(1)])
    return name


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"token_command": ["token"]}, "token_command needs oauth2; set it to xoauth2 or oauthbearer"),
        ({"oauth2": "xoauth2"}, "a username needs password_env or password_file, or password_credential"),
        (
            {"oauth2": "xoauth2", "token_command": ["token"], "password_env": "P"},
            "token_command and a password are both given; keep one of them",
        ),
        ({"oauth2": "xoauth2", "username": ""}, "oauth2 needs a username: the address of the mailbox"),
        ({"oauth2": "plain", "password_env": "P"}, "input should be 'xoauth2' or 'oauthbearer'"),
        (
            {"password_env": "P", "keyword": "two words"},
            "no keyword: 'two words'; write one such as '$Triaged'",
        ),
        ({"password_env": "P", "move_to": {"spam": "Junk"}}, "unknown key; known are: assign, file, review"),
    ],
)
def test_faults_of_the_settings_are_told(given: dict[str, object], fault: str) -> None:
    document = {"imap": [{"name": "main", "host": "imap.example.org", "username": "somebody", **given}]}
    with pytest.raises(DeclarationError) as told:
        validate(document, Settings, "triage.toml")
    (found,) = told.value.faults
    assert found.message == fault


def by_token(port: int, user: str, mechanism: str, *command: str, **more: object) -> ImapAccount:
    return account(port, user, oauth2=mechanism, token_command=command, password_env="", **more)


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r})")


def script(path: Path, text: str) -> tuple[str, ...]:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    return ("/bin/sh", str(path))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_good_token_opens_the_mailbox(token_server: Dovecot, user: str, mechanism: str) -> None:
    found = ImapSource(by_token(token_server.port, user, mechanism, *printing(f"{GOOD}\nexpires soon")))
    assert found.check() == ()
    assert octets(everything(found)) == [mail(1)]
    log = [line for line in token_server.log.splitlines() if "Login:" in line and user in line]
    assert f"method={mechanism.upper()}" in log[-1]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_may_come_from_the_environment(
    token_server: Dovecot, user: str, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_TOKEN", GOOD)
    found = ImapSource(account(token_server.port, user, oauth2=mechanism, password_env="MAIL_TOKEN"))
    assert octets(everything(found)) == [mail(1)]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_an_expired_token_is_asked_for_once_more(
    token_server: Dovecot, user: str, mechanism: str, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    command = script(
        tmp_path / "token",
        f"if test -e {shlex.quote(str(asked))}; then echo {GOOD}; else echo {EXPIRED}; fi\n"
        f"echo once >> {shlex.quote(str(asked))}",
    )
    found = ImapSource(by_token(token_server.port, user, mechanism, *command), pause=Pauses())
    assert octets(everything(found)) == [mail(1)]
    assert asked.read_text() == "once\nonce\n"


def test_each_login_asks_for_a_token(token_server: Dovecot, user: str, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    command = script(tmp_path / "token", f"echo once >> {shlex.quote(str(asked))}; echo {GOOD}")
    found = ImapSource(by_token(token_server.port, user, "xoauth2", *command), pause=Pauses())
    everything(found)
    everything(found)
    assert asked.read_text() == "once\nonce\n"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_token_is_refused_without_showing_it(
    token_server: Dovecot, user: str, mechanism: str
) -> None:
    with bad_line(Line(target=token_server.port)) as line:
        found = ImapSource(by_token(line.port, user, mechanism, *printing(EXPIRED)), pause=Pauses())
        with pytest.raises(Refused, match=r"refused .*access token that token_command gives") as told:
            everything(found)
    assert EXPIRED not in str(told.value)
    # The mechanisms say it in different words.
    assert {"xoauth2": "(401; ", "oauthbearer": "(invalid_token; "}[mechanism] in str(told.value)
    # The same token again would be refused again.
    assert line.commands().count("AUTHENTICATE") == 1


def test_a_token_of_somebody_else_is_refused(token_server: Dovecot, user: str) -> None:
    found = ImapSource(by_token(token_server.port, "somebody", "xoauth2", *printing(GOOD)), pause=Pauses())
    with pytest.raises(Refused, match="login as 'somebody' refused"):
        everything(found)


def test_a_failing_command_is_told_in_its_own_words_but_for_the_token(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    command = script(tmp_path / "token", f"echo {GOOD}; echo 'no network: {GOOD}' >&2; exit 3")
    found = ImapSource(by_token(dovecot.port, "somebody", "xoauth2", *command), pause=Pauses())
    with pytest.raises(Unreachable, match=r"status 3 \(no network: \.\.\.\); try it by hand") as told:
        everything(found)
    assert "good-token" not in str(told.value)


def test_a_hanging_command_is_ended_with_all_that_it_started(tmp_path: Path, dovecot: Dovecot) -> None:
    alive = tmp_path / "alive"
    command = script(tmp_path / "token", f"(sleep 30; touch {shlex.quote(str(alive))}) & sleep 30")
    settings = by_token(dovecot.port, "somebody", "xoauth2", *command, timeout_seconds=0.3)
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"token_command did not end within 0\.3 s"):
        everything(ImapSource(settings, pause=Pauses()))
    assert time.monotonic() - began < 10


def test_a_command_may_leave_something_behind(token_server: Dovecot, user: str, tmp_path: Path) -> None:
    command = script(tmp_path / "token", f"sleep 5 & echo {GOOD}")
    began = time.monotonic()
    found = ImapSource(by_token(token_server.port, user, "xoauth2", *command), pause=Pauses())
    assert octets(everything(found)) == [mail(1)]
    assert time.monotonic() - began < 4


def test_the_end_of_the_program_ends_the_command(tmp_path: Path, dovecot: Dovecot) -> None:
    command = script(tmp_path / "token", "sleep 30")
    found = ImapSource(by_token(dovecot.port, "somebody", "xoauth2", *command), pause=Pauses())
    ending = threading.Timer(0.2, found.interrupt)
    ending.start()
    began = time.monotonic()
    with pytest.raises(Unreachable):
        everything(found)
    ending.join()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("printed", ["", "two words", "x" * 20_000, "a\x01b", "{'token': 1}"])
def test_what_is_no_token_is_not_sent(dovecot: Dovecot, printed: str) -> None:
    with bad_line(Line(target=dovecot.port)) as line:
        found = ImapSource(by_token(line.port, "somebody", "xoauth2", *printing(printed)), pause=Pauses())
        with pytest.raises(Refused, match="first line that token_command printed is no access token"):
            everything(found)
    assert "AUTHENTICATE" not in line.commands()


def test_endless_words_are_capped(dovecot: Dovecot) -> None:
    command = (sys.executable, "-c", "import sys\nfor _ in range(2000): sys.stdout.write('x' * 10000)")
    found = ImapSource(by_token(dovecot.port, "somebody", "xoauth2", *command), pause=Pauses())
    with pytest.raises(Refused, match=r"no access token \(65536 characters\)"):
        everything(found)


def test_a_missing_command_is_a_fault_of_the_settings(dovecot: Dovecot, tmp_path: Path) -> None:
    found = ImapSource(by_token(dovecot.port, "somebody", "xoauth2", str(tmp_path / "none")), pause=Pauses())
    with pytest.raises(UsageError, match=r"token_command cannot be started: .*No such file"):
        everything(found)
    (problem,) = found.check()
    assert "token_command" in problem


def test_a_server_without_tokens_says_what_it_offers(dovecot: Dovecot) -> None:
    found = ImapSource(by_token(dovecot.port, "somebody", "oauthbearer", *printing(GOOD)), pause=Pauses())
    (problem,) = found.check()
    assert "does not offer OAUTHBEARER, but LOGIN, PLAIN" in problem


def test_a_lost_line_at_login_is_tried_again(token_server: Dovecot, user: str) -> None:
    with bad_line(Line(target=token_server.port, octets=300, faults=1)) as line:
        found = ImapSource(by_token(line.port, user, "oauthbearer", *printing(GOOD)), pause=Pauses())
        batches = list(found.fetch("INBOX", None, LIMIT))
        found.close()
    assert octets(batches) == [mail(1)]
    assert line.connections == 2
