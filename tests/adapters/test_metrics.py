"""Metrics: what the endpoint answers, that it is documented, and that it answers while the work is busy."""

from __future__ import annotations

import re
import socket
import threading
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.adapters.metrics import METRICS, Metrics, serving
from pipeline.errors import LedgerError, UsageError
from pipeline.records.jobs import JobStatus
from pipeline.records.status import Health, LedgerStatus
from pipeline.service.health import health
from tests.service.test_health import EMPTY, HOUR, NOW, SETTINGS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "service.md"
STATUS = replace(
    EMPTY,
    messages={"new": 2, "read": 5},
    dispositions={"assign": 3},
    outbox={"queued": 1},
    queued_since=NOW - HOUR,
    unassigned=4,
    loads={"asha": 7},
    rulebook_version="r1",
    model_version="m1",
    jobs=(*EMPTY.jobs, JobStatus(name="work", failed_at=NOW, error="not told")),
    writebacks={"done": 1},
    inquiries={"received": 1},
)


def look() -> tuple[LedgerStatus, Health]:
    return STATUS, health(STATUS, SETTINGS, NOW, lambda _: False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def scraped(metrics: Metrics) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    port = free_port()
    with (
        serving(metrics, "127.0.0.1", port),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer,
    ):
        text = answer.read().decode()
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_figures_of_the_ledger_and_of_jobs() -> None:
    made = Metrics(look, "1.2", lambda: ("work",))
    made.observe("work", 1.5, True)
    made.observe("work", 0.5, False)
    found = scraped(made)
    assert found["triage_up"] == {(): 1}
    assert found["triage_messages"] == {(("state", "new"),): 2, (("state", "read"),): 5}
    assert found["triage_info"] == {(("model", "m1"), ("rules", "r1"), ("version", "1.2")): 1}
    assert found["triage_unassigned"] == {(): 4}
    assert found["triage_source_lag_seconds"] == {(("source", "imap:main"),): 60}
    assert found["triage_job_failure_timestamp_seconds"] == {(("job", "work"),): NOW.timestamp()}
    job = (("job", "work"),)
    assert (found["triage_job_seconds_sum"][job], found["triage_job_seconds_count"][job]) == (2.0, 2)
    assert found["triage_job_failures_total"][job] == 1
    assert found["triage_lanes_hanging"] == {(): 1}
    assert "asha" not in repr(found), "who has how much is nobody's business here"


def test_each_metric_that_is_told_is_described_and_documented() -> None:
    made = Metrics(look, "1.2")
    made.observe("work", 1.5, True)
    told = {re.sub(r"_(sum|count|total|created)$", "", name) for name in scraped(made)}
    assert told == {one.name for one in METRICS}
    rows = re.findall(
        r"^\| `(triage_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$",
        DOCUMENT.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    wanted = [
        (one.name, one.kind, ", ".join(f"`{label}`" for label in one.labels) or "-", one.words)
        for one in METRICS
    ]
    assert rows == wanted


def test_a_ledger_that_cannot_be_read_is_told() -> None:
    def broken() -> tuple[LedgerStatus, Health]:
        raise LedgerError("locked")

    found = scraped(Metrics(broken, "1.2"))
    assert found["triage_up"] == {(): 0}
    assert "triage_messages" not in found


def test_many_scrapes_are_one_look() -> None:
    looks: list[int] = []

    def counted() -> tuple[LedgerStatus, Health]:
        looks.append(1)
        return look()

    now = [0.0]
    made = Metrics(counted, "1.2", tick=lambda: now[0])
    for _ in range(5):
        list(made.collect())
    assert len(looks) == 1
    now[0] += 11
    list(made.collect())
    assert len(looks) == 2


def test_it_answers_while_the_work_is_busy() -> None:
    go_on = threading.Event()
    busy = threading.Thread(target=go_on.wait)
    busy.start()
    assert scraped(Metrics(look, "1.2"))["triage_up"] == {(): 1}
    go_on.set()
    busy.join()


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = int(door.getsockname()[1])
        with (
            pytest.raises(UsageError, match=f"127.0.0.1:{port}: .*; name another port"),
            serving(Metrics(look, "1.2"), "127.0.0.1", port),
        ):
            pass
