"""What status counts: the figures are those of a plain count of all rows, however they are come by."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert, update

from pipeline.adapters.ledger import SqlLedger, open_ledger, schema
from pipeline.adapters.ledger.schema import decisions, inquiries, messages, outbox, sightings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STATES = ("new", "read", "read", "read", "same", "set-aside")
# An account and a help desk may have one name.
PLACES = (
    ("imap", "main"),
    ("imap", "main"),
    ("imap", "second"),
    ("otrs", "main"),
    ("file", "file"),
    ("digest", "digest"),
)
DISPOSITIONS = ("assign", "assign", "review", "file")
STANDING = ("received", "assigned", "done", "done", "filed")
MAILS = ("queued", "sent", "sent", "failed", "nothing")


def fill(ledger: SqlLedger, count: int, chance: Random) -> dict[str, Counter[str]]:
    """Write so many rows of each table; return what they come to."""
    counted: dict[str, Counter[str]] = {
        name: Counter() for name in ("messages", "seen", "waiting", "inquiries", "dispositions", "outbox")
    }
    with ledger.engine.begin() as connection:
        for n in range(1, count + 1):
            state, (kind, source) = chance.choice(STATES), chance.choice(PLACES)
            standing, disposition, mail = (
                chance.choice(STANDING),
                chance.choice(DISPOSITIONS),
                chance.choice(MAILS),
            )
            connection.execute(
                insert(messages).values(id=n, sha256=f"{n:064}", size=1, stored_at=NOW, state=state)
            )
            connection.execute(
                insert(sightings).values(
                    message_id=n, kind=kind, source=source, place="", epoch=0, number=n, seen_at=NOW
                )
            )
            connection.execute(insert(inquiries).values(id=n, key=f"K{n}", state=standing, opened_at=NOW))
            connection.execute(
                insert(decisions).values(
                    message_id=n, disposition=disposition, kind="business", priority=0, language="en", tags={},
                    evidence=[], rulebook_version="1", model_version="", decided_at=NOW,
                )
            )  # fmt: skip
            connection.execute(
                insert(outbox).values(
                    recipient=f"r{n}", purpose="daily", period="", header_id="", octets=b"", state=mail,
                    queued_at=NOW, attempts=0, next_at=NOW, error="",
                )
            )  # fmt: skip
            counted["messages"][state] += 1
            counted["seen"][source] += 1
            counted["waiting"][source] += state == "new"
            counted["inquiries"][standing] += 1
            counted["dispositions"][disposition] += 1
            counted["outbox"][mail] += mail != "nothing"
    return {name: +figures for name, figures in counted.items()}


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_figures_are_those_of_a_plain_count(ledger: SqlLedger, count: int) -> None:
    counted = fill(ledger, count, Random(count))
    found = ledger.reports.status(NOW)
    assert {name: dict(getattr(found, name)) for name in counted} == counted
    assert found.sightings == count
    assert found.unassigned == counted["inquiries"]["received"]
    assert list(found.seen) == sorted(found.seen)
    assert list(found.messages) == sorted(found.messages)


def test_what_most_rows_are_as_a_rule_need_not_be_there(ledger: SqlLedger) -> None:
    fill(ledger, 12, Random(1))
    with ledger.engine.begin() as connection:
        connection.execute(update(messages).values(state="same"))
        connection.execute(update(inquiries).values(state="received"))
    found = ledger.reports.status(NOW)
    assert (dict(found.messages), dict(found.inquiries), found.unassigned) == (
        {"same": 12},
        {"received": 12},
        12,
    )


def test_all_tables_are_known_whatever_is_loaded() -> None:
    folder = Path(schema.__file__).parent
    asks = re.compile(
        r"^from pipeline\.adapters\.ledger\.schema\.columns import .*\bmetadata\b", re.MULTILINE
    )
    modules = folder.parent.rglob("*.py")
    declaring = {path for path in modules if asks.search(path.read_text(encoding="utf-8"))} - {
        folder / "__init__.py"
    }
    gathered = re.findall(
        r"^from \S+\.(\w+) import", (folder / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert declaring == {folder / f"{name}.py" for name in gathered} - {folder / "columns.py"}


@pytest.mark.sqlite
def test_status_loads_only_what_it_needs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/triage.db"
    open_ledger(url).close()
    (tmp_path / "triage.toml").write_text(f'[ledger]\nurl = "{url}"\n', encoding="utf-8")
    asked = (
        "import sys; sys.argv = ['triage', 'status', '--check']\n"
        "from pipeline.cli.main import app\n"
        "app(standalone_mode=False)\n"
        "print(*sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 0, told.stderr
    loaded = set(told.stdout.split())
    costly = {
        f"pipeline.adapters.ledger.{name}"
        for name in ("inquiries.entries", "mail.messages", "weeks.week", "privacy.forgetting")
    }
    assert loaded & {"alembic", "numpy", "sklearn", "pipeline.parsing", *costly} == set()
