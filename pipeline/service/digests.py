"""Digests: one mail a day for each liaison who has something to do, one a week for the committee."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipeline.digest import charts
from pipeline.digest.alert import render_alert
from pipeline.digest.daily import render_daily
from pipeline.digest.message import thread_fields
from pipeline.digest.render import Rendered
from pipeline.digest.weekly import Draw
from pipeline.faultpoints import reach
from pipeline.records.messages import Address
from pipeline.records.work import DailyDigest, Entry, Window
from pipeline.routing.policy import Liaison, Policy
from pipeline.service import periods
from pipeline.service.dailies import Dailies, Offering, is_empty
from pipeline.service.outgoing import message_id, outgoing
from pipeline.service.ports import Ledger
from pipeline.service.weekly import Drift, Weekly, no_drift
from pipeline.settings import Settings, Smtp


@dataclass(frozen=True, slots=True, kw_only=True)
class Digester:
    """Makes digests from the ledger.

    Parameters
    ----------
    ledger, policy, settings
        Where the inquiries are, who the liaisons are, when and for whom digests are made.
    drift
        Gives the warnings of the weekly summary.
    offers
        What liaisons may do by mail; None where nobody can answer.
    draw
        Draws the charts of the weekly summary.
    """

    ledger: Ledger
    policy: Policy
    settings: Settings
    drift: Drift = no_drift
    offers: Offering | None = None
    draw: Draw = charts.draw

    def queue_due(self, now: datetime) -> int:
        """Queue every digest whose hour has struck and that was not queued yet; return how many.

        None where no mail server is configured: they could not leave.
        """
        if self.settings.smtp is None:
            return 0
        return self.queue_daily(now, asked=False) + self.queue_weekly(now)

    def queue_daily(self, now: datetime, *, asked: bool = True) -> int:
        """Queue the newest due digest of each liaison who has something to do; return how many are new.

        Parameters
        ----------
        asked
            Whether a person wants them now. Otherwise who had nothing to do at the hour of the digest gets none before
            the next one, whatever comes meanwhile.
        """
        dailies = self._dailies()
        due = [one for one in dailies.due(now) if asked or not self._is_made(*one)]
        return sum(self._queue_one(desk, digest, now, asked) for desk, digest in dailies.digests(due, now))

    def _is_made(self, desk: Liaison, window: Window) -> bool:
        return self.ledger.outbox.holds(desk.address, "daily", window.period)

    def _queue_one(self, desk: Liaison, digest: DailyDigest, now: datetime, asked: bool) -> int:
        if is_empty(digest):
            if not asked:
                self.ledger.outbox.pass_over(desk.address, "daily", digest.window.period, now)
            return 0
        return self._queue_mail(self.render_daily(desk, digest), digest, "daily", now)

    def queue_weekly(self, now: datetime) -> int:
        """Queue the newest due summary for the committee; return how many mails are new."""
        return self.weekly.queue(now, self._queue)

    def queue_alert(self, desk: Liaison, entry: Entry, left: int, now: datetime) -> int:
        """Queue the mail that tells of an urgent inquiry ahead of the digest; return 1 if it is new, else 0.

        Parameters
        ----------
        left
            How many more alerts the liaison may get today.
        """
        window = periods.day(_today(desk, now), desk.timezone)
        digest = DailyDigest(
            recipient=Address(name=desk.name, address=desk.address),
            window=window,
            new=(entry,),
            locale=desk.locale,
        )
        if self.offers:
            digest = self.offers.attach(digest, desk, now)
        rendered = render_alert(digest, name=desk.name, timezone=desk.timezone, left=left)
        return self._queue_mail(rendered, digest, "alert", now, entry.key)

    @property
    def weekly(self) -> Weekly:
        """What makes the committee's summary."""
        return Weekly(
            ledger=self.ledger,
            policy=self.policy,
            settings=self.settings,
            drift=self.drift,
            draw=self.draw,
        )

    def daily(self, now: datetime, who: str | None = None) -> tuple[tuple[Liaison, DailyDigest], ...]:
        """Return the digest of each liaison who has something to do, for the day that it is due there.

        With `who`, the id of a liaison, theirs alone, and be it empty.
        """
        dailies = self._dailies()
        due = [(desk, window) for desk, window in dailies.due(now) if who in (None, desk.id)]
        made = dailies.digests(due, now)
        return tuple((desk, digest) for desk, digest in made if who is not None or not is_empty(digest))

    def _dailies(self) -> Dailies:
        schedule = self.settings.schedule
        return Dailies(ledger=self.ledger, policy=self.policy, schedule=schedule, offers=self.offers)

    def render_daily(self, liaison: Liaison, digest: DailyDigest) -> Rendered:
        """Return one liaison's digest as people see it."""
        return render_daily(digest, name=liaison.name, timezone=liaison.timezone)

    def _queue_mail(
        self, rendered: Rendered, digest: DailyDigest, purpose: str, now: datetime, period: str | None = None
    ) -> int:
        """Queue a mail to a liaison; all of a week stand in one thread."""
        smtp = self.settings.smtp
        if smtp is None:
            return 0
        week = digest.window.start + (digest.window.end - digest.window.start) / 2
        year, number, _ = week.isocalendar()
        thread = _message_id(smtp, digest.recipient.address, "week", f"{year}-W{number:02}")
        headers = thread_fields(thread, digest.reply_to, digest.locale)
        return self._queue(rendered, digest.recipient, purpose, period or digest.window.period, now, headers)

    def _queue(
        self,
        rendered: Rendered,
        to: Address,
        purpose: str,
        period: str,
        now: datetime,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        smtp = self.settings.smtp
        if smtp is None:
            return 0
        mail = outgoing(
            rendered,
            smtp,
            to,
            purpose=purpose,
            period=period,
            message_id=_message_id(smtp, to.address, purpose, period),
            now=now,
            headers=headers,
        )
        reach("digest.made")
        queued = self.ledger.outbox.queue(mail, now)
        reach("digest.queued")
        return int(queued)


def _today(desk: Liaison, now: datetime) -> date:
    return now.astimezone(ZoneInfo(desk.timezone)).date()


def _message_id(smtp: Smtp, recipient: str, purpose: str, period: str) -> str:
    """Return the same Message-ID whenever the same digest is made again."""
    digest = hashlib.sha256(f"{purpose}\n{period}\n{recipient}".encode()).hexdigest()[:24]
    return message_id(smtp, purpose, period, digest)
