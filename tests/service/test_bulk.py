"""Workers that read and tag: what comes out is what one process makes of it, whoever is killed on the way."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline import wiring
from pipeline.adapters import crew as crew_module
from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.crew import DaskCrew, LocalCrew
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.schema import decisions, inquiries, inquiry_messages, messages
from pipeline.errors import LedgerError, WorkersLost
from pipeline.resources import packaged
from pipeline.service import chunks
from pipeline.service.bulk import BulkTagging
from pipeline.service.importing import import_archives
from pipeline.service.triage import triage
from pipeline.settings import Folders, Settings
from pipeline.wiring.workers import tagging_crew
from tests.kill.test_kill import FROM, settle
from tests.support.cluster import running_cluster
from tests.support.invariants import count
from tests.support.killed import finished, start
from tests.support.ledgers import fresh_ledger
from tests.support.mails import NOW, letter

# Chunks after which somebody is killed, at most; the mails make some twelve.
MOMENTS = 6
SETTINGS = Settings(folders=Folders(model="", liaisons=packaged("rules") / "liaisons.toml"))
DIGEST = Path(__file__).resolve().parents[1] / "lists" / "data" / "mailman2-digest-plain.eml"


def mails(number: int) -> list[bytes]:
    """Inquiries, answers that lie before or behind what they answer, copies, one that is no mail, a list's digest."""
    chance = random.Random(7)
    made = []
    for n in range(number):
        answers = f"{chance.randrange(number)}@x.example" if n % 3 == 1 else ""
        who = n % 5
        body = b"Our archive would like to give maps to Commons.\n" if n % 4 else b"Buy cheap pills now!\n"
        made.append(
            letter(
                identifier=f"{n}@x.example",
                subject=f"Maps {n % 9}",
                sender=f"Person {who} <p{who}@museum{who}.example>",
                reply_to=answers,
                body=body,
            ).replace(b"\r\n", b"\n")
        )
    copies = [one.replace(b"Subject:", b"X-Copy: yes\nSubject:", 1) for one in made[::11]]
    everything = [*made, *copies, b"\0" * 30 + b"\n", DIGEST.read_bytes().replace(b"\r\n", b"\n")]
    chance.shuffle(everything)
    return everything


def stored(path: Path, octets: list[bytes]) -> SqlLedger:
    ledger = fresh_ledger(path)
    box = path.with_suffix(".mbox")
    box.write_bytes(b"".join(FROM + one + b"\n" for one in octets))
    import_archives([str(box)], MailArchives(), ledger, lambda: NOW)
    return ledger


def told(ledger: SqlLedger) -> tuple[Any, ...]:
    """Return what there is but for KEYs and numbers: which messages are together, what was decided, what is a copy."""
    with ledger.engine.connect() as connection:

        def ask(*columns: Any, outer: Any = None) -> list[tuple[Any, ...]]:
            query = select(*columns) if outer is None else select(*columns).select_from(outer)
            return [tuple(row) for row in connection.execute(query)]

        m, d, o = messages, decisions, messages.alias()
        threads: dict[int, set[str]] = {}
        for number, sha256 in ask(inquiry_messages.c.inquiry_id, m.c.sha256, outer=inquiry_messages.join(m)):
            threads.setdefault(number, set()).add(sha256)
        i = inquiries.c
        states = {number: (state, at) for number, state, at in ask(i.id, i.state, i.opened_at)}
        decided = ask(
            m.c.sha256, d.c.kind, d.c.disposition, d.c.priority, d.c.decided_at, d.c.tags, d.c.evidence, outer=d.join(m)
        )  # fmt: skip
        copies = ask(m.c.sha256, m.c.state, o.c.sha256, outer=m.outerjoin(o, o.c.id == m.c.same_as))
    together = sorted((sorted(one), *states[number]) for number, one in threads.items())
    return together, sorted(decided, key=str), sorted(copies, key=str)


def tag(ledger: SqlLedger, crew: Any, progress: Callable[..., None] = lambda *_: None) -> Counter[str]:
    job = BulkTagging(ledger=ledger, crew=crew, clock=lambda: NOW, threads=SETTINGS.threads)
    return job.run(progress)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], Any, Counter[str]]:
    """Mails, and what one process makes of them."""
    octets = mails(70)
    ledger = stored(tmp_path_factory.mktemp("alone") / "ledger.db", octets)
    reader = wiring.mail_reader()
    outcomes = triage(ledger, reader, wiring.tagger(SETTINGS), lambda: NOW)
    reader.close()
    try:
        assert outcomes["same"] > 4
        assert outcomes["set-aside"] == 0
        return octets, told(ledger), outcomes
    finally:
        ledger.close()


