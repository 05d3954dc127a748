"""`triage run` while it stays up: the lanes, those who listen, signals, systemd, metrics and the log, put together."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from pipeline.cli.signals import ENDING, Signals
from pipeline.errors import TriageError
from pipeline.records.jobs import SERVICE
from pipeline.records.logs import Level, LogEntry
from pipeline.service.telling import Tell, entry, failure, problem

if TYPE_CHECKING:
    from pipeline.adapters.metrics import Metrics
    from pipeline.adapters.scheduler import Scheduler
    from pipeline.adapters.systemd import Notifier
    from pipeline.records.status import Health, LedgerStatus
    from pipeline.service.lanes import Lanes
    from pipeline.service.listening import Post
    from pipeline.service.pulse import Pulse
    from pipeline.service.rounds import Desk
    from pipeline.service.rules import Renewing
    from pipeline.settings import Settings

# How often lanes and the clock are looked at, in seconds; the watchdog may want more.
_LOOK_SECONDS = 10.0


def stay(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the steps that are under way then are finished first."""
    from pipeline.adapters.systemd import Notifier
    from pipeline.cli.logs import logging_to, writer

    notifier, told = Notifier(), _Told(writer(settings.service))
    with Signals() as signals, logging_to(told):
        try:
            well = _kept_up(settings, notifier, told, signals)
        except TriageError as error:
            if sys.stderr.isatty():  # who looks on may read all of it
                raise
            for line in str(error).splitlines():
                told(problem("not started", line, level=Level.ERROR))
            raise typer.Exit(error.exit_status) from None
        except Exception as error:  # noqa: BLE001 - a traceback may hold a piece of a mail
            told(failure("crashed", SERVICE, error))
            raise typer.Exit(1) from None
    if not well:
        told(entry("given up", "steps that did not end were left; nothing is lost", level=Level.WARNING))
        sys.stderr.flush()
        os._exit(0)  # threads that hang would be waited for


def _kept_up(settings: Settings, notifier: Notifier, told: _Told, signals: Signals) -> bool:
    """Keep the service up; return whether all its threads ended."""
    from pipeline.adapters.drawing.charts import draw
    from pipeline.wiring import correspondence, desk, listeners

    stop, ended = threading.Event(), True
    opened = desk(settings, pause=stop.wait)
    try:
        ready = replace(opened, correspondence=correspondence(settings, keep=True), draw=draw)
        with _made(ready, notifier, told, stop) as service:
            posts = listeners(settings, stop.wait)
            told(entry("running", _greeting(settings), {"pid": os.getpid()}))
            ended = service.run(signals, posts)
        return ended
    finally:
        if ended:  # who still works there would be waited for
            opened.close()


def _greeting(settings: Settings) -> str:
    minutes = settings.schedule.poll_minutes
    return f"running; polling every {minutes} min; end with Ctrl-C or SIGTERM"


