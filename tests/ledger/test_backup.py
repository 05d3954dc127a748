"""A backup is whole whatever happens meanwhile, a damaged one is refused, and a restored ledger forgets whom it has to."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.upkeep import backup as backups
from pipeline.errors import LedgerError, OutputError, UsageError
from pipeline.service.leases import leased
from pipeline.settings import Folders, LedgerSettings, Retention, Settings
from pipeline.wiring import keeping
from tests.support.answering import Office, office
from tests.support.mails import NOW, letter

pytestmark = pytest.mark.sqlite


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "desk") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir(exist_ok=True)


def settings_of(folder: Path, days: int | None = None) -> Settings:
    return Settings(
        ledger=LedgerSettings(url=f"sqlite:///{folder / 'triage.db'}"),
        folders=Folders(model=""),
        retention=Retention(
            backups=folder / "backups", backups_days=days, forgotten=folder / "triage.forgotten"
        ),
    )


def test_a_backup_tells_what_is_in_it_and_when_it_ends(desk: Office) -> None:
    desk.inquiry("one")
    archive, made = keeping.backup(settings_of(desk.folder, 90), None)
    assert archive.parent == desk.folder / "backups"
    assert archive.name.endswith(f".until-{made.made_at + timedelta(days=90):%Y-%m-%d}.tar")
    assert (archive.stat().st_mode & 0o777, archive.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (made.counts["messages"], made.counts["inquiries"]) == (1, 1)
    assert backups.read_manifest(archive) == made
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_the_secret_of_answers_is_not_in_it(desk: Office) -> None:
    archive, _ = keeping.backup(settings_of(desk.folder), None)
    secret = (desk.folder / "triage.key").read_text().partition('current = "')[2].partition('"')[0]
    assert len(secret) > 20
    assert secret.encode() not in archive.read_bytes()


def test_a_backup_under_writing_is_one_moment_of_the_ledger(desk: Office, tmp_path: Path) -> None:
    stop = threading.Event()
    written = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            desk.receive(letter(identifier=f"{number}@x.example", subject=f"Matter {number}"))
            number += 1
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(60)
        archive, made = keeping.backup(settings_of(desk.folder), None)
    finally:
        stop.set()
        writer.join()
    assert backups.unpack(archive, tmp_path / "copy.db") == made
    with closing(open_ledger(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        assert [one for one in keeping.doctor(settings_of(desk.folder)) if one.offenders] == []
        counted = copy.reports.status(NOW)
        assert sum(counted.messages.values()) == made.counts["messages"]


def test_a_restored_ledger_serves_and_the_former_one_is_kept(desk: Office, tmp_path: Path) -> None:
    desk.inquiry("one")
    settings = settings_of(desk.folder)
    archive, _ = keeping.backup(settings, None)
    desk.inquiry("two")
    desk.desk.ledger.close()
    with pytest.raises(UsageError, match="--force"):
        keeping.restore(settings, archive, force=False)
    done = keeping.restore(settings, archive, force=True)
    assert [one for one in done.findings if one.offenders] == []
    with closing(wiring.ledger(settings)) as ledger:
        assert [one.subject for one in ledger.inquiries.open()] == ["Glass plates one"]
    assert done.aside is not None
    with closing(open_ledger(f"sqlite:///{done.aside}")) as former:
        assert len(former.inquiries.open()) == 2
    elsewhere = settings_of(tmp_path / "new")
    assert keeping.restore(elsewhere, archive, force=False).aside is None
    assert (tmp_path / "new" / "triage.db").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "new").iterdir() if "restoring" in path.name) == []


def test_who_was_forgotten_since_stays_forgotten(desk: Office, tmp_path: Path) -> None:
    desk.inquiry("one")
    settings = settings_of(desk.folder)
    archive, _ = keeping.backup(settings, None)
    keeping.forgetter(desk.desk.ledger).forget("asha@museum.example")  # type: ignore[arg-type]
    keeping.note_forgotten(settings, desk.desk.ledger)  # type: ignore[arg-type]
    assert b"asha" not in (desk.folder / "triage.forgotten").read_bytes()
    desk.desk.ledger.close()
    assert keeping.restore(settings, archive, force=True).forgotten == 1
    # On another machine the list beside the ledger is all that is left.
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "triage.forgotten").write_bytes((desk.folder / "triage.forgotten").read_bytes())
    done = keeping.restore(settings_of(tmp_path / "new"), archive, force=False)
    assert done.forgotten == 1
    for folder in (desk.folder, tmp_path / "new"):
        octets = b"".join(
            path.read_bytes() for path in folder.glob("triage.db*") if "before" not in path.name
        )
        assert b"asha@museum" not in octets
        assert b"Asha Rao" not in octets


def test_mail_that_waited_in_the_backup_is_held_back(desk: Office) -> None:
    desk.inquiry("one")
    assert desk.desk.digester().queue_daily(desk.now + timedelta(days=1))
    settings = settings_of(desk.folder)
    archive, _ = keeping.backup(settings, None)
    desk.desk.ledger.close()
    done = keeping.restore(settings, archive, force=True)
    assert done.held >= 1
    with closing(wiring.ledger(settings)) as ledger:
        held = ledger.unsent.all()
        assert ledger.outbox.due(NOW + timedelta(days=400)) == ()
    assert len(held) == done.held
    assert "may have left before" in held[0].error


def test_nothing_is_restored_over_a_ledger_that_somebody_works_on(desk: Office) -> None:
    settings = settings_of(desk.folder)
    archive, _ = keeping.backup(settings, None)
    with (
        leased(desk.desk.ledger.leases, "work", wiring.utc_now),
        pytest.raises(UsageError, match="somebody works on it"),
    ):
        keeping.restore(settings, archive, force=True)


def _again(
    archive: Path, target: Path, *, manifest: dict[str, object] | None = None, ledger: bytes | None = None
) -> Path:
    """Pack a backup anew with another manifest or ledger."""
    with tarfile.open(archive) as tar:
        told = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    said = json.loads(told["manifest.json"]) | (manifest or {})
    told["manifest.json"] = json.dumps(said).encode()
    told["ledger.db"] = ledger if ledger is not None else told["ledger.db"]
    with tarfile.open(target, "w") as tar:
        for name, octets in told.items():
            member = tarfile.TarInfo(name)
            member.size = len(octets)
            tar.addfile(member, io.BytesIO(octets))
    return target


def test_a_damaged_or_foreign_file_is_refused_and_nothing_is_changed(desk: Office, tmp_path: Path) -> None:
    settings = settings_of(desk.folder)
    archive, made = keeping.backup(settings, None)
    octets = bytearray(archive.read_bytes())
    octets[-made.size // 2] ^= 1
    (tmp_path / "flipped.tar").write_bytes(octets)
    (tmp_path / "cut.tar").write_bytes(archive.read_bytes()[: made.size // 2])
    (tmp_path / "none.tar").write_bytes(b"not at all" * 100)
    (tmp_path / "empty.tar").write_bytes(b"")
    _again(archive, tmp_path / "other.tar", ledger=b"x" * made.size)
    _again(archive, tmp_path / "count.tar", manifest={"counts": {"messages": 7}})
    _again(archive, tmp_path / "newer.tar", manifest={"schema": "9999"})
    _again(archive, tmp_path / "format.tar", manifest={"format": 2})
    _again(archive, tmp_path / "odd.tar", manifest={"made_at": 5})
    with tarfile.open(tmp_path / "path.tar", "w") as tar:
        member = tarfile.TarInfo("../../manifest.json")
        tar.addfile(member, io.BytesIO(b""))
    new = settings_of(tmp_path / "new")
    for damaged in sorted(tmp_path.glob("*.tar")):
        with pytest.raises(UsageError):
            keeping.restore(new, damaged, force=False)
    with pytest.raises(UsageError):
        keeping.restore(new, tmp_path / "missing.tar", force=False)
    assert not (tmp_path / "new" / "triage.db").exists()


def test_backups_end(desk: Office) -> None:
    folder = desk.folder / "backups"
    url = f"sqlite:///{desk.folder / 'triage.db'}"
    old, _ = backups.make(url, folder, NOW, 30)
    kept, _ = backups.make(url, folder, NOW + timedelta(days=1), 30)
    ever, _ = backups.make(url, folder, NOW + timedelta(days=2), None)
    (folder / "mine.tar").write_bytes(b"something else")
    assert backups.prune(folder, NOW + timedelta(days=30)) == (old,)
    assert {path.name for path in folder.iterdir()} == {kept.name, ever.name, "mine.tar"}


def test_postgresql_is_told_its_own_commands() -> None:
    with pytest.raises(
        UsageError, match=r"pg_dump --format=custom .*'postgresql://triage@db.example/triage'"
    ):
        backups.ledger_path("postgresql+psycopg://triage:geheim@db.example/triage")
    with pytest.raises(UsageError) as told:
        backups.ledger_path("postgresql+psycopg://triage:geheim@db.example/triage")
    assert "geheim" not in str(told.value)


def test_a_ledger_that_is_damaged_is_not_backed_up(desk: Office) -> None:
    desk.inquiry("one")
    desk.desk.ledger.close()
    with closing(sqlite3.connect(desk.folder / "triage.db")) as held:
        held.execute("PRAGMA foreign_keys=OFF")
        held.execute("DELETE FROM messages")
        held.commit()
    with pytest.raises(LedgerError, match="triage doctor"):
        keeping.backup(settings_of(desk.folder), None)
    assert list((desk.folder / "backups").iterdir()) == []


def test_a_backup_below_a_file_is_refused_in_a_line(desk: Office) -> None:
    desk.inquiry("one")
    (desk.folder / "notes").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match=r"notes/.*: cannot be written: Not a directory"):
        keeping.backup(settings_of(desk.folder), desk.folder / "notes" / "here")
