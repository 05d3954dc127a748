"""Metrics for Prometheus on a local port: figures and ages of what the ledger holds, and how long jobs take.

Labels are names of accounts, jobs, states and dispositions, which settings and program bound; nothing of people is told.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.errors import TriageError, UsageError
from pipeline.records.jobs import SERVICE
from pipeline.records.status import Health, LedgerStatus

if TYPE_CHECKING:
    from prometheus_client import Metric

# Of a large ledger a look takes up to a second; who asks more often gets the last one.
_KEPT_SECONDS = 10.0
Look = Callable[[], tuple[LedgerStatus, Health]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A metric as it is documented.

    Parameters
    ----------
    name
        Without the ``_total`` of counters, and the ``_sum`` and ``_count`` of summaries.
    kind
        ``gauge``, ``counter`` or ``summary``.
    labels
        Names of its labels.
    words
        What it is.
    """

    name: str
    kind: str
    words: str
    labels: tuple[str, ...] = ()


METRICS = (
    Described(name="triage_up", kind="gauge", words="1 if the ledger could be read for this answer, else 0"),
    Described(
        name="triage_info",
        kind="gauge",
        labels=("version", "rules", "model"),
        words="1; which program runs, and rules and model of the newest decision",
    ),
    Described(name="triage_troubles", kind="gauge", words="what `triage status` calls trouble"),
    Described(name="triage_messages", kind="gauge", labels=("state",), words="messages; `new` ones wait"),
    Described(name="triage_inquiries", kind="gauge", labels=("state",), words="inquiries"),
    Described(name="triage_decisions", kind="gauge", labels=("disposition",), words="decisions"),
    Described(name="triage_set_aside", kind="gauge", words="messages that a step failed on"),
    Described(name="triage_unassigned", kind="gauge", words="open inquiries that nobody has"),
    Described(name="triage_overdue", kind="gauge", words="open inquiries whose answer is late"),
    Described(name="triage_outbox", kind="gauge", labels=("state",), words="mails and pages going out"),
    Described(
        name="triage_outbox_oldest_seconds",
        kind="gauge",
        words="how long the oldest of them waits; 0 if none does",
    ),
    Described(name="triage_writebacks", kind="gauge", labels=("state",), words="what help desks are told"),
    Described(
        name="triage_source_lag_seconds",
        kind="gauge",
        labels=("source",),
        words="since the source was last read to the end; absent if it never was",
    ),
    Described(
        name="triage_source_waiting",
        kind="gauge",
        labels=("source",),
        words="messages from there that wait to be decided",
    ),
    Described(
        name="triage_job_success_timestamp_seconds",
        kind="gauge",
        labels=("job",),
        words="when the job last ended well, in Unix time",
    ),
    Described(
        name="triage_job_failure_timestamp_seconds",
        kind="gauge",
        labels=("job",),
        words="when the job last failed, in Unix time",
    ),
    Described(
        name="triage_job_seconds",
        kind="summary",
        labels=("job",),
        words="how long runs of the job took since the service began, and how many there were",
    ),
    Described(
        name="triage_job_failures",
        kind="counter",
        labels=("job",),
        words="runs that failed since the service began",
    ),
    Described(name="triage_lanes_hanging", kind="gauge", words="lanes without a sign of life"),
)
_BY_NAME = {one.name: one for one in METRICS}


