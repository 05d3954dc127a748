"""Backups of a ledger that is one file: made while the service runs, checked, and put back in its place.

A backup is a tar archive of two members, ``manifest.json`` and ``ledger.db``, that any tar program opens.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import socket
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL, make_url

from pipeline import __version__
from pipeline.adapters.ledger.database.engine import HEAD
from pipeline.adapters.ledger.running.leases import is_alive
from pipeline.errors import LedgerError, OutputError, UsageError
from pipeline.faultpoints import reach
from pipeline.records.keeping import Manifest

_MANIFEST, _LEDGER = "manifest.json", "ledger.db"
_FORMAT = 1
_LARGEST_MANIFEST = 1024 * 1024
_CHUNK = 1024 * 1024
_SUFFIX = ".tar"


def ledger_path(url: str) -> Path:
    """Return the file of a ledger.

    Raises
    ------
    UsageError
        If it lies on a server, which has programs of its own for this; they are named.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        plain = URL.create(
            "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database
        ).render_as_string()
        raise UsageError(
            "the ledger lies on PostgreSQL, which makes its own backups:\n"
            f"pg_dump --format=custom --file=triage.dump --dbname='{plain}'\n"
            f"and back, while no service runs: pg_restore --clean --if-exists --dbname='{plain}' triage.dump\n"
            "then: triage migrate; triage forget --again; triage doctor"
        )
    return Path(parsed.database or "")


def name_for(now: datetime, keep_until: datetime | None) -> str:
    """Return what a backup is called: when it was made, and when it is to be deleted."""
    end = f".until-{keep_until:%Y-%m-%d}" if keep_until else ""
    return f"triage-{now:%Y-%m-%dT%H%M%SZ}{end}{_SUFFIX}"


def make(url: str, target: Path, now: datetime, days: int | None) -> tuple[Path, Manifest]:
    """Back up the ledger at `url`, while it may be written to; return the archive and its manifest.

    Parameters
    ----------
    target
        A folder, in which the archive gets a name that tells its end; or the archive itself, which must not exist.
    days
        After which it is to be deleted, or None.

    Raises
    ------
    UsageError
        If the ledger is not one file, or there is none, or the archive is there.
    LedgerError
        If the copy is not whole.
    OutputError
        If it cannot be written.
    """
    source = ledger_path(url)
    if not source.exists():
        raise UsageError(f"{source}: no such ledger; the first command that needs it makes it")
    keep_until = now + timedelta(days=days) if days else None
    archive = target if target.suffix == _SUFFIX else target / name_for(now, keep_until)
    if archive.exists():
        raise UsageError(f"{archive}: is there already; name another file")
    with _beside(archive, "ledger") as copy, _beside(archive, "tar") as packed:
        _copy(source, copy)
        reach("backup.copied")
        made = _manifest(copy, now, keep_until)
        _pack(packed, copy, made)
        packed.replace(archive)
    _sync_folder(archive.parent)
    return archive, made


