"""Reading and tagging in other processes: what is made there once, what is done with each chunk, who does it.

Workers get settings without accounts, and mail as octets; they neither open the ledger nor need the archive. Rules,
liaisons and models they take from the same folders as the process that sends them work: those that came with the program,
or the same paths, and they are compared before anything is done.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.errors import WorkersLost
from pipeline.settings import Settings
from pipeline.wiring.declared import (
    models_folder,
    own_rules,
    policy,
    rules_folder,
    serving,
    tagger,
    taxonomy,
)
from pipeline.wiring.renewal import correspondence
from pipeline.wiring.world import mail_reader, utc_now

if TYPE_CHECKING:
    from pipeline.records.retags import Former, Proposed, Witnesses
    from pipeline.records.work import StoredMessage
    from pipeline.service.answers import Answers
    from pipeline.service.judging import Judge, Judged
    from pipeline.service.ports import Ledger
    from pipeline.service.ports_bulk import Crew


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """By what workers decide.

    Parameters
    ----------
    settings
        Folders, threads and the hooks of help desks alone.
    expected
        What `fingerprint` has to come to, name and version.
    """

    settings: Settings
    expected: tuple[tuple[str, str], ...]


_judges: dict[tuple[tuple[str, str], ...], Judge] = {}
_one_at_a_time = threading.Lock()


def orders(settings: Settings) -> Orders:
    """Return what workers need to know; the model that serves is named, so that all take the same."""
    folders = settings.folders.model_copy(update={"model": serving(settings).name})
    told = Settings(folders=folders, threads=settings.threads, otrs=settings.otrs)
    return Orders(settings=told, expected=tuple(sorted(fingerprint(told).items())))


def fingerprint(settings: Settings) -> dict[str, str]:
    """Return by what a process decides: version of the program, hashes of rules, liaisons and model."""
    return {
        "program": __version__,
        "rules": _hash(rules_folder(settings), own_rules(settings)),
        "liaisons": _hash(settings.folders.liaisons),
        "model": _seal(settings),
    }


@contextmanager
def tagging_crew(
    settings: Settings, workers: int = 1, dask: str = ""
) -> Iterator[Crew[tuple[StoredMessage, ...], Sequence[Judged]]]:
    """Give those who read and tag waiting mail: this process, some on this machine, or a Dask cluster."""
    with _crew(judged, settings, workers, dask) as crew:
        yield crew


@contextmanager
def retagging_crew(
    settings: Settings, workers: int = 1, dask: str = ""
) -> Iterator[Crew[tuple[Former, ...], Sequence[Proposed]]]:
    """Give those who decide old mail anew."""
    with _crew(retagged, settings, workers, dask) as crew:
        yield crew


def answers_here(settings: Settings, ledger: Ledger) -> Answers | None:
    """Return what deals with answers by mail among what waits; None where that is not set up."""
    from pipeline.service.answers import Answers

    found = correspondence(settings)()
    if found is None:
        return None
    return Answers(
        ledger=ledger,
        policy=policy(settings),
        taxonomy=taxonomy(settings),
        vocabulary=found.vocabulary,
        settings=settings,
        ring=found.ring,
        clock=utc_now,
    )


def judged(told: Orders, chunk: Sequence[StoredMessage]) -> tuple[Judged, ...]:
    """Read and decide a chunk, in any process."""
    with _one_at_a_time:
        return _judge(told).judge(chunk)


def retagged(told: Orders, chunk: Sequence[Former]) -> tuple[Proposed, ...]:
    """Decide a chunk of old mail anew, in any process."""
    from pipeline.service.retagging import propose

    with _one_at_a_time:
        return propose(_judge(told), chunk)


@contextmanager
def _crew(work: Callable[..., Any], settings: Settings, workers: int, dask: str) -> Iterator[Any]:
    from pipeline.adapters.crew import DaskCrew, LocalCrew

    told = orders(settings)
    does = partial(work, told)
    crew: LocalCrew[Any, Any] | DaskCrew[Any, Any]
    if dask:
        crew = DaskCrew(does, dask, partial(fingerprint, told.settings), dict(told.expected))
    else:
        crew = LocalCrew(does, workers)
    try:
        yield crew
    finally:
        crew.close()
        let_go()


def _judge(told: Orders) -> Judge:
    """Return what judges by these orders; made once in each process."""
    from pipeline.service.judging import Judge

    if told.expected not in _judges:
        found = fingerprint(told.settings)
        differing = [name for name, wanted in told.expected if found.get(name) != wanted]
        if differing:
            raise WorkersLost(f"a worker has other {', '.join(differing)}; make them the same everywhere")
        let_go()
        _judges[told.expected] = Judge(
            reader=mail_reader(),
            tagger=tagger(told.settings),
            clock=utc_now,
            threads=told.settings.threads,
            servers=told.settings.otrs,
        )
    return _judges[told.expected]


def let_go() -> None:
    """End the processes that read mail for judges who are not needed any more."""
    for judge in _judges.values():
        judge.reader.close()
    _judges.clear()


def witnesses(told: Orders) -> Witnesses:
    """Return by what old mail is tagged anew."""
    from pipeline.records.retags import Witnesses

    text = "\n".join(f"{name} {version}" for name, version in told.expected)
    judge = _judge(told).tagger
    return Witnesses(
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        model_version=judge.model.version if judge.model else "",
        rulebook_version=judge.rulebook.version,
    )


def _seal(settings: Settings) -> str:
    from pipeline.classify.bundle import checked

    name = settings.folders.model
    if not name:
        return "none"
    return str(checked(models_folder(settings) / name, taxonomy(settings))[0]["seal"])[:16]


def _hash(*places: Path | None) -> str:
    """Return a hash of files and folders; of nothing at all, what came with the program is meant."""
    found = hashlib.sha256()
    for place in places:
        files = sorted(place.rglob("*")) if place and place.is_dir() else [place] if place else []
        for file in files:
            if file.is_file():
                name = str(file.relative_to(place)) if place != file and place else file.name
                found.update(f"{name}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]
