"""The command `triage` killed for good in the middle of writing back: every ticket is told once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.resources import packaged
from tests.support.invariants import count
from tests.support.killed import finished, start
from tests.support.ledgers import ledger_table
from tests.support.otrs import PASSWORD, PASSWORD_ENV, FakeHelpDesk, Request, running_help_desk

TICKETS = 3
BODY = "Dear all,\n\nour museum number {} would like to give its maps to Wikimedia Commons as a partner.\n\nAda {}\n"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHelpDesk]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    with running_help_desk() as desk:
        for n in range(TICKETS):
            sender = f"Ada {n} <ada@museum{n}.example>"
            desk.add_mail(subject=f"Maps of museum {n}", body=BODY.format(n, n), sender=sender)
        yield desk


def settle(folder: Path, fake: FakeHelpDesk) -> None:
    (folder / "triage.toml").write_text(
        f'[folders]\nliaisons = "{packaged("rules") / "liaisons.toml"}"\nmodel = ""\n'
        f'[[otrs]]\nname = "desk"\nurl = "{fake.url}"\nusername = "triage"\npassword_env = "{PASSWORD_ENV}"\n'
        'queues = ["Partnerships"]\nper_minute = 60000\n'
        '[otrs.write]\nnote = true\nqueue = { assign = "Grants", review = "Grants", file = "Junk" }\n'
        'priority_ids = { "0" = 2 }\n' + ledger_table(folder / "triage.db"),
        encoding="utf-8",
    )


def kill_at(fake: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch, update: int, pid: Callable[[], int]) -> None:
    """Let the client die when its update of that number was done, before it hears of it."""
    whole, done = fake._do_update, 0

    def deadly(request: Request) -> dict[str, Any]:
        nonlocal done
        answer = whole(request)
        done += 1
        if done == update:
            os.kill(pid(), signal.SIGKILL)
        return answer

    monkeypatch.setattr(fake, "_do_update", deadly)


def run(folder: Path) -> tuple[int, dict[str, Any]]:
    status, out, err = finished(start(folder, "run", "--once", "--json"))
    return status, json.loads(out) if out else {"stderr": err}


@pytest.mark.parametrize("update", [2, *(pytest.param(n, marks=pytest.mark.nightly) for n in (1, 3))])
def test_what_was_written_when_the_service_died_is_not_written_again(
    fake: FakeHelpDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: int
) -> None:
    settle(tmp_path, fake)
    process = start(tmp_path, "run", "--once")
    kill_at(fake, monkeypatch, update, lambda: process.pid)
    assert finished(process)[0] == -signal.SIGKILL
    status, report = run(tmp_path)
    assert (status, report["problems"], report["written"]) == (0, [], TICKETS - update)
    for one in fake.tickets.values():
        notes = [article for article in one["Article"] if article["SenderType"] == "agent"]
        assert (len(notes), one["Queue"], one["PriorityID"]) == (1, "Grants", 2)
    assert len([one for one in fake.requests if one.method == "PATCH"]) == TICKETS
    assert fake.sent == []
    ledger = tmp_path / "triage.db"
    assert count(ledger, "corrections") == 0
    assert count(ledger, "writebacks") == count(ledger, "writebacks WHERE state = 'done'") == 3
