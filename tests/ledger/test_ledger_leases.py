"""Leases: one holder at a time; whoever died, or did not come back in time, has let go."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.running.leases import LeaseTable, has_ended, own_name
from tests.support.mails import NOW

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def leases(ledger: SqlLedger) -> LeaseTable:
    return LeaseTable(ledger.engine, ended=lambda holder: holder == "dead")


def test_only_one_holds_a_lease(leases: LeaseTable) -> None:
    assert leases.acquire("poll a INBOX", "one", 60, NOW)
    assert leases.acquire("poll a INBOX", "one", 60, NOW), "its holder may take it again"
    assert not leases.acquire("poll a INBOX", "two", 60, NOW)
    assert leases.acquire("poll a Lists", "two", 60, NOW), "another name is another lease"


def test_a_lease_that_was_given_back_is_free(leases: LeaseTable) -> None:
    assert leases.acquire("work", "one", 60, NOW)
    leases.release("work", "two")
    assert not leases.acquire("work", "two", 60, NOW), "only its holder can give it back"
    leases.release("work", "one")
    assert leases.acquire("work", "two", 60, NOW)


def test_a_lease_lasts_as_long_as_it_is_renewed(leases: LeaseTable) -> None:
    assert leases.acquire("work", "one", 60, NOW)
    assert leases.renew("work", "one", 60, NOW + timedelta(seconds=50))
    assert not leases.acquire("work", "two", 60, NOW + timedelta(seconds=100))
    assert leases.acquire("work", "two", 60, NOW + timedelta(seconds=110))
    assert not leases.renew("work", "one", 60, NOW + timedelta(seconds=111)), "it was taken over"
    leases.release("work", "one")
    assert not leases.acquire("work", "three", 60, NOW + timedelta(seconds=112))


def test_the_dead_hold_nothing(leases: LeaseTable) -> None:
    assert leases.acquire("work", "dead", 60, NOW)
    assert leases.acquire("work", "two", 60, NOW)


def test_a_process_that_has_ended_is_known(ledger: SqlLedger) -> None:
    program = "from pipeline.adapters.ledger.running.leases import own_name; print(own_name()); input()"
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as child:
        assert child.stdout is not None
        name = child.stdout.readline().strip()
        assert not has_ended(name)
        assert ledger.leases.acquire("work", name, 600, NOW)
        assert not ledger.leases.acquire("work", ledger.leases.holder, 600, NOW)
        child.kill()
    assert has_ended(name)
    assert ledger.leases.acquire("work", ledger.leases.holder, 600, NOW)


def test_of_other_machines_and_strange_names_nothing_is_certain() -> None:
    pid, start, _, _ = own_name().split(".")
    for holder in (f"{pid}.{start}.elsewhere.1234", "99999999.1.elsewhere.1", "somebody", "", "x.y.z.w"):
        assert not has_ended(holder)
    assert not has_ended(own_name())
    assert has_ended(own_name().replace(f"{pid}.{start}", f"{pid}.1")), "another process got its number"


def test_names_fit_their_column() -> None:
    names = {own_name() for _ in range(10)}
    assert len(names) == 10
    assert max(map(len, names)) <= 64
