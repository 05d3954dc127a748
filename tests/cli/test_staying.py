"""`triage run` while it stays up, as a process of its own: signals, systemd, watchdog, log, metrics, and who is gone."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.demo.servers import smtp_sink
from tests.cli.test_commands import objects, triage
from tests.cli.test_run import begin, settle
from tests.rulebook.test_rules_in_decisions import own_rule
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mails import letter
from tests.support.notified import Manager, manager
from tests.support.scriptedsmtp import ScriptedSmtp, running

PATIENCE = 60.0
OWN = own_rule("bright", "priority = 7")


class Service:
    """A running `triage run`, and the lines that it wrote."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.process = begin(folder, **more)
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()

    def line(self, words: str) -> str:
        """Wait for a line with these words."""
        with self._more:
            assert self._more.wait_for(lambda: any(words in one for one in self.lines), PATIENCE), self.lines
            return next(one for one in self.lines if words in one)

    def count(self, words: str) -> int:
        return sum(words in line for line in self.lines)

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send a signal; return how long it took to leave."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - began


@contextmanager
def service(folder: Path, **more: str) -> Iterator[Service]:
    made = Service(folder, **more)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made._reader.join()
        made.process.stdout.close()
        made.process.stderr.close()


def add(folder: Path, text: str) -> None:
    with (folder / "triage.toml").open("a", encoding="utf-8") as stream:
        stream.write(text)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Manager]:
    with manager(tmp_path / "notify") as made:
        yield made


