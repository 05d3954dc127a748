"""Kill -9 at random moments, again and again: at the end every mail is in the ledger exactly once."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import random
from pathlib import Path

import pytest

from pipeline.demo.servers import smtp_sink
from pipeline.resources import packaged
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.invariants import check_ledger, count
from tests.support.killed import finished, kill_at_some_moment, start
from tests.support.ledgers import ledger_table
from tests.support.mails import letter

FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"


def mails(number: int) -> list[bytes]:
    """Mails of which no two have the same octets, author or subject."""
    return [
        letter(
            identifier=f"{n}@x.example",
            subject=f"Collection {n}",
            sender=f"Person {n} <p{n}@museum{n}.example>",
            body=f"Dear all,\r\n\r\nour museum has {n} maps and would like to give them to Commons.\r\n".encode(),
        )
        for n in range(number)
    ]


def hashes(octets: list[bytes]) -> set[str]:
    return {hashlib.sha256(one).hexdigest() for one in octets}


def settle(folder: Path, dovecot: Dovecot | None = None, user: str = "", smtp: int = 0) -> Path:
    """Write settings; return where the ledger will be."""
    text = ledger_table(folder / "triage.db")
    text += f'[folders]\nliaisons = "{packaged("rules") / "liaisons.toml"}"\nmodel = ""\n'
    if dovecot is not None:
        text += (
            f'[[imap]]\nname = "main"\nhost = "127.0.0.1"\nport = {dovecot.port}\nsecurity = "none"\n'
            f'username = "{user}"\npassword_env = "TEST_IMAP_PASSWORD"\nbatch = 5\n'
        )
    if smtp:
        text += (
            f'[smtp]\nhost = "127.0.0.1"\nport = {smtp}\nsecurity = "none"\nfrom_address = "t@wiki.example"\n'
        )
        text += '[committee]\naddresses = ["committee@wiki.example"]\n'
    (folder / "triage.toml").write_text(text, encoding="utf-8")
    return folder / "triage.db"


def until_done(
    folder: Path,
    ledger: Path,
    sent: list[bytes],
    kills: int,
    seed: int,
    *command: str,
    what: str = "messages",
) -> str:
    """Kill the command `kills` times, look at the ledger each time, and then let it do its work; return its output."""
    chance = random.Random(seed)
    wanted = hashes(sent)
    hit = 0
    for left in range(kills, 0, -1):
        process = start(folder, *command, TEST_IMAP_PASSWORD=PASSWORD)
        done = count(ledger, what)
        # By even steps, so that there is something left to be killed at.
        hit += kill_at_some_moment(process, chance, ledger, done + (len(sent) - done) // left, what)
        if count(ledger, "alembic_version"):
            check_ledger(ledger, wanted)
    assert hit >= kills // 2, "the child was never in the middle of its work"
    code, out, err = finished(start(folder, *command, TEST_IMAP_PASSWORD=PASSWORD))
    assert code == 0, err
    check_ledger(ledger, wanted, complete=True)
    return out


def poll(dovecot: Dovecot, folder: Path, kills: int, seed: int) -> None:
    sent = mails(150)
    user = dovecot.new_user()
    dovecot.fill(user, sent)
    ledger = settle(folder, dovecot, user)
    until_done(folder, ledger, sent, kills, seed, "poll")
    assert (count(ledger), count(ledger, "sightings")) == (150, 150)


def archive(folder: Path, kills: int, seed: int) -> None:
    sent = [one.replace(b"\r\n", b"\n") for one in mails(1500)]
    (folder / "list.mbox").write_bytes(b"".join(FROM + one + b"\n" for one in [*sent, *sent[:300]]))
    ledger = settle(folder)
    out = until_done(folder, ledger, sent, kills, seed, "import", "--store-only", "--json", "list.mbox")
    told = json.loads(out)
    assert (told["read"], told["stored"], told["duplicates"], told["set_aside"]) == (1800, 1500, 300, 0)
    assert (count(ledger), count(ledger, "sightings")) == (1500, 1800)


def whole_rounds(dovecot: Dovecot, folder: Path, kills: int, seed: int) -> None:
    sent = mails(40)
    user = dovecot.new_user()
    dovecot.fill(user, sent)
    with smtp_sink() as (port, received):
        ledger = settle(folder, dovecot, user, port)
        until_done(folder, ledger, sent, kills, seed, "run", "--once", what="inquiries")
    assert (count(ledger), count(ledger, "inquiries"), count(ledger, "assignments")) == (40, 40, 40)
    identifiers = [
        str(email.message_from_bytes(one.octets, policy=email.policy.default)["Message-ID"])
        for one in received
    ]
    # A mail whose delivery was cut off after the server had it goes out again under the same Message-ID.
    assert len(set(identifiers)) == count(ledger, "outbox WHERE state = 'sent'") > 1
    # The others had nothing to tell when they were due.
    assert count(ledger, "outbox WHERE state NOT IN ('sent', 'nothing')") == 0


def test_a_poll_killed_seven_times(dovecot: Dovecot, tmp_path: Path) -> None:
    poll(dovecot, tmp_path, 7, seed=1)


def test_an_import_killed_eleven_times(tmp_path: Path) -> None:
    archive(tmp_path, 11, seed=2)


def test_rounds_killed_twice(dovecot: Dovecot, tmp_path: Path) -> None:
    whole_rounds(dovecot, tmp_path, 2, seed=3)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_polls_killed_eighty_times(dovecot: Dovecot, tmp_path: Path, seed: int) -> None:
    poll(dovecot, tmp_path, 8, seed=100 + seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_imports_killed_eighty_times(tmp_path: Path, seed: int) -> None:
    archive(tmp_path, 8, seed=200 + seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(5))
def test_rounds_killed_forty_times(dovecot: Dovecot, tmp_path: Path, seed: int) -> None:
    whole_rounds(dovecot, tmp_path, 8, seed=300 + seed)
