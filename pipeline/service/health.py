"""Is all well? From the ledger and the settings alone, so that it can be told whether the service runs or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.records.jobs import SERVICE, Job, JobKind, JobStatus, job_name
from pipeline.records.status import AccountHealth, Health, LedgerStatus, NextRun, ServiceState
from pipeline.service import periods
from pipeline.service.jobs import declared, sources

if TYPE_CHECKING:
    from pipeline.routing.policy import Liaison
    from pipeline.settings import Settings

# A service gives a sign of life each minute.
_SILENT = timedelta(minutes=5)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

IsGone = Callable[[str], bool]
"""Tells of a holder whether it is certain that its process has ended."""


def health(
    status: LedgerStatus,
    settings: Settings,
    now: datetime,
    is_gone: IsGone,
    desks: Sequence[Liaison] = (),
) -> Health:
    """Return how the service fares.

    Parameters
    ----------
    status
        What the ledger holds.
    desks
        Who gets digests, to tell when the next ones are due.
    """
    known = {job.name: job for job in status.jobs}
    service = known.get(SERVICE, JobStatus(name=SERVICE))
    state = _state(service, now, is_gone)
    accounts = tuple(_account(name, status, known, now) for name in sources(settings))
    return Health(
        service=state,
        since=service.began_at,
        alive_at=service.succeeded_at,
        accounts=accounts,
        next_runs=_next_runs(settings, known, now, desks, runs=state is ServiceState.RUNNING),
        troubles=(
            *_service_troubles(state, service, now),
            *_account_troubles(accounts, settings),
            *_job_troubles(known, settings, now),
            *_queue_troubles(status, settings, now),
        ),
    )


def late_after(settings: Settings) -> timedelta:
    """Return how long a source or job may be without success."""
    minutes = settings.service.late_minutes or max(60, 3 * settings.schedule.poll_minutes)
    return timedelta(minutes=minutes)


def words(span: timedelta) -> str:
    """Return a span of time in words."""
    if span < 2 * _HOUR:
        return f"{span // _MINUTE} min"
    return f"{span // _HOUR} h" if span < 2 * _DAY else f"{span // _DAY} days"


def _state(service: JobStatus, now: datetime, is_gone: IsGone) -> ServiceState:
    if service.began_at is None:
        return ServiceState.NEVER
    if not service.holder:
        return ServiceState.STOPPED
    if is_gone(service.holder):
        return ServiceState.DEAD
    last = max(service.began_at, service.succeeded_at or service.began_at)
    return ServiceState.SILENT if now - last > _SILENT else ServiceState.RUNNING


def _account(name: str, status: LedgerStatus, known: dict[str, JobStatus], now: datetime) -> AccountHealth:
    job = known.get(job_name(JobKind.POLL, name), JobStatus(name=name))
    # A ledger of an earlier program knows of mailboxes alone.
    looked = [one.checked_at for one in status.sources if one.source == name]
    succeeded = job.succeeded_at or (max(looked) if looked and job.began_at is None else None)
    return AccountHealth(
        name=name,
        succeeded_at=succeeded,
        failed_at=job.failed_at,
        lag_seconds=(now - succeeded).total_seconds() if succeeded else None,
        error=job.error if job.is_failing else "",
        waiting=_of(status.waiting, name),
        messages=_of(status.seen, name),
    )


def _of(counts: Mapping[str, int], name: str) -> int:
    """Return the figure of a source; sightings call it by the name of its account."""
    return counts.get(name.partition(":")[2], 0)


def _next_runs(
    settings: Settings,
    known: dict[str, JobStatus],
    now: datetime,
    desks: Sequence[Liaison],
    *,
    runs: bool,
) -> tuple[NextRun, ...]:
    found = [
        NextRun(name=job.name, at=_next(job, known, now) if runs else None) for job in declared(settings)
    ]
    if settings.smtp is not None:
        found += _digests(settings, now, desks)
    return tuple(sorted(found, key=lambda run: (run.at or now, run.name)))


def _next(job: Job, known: dict[str, JobStatus], now: datetime) -> datetime:
    then = known[job.name].next_after(job.minutes) if job.name in known else None
    return max(then or now, now)


def _digests(settings: Settings, now: datetime, desks: Sequence[Liaison]) -> Iterator[NextRun]:
    schedule = settings.schedule
    strikes = [
        periods.next_strike(now, desk.digest_at or (schedule.daily,), desk.timezone, desk.digest_days)
        for desk in desks
    ]
    if strikes:
        yield NextRun(name="daily digests", at=min(strikes))
    if settings.committee.addresses:
        at = periods.next_strike(now, (schedule.weekly,), schedule.timezone, (schedule.weekly_day,))
        yield NextRun(name="weekly summary", at=at)


def _service_troubles(state: ServiceState, service: JobStatus, now: datetime) -> Iterator[str]:
    if state is ServiceState.DEAD:
        yield "service: its process has ended without being told to; start it again"
    if state is ServiceState.SILENT:
        last = service.succeeded_at or service.began_at or now
        yield f"service: no sign of life for {words(now - last)}; look at its log, and start it again"


def _account_troubles(accounts: Sequence[AccountHealth], settings: Settings) -> Iterator[str]:
    late = late_after(settings)
    for account in accounts:
        why = f": {account.error}" if account.error else ""
        if account.lag_seconds is None:
            yield f"{account.name}: never read to the end{why or '; start the service: triage run'}"
        elif account.lag_seconds > late.total_seconds():
            lag = words(timedelta(seconds=account.lag_seconds))
            yield f"{account.name}: not read for {lag}{why or '; is the service running?'}"


def _job_troubles(known: dict[str, JobStatus], settings: Settings, now: datetime) -> Iterator[str]:
    late = late_after(settings)
    for plan in declared(settings):
        job = known.get(plan.name)
        if plan.kind is JobKind.POLL or job is None or not job.is_failing:
            continue
        since = job.succeeded_at
        if since is None or now - since > late:
            long = f"for {words(now - since)}" if since else "from the beginning"
            yield f"{plan.name}: fails {long}: {job.error}"


def _queue_troubles(status: LedgerStatus, settings: Settings, now: datetime) -> Iterator[str]:
    limit = timedelta(minutes=settings.service.outbox_minutes)
    if status.queued_since and now - status.queued_since > limit:
        count = status.outbox.get("queued", 0)
        yield f"outbox: {count} wait, the oldest for {words(now - status.queued_since)}; try: triage check"
    if status.failed_lately:
        yield f"outbox: {status.failed_lately} given up in the last week; see: triage outbox list"
    if status.untold_since and now - status.untold_since > limit:
        count = status.writebacks.get("queued", 0)
        yield f"write-backs: {count} wait, the oldest for {words(now - status.untold_since)}; try: triage otrs check"
    if status.writebacks.get("failed"):
        yield f"write-backs: {status.writebacks['failed']} given up; see: triage writebacks list"
    if status.set_aside:
        yield f"set aside: {len(status.set_aside)} messages that a step failed on; see: triage set-aside list"
    waited = now - (status.unassigned_since or now)
    if waited > timedelta(hours=settings.service.unassigned_hours):
        yield f"unassigned: {status.unassigned} inquiries, the oldest for {words(waited)}; see: triage routes"
