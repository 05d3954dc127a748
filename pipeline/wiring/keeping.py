"""What keeping a ledger for years takes: backups and their way back, forgetting with its proof, the state of the tables."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.records.keeping import Finding, Forgotten, Manifest
from pipeline.resources import user_cache
from pipeline.settings import Settings
from pipeline.wiring.world import ledger, ledger_access, mail_reader, utc_now

if TYPE_CHECKING:
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.service.forgetting import Forgetter

_HELD = "restored from a backup of {made}: may have left before; send it again with: triage outbox retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did.

    Parameters
    ----------
    manifest
        Of the backup.
    aside
        Where the former ledger lies now, or None.
    forgotten
        How many people, forgotten since, were forgotten again.
    held
        How many mails that waited are held back, because they may have left since.
    findings
        Of the doctor.
    """

    manifest: Manifest
    aside: Path | None
    forgotten: int
    held: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where somebody is still found in a file, outside the ledger's rows.

    Parameters
    ----------
    path, what, count
        The file, ``address`` or ``name``, and how often.
    until
        Of a backup, when it is to be deleted (aware, UTC), or None.
    backup
        Whether it is one.
    """

    path: Path
    what: str
    count: int
    backup: bool = False
    until: datetime | None = None


def doctor(settings: Settings) -> tuple[Finding, ...]:
    """Examine the ledger in force, without bringing its tables up to date."""
    from pipeline.adapters.ledger.upkeep.doctor import examine
    from pipeline.adapters.ledger.upkeep.state import opened_as_is

    with opened_as_is(settings.ledger.url, ledger_access(settings.ledger)) as engine:
        return examine(engine)


def forgetter(opened: SqlLedger) -> Forgetter:
    """Return what forgets people in an open ledger; the process that reads documents for it ends with it."""
    from pipeline.service.forgetting import Forgetter

    return Forgetter(store=opened.forgetting, clock=utc_now, reader=mail_reader())


def note_forgotten(settings: Settings, opened: SqlLedger) -> Path:
    """Write the list of who was forgotten beside the ledger; return where."""
    from pipeline.adapters.files import forgottenlist

    path = settings.retention.forgotten
    forgottenlist.write(path, opened.forgetting.remembered())
    return path


def forget_again(settings: Settings, opened: SqlLedger) -> tuple[str, ...]:
    """Forget again who is on the list and not known to this ledger, which is older; return their addresses."""
    from pipeline.adapters.files import forgottenlist

    back = forgetter(opened).again(forgottenlist.read(settings.retention.forgotten))
    note_forgotten(settings, opened)
    return back


def backup(settings: Settings, target: Path | None) -> tuple[Path, Manifest]:
    """Back up the ledger in force."""
    from pipeline.adapters.ledger.upkeep import backup as backups

    kept = settings.retention
    return backups.make(settings.ledger.url, target or kept.backups, utc_now(), kept.backups_days)


def restore(settings: Settings, archive: Path, *, force: bool) -> Restored:
    """Put the ledger of a backup in the place of the one in force, or of none.

    All that can fail is done beside the present ledger, which serves until the new one is whole: migrating, forgetting
    who was forgotten since, holding back mail that may have left since, and the doctor's look.

    Raises
    ------
    UsageError
        If a service runs, there is a ledger and no `force`, or the backup is none, or damaged.
    """
    from pipeline.adapters.ledger.upkeep import backup as backups

    path = backups.ledger_path(settings.ledger.url)
    backups.read_manifest(archive)
    present = _present(settings, path, force=force)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, now = backups.unfinished(path, "restoring"), utc_now()
    try:
        said = backups.unpack(archive, beside)
        forgotten, held, findings = _prepared(settings, beside, present, said)
        aside = backups.put_in_place(beside, path, now)
    finally:
        for end in ("", "-wal", "-shm"):
            beside.with_name(beside.name + end).unlink(missing_ok=True)
    return Restored(manifest=said, aside=aside, forgotten=forgotten, held=held, findings=findings)


def prune(settings: Settings, target: Path | None) -> tuple[Path, ...]:
    """Delete the backups whose end has come."""
    from pipeline.adapters.ledger.upkeep import backup as backups

    folder = target or settings.retention.backups
    return backups.prune(folder if folder.is_dir() else folder.parent, utc_now())


def configured(settings: Settings, address: str) -> tuple[str, ...]:
    """Return where the settings name an address: who is to be forgotten has to be taken out there first."""
    from pipeline.service.person import Person
    from pipeline.wiring.declared import policy

    person = Person.at(address)
    smtp, answers = settings.smtp, settings.answers
    named = {
        "smtp.from_address": (smtp.from_address,) if smtp else (),
        "answers.address": (answers.address,) if answers.address else (),
        "answers.maintainer": (answers.maintainer,) if answers.maintainer else (),
        "committee.addresses": settings.committee.addresses,
    }
    if settings.folders.liaisons:
        for one in policy(settings).desks:
            named[f"{settings.folders.liaisons.name}: {one.id}"] = (one.address,)
    return tuple(where for where, found in named.items() if any(map(person.is_theirs, found)))


def in_files(
    settings: Settings, address: str, names: Iterable[str], further: Iterable[Path] = ()
) -> tuple[Found, ...]:
    """Look for a person in the ledger's files, caches, models, backups and `further` places, as they lie on the disk."""
    from pipeline.adapters.files import traces
    from pipeline.service.person import Person

    patterns = Person.at(address).named(names).patterns
    places = [*_ledger_files(settings), user_cache(), settings.retention.backups, *further]
    if settings.folders.models:
        places.append(settings.folders.models)
    hits = traces.search([one for one in places if one.exists()], patterns)
    return tuple(_found(path, what, count) for path, what, count in hits)


