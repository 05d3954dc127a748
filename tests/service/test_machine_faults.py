"""A full disk is no fault of a mail: it waits, the round ends with a problem, and the next round tags it."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline import wiring
from pipeline.adapters.crew import LocalCrew
from pipeline.adapters.ledger import SqlLedger
from pipeline.errors import MachineFault
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.resources import packaged
from pipeline.service.bulk import BulkTagging, Chunk
from pipeline.service.judging import Judge, Judged
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from pipeline.settings import Folders, Settings
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter
from tests.support.plainreader import PlainReader

SETTINGS = Settings(folders=Folders(model="", liaisons=packaged("rules") / "liaisons.toml"))
Run = Callable[[SqlLedger, Tagger], Counter[str]]


@dataclass(frozen=True)
class Broken:
    """A witness that fails."""

    error: Exception

    def evidence(self, *_: Any, **__: Any) -> Any:
        raise self.error


def _wrapped(inner: Exception) -> Exception:
    """Return an error as a library raises it: its own, with the cause behind."""
    outer = RuntimeError("cannot write the cache")
    outer.__cause__ = inner
    return outer


def alone(ledger: SqlLedger, tagger: Tagger) -> Counter[str]:
    return triage(ledger, PlainReader(), tagger, lambda: NOW)


def in_bulk(ledger: SqlLedger, tagger: Tagger) -> Counter[str]:
    judge = Judge(reader=PlainReader(), tagger=tagger, clock=lambda: NOW)
    crew: LocalCrew[Chunk, Sequence[Judged]] = LocalCrew(judge.judge, 1)
    return BulkTagging(ledger=ledger, crew=crew, clock=lambda: NOW, threads=SETTINGS.threads).run()


def store(ledger: SqlLedger, name: str) -> None:
    octets = letter(identifier=f"{name}@x.example", subject=name, sender=f"A <a@{name}.example>")
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=len(name))
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    cursor = Cursor(uidvalidity=1, uid=len(name))
    ledger.messages.record(
        "imap:a", "INBOX", Batch(messages=(raw,), refused=(), cursor=cursor, total=None), NOW
    )


@contextmanager
def two_mails(path: Path) -> Iterator[SqlLedger]:
    ledger = fresh_ledger(path)
    try:
        for name in ("one", "three"):
            store(ledger, name)
        yield ledger
    finally:
        ledger.close()


@pytest.mark.parametrize("run", [alone, in_bulk])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EMFILE, "Too many open files"), "too many open files"),
        (_wrapped(OSError(errno.EDQUOT, "Disk quota exceeded")), "quota"),
        (_wrapped(OSError(errno.EIO, "Input/output error")), "the disk fails"),
        (MemoryError(), "no memory"),
    ],
)
def test_a_fault_of_the_machine_sets_nothing_aside(
    run: Run, error: Exception, told: str, tmp_path: Path
) -> None:
    tagger = wiring.tagger(SETTINGS)
    with two_mails(tmp_path / "ledger.db") as ledger:
        with pytest.raises(MachineFault, match=told):
            run(ledger, replace(tagger, model=cast("Any", Broken(error))))
        assert ledger.messages.count_waiting() == 2
        done = run(ledger, tagger)
        assert (done.total(), done["set-aside"]) == (2, 0)


@pytest.mark.parametrize("run", [alone, in_bulk])
@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "No such file"), ValueError("odd")])
def test_a_fault_of_the_mail_sets_it_aside(run: Run, error: Exception, tmp_path: Path) -> None:
    tagger = replace(wiring.tagger(SETTINGS), model=cast("Any", Broken(error)))
    with two_mails(tmp_path / "ledger.db") as ledger:
        assert run(ledger, tagger) == {"set-aside": 2}
        assert ledger.messages.count_waiting() == 0
