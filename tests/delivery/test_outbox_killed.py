"""Kill -9 at each step of a delivery: every digest reaches the sink, and what came twice is one mail by its Message-ID."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import open_ledger
from tests.support.ledgers import ledger_url
from tests.support.scriptedsmtp import STAGES, ScriptedSmtp, running
from tests.support.warm import ROOT

# Queues three digests of one day, as each round does, and sends what waits.
CHILD = """
import sys
from datetime import UTC, datetime
from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.smtp import SmtpSender
from pipeline.records.work import OutgoingMail
from pipeline.service.leases import leased
from pipeline.service.outbox import deliver, reverse_path
from pipeline.settings import Smtp

clock = lambda: datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
ledger = open_ledger(sys.argv[1])
for name in ("ana", "luc", "mia"):
    identifier = f"<daily.{name}@wiki.example>"
    octets = f"Message-ID: {identifier}\\r\\n\\r\\nNothing is late.\\r\\n".encode()
    ledger.outbox.queue(
        OutgoingMail(recipient=f"{name}@wiki.example", purpose="daily", period="2026-03-23", message_id=identifier, octets=octets),
        clock(),
    )
settings = Smtp(host="127.0.0.1", port=int(sys.argv[2]), security="none", from_address="t@wiki.example")
with leased(ledger.leases, "send", clock) as lease, SmtpSender(settings) as sender:
    assert lease is not None
    deliver(ledger.outbox, sender, reverse_path("desk@wiki.example", "t@wiki.example"), clock)
"""
SENT = {f"<daily.{name}@wiki.example>" for name in ("ana", "luc", "mia")}


class Killer:
    """Kills the child before or after a stage is answered, at the n-th time that it comes up."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.wanted: tuple[str, str, int] | None = None
        self.seen: Counter[tuple[str, str]] = Counter()

    def at(self, when: str, stage: str) -> None:
        self.seen[when, stage] += 1
        if self.child is not None and self.wanted == (when, stage, self.seen[when, stage]):
            os.kill(self.child.pid, signal.SIGKILL)
            self.child.wait()


def run(url: str, port: int, killer: Killer, wanted: tuple[str, str, int] | None) -> int:
    killer.seen.clear()
    killer.wanted = wanted
    killer.child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    _, told = killer.child.communicate(timeout=120)
    assert killer.child.returncode in (0, -signal.SIGKILL), told.decode()
    return killer.child.returncode


def deliver_in_spite_of(folder: Path, kills: list[tuple[str, str, int]]) -> list[str]:
    """Deliver, killed at each of these places; return the Message-IDs that the sink took, in order."""
    url = ledger_url(folder / "ledger.db")
    killer = Killer()
    server = ScriptedSmtp(
        before=lambda stage: killer.at("before", stage), after=lambda stage: killer.at("after", stage)
    )
    with running(server):
        for wanted in kills:
            assert run(url, server.port, killer, wanted) == -signal.SIGKILL, f"{wanted} never came"
        assert run(url, server.port, killer, None) == 0
        taken = server.identifiers()
        assert run(url, server.port, killer, None) == 0
        assert server.identifiers() == taken, "all is sent: the next run sends nothing"
    ledger = open_ledger(url)
    with ledger.engine.connect() as connection:
        states = connection.execute(text("SELECT state, count(*) FROM outbox GROUP BY state")).all()
    ledger.close()
    assert [tuple(row) for row in states] == [("sent", 3)]
    return taken


def test_killed_at_each_step_of_a_session(tmp_path: Path) -> None:
    kills = [
        ("before", "greeting", 1), ("before", "MAIL", 1), ("after", "RCPT", 1), ("before", "end", 1), ("after", "end", 2),
    ]  # fmt: skip
    taken = deliver_in_spite_of(tmp_path, kills)
    assert set(taken) == SENT
    # Killed before it heard that the mail was taken, or before it noted that: these came twice, as the same mail.
    assert 3 <= len(taken) <= 5


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", STAGES)
def test_killed_again_and_again_at_one_step(tmp_path: Path, when: str, stage: str) -> None:
    times = 1 if stage in ("greeting", "EHLO") else 2
    taken = deliver_in_spite_of(tmp_path, [(when, stage, number) for number in range(1, times + 1)])
    assert set(taken) == SENT
    assert len(taken) <= 3 + times