class _Told:
    """Passes entries on, and counts what they tell of."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._counts: Counter[str] = Counter()

    def __call__(self, told: LogEntry) -> None:
        self._tell(told)
        if told.event == "polled":
            self._counts["new"] += int(told.fields["stored"])
        elif told.event in {"tagged", "delivered"}:
            self._counts[told.event] += sum(int(one) for one in told.fields.values())

    def summary(self) -> str:
        """Return what was done since the start, in words."""
        counts = self._counts
        return f"{counts['new']} new, {counts['tagged']} decided, {counts['delivered']} mails since the start"


@contextmanager
def _made(desk: Desk, notifier: Notifier, told: _Told, stop: threading.Event) -> Iterator[_Service]:
    """Put the service together, and note in the ledger that it is there, until the end of the block."""
    from pipeline.adapters.scheduler import Scheduler
    from pipeline.service.lanes import Lanes
    from pipeline.service.pulse import Pulse
    from pipeline.wiring import renewing

    settings = desk.settings
    pulse = Pulse(settings.service.stalled_minutes * 60)
    metrics = _metrics(desk, pulse)
    scheduler = Scheduler(
        settings.schedule.timezone,
        on_failure=lambda name, error: told(failure("failed", name, error)),
    )
    renew = renewing(
        settings,
        lambda line: told(problem("rules", line, level=Level.INFO)),
        lambda line: told(problem("rules", line)),
    )
    lanes = Lanes(desk, scheduler, stop, told, renew, pulse, metrics.observe)
    with _served(metrics, settings):
        jobs = desk.ledger.jobs
        jobs.began(SERVICE, desk.clock())
        try:
            yield _Service(desk, lanes, scheduler, renew, pulse, notifier, told, stop)
        finally:
            jobs.left(SERVICE)


def _metrics(desk: Desk, pulse: Pulse) -> Metrics:
    from pipeline import __version__
    from pipeline.adapters.metrics import Metrics
    from pipeline.service.health import health

    def look() -> tuple[LedgerStatus, Health]:
        now = desk.clock()
        status = desk.ledger.reports.status(now)
        return status, health(status, desk.settings, now, desk.ledger.jobs.is_gone)

    return Metrics(look, __version__, pulse.hanging)


@contextmanager
def _served(metrics: Metrics, settings: Settings) -> Iterator[None]:
    port = settings.service.metrics_port
    if port is None:
        yield
        return
    from pipeline.adapters.metrics import serving

    with serving(metrics, settings.service.metrics_host, port):
        yield


class _Service:
    """The service, put together."""

    def __init__(
        self,
        desk: Desk,
        lanes: Lanes,
        scheduler: Scheduler,
        renew: Renewing,
        pulse: Pulse,
        notifier: Notifier,
        told: _Told,
        stop: threading.Event,
    ) -> None:
        self._desk = desk
        self._lanes = lanes
        self._scheduler = scheduler
        self._renew = renew
        self._pulse = pulse
        self._notifier = notifier
        self._told = told
        self._stop = stop
        self._hanging: tuple[str, ...] = ()
        self._reloading = threading.Lock()

    def run(self, signals: Signals, posts: tuple[Post, ...]) -> bool:
        """Work until a signal ends it; return whether all threads ended."""
        from pipeline.service.listening import listening

        self._lanes.schedule()
        self._pulse.expect(SERVICE, 60)
        self._scheduler.every(1, self._alive, SERVICE, lane=SERVICE)

        def tell(line: str) -> None:
            self._told(problem("not listening", line))

        with listening(posts, self._lanes.news, self._stop, tell):
            self._notifier.ready(self._told.summary())
            return self._scheduler.run(
                self._stop,
                leaving=self._leave,
                waiting=lambda: self._wait(signals),
                seconds=self._desk.settings.service.stop_seconds,
            )

    def _wait(self, signals: Signals) -> None:
        """Look after everything until a signal ends the service."""
        wanted = self._notifier.watchdog_seconds
        pause = min(_LOOK_SECONDS, wanted / 3) if wanted else _LOOK_SECONDS
        while True:
            self._look()
            for number in signals.wait(pause):
                if number in ENDING:
                    return
                threading.Thread(target=self._reload, name="reload", daemon=True).start()

    def _look(self) -> None:
        if self._scheduler.look_at_clock():
            self._told(entry("clock set", "the clock was set; everything is looked at now"))
        hanging = self._pulse.hanging()
        if hanging and hanging != self._hanging:
            line = f"no sign of life for long: {', '.join(hanging)}; the watchdog is told nothing"
            self._told(entry("hanging", line, {"lanes": ", ".join(hanging)}, Level.ERROR))
        self._hanging = hanging
        if not hanging:
            self._notifier.alive()
        self._notifier.status(f"hanging: {', '.join(hanging)}" if hanging else self._told.summary())

    def _reload(self) -> None:
        """Read rules, liaisons, model, words, answers and secrets again; a second signal meanwhile waits its turn."""
        with self._reloading:
            self._notifier.reloading()
            if self._renew.reload(self._lanes.desk):
                self._lanes.renewed()
            self._notifier.ready(self._told.summary())

    def _leave(self) -> None:
        self._notifier.stopping()
        self._told(entry("stopping", "ending; what is under way is finished first", level=Level.DEBUG))
        self._lanes.interrupt()

    def _alive(self) -> None:
        self._pulse.beat(SERVICE)
        self._desk.ledger.jobs.alive(SERVICE, self._desk.clock())
        self._pulse.ended(SERVICE)
