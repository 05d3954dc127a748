"""What tests of the service share: the real tagger, and a service that writes back to a help desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import wiring
from pipeline.service.tagging import Tagger
from pipeline.settings import Folders, Settings
from tests.support.ledgers import fresh_url
from tests.support.otrs import PASSWORD, PASSWORD_ENV, running_help_desk
from tests.support.plainreader import PlainReader
from tests.support.writing_back import FIELDS, WRITE, MakeOffice, Office


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    """The real one, with the shipped rules and no model; it takes a while to load."""
    return wiring.tagger(Settings(folders=Folders(model="")))


@pytest.fixture
def make_office(
    tmp_path: Path, rules: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeOffice]:
    fresh_url(tmp_path / "triage.db")
    monkeypatch.setattr(wiring.world, "tagger", lambda _: tagger)
    monkeypatch.setattr(wiring.world, "mail_reader", PlainReader)
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    made: list[Office] = []
    with running_help_desk() as fake:
        fake.dynamic_fields |= dict.fromkeys(FIELDS.values())

        def make(**write: Any) -> Office:
            made.append(Office(fake, tmp_path, rules, fake.now, write or WRITE))
            return made[-1]

        yield make
        for office in made:
            for desk in office.opened:
                desk.close()
