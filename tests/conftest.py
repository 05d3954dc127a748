"""What all tests share: the labelled fixtures, by part, and the real servers."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from pipeline import wiring
from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.database import engine, sqlite
from pipeline.adapters.reading import process as reading_process
from pipeline.resources import packaged
from pipeline.taxonomy import Taxonomy, load_taxonomy
from pipeline.wiring import world
from tests.support import ledgers, readers
from tests.support.certificates import Certificates, make_certificates
from tests.support.dovecot import Dovecot, missing, running_dovecot
from tests.support.ledgers import POSTGRESQL, TESTED, engine_name, forget_below, fresh_ledger, on_engine
from tests.support.mediawiki import MediaWikiServer, running_mediawiki
from tests.support.mediawiki import missing as no_mediawiki
from tests.support.sharedreader import SharedReader

# Folders of tests in which whole processes are started, killed and started again.
_LONG = ("kill", "torture")
_NAME_OCTETS = 40

# A busy machine is no fault of the code; the same examples everywhere.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is about the file of SQLite, keep together what is made once for a module, begin with what is long.

    A long test that came last would leave the other workers idle.
    """
    out = [one for one in items if one.get_closest_marker("sqlite") and _engine_of(one) == POSTGRESQL]
    config.hook.pytest_deselected(items=out)
    left = [one for one in items if one not in out]
    items[:] = sorted(left, key=lambda one: one.path.parent.name not in _LONG)
    for item in items:
        if item.get_closest_marker("xdist_group") is None and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: now and then each waits for a server."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name octets by how many there are: whole documents are no names."""
    return f"{len(val)} octets" if isinstance(val, bytes) and len(val) > _NAME_OCTETS else None


def _shares(item: pytest.Item) -> bool:
    """Tell whether a test shares something with others of its module, which is then made once, on one worker."""
    known = getattr(item, "_fixtureinfo", None)
    made = known.name2fixturedefs.values() if known else ()
    return any(each.scope == "module" for one in made for each in one)


def _engine_of(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    return str(call.params.get("each_engine", engine_name())) if call else engine_name()


@pytest.fixture(autouse=True)
def _databases(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no database behind."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        forget_below(folder)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Leave the umask as it was: commands that run in this process make their files private by it."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def _quick_ledgers() -> None:
    """Leave out what makes new ledgers on SQLite slow."""
    ledgers.hurry()


@pytest.fixture
def real_ledgers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ledgers be opened as the program does it."""
    monkeypatch.setattr(engine, "_migrate", ledgers.MIGRATE)
    monkeypatch.setattr(sqlite, "_set_pragmas", ledgers.SET_PRAGMAS)


@pytest.fixture(scope="session", autouse=True)
def _one_reading_process() -> Iterator[None]:
    """Let all desks of these tests read with one process, and start none that has to import what it needs."""
    shared = SharedReader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_process, "_started", readers.COLD)
        readers.warm(readers.address())
        for module in (world, wiring):
            patch.setattr(module, "mail_reader", lambda: shared)
        yield
    shared.end()


@pytest.fixture
def cold_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process that reads mail be started as the program does it."""
    monkeypatch.setattr(reading_process, "_started", readers.COLD)


@pytest.fixture(params=TESTED)
def each_engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let the test's ledgers be on SQLite, and then on PostgreSQL; on one of them where all tests are."""
    with on_engine(request.param) as name:
        yield name


@pytest.fixture
def on_postgresql() -> Iterator[None]:
    """Let the test's ledgers be on PostgreSQL."""
    with on_engine(POSTGRESQL):
        yield


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    """An empty ledger of the test's own."""
    opened = fresh_ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return packaged("fixtures")


@pytest.fixture(scope="session")
def rules() -> Path:
    return packaged("rules")


@pytest.fixture(scope="session")
def taxonomy(rules: Path) -> Taxonomy:
    return load_taxonomy(rules)


@pytest.fixture(scope="session")
def train_labels(fixtures: Path) -> dict[str, dict[str, str]]:
    """Id to row of labels.csv, of the train part alone."""
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        train = {row["id"] for row in csv.DictReader(stream) if row["split"] == "train"}
    with (fixtures / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream) if row["id"] in train}


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    lacking = missing()
    if lacking and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def mediawiki() -> Iterator[MediaWikiServer]:
    lacking = no_mediawiki()
    if lacking and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with running_mediawiki() as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority that signed nothing here."""
    return make_certificates(tmp_path_factory.mktemp("other")).authority
