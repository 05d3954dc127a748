"""Several processes at once on one ledger: every mail once, no error, nobody waits in vain."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kill.test_kill import FROM, hashes, mails, settle
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.invariants import check_ledger, count
from tests.support.killed import finished, start

SKIPPED = "another process polls it; left to that one"


def run_together(folder: Path, *commands: tuple[str, ...]) -> list[tuple[int, str, str]]:
    children = [start(folder, *command, TEST_IMAP_PASSWORD=PASSWORD) for command in commands]
    return [finished(child) for child in children]


def test_two_polls_of_one_mailbox(dovecot: Dovecot, tmp_path: Path) -> None:
    sent = mails(150)
    user = dovecot.new_user()
    dovecot.fill(user, sent)
    ledger = settle(tmp_path, dovecot, user)
    stored = 0
    for code, out, err in run_together(tmp_path, ("poll", "--json"), ("poll", "--json")):
        told = json.loads(out)
        stored += told["stored"]
        assert all(SKIPPED in problem for problem in told["problems"]), err
        assert code == int(bool(told["problems"]))
    assert stored == 150
    check_ledger(ledger, hashes(sent), complete=True)
    assert count(ledger, "leases") == 0


def test_two_rounds_and_an_import_of_the_same_mails(dovecot: Dovecot, tmp_path: Path) -> None:
    sent = mails(30)
    user = dovecot.new_user()
    dovecot.fill(user, sent)
    ledger = settle(tmp_path, dovecot, user)
    (tmp_path / "list.mbox").write_bytes(b"".join(FROM + one + b"\r\n" for one in sent))
    results = run_together(tmp_path, ("run", "--once"), ("run", "--once"), ("import", "--json", "list.mbox"))
    for code, _, err in results:
        assert "Traceback" not in err
        assert code == 0 or SKIPPED in err
    assert json.loads(results[-1][1])["read"] == 30
    # What the import brought while the rounds were tagging waits for the next round.
    code, _, err = finished(start(tmp_path, "run", "--once", TEST_IMAP_PASSWORD=PASSWORD))
    assert code == 0, err
    check_ledger(ledger, hashes(sent), complete=True)
    assert (count(ledger, "sightings"), count(ledger, "inquiries")) == (60, 30)
    assert count(ledger, "assignments") == 30, "all of it is live: it lies in a mailbox that is polled"
    assert count(ledger, "leases") == 0
