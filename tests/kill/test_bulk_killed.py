"""Bulk work and services on one PostgreSQL, all killed at random moments: every mail, digest and proposal once."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.ledger import open_ledger
from pipeline.demo.servers import smtp_sink
from pipeline.service.importing import import_archives
from tests.kill.test_kill import FROM, hashes, mails, settle
from tests.kill.test_three_workers import begin, every_mail_and_digest_once
from tests.rulebook.test_rules_in_decisions import own_rule
from tests.support.invariants import check_ledger, count
from tests.support.killed import finished, kill_at_some_moment
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW

pytestmark = pytest.mark.usefixtures("on_postgresql")
IMPORT = ("import", "--open", "--workers", "2", "--json", "list.mbox")
RETAG = ("retag", "--json")
APPLY = ("retag", "apply", "--json")
# Workers take seconds to start: whoever goes on needs none of its own.
ALONE = ("--workers", "1")
DONE = "messages WHERE state <> 'new'"


def archive(folder: Path, waves: int, each: int, seed: int) -> Path:
    """Let an archive that grows be tagged by an import and two services; kill the import and one of these in each wave."""
    sent, hit, chance = mails(waves * each), 0, random.Random(seed)
    with smtp_sink() as (port, received):
        ledger = settle(folder, smtp=port)
        for wave in range(1, waves + 1):
            stored(folder, ledger, sent[: wave * each])
            hit += three_at_once(folder, ledger, wave * each, chance)
            check_ledger(ledger, hashes(sent[: wave * each]), complete=True)
    assert hit >= waves, "nobody was killed in the middle of the work"
    every_mail_and_digest_once(ledger, sent, received, hit)
    return ledger


def stored(folder: Path, ledger: Path, some: list[bytes]) -> None:
    """Store an archive, so that there is work for all from the beginning; its inquiries are live."""
    box = folder / "list.mbox"
    box.write_bytes(b"".join(FROM + one + b"\r\n" for one in some))
    opened = open_ledger(ledger_url(ledger))
    try:
        import_archives([str(box)], MailArchives(), opened, lambda: NOW, live=True)
    finally:
        opened.close()


def three_at_once(folder: Path, ledger: Path, number: int, chance: random.Random) -> int:
    """An import claims all, and is killed; two services take that over, of which one is killed; return how many were hit."""
    hit = 0
    hit += kill_at_some_moment(begin(folder, IMPORT), chance, ledger, number - 1, DONE)
    services = [begin(folder), begin(folder)]
    hit += kill_at_some_moment(services[0], chance, ledger, number, DONE)
    check_ledger(ledger, hashes(mails(number)))
    codes = [finished(one)[0] for one in (begin(folder, (*IMPORT, *ALONE)), services[1])]
    assert [*codes, finished(begin(folder))[0]] == [0, 0, 0]
    return hit


def retagged(folder: Path, ledger: Path, number: int, kills: int, seed: int, *workers: str) -> None:
    """Decide all of it anew by another rule, killed meanwhile; then let that take hold, killed meanwhile."""
    (folder / "own").mkdir()
    rule = own_rule("nine", "priority = 9", words='["has 9 maps"]').replace("a comet", "has 9 maps")
    (folder / "own" / "own.toml").write_text(rule, encoding="utf-8")
    path = folder / "triage.toml"
    path.write_text(path.read_text().replace("[folders]\n", '[folders]\nrules = "own"\n'))
    chance = random.Random(seed)
    assert bulk(folder, (*RETAG, *workers), "proposals", kills, chance) == {"same": number - 1, "changed": 1}
    assert count(ledger, "proposals") == number
    assert count(ledger, "decisions") == number, "nothing takes hold by itself"
    # It is with a liaison already, and so left to them.
    assert bulk(folder, APPLY, "decisions", kills, chance) == {"same": number - 1, "held": 1}
    assert (count(ledger, "decisions"), count(ledger, "proposals")) == (number, 0)


def bulk(folder: Path, command: tuple[str, ...], what: str, kills: int, chance: random.Random) -> object:
    """Kill a command so many times, and let it come to its end; return how many messages came out how."""
    ledger = folder / "triage.db"
    for _ in range(kills):
        kill_at_some_moment(begin(folder, command), chance, ledger, count(ledger) - 1, what)
        doubled = "(SELECT 1 FROM proposals GROUP BY message_id HAVING count(*) > 1) AS doubled"
        assert count(ledger, doubled) == 0
    code, out, told = finished(begin(folder, command))
    assert code == 0, told
    return json.loads(out)["messages"]


def test_an_import_two_services_and_a_retag_each_killed_at_random(tmp_path: Path) -> None:
    ledger = archive(tmp_path, 1, 60, seed=1)
    retagged(tmp_path, ledger, 60, 1, 2)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(4))
def test_imports_services_and_retags_killed_often(tmp_path: Path, seed: int) -> None:
    ledger = archive(tmp_path, 4, 120, seed=300 + seed)
    retagged(tmp_path, ledger, 480, 3, 400 + seed, "--workers", "2")