def read_manifest(archive: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises
    ------
    UsageError
        If it is no backup.
    """
    with _members(archive) as members:
        for name, size, stream in members:
            if name == _MANIFEST and size <= _LARGEST_MANIFEST:
                return _parsed(stream.read(), archive)
    raise UsageError(f"{archive}: no backup of this program: its manifest is missing; name another file")


def unpack(archive: Path, target: Path) -> Manifest:
    """Write the ledger of a backup to the new file `target`, and check it: its hash, its pages, its schema.

    Raises
    ------
    UsageError
        If it is no backup, is damaged, or was made by a newer program.
    OutputError
        If the file cannot be written.
    """
    said = read_manifest(archive)
    if said.schema > HEAD:
        raise UsageError(
            f"{archive}: made by a newer program (schema {said.schema}, this one knows {HEAD}); install that"
        )
    with _members(archive) as members:
        found = next(
            (stream for name, size, stream in members if name == _LEDGER and size == said.size), None
        )
        if found is None:
            raise UsageError(
                f"{archive}: damaged: the ledger in it is missing or cut off; name another backup"
            )
        if _written(found, target) != said.sha256:
            raise UsageError(
                f"{archive}: damaged: the ledger in it does not have the hash that was noted; name another backup"
            )
    if (said.schema, dict(said.counts)) != _verified(target):
        raise UsageError(
            f"{archive}: damaged: the ledger in it does not hold what was noted; name another backup"
        )
    return said


def put_in_place(new: Path, ledger: Path, now: datetime) -> Path | None:
    """Put a ledger where another one is, or none; return where that was put aside."""
    reach("restore.ready")
    aside = None
    if ledger.exists():
        _settle(ledger)
        aside = ledger.with_name(f"{ledger.name}.before-restore-{now:%Y-%m-%dT%H%M%SZ}")
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                ledger.with_name(ledger.name + end).replace(aside.with_name(aside.name + end))
        reach("restore.aside")
    new.replace(ledger)
    _sync_folder(ledger.parent)
    return aside


def prune(folder: Path, now: datetime) -> tuple[Path, ...]:
    """Delete the backups of a folder whose end has come; return which. What is no backup, or has no end, stays."""
    gone = []
    for archive in sorted(folder.glob(f"*{_SUFFIX}")):
        with contextlib.suppress(UsageError):
            end = read_manifest(archive).keep_until
            if end is not None and end <= now:
                archive.unlink()
                gone.append(archive)
    return tuple(gone)


def unfinished(path: Path, kind: str) -> Path:
    """Return how a file is called from which `path` will be made; delete what processes left that were killed over it.

    Their names tell machine and process, so that what others have in hand stays.
    """
    here = socket.gethostname()
    for left in path.parent.glob(f".*.{kind}.{here}.*"):
        pid = left.name.rpartition(".")[2].partition("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            left.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{kind}.{here}.{os.getpid()}")


@contextmanager
def _beside(path: Path, kind: str) -> Iterator[Path]:
    """Give a new file beside `path` that nobody else may read; it is gone afterwards, unless it was renamed."""
    made = unfinished(path, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        yield made
    except OSError as error:
        raise OutputError.at(path, error) from None
    finally:
        # Where the folder is none, there is nothing to take away, either.
        with contextlib.suppress(NotADirectoryError):
            for end in ("", "-wal", "-shm", "-journal"):
                made.with_name(made.name + end).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a database in one step of SQLite's backup interface: a snapshot, during which others go on writing (WAL)."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as held,
            closing(sqlite3.connect(target)) as copy,
        ):
            held.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise LedgerError(f"{source}: cannot be backed up: {error}; see: triage doctor") from None


def _manifest(copy: Path, now: datetime, keep_until: datetime | None) -> Manifest:
    schema, counts = _verified(copy)
    with copy.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Manifest(
        made_at=now,
        keep_until=keep_until,
        program=__version__,
        schema=schema,
        sha256=digest,
        size=copy.stat().st_size,
        counts=counts,
    )


def _verified(path: Path) -> tuple[str, dict[str, int]]:
    """Open a ledger, read every page, and return its schema and the number of rows of each table."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
            if faults or copy.execute("PRAGMA foreign_key_check").fetchone():
                raise LedgerError("the ledger is damaged, and so is every copy of it; see: triage doctor")
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            names = sorted(row[0] for row in copy.execute(query))
            counts = {
                name: int(copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608  # nosec B608 # names of tables are constants of the schema
                for name in names
            }
            schema = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise LedgerError(f"the copy cannot be read: {error}; see: triage doctor") from None
    counts.pop("alembic_version", None)
    return str(schema[0]) if schema else "", counts


def _pack(archive: Path, copy: Path, said: Manifest) -> None:
    plain = {
        "format": _FORMAT,
        "made_at": said.made_at.isoformat(),
        "keep_until": said.keep_until.isoformat() if said.keep_until else None,
        "program": said.program,
        "schema": said.schema,
        "sha256": said.sha256,
        "size": said.size,
        "counts": dict(said.counts),
    }
    octets = json.dumps(plain, indent=1).encode()
    with archive.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w") as tar, copy.open("rb") as stream:
            tar.addfile(_entry(_MANIFEST, len(octets), said.made_at), io.BytesIO(octets))
            tar.addfile(_entry(_LEDGER, said.size, said.made_at), stream)
        out.flush()
        os.fsync(out.fileno())


def _entry(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode, made.mtime = size, 0o600, int(at.timestamp())
    return made


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Give name, size and content of the plain files in an archive; nothing is unpacked by name."""

    def each(tar: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is not None:
                yield member.name, member.size, stream

    try:
        with tarfile.open(archive, mode="r:") as tar:
            yield each(tar)
    except (tarfile.TarError, EOFError):
        raise UsageError(f"{archive}: no backup of this program, or damaged; name another one") from None
    except OSError as error:
        raise UsageError(
            f"{archive}: cannot be read: {error.strerror}; give yourself the right, or name another one"
        ) from None


def _parsed(octets: bytes, archive: Path) -> Manifest:
    try:
        told = json.loads(octets)
        if told["format"] != _FORMAT:
            raise UsageError(
                f"{archive}: its format is {told['format']!r}; this program reads {_FORMAT}; install a newer one"
            )
        return Manifest(
            made_at=datetime.fromisoformat(told["made_at"]).astimezone(UTC),
            keep_until=datetime.fromisoformat(told["keep_until"]).astimezone(UTC)
            if told["keep_until"]
            else None,
            program=str(told["program"]),
            schema=str(told["schema"]),
            sha256=str(told["sha256"]),
            size=int(told["size"]),
            counts={str(name): int(number) for name, number in told["counts"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f"{archive}: no backup of this program: its manifest cannot be read; name another file"
        ) from None


def _written(stream: IO[bytes], target: Path) -> str:
    """Write a stream to a new file that nobody else may read; return its SHA-256."""
    digest = hashlib.sha256()
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise OutputError.at(target, error) from None
    return digest.hexdigest()


def _settle(ledger: Path) -> None:
    """Bring what stands in the journal into the file, as far as the file can be read at all."""
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(ledger, timeout=5)) as held:
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