class Metrics:
    """What the endpoint answers.

    Parameters
    ----------
    look
        Returns what the ledger holds and how the service fares.
    version
        Of the program.
    hanging
        Returns the lanes that hang.
    tick
        Seconds of a clock that is never set.
    """

    def __init__(
        self,
        look: Look,
        version: str,
        hanging: Callable[[], tuple[str, ...]] = tuple,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look = look
        self._version = version
        self._hanging = hanging
        self._tick = tick
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._seconds: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        self._failures: dict[str, int] = defaultdict(int)
        self._last: tuple[float, tuple[LedgerStatus, Health]] | None = None

    def observe(self, job: str, seconds: float, well: bool) -> None:
        """Note how long a run of `job` took, and whether it went well."""
        with self._lock:
            count, total = self._seconds[job]
            self._seconds[job] = count + 1, total + seconds
            self._failures[job] += not well

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics as they are now; prometheus_client calls it."""
        try:
            status, health = self._looked()
        except TriageError:
            yield _gauge("triage_up", {(): 0})
        else:
            yield _gauge("triage_up", {(): 1})
            yield from _of_ledger(status, health, self._version)
        yield from self._of_jobs()

    def _looked(self) -> tuple[LedgerStatus, Health]:
        with self._looking:
            if self._last is None or self._tick() - self._last[0] > _KEPT_SECONDS:
                self._last = self._tick(), self._look()
            return self._last[1]

    def _of_jobs(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, SummaryMetricFamily

        with self._lock:
            seconds, failures = dict(self._seconds), dict(self._failures)
        took, failed = _BY_NAME["triage_job_seconds"], _BY_NAME["triage_job_failures"]
        summary = SummaryMetricFamily(took.name, took.words, labels=took.labels)
        for job, (count, total) in sorted(seconds.items()):
            summary.add_metric([job], count_value=count, sum_value=total)
        counter = CounterMetricFamily(failed.name, failed.words, labels=failed.labels)
        for job, number in sorted(failures.items()):
            counter.add_metric([job], number)
        yield summary
        yield counter
        yield _gauge("triage_lanes_hanging", {(): len(self._hanging())})


def _of_ledger(status: LedgerStatus, health: Health, version: str) -> Iterator[Metric]:
    info = (version, status.rulebook_version, status.model_version)
    yield _gauge("triage_info", {info: 1})
    for name, number in (
        ("triage_troubles", len(health.troubles)),
        ("triage_set_aside", len(status.set_aside)),
        ("triage_unassigned", status.unassigned),
        ("triage_overdue", status.overdue),
    ):
        yield _gauge(name, {(): number})
    for name, counts in (
        ("triage_messages", status.messages),
        ("triage_inquiries", status.inquiries),
        ("triage_decisions", status.dispositions),
        ("triage_outbox", status.outbox),
        ("triage_writebacks", status.writebacks),
    ):
        yield _gauge(name, {(state,): count for state, count in counts.items()})
    yield _gauge("triage_outbox_oldest_seconds", {(): _age(status.queued_since)})
    lags = {(one.name,): one.lag_seconds for one in health.accounts if one.lag_seconds is not None}
    yield _gauge("triage_source_lag_seconds", lags)
    yield _gauge("triage_source_waiting", {(one.name,): one.waiting for one in health.accounts})
    yield from _of_kept_jobs(status)


def _of_kept_jobs(status: LedgerStatus) -> Iterator[Metric]:
    jobs = [job for job in status.jobs if job.name != SERVICE]
    well = {(job.name,): job.succeeded_at.timestamp() for job in jobs if job.succeeded_at}
    badly = {(job.name,): job.failed_at.timestamp() for job in jobs if job.failed_at}
    yield _gauge("triage_job_success_timestamp_seconds", well)
    yield _gauge("triage_job_failure_timestamp_seconds", badly)


def _gauge(name: str, values: Mapping[Any, float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    described = _BY_NAME[name]
    made = GaugeMetricFamily(name, described.words, labels=described.labels or None)
    for labels, value in values.items():
        made.add_metric(list(labels), value)
    return made


def _age(since: datetime | None) -> float:
    return max(0.0, time.time() - since.timestamp()) if since else 0.0


@contextmanager
def serving(metrics: Metrics, host: str, port: int) -> Iterator[None]:
    """Serve `metrics` during the block, in threads of their own.

    Raises
    ------
    UsageError
        If the port is taken, or cannot be listened at.
    """
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Registered(metrics))
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise UsageError(
            f"service.metrics_port: nothing can be served at {host}:{port}: {error.strerror}; "
            "name another port, or end what listens there"
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Registered:
    """A collector that is asked at each scrape alone."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        return self._metrics.collect()

    def describe(self) -> tuple[Any, ...]:
        return ()
