"""`triage run` on a real mailbox: it stays up, works, and leaves when told to."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from pipeline.demo.servers import smtp_sink
from tests.cli.test_commands import objects, triage
from tests.support import warm
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mails import letter
from tests.support.proxy import Fault, Line, bad_line


def begin(folder: Path, **environment: str) -> warm.Child:
    return warm.begin("run", cwd=folder, environment={"TRIAGE_IMAP_PASSWORD": PASSWORD} | environment)


def settle(folder: Path, dovecot: Dovecot, user: str, smtp: int) -> None:
    """Write settings as `init` does, edited for these servers."""
    assert triage("init", ".", cwd=folder).returncode == 0
    text = (folder / "triage.toml").read_text(encoding="utf-8")
    for old, new in (
        ("imap.example.org", "localhost"),
        ("port = 993", f"port = {dovecot.tls_port}"),
        ('username = "partnerships@example.org"', f'username = "{user}"'),
        ('# ca_file = "ca.pem"', f'ca_file = "{dovecot.certificates.authority}"'),
        ("smtp.example.org", "127.0.0.1"),
        ("port = 465", f"port = {smtp}"),
        (
            'security = "tls"\nusername = "triage@example.org"\npassword_env = "TRIAGE_SMTP_PASSWORD"',
            'security = "none"',
        ),
        ('# model = "base"', 'model = ""'),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "triage.toml").write_text(text, encoding="utf-8")


def test_init_check_and_run_once_on_a_real_mailbox(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    dovecot.fill(
        user, [letter(), letter(identifier="two@y.example", subject="Maps", body=b"We have maps.\r\n")]
    )
    with smtp_sink() as (port, received):
        settle(tmp_path, dovecot, user, port)
        check = triage("check", cwd=tmp_path, TRIAGE_IMAP_PASSWORD=PASSWORD)
        assert (check.returncode, check.stdout) == (0, "all is well\n")
        done = triage("run", "--once", "--json", cwd=tmp_path, TRIAGE_IMAP_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stderr
        (report,) = objects(done)
        assert (report["stored"], report["delivery"]["sent"]) == (2, len(received))
        (status,) = objects(triage("status", "--json", cwd=tmp_path))
        assert status["messages"] == {"read": 2}
        wrong = triage("run", "--once", cwd=tmp_path, TRIAGE_IMAP_PASSWORD="wrong")
        assert wrong.returncode == 1
        assert "refused" in wrong.stderr
        assert "wrong" not in wrong.stderr.replace("wrong password", "")


def test_run_stays_up_until_it_is_told_to_leave(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    with smtp_sink() as (port, _):
        settle(tmp_path, dovecot, user, port)
        path = tmp_path / "triage.toml"
        path.write_text(path.read_text().replace("poll_minutes = 5", "poll_minutes = 1"))
        with begin(tmp_path) as process:
            assert "running" in process.stderr.readline()
            # Two lanes: either may be the first to say what it did.
            said = sorted(process.stderr.readline() for _ in range(2))
            assert said[0] == "imap:partnerships: 1 new\n"
            assert re.fullmatch(r"tagged: 1 (assign|review)\n", said[1])
            dovecot.fill(user, [letter(identifier="two@y.example", body=b"We have maps.\r\n")])
            assert "imap:partnerships: 1 new\n" in iter(process.stderr.readline, "")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0


def test_a_silent_server_does_not_hold_up_the_end(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    settle(tmp_path, dovecot, user, 1)
    with bad_line(Line(target=dovecot.tls_port, fault=Fault.STALL, octets=3000, faults=99)) as line:
        path = tmp_path / "triage.toml"
        path.write_text(path.read_text().replace(f"port = {dovecot.tls_port}", f"port = {line.port}"))
        with begin(tmp_path) as process:
            assert "running" in process.stderr.readline()
            assert line.until(lambda: line.connections >= 2)  # one that polls, one that listens
            process.send_signal(signal.SIGTERM)
            # Each of them would wait a minute for an answer.
            assert process.wait(timeout=20) == 0
            assert process.stderr.read() == ""


def test_check_tells_what_marking_would_lack(dovecot: Dovecot, tmp_path: Path) -> None:
    with smtp_sink() as (port, _):
        settle(tmp_path, dovecot, dovecot.new_user(), port)
        path = tmp_path / "triage.toml"
        path.write_text(path.read_text().replace('# after = "nothing"', 'after = "move" #'))
        done = triage("check", cwd=tmp_path, TRIAGE_IMAP_PASSWORD=PASSWORD)
    assert done.returncode == 1
    assert "there is no mailbox 'Triaged' to move to; create it, or correct move_to" in done.stderr
