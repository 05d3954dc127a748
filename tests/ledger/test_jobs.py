"""How jobs fared, as the ledger keeps it, also for two processes at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.running.jobs import JobTable
from pipeline.adapters.ledger.running.leases import own_name
from pipeline.errors import Unreachable
from pipeline.records.jobs import SERVICE, JobKind, JobStatus
from pipeline.service.jobs import kept
from tests.support.mails import NOW

MINUTE = timedelta(minutes=1)


def only(ledger: SqlLedger) -> JobStatus:
    (found,) = ledger.jobs.all()
    return found


def test_a_job_that_ends_well_fails_and_recovers(ledger: SqlLedger) -> None:
    with kept(ledger.jobs, JobKind.POLL, "imap:main", lambda: NOW):
        assert only(ledger).holder == ledger.jobs.holder
    job = only(ledger)
    assert (job.name, job.began_at, job.succeeded_at, job.holder) == ("poll imap:main", NOW, NOW, "")
    assert job.seconds is not None
    assert not job.is_failing
    with kept(ledger.jobs, JobKind.POLL, "imap:main", lambda: NOW + MINUTE) as run:
        run.problems = ("imap.main: h:993: not now (Asha said so); it is tried again",)
    job = only(ledger)
    assert job.is_failing
    assert (job.failed_at, job.succeeded_at) == (NOW + MINUTE, NOW)
    assert job.error == "imap.main: h:993: not now; it is tried again"
    assert job.next_after(5) == NOW + 6 * MINUTE
    with kept(ledger.jobs, JobKind.POLL, "imap:main", lambda: NOW + 2 * MINUTE):
        pass
    assert not only(ledger).is_failing


def test_what_is_raised_is_kept_without_strangers_words(ledger: SqlLedger) -> None:
    with pytest.raises(Unreachable), kept(ledger.jobs, JobKind.WORK, "", lambda: NOW):
        raise Unreachable("otrs.desk: gone (Asha's mail)")
    assert (only(ledger).name, only(ledger).error) == ("work", "otrs.desk: gone")
    with pytest.raises(ValueError, match="Asha"), kept(ledger.jobs, JobKind.WORK, "", lambda: NOW):
        raise ValueError("Asha's mail")
    assert only(ledger).error.startswith("ValueError at ")


def test_what_is_left_to_another_or_broken_off_is_neither_good_nor_bad(ledger: SqlLedger) -> None:
    with kept(ledger.jobs, JobKind.WORK, "", lambda: NOW) as run:
        run.skipped = True
    with pytest.raises(KeyboardInterrupt), kept(ledger.jobs, JobKind.WORK, "", lambda: NOW):
        raise KeyboardInterrupt
    job = only(ledger)
    assert (job.holder, job.succeeded_at, job.failed_at) == ("", None, None)


def test_two_services_by_mistake_do_not_sign_each_other_off(ledger: SqlLedger) -> None:
    other = JobTable(ledger.engine, own_name())
    for one in (ledger.jobs, other):
        one.began(SERVICE, NOW)
    ledger.jobs.left(SERVICE)
    assert only(ledger).holder == other.holder
    other.alive(SERVICE, NOW + MINUTE)
    assert only(ledger).succeeded_at == NOW + MINUTE
    assert not ledger.jobs.is_gone(other.holder)
    other.left(SERVICE)
    assert only(ledger).holder == ""