def test_systemd_is_told_of_start_life_reload_and_end(
    dovecot: Dovecot, tmp_path: Path, told: Manager
) -> None:
    """The whole life of one service: a good reload, one with faults in two files, a look from outside, and the end."""
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    port = free_port()
    with smtp_sink() as (smtp, _):
        settle(tmp_path, dovecot, user, smtp)
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "own.toml").write_text(OWN, encoding="utf-8")
        path = tmp_path / "triage.toml"
        path.write_text(path.read_text().replace('# rules = "rules"', 'rules = "rules"'))
        add(tmp_path, f'\n[service]\nlog = "json"\nmetrics_port = {port}\n')
        with service(tmp_path, NOTIFY_SOCKET=told.variable, WATCHDOG_USEC="600000", WATCHDOG_PID="") as made:
            assert "STATUS" in told.until("READY")
            made.line('"tagged"')
            told.until("WATCHDOG")
            told.until("WATCHDOG")

            (state,) = objects(triage("status", "--json", cwd=tmp_path))
            assert state["service"]["state"] == "running"
            assert {run["name"] for run in state["next_runs"] if run["at"]} >= {
                "poll imap:partnerships",
                "work",
                "send",
                "daily digests",
            }
            (account,) = state["accounts"]
            assert (account["name"], account["messages"], account["waiting"]) == ("imap:partnerships", 1, 0)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
                metrics = answer.read().decode()
            assert 'triage_messages{state="read"} 1.0' in metrics
            assert 'triage_job_seconds_count{job="poll imap:partnerships"}' in metrics
            assert "@" not in metrics

            liaisons = tmp_path / "liaisons.toml"
            good = liaisons.read_text(encoding="utf-8")
            liaisons.write_text(good + "\nnonsense = [\n", encoding="utf-8")
            (tmp_path / "rules" / "own.toml").write_text(
                own_rule("bright", "priority = 700"), encoding="utf-8"
            )
            made.process.send_signal(signal.SIGHUP)
            begun = told.until("RELOADING")
            assert int(begun["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
            told.until("READY")
            made.line("not taken; rules ")
            lines = [json.loads(line) for line in made.lines]
            faults = [one["message"] for one in lines if one["event"] == "rules"]
            assert any("liaisons.toml" in fault for fault in faults)
            assert any("own.toml" in fault for fault in faults), "the faults of all files are told at once"
            assert faults[-1].startswith("not taken; rules ")

            liaisons.write_text(good, encoding="utf-8")
            (tmp_path / "rules" / "own.toml").write_text(OWN, encoding="utf-8")
            made.process.send_signal(signal.SIGHUP)
            told.until("RELOADING")
            told.until("READY")
            made.line("are in force now")

            made.end()
            assert made.process.returncode == 0
            assert told.until("STOPPING")
        for line in made.lines:
            one = json.loads(line)
            assert {"time", "level", "event", "message"} <= set(one)
    (state,) = objects(triage("status", "--json", cwd=tmp_path))
    assert state["service"]["state"] == "stopped"
    assert all(run["at"] is None for run in state["next_runs"] if run["name"] in {"work", "send"})


@pytest.mark.nightly
@pytest.mark.parametrize("stage", ["greeting", "end"])
def test_a_stalled_smtp_server_does_not_hold_up_the_end(dovecot: Dovecot, tmp_path: Path, stage: str) -> None:
    stalled, go_on = threading.Event(), threading.Event()

    def stall(at: str) -> None:
        if at == stage:
            stalled.set()
            go_on.wait(PATIENCE)

    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    with running(ScriptedSmtp(before=stall)) as smtp:
        settle(tmp_path, dovecot, user, smtp.port)
        with service(tmp_path) as made:
            assert stalled.wait(PATIENCE)
            took = made.end()
            go_on.set()
            assert made.process.returncode == 0
            assert took < 20, "it would wait a minute for an answer"
            assert not [line for line in made.lines if "Traceback" in line]


@pytest.mark.nightly
def test_a_mail_that_is_handed_in_when_the_end_comes_goes_out_once(dovecot: Dovecot, tmp_path: Path) -> None:
    """The server takes a second to say that it has the mail; meanwhile the service is told to stop."""
    reached = threading.Event()

    def slow(at: str) -> None:
        if at == "end":
            reached.set()
            threading.Event().wait(1.0)

    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    with running(ScriptedSmtp(before=slow)) as smtp:
        settle(tmp_path, dovecot, user, smtp.port)
        with service(tmp_path) as made:
            assert reached.wait(PATIENCE)
            made.end()
        assert len(smtp.received) == 1
        (state,) = objects(triage("status", "--json", cwd=tmp_path))
        assert state["outbox"]["sent"] == 1


def test_the_log_of_a_service_that_is_killed_holds_nothing_of_mails_or_of_what_servers_say(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    """People, hostile fields, a mail that is too large, and a server that quotes the mail it refuses.

    At its end the service is killed, which the state tells; the next round goes on.
    """
    nonce = ["zwyrkla", "quofnatter", "blimfrotz", "gnorfel", "vexolupe"]
    mails = [
        letter(
            headers="From: Zwyrkla Quofnatter <zwyrkla@quofnatter.example>",
            subject="Blimfrotz plates",
            body=b"We have gnorfel plates at the Vexolupe museum.\r\n",
        ),
        letter(
            identifier="two@quofnatter.example",
            subject="=?utf-8?q?Blimfrotz=0A=3C0=3Etriage=3A_forged_vexolupe?=",
            body=b'<0>triage: gnorfel\n\x1b[31m{"level": "error"}\r\n',
        ),
        letter(identifier="three@quofnatter.example", subject="Vexolupe", body=b"gnorfel " * 9000),
        b"Subject: blimfrotz\r\n\x00\xff gnorfel",
    ]
    user = dovecot.new_user()
    dovecot.fill(user, mails)
    refused = threading.Event()
    said = "554 5.7.1 Blimfrotz of Zwyrkla <zwyrkla@quofnatter.example>\r\n".rstrip()
    answers = {"RCPT": [said] * 20, "EHLO": [f"250 {said}"]}
    with running(
        ScriptedSmtp(answers=answers, after=lambda at: refused.set() if at == "RCPT" else None)
    ) as smtp:
        settle(tmp_path, dovecot, user, smtp.port)
        path = tmp_path / "triage.toml"
        path.write_text(path.read_text().replace("# largest_message = 52428800", "largest_message = 50000"))
        add(tmp_path, '\n[service]\nlog = "json"\nlog_level = "debug"\n')
        with service(tmp_path) as made:
            assert refused.wait(PATIENCE)
            made.line('"delivered"')
            made.end(signal.SIGKILL)
        done = triage("status", "--check", cwd=tmp_path)
        once = triage("run", "--once", cwd=tmp_path, TRIAGE_IMAP_PASSWORD=PASSWORD)
    assert done.returncode == 1
    assert done.stdout.startswith("TROUBLE - service: its process has ended without being told to")
    assert once.returncode == 0, once.stderr
    told = "\n".join(made.lines).lower()
    assert '"event": "tagged"' in told
    assert [word for word in nonce if word in told] == []
    assert "@" not in told
    assert all(json.loads(line) for line in made.lines)


def test_a_taken_port_for_metrics_is_told_at_the_start(dovecot: Dovecot, tmp_path: Path) -> None:
    settle(tmp_path, dovecot, dovecot.new_user(), 1)
    with socket.create_server(("127.0.0.1", 0)) as door:
        add(tmp_path, f"\n[service]\nmetrics_port = {door.getsockname()[1]}\n")
        done = triage("run", cwd=tmp_path, TRIAGE_IMAP_PASSWORD=PASSWORD)
    assert done.returncode == 2
    assert "service.metrics_port: nothing can be served at 127.0.0.1:" in done.stderr
    assert "name another port" in done.stderr