def empty_caches(address: str, names: Iterable[str]) -> int:
    """Delete the cache of readings if it mentions a person; return how many of its files did."""
    from pipeline.adapters.files import traces
    from pipeline.service.person import Person

    folder = user_cache() / "readings"
    patterns = Person.at(address).named(names).patterns
    hits = {path for path, _, _ in traces.search([folder], patterns)} if folder.is_dir() else set()
    if hits:
        traces.empty(folder)
    return len(hits)


def compact(opened: SqlLedger) -> bool:
    """Leave nothing of what was deleted in the database's files; return whether that was done to the end."""
    from pipeline.adapters.ledger.database.compact import compact as make_compact

    return make_compact(opened.engine)


def versions(settings: Settings) -> tuple[str | None, str]:
    """Return the schema of the ledger in force, None if there is none, and that of this program."""
    from pipeline.adapters.ledger.database.engine import HEAD
    from pipeline.adapters.ledger.upkeep.state import is_missing, opened_as_is, revision

    url = settings.ledger.url
    if is_missing(url):
        return None, HEAD
    with opened_as_is(url, ledger_access(settings.ledger)) as engine:
        return revision(engine), HEAD


def migrate(settings: Settings) -> None:
    """Bring the tables of the ledger in force up to date; make it if there is none."""
    ledger(settings).close()


def _present(settings: Settings, path: Path, *, force: bool) -> tuple[Forgotten, ...]:
    """Return who the present ledger knows to be forgotten, if it may be replaced."""
    if not path.exists() or path.stat().st_size == 0:
        return ()
    from pipeline.adapters.ledger.upkeep.state import forgotten_in, running

    busy = running(settings.ledger.url)
    if busy:
        raise UsageError(f"{path}: {busy}; stop it first, and everything else that works on this ledger")
    if not force:
        raise UsageError(
            f"{path}: there is a ledger; with --force it is put aside, and the backup takes its place"
        )
    return forgotten_in(settings.ledger.url)


def _prepared(
    settings: Settings, path: Path, present: tuple[Forgotten, ...], said: Manifest
) -> tuple[int, int, tuple[Finding, ...]]:
    """Bring a restored ledger up to date before it serves; its journal is empty afterwards."""
    from pipeline.adapters.files import forgottenlist
    from pipeline.adapters.ledger import open_ledger
    from pipeline.adapters.ledger.upkeep.doctor import examine

    listed = (*forgottenlist.read(settings.retention.forgotten), *present)
    with closing(open_ledger(f"sqlite:///{path}")) as opened:
        back = forgetter(opened).again(listed)
        held = opened.unsent.hold(_HELD.format(made=f"{said.made_at:%Y-%m-%d %H:%M}"), utc_now())
        if back:
            compact(opened)
        findings = examine(opened.engine)
    bad = [one for one in findings if one.offenders]
    if any(one.check in ("file", "references", "schema") for one in bad):
        raise UsageError("the ledger of this backup is damaged; the present one was left as it is")
    return len(back), held, findings


def _ledger_files(settings: Settings) -> list[Path]:
    """Return the files of a ledger that is one: itself, its journal, and former ones that were put aside."""
    from pipeline.adapters.ledger.upkeep.backup import ledger_path

    try:
        path = ledger_path(settings.ledger.url)
    except UsageError:
        return []
    return sorted(path.parent.glob(f"{path.name}*"))


def _found(path: Path, what: str, count: int) -> Found:
    from pipeline.adapters.ledger.upkeep.backup import read_manifest

    try:
        until = read_manifest(path).keep_until
    except UsageError:
        return Found(path=path, what=what, count=count)
    return Found(path=path, what=what, count=count, backup=True, until=until)
