"""Getting into an IMAP server: names, passwords, certificates, and what is said where it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.adapters.imap.source import ImapSource
from pipeline.demo.servers import imap_server
from pipeline.errors import Refused, Unreachable, UsageError
from tests.support.dovecot import Dovecot
from tests.support.imap import Pauses, account, everything, mail, octets, source

pytestmark = pytest.mark.usefixtures("imap_password")


def test_a_deleted_mailbox_is_refused_by_name(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)], mailbox="Gone")
    found = source(dovecot, user, mailboxes=["INBOX", "Gone", "Never"])
    with dovecot.client(user) as client:
        client.delete_folder("Gone")
    with pytest.raises(Refused, match=r"imap\.main: .*mailbox 'Gone' cannot be opened .*check mailboxes"):
        everything(found, "Gone")
    assert ["Gone" in problem for problem in found.check()] == [True, False]


def test_a_misspelt_mailbox_is_told_with_the_right_one(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)], mailbox="Lists/Partners")
    (problem,) = source(dovecot, user, mailboxes=["Lists/Parners"]).check()
    assert problem.endswith("; did you mean 'Lists/Partners'?")


def test_a_wrong_password_is_refused_without_showing_it(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "wrong-guess")
    found = source(dovecot, "somebody")
    with pytest.raises(
        Refused, match=r"login as 'somebody' refused .*check username, and the password"
    ) as told:
        everything(found)
    assert "wrong-guess" not in str(told.value)
    assert len(found.check()) == 1


def test_a_missing_secret_is_told_before_connecting(
    monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    monkeypatch.delenv("IMAP_PASSWORD")
    (problem,) = source(dovecot, "somebody").check()
    assert "IMAP_PASSWORD is not set" in problem


def test_a_user_name_cannot_smuggle_a_command(dovecot: Dovecot) -> None:
    with pytest.raises(ValidationError, match=r"username\n.*control characters"):
        source(dovecot, "a\r\nA1 LOGOUT")


def test_a_mailbox_name_cannot_smuggle_a_command(dovecot: Dovecot) -> None:
    with pytest.raises(UsageError, match="no name of a mailbox"):
        everything(source(dovecot, dovecot.new_user()), "INBOX\r\nA1 LOGOUT")


@pytest.mark.parametrize(("security", "host"), [("tls", "127.0.0.1"), ("starttls", "localhost")])
def test_tls_with_the_own_authority(dovecot: Dovecot, security: str, host: str) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    port = dovecot.tls_port if security == "tls" else dovecot.port
    found = ImapSource(
        account(port, user, security=security, host=host, ca_file=str(dovecot.certificates.authority))
    )
    assert found.check() == ()
    assert octets(everything(found)) == [mail(1)]
    assert "TLS" in [line for line in dovecot.log.splitlines() if "Login:" in line and user in line][-1]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("trust", ["system", "other"])
def test_an_untrusted_certificate_is_refused(
    dovecot: Dovecot, other_authority: Path, security: str, trust: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    ca_file = {"ca_file": str(other_authority)} if trust == "other" else {}
    found = ImapSource(account(port, "somebody", security=security, **ca_file), pause=Pauses())
    with pytest.raises(Unreachable, match=r"certificate is not trusted .*ca_file"):
        everything(found)
    (problem,) = found.check()
    assert problem.startswith(f"imap.main: 127.0.0.1:{port}: ")


def test_a_certificate_for_another_host_is_refused(dovecot: Dovecot) -> None:
    # 127.1 is 127.0.0.1, but not by the name in the certificate.
    trusted = str(dovecot.certificates.authority)
    found = ImapSource(account(dovecot.tls_port, "somebody", host="127.1", security="tls", ca_file=trusted))
    (problem,) = found.check()
    assert "certificate is not trusted" in problem
    assert "check host" in problem


def test_starttls_that_is_not_offered_sends_no_password() -> None:
    with imap_server({}) as (port, user, _):
        (problem,) = ImapSource(account(port, user, security="starttls")).check()
    assert "does not offer STARTTLS, and nothing is sent unprotected" in problem


def test_an_unknown_host_is_told() -> None:
    (problem,) = ImapSource(account(993, "somebody", host="no-such-host.invalid")).check()
    assert problem.startswith("imap.main: no-such-host.invalid:993: the host name is not found")


def test_plain_words_on_a_tls_port_are_explained(dovecot: Dovecot) -> None:
    found = ImapSource(account(dovecot.port, "somebody", security="tls"), pause=Pauses())
    (problem,) = found.check()
    assert "no TLS there" in problem
    assert "check port, and security" in problem


def test_a_broken_ca_file_is_named(dovecot: Dovecot, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    (problem,) = ImapSource(account(dovecot.tls_port, "x", security="tls", ca_file=str(path))).check()
    assert str(path) in problem
    assert "PEM" in problem
