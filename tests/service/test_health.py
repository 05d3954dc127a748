"""What is called trouble, and what comes next, from the ledger and the settings alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.records.jobs import SERVICE, JobStatus
from pipeline.records.status import LedgerStatus, ServiceState, SetAsideStatus, SourceStatus
from pipeline.service.health import health, words
from pipeline.service.jobs import declared
from pipeline.settings import Committee, ImapAccount, Service, Settings, Smtp
from tests.service.test_dailies import office

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = Settings(
    imap=(ImapAccount(name="main", host="h", username="u", password_env="X", after="keyword"),),
    smtp=Smtp(host="h", from_address="triage@partners.example"),
    committee=Committee(addresses=("committee@partners.example",)),
)
EMPTY = LedgerStatus(
    messages={},
    sightings=0,
    inquiries={},
    dispositions={},
    outbox={},
    loads={},
    overdue=0,
    sources=(),
    set_aside=(),
    rulebook_version="",
    model_version="",
    jobs=(JobStatus(name="poll imap:main", began_at=NOW - MINUTE, succeeded_at=NOW - MINUTE),),
)


def troubles(status: LedgerStatus, settings: Settings = SETTINGS) -> tuple[str, ...]:
    return health(status, settings, NOW, lambda _: False).troubles


def job(name: str, **values: Any) -> LedgerStatus:
    others = [one for one in EMPTY.jobs if one.name != name]
    return replace(EMPTY, jobs=(*others, JobStatus(name=name, **values)))


def test_all_is_well() -> None:
    assert troubles(EMPTY) == ()


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (replace(EMPTY, jobs=()), "imap:main: never read to the end; start the service: triage run"),
        (
            job("poll imap:main", began_at=NOW - 3 * HOUR, succeeded_at=NOW - 3 * HOUR),
            "imap:main: not read for 3 h; is the service running?",
        ),
        (
            job(
                "poll imap:main",
                began_at=NOW,
                succeeded_at=NOW - 3 * DAY,
                failed_at=NOW,
                error="imap.main: h:993: login refused; check username",
            ),
            "imap:main: not read for 3 days: imap.main: h:993: login refused; check username",
        ),
        (
            job(
                "work",
                began_at=NOW,
                succeeded_at=NOW - 2 * HOUR,
                failed_at=NOW,
                error="ValueError at judge.py:9",
            ),
            "work: fails for 2 h: ValueError at judge.py:9",
        ),
        (
            job("send", began_at=NOW, failed_at=NOW, error="key"),
            "send: fails from the beginning: key",
        ),
        (
            replace(EMPTY, outbox={"queued": 2}, queued_since=NOW - 5 * HOUR),
            "outbox: 2 wait, the oldest for 5 h; try: triage check",
        ),
        (replace(EMPTY, failed_lately=1), "outbox: 1 given up in the last week; see: triage outbox list"),
        (
            replace(EMPTY, writebacks={"queued": 3}, untold_since=NOW - 121 * MINUTE),
            "write-backs: 3 wait, the oldest for 2 h; try: triage otrs check",
        ),
        (replace(EMPTY, writebacks={"failed": 1}), "write-backs: 1 given up; see: triage writebacks list"),
        (
            replace(EMPTY, set_aside=(SetAsideStatus(place="p", step="read", reason="r", at=NOW),)),
            "set aside: 1 messages that a step failed on; see: triage set-aside list",
        ),
        (
            replace(EMPTY, unassigned=4, unassigned_since=NOW - 3 * DAY),
            "unassigned: 4 inquiries, the oldest for 3 days; see: triage routes",
        ),
    ],
)
def test_each_trouble_is_named_with_what_to_do(status: LedgerStatus, trouble: str) -> None:
    assert troubles(status) == (trouble,)


@pytest.mark.parametrize(
    "status",
    [
        job("work", began_at=NOW, succeeded_at=NOW - 10 * MINUTE, failed_at=NOW, error="busy"),
        job("work", began_at=NOW, succeeded_at=NOW, failed_at=NOW - DAY, error="long mended"),
        job("poll imap:gone", began_at=NOW - 9 * DAY, succeeded_at=NOW - 9 * DAY),
        replace(EMPTY, outbox={"queued": 2}, queued_since=NOW - HOUR),
        replace(EMPTY, overdue=9, unassigned=1, unassigned_since=NOW - DAY),
    ],
)
def test_what_passes_by_itself_or_is_for_people_is_no_trouble(status: LedgerStatus) -> None:
    assert troubles(status) == ()


def test_thresholds_are_settings() -> None:
    strict = SETTINGS.model_copy(
        update={"service": Service(late_minutes=1, outbox_minutes=1, unassigned_hours=1)}
    )
    status = replace(
        EMPTY,
        queued_since=NOW - 2 * MINUTE,
        unassigned_since=NOW - 2 * HOUR,
        jobs=(JobStatus(name="poll imap:main", began_at=NOW, succeeded_at=NOW - 2 * MINUTE),),
    )
    assert troubles(status) == ()
    assert [line.partition(":")[0] for line in troubles(status, strict)] == ["imap", "outbox", "unassigned"]


def test_a_ledger_of_an_earlier_program_tells_when_it_was_read() -> None:
    source = SourceStatus(source="imap:main", mailbox="INBOX", uid=9, checked_at=NOW - 10 * MINUTE)
    (account,) = health(replace(EMPTY, jobs=(), sources=(source,)), SETTINGS, NOW, lambda _: False).accounts
    assert (account.succeeded_at, account.lag_seconds) == (source.checked_at, 600.0)


@pytest.mark.parametrize(
    ("holder", "alive", "gone", "state"),
    [
        ("", NOW, False, ServiceState.STOPPED),
        ("1.1.x.y", NOW - MINUTE, False, ServiceState.RUNNING),
        ("1.1.x.y", NOW - 6 * MINUTE, False, ServiceState.SILENT),
        ("1.1.x.y", NOW - MINUTE, True, ServiceState.DEAD),
    ],
)
def test_states_of_the_service(holder: str, alive: datetime, gone: bool, state: ServiceState) -> None:
    status = job(SERVICE, holder=holder, began_at=NOW - DAY, succeeded_at=alive)
    found = health(status, SETTINGS, NOW, lambda _: gone)
    assert found.service is state
    assert len(found.troubles) == int(state in {ServiceState.SILENT, ServiceState.DEAD})
    assert health(EMPTY, SETTINGS, NOW, lambda _: gone).service is ServiceState.NEVER


def test_next_runs_are_known_without_the_service() -> None:
    running = replace(
        EMPTY, jobs=(*EMPTY.jobs, JobStatus(name=SERVICE, holder="x", began_at=NOW, succeeded_at=NOW))
    )
    desks = office().desks

    def runs(status: LedgerStatus) -> dict[str, datetime | None]:
        return {run.name: run.at for run in health(status, SETTINGS, NOW, lambda _: False, desks).next_runs}

    assert runs(EMPTY) == {
        **{one.name: None for one in declared(SETTINGS)},
        "daily digests": datetime(2026, 3, 24, 7, tzinfo=UTC),
        "weekly summary": datetime(2026, 3, 30, 7, tzinfo=UTC),
    }
    assert runs(running)["poll imap:main"] == NOW + 4 * MINUTE
    assert runs(running)["work"] == NOW


def test_jobs_are_those_of_the_settings() -> None:
    names = [one.name for one in declared(SETTINGS)]
    assert names == ["poll imap:main", "mark imap:main", "work", "send", "retention"]
    assert [one.name for one in declared(Settings())] == ["work", "send", "retention"]


@pytest.mark.parametrize(
    ("span", "said"),
    [(0 * MINUTE, "0 min"), (119 * MINUTE, "119 min"), (47 * HOUR, "47 h"), (50 * HOUR, "2 days")],
)
def test_spans_in_words(span: timedelta, said: str) -> None:
    assert words(span) == said
