"""Import: from archives into the ledger, once, however often it is interrupted and begun again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.faultpoints import reach
from pipeline.records.messages import FileSighting
from pipeline.records.sources import ArchiveMark, Imported, SetAsideMessage
from pipeline.service.leases import Lease, leased
from pipeline.service.ports import Archives, Clock, Ledger, Progress, silent

# Octets that are held in memory at once, beside one message.
BATCH_BYTES = 8 * 1024 * 1024
# Reasons that are kept for people; the ledger lists all.
_REASONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PathImport:
    """What became of one path.

    Parameters
    ----------
    path
        As it was given.
    imported
        Its messages.
    reasons
        Why messages were set aside in this run, a line each, the first 20.
    problems
        What is wrong with whole files, and counts that do not agree; a line each.
    """

    path: str
    imported: Imported
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def import_archives(
    paths: Sequence[str],
    archives: Archives,
    ledger: Ledger,
    clock: Clock,
    *,
    live: bool = False,
    progress: Progress = silent,
) -> tuple[PathImport, ...]:
    """Store all mail that lies at `paths`, one after the other.

    Each batch is stored together with the place behind it, in one transaction, so that an interrupted import goes
    on where it was.

    Parameters
    ----------
    live
        Its inquiries are to be answered. Else they are archived: kept and decided, but assigned to nobody.
    progress
        Told how many octets are through, of how many.
    """
    run = _Run(
        archives=archives,
        ledger=ledger,
        clock=clock,
        live=live,
        progress=progress,
        total=sum(map(archives.size, paths)),
    )
    return tuple(run.path(path) for path in paths)


@dataclass(kw_only=True)
class _Run:
    """One import under way; `done` counts the octets on the disk that are through."""

    archives: Archives
    ledger: Ledger
    clock: Clock
    live: bool
    progress: Progress
    total: int
    done: int = 0

    def path(self, path: str) -> PathImport:
        """Import one path, unless another process does."""
        name = self.archives.name(path)
        with leased(self.ledger.leases, f"import {name}"[:512], self.clock) as lease:
            if lease is None:
                problem = f"{path}: another process imports it; left to that one"
                return PathImport(path=path, imported=Imported(), problems=(problem,))
            return self._reconciled(self._stored(path, lease), name)

    def _stored(self, path: str, lease: Lease) -> PathImport:
        imported = Imported()
        reasons: list[str] = []
        problems: list[str] = []
        for batch in self.archives.batches(path, self._mark, BATCH_BYTES):
            read = Imported(read=len(batch.messages) + len(batch.refused))
            reach("import.read")
            imported = imported + read + self.ledger.imports.record(batch, self.clock(), live=self.live)
            reach("import.recorded")
            reasons += map(_reason, batch.refused)
            problems += batch.problems
            self.done += batch.octets
            self.progress("import", self.done, max(self.total, self.done))
            lease.renew()
        return PathImport(
            path=path, imported=imported, reasons=tuple(reasons[:_REASONS]), problems=tuple(problems)
        )

    def _mark(self, path: str) -> ArchiveMark | None:
        return self.ledger.imports.mark(path, live=self.live)

    def _reconciled(self, result: PathImport, name: str) -> PathImport:
        """Check that every message that was read is accounted for, and lies in the ledger."""
        counts = result.imported
        held = self.ledger.imports.held(name)
        if counts.reconciles and held >= counts.read:
            return result
        problem = (
            f"{result.path}: the counts do not agree: {counts.read} read, {counts.stored} stored, "
            f"{counts.known} duplicates, {counts.refused} set aside, {held} places in the ledger; "
            "run the import again, and report this"
        )
        return replace(result, problems=(*result.problems, problem))


def _reason(refused: SetAsideMessage) -> str:
    where = refused.sighting
    if isinstance(where, FileSighting) and not refused.reason.startswith(where.path):
        return f"{where.path}: at octet {where.offset}: {refused.reason}"
    return refused.reason
