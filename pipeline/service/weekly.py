"""The committee's weekly summary: of the week that is just over, or of any week before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from pipeline.digest import charts
from pipeline.digest.render import Rendered
from pipeline.digest.weekly import Draw, render_weekly
from pipeline.errors import UsageError
from pipeline.records.messages import Address
from pipeline.records.weeks import Load, Shortlist, Week, WeeklySummary
from pipeline.records.work import Entry, Window
from pipeline.routing.escalation import for_committee
from pipeline.routing.policy import Policy
from pipeline.service import periods
from pipeline.service.ports import Ledger
from pipeline.settings import Settings

TREND_WEEKS = 26
# Inquiries that a list names.
_LISTED = 25

Drift = Callable[[datetime], tuple[str, ...]]
"""Gives what is to be said of drift at a moment, a line each."""


class Post(Protocol):
    """Puts a rendered digest into the outbox."""

    def __call__(self, rendered: Rendered, to: Address, purpose: str, period: str, now: datetime) -> int:
        """Return 1 if it was new, else 0."""
        ...


def no_drift(_moment: datetime) -> tuple[str, ...]:
    """Warn of nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Makes the weekly summary from the ledger.

    Parameters
    ----------
    ledger, policy, settings
        Where the inquiries are, who the liaisons are, for whom, when and in which language the summary is made.
    drift
        Tells whether what came in until a moment is no longer what the model learnt from.
    draw
        Draws the charts.
    """

    ledger: Ledger
    policy: Policy
    settings: Settings
    drift: Drift = no_drift
    draw: Draw = charts.draw

    def due(self, now: datetime) -> Window:
        """Return the week whose summary is due."""
        schedule = self.settings.schedule
        struck = periods.last_struck(now, schedule.weekly, schedule.timezone, schedule.weekly_day)
        return periods.week_before(struck, schedule.timezone)

    def named(self, name: str, now: datetime) -> Window:
        """Return the week called `name`, such as 2026-W47.

        Raises
        ------
        UsageError
            If there is no such week, or it is not over.
        """
        zone = self.settings.schedule.timezone
        try:
            window = periods.week_named(name, zone)
        except (ValueError, OverflowError):
            raise UsageError(f"no such week: {name!r}; write one such as 2026-W47") from None
        if window.end > now:
            newest = periods.week_before(now.astimezone(ZoneInfo(zone)).date(), zone).period
            raise UsageError(f"week {window.period} is not over; take the newest that is: {newest}")
        return window

    def queue(self, now: datetime, post: Post) -> int:
        """Queue the newest due summary for those who have not got it; return how many mails are new."""
        window, outbox = self.due(now), self.ledger.outbox
        addresses = self.settings.committee.addresses
        waiting = [one for one in addresses if not outbox.holds(one, "weekly", window.period)]
        if not waiting:
            return 0
        summary = self.summary(window)
        if is_blank(summary):
            return 0
        rendered = self.render(summary)
        return sum(post(rendered, Address(address=one), "weekly", window.period, now) for one in waiting)

    def summary(self, window: Window) -> WeeklySummary:
        """Return the summary of a week, as of its end."""
        weeks = periods.weeks_until(window, TREND_WEEKS, self.settings.schedule.timezone)
        week = self._named(self.ledger.weeks.week(weeks, _LISTED), window.end)
        committee = self.settings.committee
        return WeeklySummary(
            recipients=tuple(Address(address=address) for address in committee.addresses),
            window=window,
            week=week,
            loads=self._loads(week),
            drift=self.drift(window.end),
            locale=committee.locale,
        )

    def render(self, summary: WeeklySummary) -> Rendered:
        """Return the summary as people see it."""
        return render_weekly(summary, timezone=self.settings.schedule.timezone, draw=self.draw)

    def _loads(self, week: Week) -> tuple[Load, ...]:
        """Return the load of each liaison, and of whoever else holds something."""
        held = {one[0]: one[1:] for one in week.loads}
        desks = self.policy.by_id
        gone = [name for name in held if name not in desks and held[name][0]]
        return tuple(
            Load(
                name=self.policy.name_of(one),
                capacity=desks[one].capacity if one in desks else 0,
                open=held.get(one, (0, 0, 0))[0],
                overdue=held.get(one, (0, 0, 0))[1],
                new=held.get(one, (0, 0, 0))[2],
            )
            for one in (*desks, *gone)
        )

    def _named(self, week: Week, end: datetime) -> Week:
        """Return `week`, over at `end`, as the committee reads it: with the names of liaisons instead of their ids."""
        return replace(
            week,
            overdue=self._with_names(week.overdue),
            homeless=self._with_names(week.homeless),
            escalated=self._with_names(self._so_late(week.escalated, end)),
            undecided=self._with_names(week.undecided),
            endorsements=self._with_names(week.endorsements),
            filed=self._with_names(week.filed),
        )

    def _so_late(self, escalated: Shortlist, now: datetime) -> Shortlist:
        """Return what is late for so long that the committee is told; the list begins with the longest late."""
        late = tuple(entry for entry in escalated.entries if for_committee(entry, self.policy, now))
        return escalated if len(late) == len(escalated.entries) else Shortlist(entries=late, total=len(late))

    def _with_names(self, shortlist: Shortlist) -> Shortlist:
        return replace(shortlist, entries=tuple(map(self._with_name, shortlist.entries)))

    def _with_name(self, entry: Entry) -> Entry:
        return replace(entry, liaison=self.policy.name_of(entry.liaison)) if entry.liaison else entry


def is_blank(summary: WeeklySummary) -> bool:
    """Tell whether nothing ever came: a desk that was set up today has no past week."""
    week = summary.week
    came = sum(one.assigned + one.review + one.filed for one in week.trend)
    return not (came or week.set_aside or any(load.open for load in summary.loads) or week.homeless.total)