def children() -> list[int]:
    """Return the processes that joblib started here."""
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(one.read_text().rpartition(")")[2].split()[1])
            command = (one.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"loky" in command and b"resource_tracker" not in command:
            found.append(int(one.parent.name))
    return found


class Killer:
    """Kills a worker, any, after a number of chunks that chance tells."""

    def __init__(self, victims: Callable[[], list[int]], seed: int) -> None:
        chance = random.Random(seed)
        self.victims = victims
        self.choose = chance.choice
        self.after = chance.randint(1, MOMENTS)
        self.seen = 0
        self.killed = 0

    def __call__(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.after:
            os.kill(self.choose(self.victims()), signal.SIGKILL)
            self.killed += 1


def test_one_worker_and_two_of_which_one_is_killed_make_the_same(
    alone: tuple[list[bytes], Any, Counter[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets, expected, outcomes = alone
    monkeypatch.setattr(chunks, "CHUNK", 7)
    one = stored(tmp_path / "one.db", octets)
    with tagging_crew(SETTINGS) as crew:
        assert tag(one, crew) == outcomes
    assert told(one) == expected
    two = stored(tmp_path / "two.db", octets)
    killer = Killer(children, seed=5)
    with tagging_crew(SETTINGS, workers=2) as crew:
        assert tag(two, crew, killer) == outcomes
    assert killer.killed == 1
    assert told(two) == expected
    one.close()
    two.close()


def test_an_error_where_chunks_come_from_is_told(tmp_path: Path) -> None:
    def source() -> Iterator[int]:
        yield 1
        raise LedgerError("the disk is gone")

    crew: LocalCrew[int, int] = LocalCrew(abs, 2)
    try:
        with pytest.raises(LedgerError, match="disk is gone"):
            list(crew.map(source()))
    finally:
        crew.close()


def test_a_chunk_that_kills_every_worker_ends_it_with_a_reason() -> None:
    crew: LocalCrew[int, None] = LocalCrew(signal.raise_signal, 2)
    try:
        with pytest.raises(WorkersLost, match="killed one after the other"):
            list(crew.map([signal.SIGKILL] * 3))
    finally:
        crew.close()


@pytest.mark.nightly
def test_a_command_killed_in_the_middle_goes_on(
    alone: tuple[list[bytes], Any, Counter[str]], tmp_path: Path
) -> None:
    octets, (together, _, copies), _ = alone
    (tmp_path / "list.mbox").write_bytes(b"".join(FROM + one + b"\n" for one in octets))
    ledger = settle(tmp_path)
    command = ("import", "--workers", "2", "--json", "list.mbox")
    dying = start(tmp_path, *command, TRIAGE_FAULT_POINT="bulk.kept")
    assert finished(dying)[0] == -signal.SIGKILL
    before = count(ledger, "decisions")
    code, _, err = finished(start(tmp_path, *command))
    assert code == 0, err
    assert 0 < before < count(ledger, "decisions")
    opened = open_ledger(f"sqlite:///{ledger}")
    found = told(opened)
    assert (found[0], found[2]) == (together, copies)
    opened.close()


# ---------------------------------------------------------------- a Dask cluster


@pytest.mark.usefixtures("on_postgresql")
def test_a_cluster_of_two_of_which_one_is_killed_makes_the_same(
    alone: tuple[list[bytes], Any, Counter[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets, expected, outcomes = alone
    monkeypatch.setattr(chunks, "CHUNK", 7)
    ledger = stored(tmp_path / "dask.db", octets)
    with running_cluster() as found, tagging_crew(SETTINGS, dask=found.scheduler_address) as crew:
        killer = Killer(lambda: [one.pid for one in found.workers.values()], seed=8)
        assert tag(ledger, crew, killer) == outcomes
        assert killer.killed == 1
        with pytest.raises(WorkersLost, match="other model: A, here B"):
            DaskCrew(abs, found.scheduler_address, versions, {"model": "B"})
    assert told(ledger) == expected
    ledger.close()


def versions() -> dict[str, str]:
    return {"model": "A"}


def test_no_cluster_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(WorkersLost, match="no Dask scheduler can be reached"):
        DaskCrew(abs, "tcp://127.0.0.1:1", dict, {})
