"""Three services on one PostgreSQL, each killed at random moments: every mail once, every digest once."""

from __future__ import annotations

import email
import email.policy
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.demo.servers import ReceivedMail, smtp_sink
from tests.kill.test_kill import hashes, mails, settle
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.invariants import check_ledger, count, counting
from tests.support.killed import finished, start
from tests.support.warm import Child

pytestmark = pytest.mark.usefixtures("on_postgresql")
WORKERS = 3
ROUND = ("run", "--once")
PATIENCE = 240.0


def begin(folder: Path, command: tuple[str, ...] = ROUND) -> Child:
    return start(folder, *command, TEST_IMAP_PASSWORD=PASSWORD)


def killed_at_random(folder: Path, ledger: Path, wanted: int, kills: int, seed: int) -> int:
    """Let three workers work until all is read; kill one of them, any, so many times. Return how many were hit."""
    chance = random.Random(seed)
    workers = [begin(folder) for _ in range(WORKERS)]
    # By even steps, so that there is something left to be killed at.
    marks = [wanted * step // (kills + 1) for step in range(1, kills + 1)]
    hit = 0
    deadline = time.monotonic() + PATIENCE
    try:
        with counting(ledger, "messages WHERE state <> 'new'") as done:
            while any(worker.poll() is None for worker in workers) or marks:
                assert time.monotonic() < deadline, "the workers do not come on"
                if not marks or done() < marks[0]:
                    workers = [_again(folder, worker, marks) for worker in workers]
                    time.sleep(0.005)
                    continue
                marks.pop(0)
                victim = chance.randrange(WORKERS)
                time.sleep(chance.uniform(0, 0.05))
                hit += workers[victim].poll() is None
                _end(workers[victim])
                check_ledger(ledger, hashes(mails(wanted)))
                workers[victim] = begin(folder)
    finally:
        for worker in workers:
            _end(worker)
    return hit


def _again(folder: Path, worker: Child, marks: list[int]) -> Child:
    """Let a worker whose round is over begin another one while there is more to come."""
    if worker.poll() is None or not marks:
        return worker
    _end(worker)
    return begin(folder)


def _end(worker: Child) -> None:
    worker.kill()
    _, told = worker.communicate(timeout=60)
    assert "Traceback" not in told, told


def three(dovecot: Dovecot, folder: Path, number: int, kills: int, seed: int) -> None:
    sent = mails(number)
    user = dovecot.new_user()
    dovecot.fill(user, sent)
    with smtp_sink() as (port, received):
        ledger = settle(folder, dovecot, user, port)
        hit = killed_at_random(folder, ledger, number, kills, seed)
        code, _, told = finished(begin(folder))
    assert code == 0, told
    assert hit >= kills // 2, "nobody was killed in the middle of the work"
    every_mail_and_digest_once(ledger, sent, received, hit)


def every_mail_and_digest_once(
    ledger: Path, sent: list[bytes], received: Sequence[ReceivedMail], hit: int
) -> None:
    """Check what was sent to us, and what `received` by the way out, after so many workers were `hit`."""
    check_ledger(ledger, hashes(sent), complete=True)
    assert (count(ledger), count(ledger, "inquiries"), count(ledger, "assignments")) == (len(sent),) * 3
    assert count(ledger, "messages WHERE state <> 'read'") == 0
    told_of = Counter(
        str(email.message_from_bytes(one.octets, policy=email.policy.default)["Message-ID"])
        for one in received
    )
    assert len(told_of) == count(ledger, "outbox WHERE state = 'sent'") > 0
    # What was cut off after the server had it goes out again under the same Message-ID, and nothing else does.
    assert sum(told_of.values()) - len(told_of) <= hit
    assert count(ledger, "outbox WHERE state NOT IN ('sent', 'nothing')") == 0


def test_three_workers_killed_twice(dovecot: Dovecot, tmp_path: Path) -> None:
    three(dovecot, tmp_path, 24, 2, seed=11)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(6))
def test_three_workers_killed_twelve_times(dovecot: Dovecot, tmp_path: Path, seed: int) -> None:
    three(dovecot, tmp_path, 120, 12, seed=200 + seed)
