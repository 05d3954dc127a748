"""Duties: who takes nothing for now, and why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW

pytestmark = pytest.mark.usefixtures("each_engine")


def test_a_liaison_pauses_once_and_comes_back(tmp_path: Path) -> None:
    duties = fresh_ledger(tmp_path / "ledger.db").duties
    assert duties.current() == {}
    assert duties.pause("ana", "paused", "ana", NOW)
    assert not duties.pause("ana", "paused", "ana", NOW + timedelta(hours=1))
    assert duties.pause("ana", "suspended", "program", NOW)
    assert duties.pause("ben", "suspended", "program", NOW)
    assert duties.current() == {"ana": frozenset({"paused", "suspended"}), "ben": frozenset({"suspended"})}
    assert duties.end("ana", "paused", "ana", NOW)
    assert not duties.end("ana", "paused", "ana", NOW)
    assert duties.current()["ana"] == frozenset({"suspended"})
    assert duties.end("ana", "suspended", "maintainer", NOW)
    assert duties.pause("ana", "paused", "ana", NOW)
    assert duties.current()["ana"] == frozenset({"paused"})
