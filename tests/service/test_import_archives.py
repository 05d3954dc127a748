"""Archives into the ledger: once, with counts that agree, gone on with where it was, and answered by nobody."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.archives import batches as archives_module
from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.ledger import SqlLedger
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor, Imported
from pipeline.records.threads import Placement
from pipeline.records.work import State, Window
from pipeline.service.importing import PathImport, import_archives
from tests.support.invariants import check_ledger
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter, reading

FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"


def mail(number: int, *, reply_to: str = "", headers: str = "") -> bytes:
    made = letter(
        identifier=f"{number}@x.example", subject=f"Maps {number}", reply_to=reply_to, headers=headers
    )
    return made.replace(b"\r\n", b"\n")


def mbox(path: Path, mails: Sequence[bytes]) -> Path:
    text = b"".join(FROM + one + b"\n" for one in mails)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def hashes(mails: Sequence[bytes]) -> set[str]:
    return {hashlib.sha256(one).hexdigest() for one in mails}


def bring(
    ledger: SqlLedger, *paths: Path, live: bool = False, largest: int = 10**6
) -> tuple[PathImport, ...]:
    return import_archives(
        [str(path) for path in paths], MailArchives(largest), ledger, lambda: NOW, live=live
    )


def counts(result: PathImport) -> tuple[int, int, int, int, int]:
    one = result.imported
    assert one.reconciles
    assert result.problems == ()
    return (one.read, one.stored, one.known, one.refused, one.earlier)


def decide(ledger: SqlLedger) -> list[str]:
    """Read and decide what waits, as the triage does; return the KEYs."""
    return [
        ledger.inquiries.record(one, reading(one.octets), None, NOW) for one in ledger.messages.waiting(1000)
    ]


def poll(ledger: SqlLedger, octets: bytes, uid: int = 1) -> None:
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=uid)
    batch = Batch(
        messages=(RawMessage(sighting=sighting, octets=octets, received_at=NOW),),
        refused=(),
        cursor=Cursor(uidvalidity=7, uid=uid),
        total=1,
    )
    ledger.messages.record("imap:a", "INBOX", batch, NOW)


def test_every_mail_once_and_the_counts_agree(ledger: SqlLedger, tmp_path: Path) -> None:
    mails = [mail(n) for n in range(30)]
    (tmp_path / "eml").mkdir()
    (tmp_path / "eml" / "a.eml").write_bytes(mails[3])
    (tmp_path / "eml" / "b.eml").write_bytes(mails[29])
    results = bring(
        ledger,
        mbox(tmp_path / "a.mbox", mails[:20]),
        mbox(tmp_path / "b.mbox.gz", [*mails[15:29], mails[28]]),
        tmp_path / "eml",
    )
    assert [counts(one) for one in results] == [(20, 20, 0, 0, 0), (15, 9, 6, 0, 0), (2, 1, 1, 0, 0)]
    check_ledger(tmp_path / "ledger.db", hashes(mails), complete=True)
    assert ledger.reports.status(NOW).sightings == 37


def test_a_second_run_tells_the_same_and_stores_nothing(ledger: SqlLedger, tmp_path: Path) -> None:
    mails = [mail(n) for n in range(12)]
    (tmp_path / "one.eml").write_bytes(mails[0])
    path = mbox(tmp_path / "a.mbox", [*mails, *mails[:3]])
    first = bring(ledger, path, tmp_path / "one.eml")
    second = bring(ledger, path, tmp_path / "one.eml")
    assert [counts(one) for one in first] == [(15, 12, 3, 0, 0), (1, 0, 1, 0, 0)]
    assert [counts(one) for one in second] == [(15, 12, 3, 0, 15), (1, 0, 1, 0, 1)]
    check_ledger(tmp_path / "ledger.db", hashes(mails), complete=True)


def test_a_file_that_grew_goes_on_and_one_written_anew_doubles_nothing(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    mails = [mail(n) for n in range(9)]
    path = mbox(tmp_path / "a.mbox", mails[:5])
    bring(ledger, path)
    mbox(path, mails[:7])
    assert counts(bring(ledger, path)[0]) == (7, 7, 0, 0, 5)
    mbox(path, mails[2:])
    (anew,) = bring(ledger, path)
    assert counts(anew) == (7, 2, 5, 0, 0)
    check_ledger(tmp_path / "ledger.db", hashes(mails), complete=True)


def test_another_mail_at_the_same_place_is_seen_and_read(ledger: SqlLedger, tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    for number in range(3):
        path.write_bytes(mail(number))
        bring(ledger, path)
    assert len(ledger.messages.waiting(10)) == 3
    assert ledger.reports.status(NOW).sightings == 3


def test_what_is_too_large_or_damaged_is_set_aside_and_counted(ledger: SqlLedger, tmp_path: Path) -> None:
    large = mail(1) + b"x" * 5000 + b"\n"
    (tmp_path / "empty.eml").write_bytes(b"")
    packed = gzip.compress(b"".join(FROM + mail(n) + b"\n" for n in range(50, 400)))
    (tmp_path / "cut.mbox.gz").write_bytes(packed[: len(packed) // 2])
    results = bring(
        ledger,
        mbox(tmp_path / "a.mbox", [mail(0), large, mail(2)]),
        tmp_path / "empty.eml",
        tmp_path / "cut.mbox.gz",
        tmp_path / "missing.mbox",
        tmp_path / "b.eml" if (tmp_path / "b.eml").write_bytes(mail(7)) else tmp_path,
        largest=2000,
    )
    first, empty, cut, missing, last = results
    assert counts(first) == (3, 2, 0, 1, 0)
    assert "over the limit of 2000" in first.reasons[0]
    assert counts(empty) == (1, 0, 0, 1, 0)
    assert cut.imported.refused == 1
    assert cut.imported.stored == cut.imported.read - 1 > 50
    assert "breaks off" in cut.reasons[0]
    assert (missing.imported, len(missing.problems)) == (Imported(), 1)
    assert counts(last) == (1, 1, 0, 0, 0)
    assert len(ledger.reports.status(NOW).set_aside) == 3


def test_what_comes_whole_after_all_leaves_the_list(ledger: SqlLedger, tmp_path: Path) -> None:
    mails = [mail(n) for n in range(400)]
    path = tmp_path / "a.mbox.gz"
    packed = gzip.compress(b"".join(FROM + one + b"\n" for one in mails))
    path.write_bytes(packed[: len(packed) // 2])
    (cut,) = bring(ledger, path)
    (again,) = bring(ledger, path)
    assert again.imported.read == cut.imported.read
    assert len(ledger.reports.status(NOW).set_aside) == 1
    path.write_bytes(packed)
    (whole,) = bring(ledger, path)
    assert counts(whole)[:4] == (400, 400, 0, 0)
    assert ledger.reports.status(NOW).set_aside == ()


def test_an_interrupted_import_goes_on(
    ledger: SqlLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives_module, "_BATCH", 10)
    mails = [mail(n) for n in range(95)]
    path = mbox(tmp_path / "a.mbox", mails)
    seen: list[int] = []

    def stop(step: str, done: int, total: int | None) -> None:
        seen.append(done)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_archives([str(path)], MailArchives(), ledger, lambda: NOW, progress=stop)
    check_ledger(tmp_path / "ledger.db", hashes(mails))
    assert ledger.reports.status(NOW).sightings == 40
    assert counts(bring(ledger, path)[0]) == (95, 95, 0, 0, 40)
    assert seen == sorted(seen)
    check_ledger(tmp_path / "ledger.db", hashes(mails), complete=True)


def test_progress_ends_at_the_total(ledger: SqlLedger, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = mbox(tmp_path / "a.mbox", [mail(n) for n in range(10)])
    (tmp_path / "b.eml").write_bytes(mail(11))
    for _ in range(2):
        told.clear()
        import_archives(
            [str(path), str(tmp_path / "b.eml")],
            MailArchives(),
            ledger,
            lambda: NOW,
            progress=lambda _step, done, total: told.append((done, total)),
        )
        size = path.stat().st_size + (tmp_path / "b.eml").stat().st_size
        assert told[-1] == (size, size)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 6), max_size=12), st.lists(st.integers(0, 6), max_size=12), st.booleans())
def test_any_archives_in_any_order_agree(tmp_path: Path, one: list[int], two: list[int], live: bool) -> None:
    ledger = fresh_ledger(tmp_path / "ledger.db")
    try:
        paths = [
            mbox(tmp_path / name, [mail(n) for n in numbers])
            for name, numbers in (("1.mbox", one), ("2.mbox", two))
            if numbers
        ]
        results = bring(ledger, *paths, live=live)
        stored = sum(result.imported.stored for result in results)
        assert stored == len({*one, *two})
        assert sum(result.imported.read for result in results) == len(one) + len(two)
        assert all(result.imported.reconciles and not result.problems for result in results)
        assert [r.imported.known for r in bring(ledger, *paths)] == [r.imported.known for r in results]
    finally:
        ledger.close()


def test_another_process_keeps_its_archive(ledger: SqlLedger, tmp_path: Path) -> None:
    path = mbox(tmp_path / "a.mbox", [mail(1)])
    assert ledger.leases.acquire(f"import {path}", "another.process.at.work", 60, NOW)
    (result,) = bring(ledger, path)
    assert result.imported == Imported()
    assert "another process imports it" in result.problems[0]
    ledger.leases.release(f"import {path}", "another.process.at.work")
    assert counts(bring(ledger, path)[0]) == (1, 1, 0, 0, 0)


def test_what_an_archive_brings_is_archived(ledger: SqlLedger, tmp_path: Path) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1)]))
    (key,) = decide(ledger)
    entry = ledger.inquiries.find(key)
    assert entry is not None
    assert (entry.state, entry.received_at) == (State.ARCHIVED, datetime(2026, 3, 1, 13, 30, tzinfo=UTC))
    assert (ledger.inquiries.unassigned(), ledger.inquiries.open()) == ((), ())
    status = ledger.reports.status(NOW)
    assert (status.inquiries, status.overdue, status.loads) == ({"archived": 1}, 0, {})
    this, then = (
        Window(period="2026-W12", start=NOW - timedelta(days=7), end=NOW + timedelta(days=1)),
        Window(period="2026-W09", start=NOW - timedelta(days=28), end=NOW - timedelta(days=20)),
    )
    (now,), (before,) = (ledger.weeks.week((one,), 5).trend for one in (this, then))
    assert (now.assigned, now.closed, before.assigned, before.closed) == (0, 0, 1, 0)
    week = ledger.weeks.week((then,), 5)
    assert week.flow == (("assign", "filed", 1),)
    assert (week.waited.answers, week.overdue.total, week.homeless.total) == (0, 0, 0)


def test_an_archived_mail_without_any_date_counts_in_no_week(ledger: SqlLedger, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"\n".join(
        line for line in mail(1).split(b"\n") if not line.startswith(b"Date:")
    ))  # fmt: skip
    bring(ledger, tmp_path / "a.eml")
    (key,) = decide(ledger)
    entry = ledger.inquiries.find(key)
    assert entry is not None
    assert entry.received_at.year == 1970


def test_open_archives_are_worked_on(ledger: SqlLedger, tmp_path: Path) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1)]), live=True)
    decide(ledger)
    assert len(ledger.inquiries.unassigned()) == 1


def test_archives_can_be_opened_later(ledger: SqlLedger, tmp_path: Path) -> None:
    path = mbox(tmp_path / "a.mbox", [mail(1), mail(2)])
    bring(ledger, path)
    decide(ledger)
    assert counts(bring(ledger, path, live=True)[0]) == (2, 2, 0, 0, 2)
    assert len(ledger.inquiries.unassigned()) == 2
    bring(ledger, path)
    assert len(ledger.inquiries.unassigned()) == 2, "what is open stays open"


@pytest.mark.parametrize("polled_first", [True, False])
@pytest.mark.parametrize("decided_between", [True, False])
def test_the_same_mail_polled_as_well_is_live_in_either_order(
    ledger: SqlLedger, tmp_path: Path, polled_first: bool, decided_between: bool
) -> None:
    path = mbox(tmp_path / "a.mbox", [mail(1)])
    steps: list[Callable[[], object]] = [lambda: poll(ledger, mail(1)), lambda: bring(ledger, path)]
    for step in steps if polled_first else reversed(steps):
        step()
        if decided_between:
            decide(ledger)
    decide(ledger)
    (entry,) = ledger.inquiries.unassigned()
    assert entry.state is State.RECEIVED
    assert ledger.reports.status(NOW).sightings == 2


@pytest.mark.parametrize("better", [True, False])
def test_a_live_copy_under_other_octets_opens_the_archived_one(
    ledger: SqlLedger, tmp_path: Path, better: bool
) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1)]))
    (key,) = decide(ledger)
    first = ledger.messages.waiting(1)
    assert first == ()
    poll(ledger, mail(1, headers="List-Id: <partners.lists.example>"))
    (copy,) = ledger.messages.waiting(1)
    ledger.inquiries.copy(copy, reading(copy.octets), 1, better=better, now=NOW)
    assert [entry.key for entry in ledger.inquiries.unassigned()] == [key]


@pytest.mark.parametrize("better", [True, False])
def test_an_archived_copy_opens_nothing(ledger: SqlLedger, tmp_path: Path, better: bool) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1)]))
    decide(ledger)
    bring(ledger, mbox(tmp_path / "b.mbox", [mail(1, headers="List-Id: <partners.lists.example>")]))
    (copy,) = ledger.messages.waiting(1)
    ledger.inquiries.copy(copy, reading(copy.octets), 1, better=better, now=NOW)
    assert ledger.inquiries.unassigned() == ()


def test_live_mail_is_read_before_archives(ledger: SqlLedger, tmp_path: Path) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1), mail(2)]))
    poll(ledger, mail(3))
    assert [b"Maps 3" in one.octets for one in ledger.messages.waiting(3)] == [True, False, False]


@pytest.mark.parametrize("live", [True, False])
def test_a_live_follow_up_opens_an_archived_inquiry_and_an_archived_one_does_not(
    ledger: SqlLedger, tmp_path: Path, live: bool
) -> None:
    bring(ledger, mbox(tmp_path / "a.mbox", [mail(1)]))
    (key,) = decide(ledger)
    follow_up = mail(2, reply_to="1@x.example")
    if live:
        poll(ledger, follow_up)
    else:
        bring(ledger, mbox(tmp_path / "b.mbox", [follow_up]))
    (waiting,) = ledger.messages.waiting(1)
    ledger.inquiries.record(waiting, reading(waiting.octets), Placement(join=key), NOW)
    assert [entry.key for entry in ledger.inquiries.unassigned()] == ([key] if live else [])


def test_a_message_that_another_process_has_decided_is_left_alone(ledger: SqlLedger, tmp_path: Path) -> None:
    poll(ledger, mail(1))
    (waiting,) = ledger.messages.waiting(1)
    key = ledger.inquiries.record(waiting, reading(waiting.octets), None, NOW)
    assert ledger.inquiries.record(waiting, reading(waiting.octets), None, NOW) == key
    ledger.inquiries.copy(waiting, reading(waiting.octets), waiting.id, better=False, now=NOW)
    ledger.messages.set_aside(waiting, "read", "no", "", NOW)
    status = ledger.reports.status(NOW)
    assert (status.messages, status.set_aside) == ({"read": 1}, ())
    check_ledger(tmp_path / "ledger.db", hashes([mail(1)]), complete=True)
