"""A service that writes back to a help desk, for tests: it may be ended and begun again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pipeline import wiring
from pipeline.records.work import Entry
from pipeline.service.rounds import Desk, RoundReport
from pipeline.settings import Folders, LedgerSettings, Settings
from tests.support.ledgers import ledger_url
from tests.support.otrs import FakeHelpDesk

MUSEUM = (
    "Dear all,\n\nI write for the Plate Museum in Mumbai. We would like to release 300 scanned glass plates under "
    "CC BY-SA on Wikimedia Commons together with you. Could we talk about a partnership?\n\nAsha Rao\n"
    "Curator, Plate Museum, Mumbai, India\n"
)
FIELDS = {"type": "Type", "kind": "Kind", "region": "Region", "alignment": "Fit", "priority": "Score",
          "liaison": "Liaison", "model_version": "Model"}  # fmt: skip
WRITE = {
    "fields": FIELDS,
    "note": True,
    "queue": {"assign": "Grants", "review": "Grants", "file": "Junk"},
    "owner_by_liaison": dict.fromkeys(("lieve", "danuta", "joaquin", "arunima", "wanjiru"), "alice"),
    "lock": True,
    "priority_ids": {"0": 2, "1": 4},
}
SENDER = "Asha Rao <asha@plates.example>"


@dataclasses.dataclass
class Office:
    """A help desk, a ledger, and a service that may be ended and begun again."""

    fake: FakeHelpDesk
    folder: Path
    rules: Path
    now: datetime
    write: dict[str, Any]
    opened: list[Desk] = dataclasses.field(default_factory=list)

    def desk(self) -> Desk:
        """Begin the service, over the ledger that is there."""
        for one in self.opened:
            one.close()
        server = self.fake.settings(write=self.write)
        settings = Settings(
            otrs=(server,),
            ledger=LedgerSettings(url=ledger_url(self.folder / "triage.db")),
            folders=Folders(liaisons=self.rules / "liaisons.toml", model=""),
        )
        self.opened = [wiring.desk(settings, clock=lambda: self.now, pause=lambda _: None)]
        return self.opened[0]

    def decided(self) -> tuple[int, Desk]:
        """Let a museum's mail come in and be decided; return its ticket, which was told nothing yet, and the desk."""
        ticket = self.fake.add_mail(body=MUSEUM, sender=SENDER)
        desk = self.desk()
        desk.poll()
        desk.work()
        return ticket, desk

    def round(self, minutes: float = 5.0) -> RoundReport:
        """Do everything once, some minutes later."""
        self.later(minutes)
        return (self.opened[0] if self.opened else self.desk()).round()

    def later(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        self.fake.advance(minutes * 60)

    def updates(self) -> list[dict[str, Any]]:
        return [one.body for one in self.fake.requests if one.method == "PATCH"]

    def notes(self, ticket: int) -> list[dict[str, Any]]:
        return [one for one in self.fake.tickets[ticket]["Article"] if one["SenderType"] == "agent"]

    def entry(self) -> Entry:
        (found,) = self.entries()
        return found

    def entries(self) -> tuple[Entry, ...]:
        keys = [row[0] for row in self.rows("SELECT key FROM inquiries ORDER BY id")]
        found = (self.opened[0].ledger.inquiries.find(key) for key in keys)
        return tuple(one for one in found if one)

    def rows(self, query: str) -> list[Any]:
        with self.opened[0].ledger.engine.connect() as connection:  # type: ignore[attr-defined]
            return list(connection.execute(text(query)))

    def states(self) -> Counter[str]:
        return Counter(row[0] for row in self.rows("SELECT state FROM writebacks"))

    def corrections(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in self.rows("SELECT tag, author FROM corrections ORDER BY id")]


MakeOffice = Callable[..., Office]
