"""The service in its lanes: fetching never waits for tagging, nor tagging for fetching."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.adapters.scheduler import Scheduler
from pipeline.demo.servers import smtp_sink
from pipeline.service.lanes import Lanes
from pipeline.service.listening import listening
from pipeline.service.rounds import Desk
from pipeline.service.tagging import Tagger
from pipeline.settings import Folders, ImapAccount, LedgerSettings, Schedule, Settings, Smtp
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.imap import account
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter
from tests.support.proxy import Fault, Line, bad_line

PATIENCE = 30.0


class Running:
    """A service that runs in the test's own process."""

    def __init__(self, folder: Path, rules: Path, accounts: tuple[ImapAccount, ...], smtp: int) -> None:
        self.stop = threading.Event()
        self.said: list[str] = []
        settings = Settings(
            imap=accounts,
            smtp=Smtp(host="127.0.0.1", port=smtp, security="none", from_address="triage@wikimedia.example"),
            schedule=Schedule(poll_minutes=60),
            ledger=LedgerSettings(url=ledger_url(folder / "triage.db")),
            folders=Folders(liaisons=rules / "liaisons.toml", model=""),
        )
        self.desk: Desk = wiring.desk(settings, clock=lambda: NOW, pause=self.stop.wait)
        self.ending = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        scheduler = Scheduler("UTC", lambda name, error: self.said.append(f"{name}: {error!r}"))
        lanes = Lanes(self.desk, scheduler, self.stop, lambda told: self.said.append(told.message))
        lanes.schedule()
        thread = threading.Thread(target=scheduler.run, args=(self.stop, lanes.interrupt))
        posts = wiring.listeners(self.desk.settings, self.stop.wait)
        with listening(posts, lanes.news, self.stop, self.said.append):
            thread.start()
            try:
                yield
            finally:
                began = time.monotonic()
                self.stop.set()
                thread.join()
                self.ending = time.monotonic() - began
        self.desk.close()

    def until(self, true: Callable[[], bool]) -> bool:
        """Wait until something is true; the ledger and the mailbox tell nobody by themselves."""
        deadline = time.monotonic() + PATIENCE
        while not true() and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        return true()

    def messages(self) -> dict[str, int]:
        return dict(self.desk.ledger.reports.status(NOW).messages)


MakeService = Callable[..., Running]


@pytest.fixture
def service(
    tmp_path: Path, rules: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeService]:
    monkeypatch.setattr(wiring.world, "tagger", lambda _: tagger)
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    # Where the machine is short of inotify instances, Dovecot overlooks what came within one second.
    monkeypatch.setattr("pipeline.adapters.imap.session._IDLE_SECONDS", 1.0)
    with smtp_sink() as (smtp, _):
        yield lambda *accounts: Running(tmp_path, rules, accounts, smtp)


def letters(count: int, size: int = 0) -> list[bytes]:
    text = b"We have %d maps.\r\n"
    return [
        letter(identifier=f"{n}@x.example", body=text % n + b"maps\r\n" * (size // 6)) for n in range(count)
    ]


def test_tagging_goes_on_while_a_mailbox_is_stalled(dovecot: Dovecot, service: MakeService) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, letters(12, size=6_000))
    with bad_line(Line(target=dovecot.port, fault=Fault.STALL, octets=60_000, faults=99)) as line:
        made = service(account(line.port, user, batch=2, timeout_seconds=60.0, idle=False))
        with made.running():
            # Some batches came, and then nothing more: the poll is still under way.
            assert made.until(lambda: made.messages().get("read", 0) >= 4)
            assert not any("new" in said for said in made.said)
        assert made.ending < 5
    assert not [said for said in made.said if "lost" in said], (
        "the end of the service is no fault of the server"
    )


def test_one_stalled_account_does_not_hold_up_another(dovecot: Dovecot, service: MakeService) -> None:
    slow, quick = dovecot.new_user(), dovecot.new_user()
    dovecot.fill(quick, letters(2))
    with bad_line(Line(target=dovecot.port, fault=Fault.STALL, octets=20, faults=99)) as line:
        made = service(
            account(line.port, slow, name="slow", timeout_seconds=60.0),
            account(dovecot.port, quick, name="quick"),
        )
        with made.running():
            assert made.until(lambda: made.messages() == {"read": 2})
        assert made.ending < 5


def test_fetching_goes_on_while_tagging_takes_its_time(
    dovecot: Dovecot, service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, letters(6))
    made = service(account(dovecot.port, user, batch=2))
    working, go_on = threading.Event(), threading.Event()
    work = Desk.work

    def slowly(desk: Desk, *arguments: object) -> object:
        working.set()
        go_on.wait(PATIENCE)
        return work(desk, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "work", slowly)
    with made.running():
        assert working.wait(PATIENCE)
        assert made.until(lambda: made.messages() == {"new": 6})
        dovecot.fill(user, [letter(identifier="late@y.example")])
        assert made.until(lambda: made.messages() == {"new": 7}), "IDLE hurries the poll meanwhile"
        go_on.set()
        assert made.until(lambda: made.messages() == {"read": 7})


def test_mail_that_comes_is_tagged_and_marked_at_once(dovecot: Dovecot, service: MakeService) -> None:
    user = dovecot.new_user()
    made = service(account(dovecot.port, user, after="keyword"))
    with made.running():
        for number, octets in enumerate(letters(3), 1):
            dovecot.fill(user, [octets])
            assert made.until(lambda number=number: made.messages() == {"read": number})  # type: ignore[misc]

        def marked() -> int:
            with dovecot.client(user) as client:
                client.select_folder("INBOX", readonly=True)
                return len(client.search(["KEYWORD", "$Triaged"]))

        assert made.until(lambda: marked() == 3)
    assert not [said for said in made.said if said.startswith("triage:") or "Error" in said]


def test_digests_wait_for_the_first_mail(dovecot: Dovecot, service: MakeService) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, letters(3))
    made = service(account(dovecot.port, user))
    with made.running():
        assert made.until(lambda: any(said.startswith("mails: ") for said in made.said))
    digests = [said for said in made.said if said.startswith("mails: ")]
    tagged = [said for said in made.said if said.startswith("tagged: ")]
    assert made.said.index(digests[0]) > made.said.index(tagged[0])
