"""Digests: one mail a day for each liaison who has something to do, one a week for the committee."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.digest.daily import render_daily
from pipeline.digest.message import compose
from pipeline.digest.render import Rendered
from pipeline.digest.weekly import render_weekly
from pipeline.records.messages import Address
from pipeline.records.work import (
    DailyDigest,
    Entry,
    Load,
    OutgoingMail,
    WeeklySummary,
    Window,
)
from pipeline.routing.policy import Liaison, Policy
from pipeline.service import periods
from pipeline.service.ports import Ledger
from pipeline.service.register import recognised
from pipeline.settings import Settings

_TREND_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Digester:
    """Makes digests from the ledger.

    Parameters
    ----------
    ledger, policy, settings
        Where the inquiries are, who the liaisons are, when and for whom digests are made.
    """

    ledger: Ledger
    policy: Policy
    settings: Settings

    def queue_due(self, now: datetime) -> int:
        """Queue every digest whose hour has struck and that was not queued yet; return how many.

        None where no mail server is configured: they could not leave.
        """
        if self.settings.smtp is None:
            return 0
        return self.queue_daily(now) + self.queue_weekly(now)

    def queue_daily(self, now: datetime) -> int:
        """Queue the newest due digest of each liaison who has open inquiries; return how many are new."""
        queued = 0
        for liaison, digest in self.daily(now):
            if not self.ledger.outbox.holds(liaison.address, "daily", digest.window.period):
                rendered = self.render_daily(liaison, digest)
                queued += self._queue(rendered, digest.recipient, "daily", digest.window.period, now)
        return queued

    def queue_weekly(self, now: datetime) -> int:
        """Queue the newest due summary for the committee; return how many mails are new."""
        window = self.due_week(now)
        waiting = [
            address
            for address in self.settings.committee.addresses
            if not self.ledger.outbox.holds(address, "weekly", window.period)
        ]
        if not waiting:
            return 0
        summary = self.weekly(window, now)
        if _is_blank(summary):
            return 0
        rendered = self.render_weekly(summary)
        recipients = (Address(address=address) for address in waiting)
        return sum(self._queue(rendered, to, "weekly", window.period, now) for to in recipients)

    def due_week(self, now: datetime) -> Window:
        """Return the week whose summary is due."""
        schedule = self.settings.schedule
        struck = periods.last_struck(now, schedule.weekly, schedule.timezone, schedule.weekly_day)
        return periods.week_before(struck, schedule.timezone)

    def daily(self, now: datetime) -> tuple[tuple[Liaison, DailyDigest], ...]:
        """Return the digest of each liaison who has something to do, for the day that it is due there."""
        entries = recognised(self.ledger.organisations, self.ledger.inquiries.open())
        digests = []
        for liaison in self.policy.liaisons:
            mine = [entry for entry in entries if entry.liaison == liaison.id]
            if mine:
                struck = periods.last_struck(now, self.settings.schedule.daily, liaison.timezone)
                digests.append(
                    (liaison, self._digest(liaison, mine, periods.day(struck, liaison.timezone), now))
                )
        return tuple(digests)

    def render_weekly(self, summary: WeeklySummary) -> Rendered:
        """Return the committee's summary as people see it."""
        return render_weekly(summary, timezone=self.settings.schedule.timezone)

    def render_daily(self, liaison: Liaison, digest: DailyDigest) -> Rendered:
        """Return one liaison's digest as people see it."""
        return render_daily(digest, name=liaison.name, timezone=liaison.timezone)

    def weekly(self, window: Window, now: datetime) -> WeeklySummary:
        """Return the summary of one week."""
        zone = self.settings.schedule.timezone
        status = self.ledger.reports.status(now)
        entries = self._named(self.ledger.inquiries.open())
        return WeeklySummary(
            recipients=tuple(Address(address=address) for address in self.settings.committee.addresses),
            window=window,
            received=self._named(self.ledger.inquiries.received(window)),
            open=entries,
            trend=self.ledger.reports.trend(periods.weeks_until(window, _TREND_WEEKS, zone)),
            loads=tuple(_load(liaison, entries, now) for liaison in self.policy.liaisons),
            set_aside=len(status.set_aside),
            rulebook_version=status.rulebook_version,
            model_version=status.model_version,
        )

    def _named(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return `entries` with the names of liaisons instead of their ids."""
        names = {liaison.id: liaison.name for liaison in self.policy.liaisons}
        return tuple(
            replace(entry, liaison=names.get(entry.liaison, entry.liaison)) if entry.liaison else entry
            for entry in entries
        )

    def _digest(self, liaison: Liaison, mine: list[Entry], window: Window, now: datetime) -> DailyDigest:
        last = self.ledger.outbox.last(liaison.address, "daily")
        late = [entry for entry in mine if entry.is_overdue(now)]
        rest = [entry for entry in mine if entry not in late]
        new = [entry for entry in rest if last is None or entry.decision.decided_at > last]
        return DailyDigest(
            recipient=Address(name=liaison.name, address=liaison.address),
            window=window,
            overdue=tuple(late),
            new=tuple(new),
            waiting=tuple(entry for entry in rest if entry not in new),
        )

    def _queue(self, rendered: Rendered, to: Address, purpose: str, period: str, now: datetime) -> int:
        smtp = self.settings.smtp
        if smtp is None:
            return 0
        message_id = _message_id(to.address, purpose, period, smtp.from_address)
        sender = Address(name=smtp.from_name, address=smtp.from_address)
        octets = compose(rendered, sender=sender, recipient=to, message_id=message_id, date=now)
        mail = OutgoingMail(
            recipient=to.address, purpose=purpose, period=period, message_id=message_id, octets=octets
        )
        return int(self.ledger.outbox.queue(mail, now))


def _is_blank(summary: WeeklySummary) -> bool:
    """Tell whether nothing ever came: a desk that was set up today has no past week."""
    weeks = sum(week.assigned + week.review + week.filed for week in summary.trend)
    return not (weeks or summary.open or summary.set_aside)


def _load(liaison: Liaison, entries: tuple[Entry, ...], now: datetime) -> Load:
    mine = [entry for entry in entries if entry.liaison == liaison.name]
    return Load(
        name=liaison.name,
        open=len(mine),
        overdue=sum(entry.is_overdue(now) for entry in mine),
        capacity=liaison.capacity,
    )


def _message_id(recipient: str, purpose: str, period: str, sender: str) -> str:
    """Return the same Message-ID whenever the same digest is made again."""
    digest = hashlib.sha256(f"{purpose}\n{period}\n{recipient}".encode()).hexdigest()[:24]
    return f"<{purpose}.{period}.{digest}@{sender.rpartition('@')[2]}>"
