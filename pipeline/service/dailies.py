"""What each liaison's daily digest is for and what it holds; groups have one, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.records.messages import Address
from pipeline.records.work import DailyDigest, Entry, State, Window
from pipeline.routing.escalation import deputy_for
from pipeline.routing.policy import Liaison, Policy
from pipeline.service import periods
from pipeline.service.assignment import policy_now
from pipeline.service.ports import Ledger
from pipeline.service.register import recognised
from pipeline.settings import Schedule

_WEEK = timedelta(days=7)


class Offering(Protocol):
    """Adds to a digest what its reader may do by mail."""

    def attach(self, digest: DailyDigest, desk: Liaison, now: datetime) -> DailyDigest: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Dailies:
    """Makes daily digests from the ledger.

    Parameters
    ----------
    ledger, policy, schedule
        Where the inquiries are, who the liaisons are, and when digests are made.
    offers
        What readers may do by mail; None where nobody can answer.
    """

    ledger: Ledger
    policy: Policy
    schedule: Schedule
    offers: Offering | None = None

    def due(self, now: datetime) -> list[tuple[Liaison, Window]]:
        """Return whose digest is due for which day; nobody's who paused or is unreachable."""
        off = self.ledger.duties.current()
        return [(desk, self.window(desk, now)) for desk in self.policy.desks if not off.get(desk.id)]

    def digests(
        self, due: Sequence[tuple[Liaison, Window]], now: datetime
    ) -> Iterator[tuple[Liaison, DailyDigest]]:
        """Yield what is `due`, empty digests as well."""
        entries = recognised(self.ledger.organisations, self.ledger.inquiries.open()) if due else ()
        late = self._escalated(entries, now) if due else {}
        for desk, window in due:
            yield desk, self.digest(desk, entries, window, now, late.get(desk.id, ()))

    def window(self, desk: Liaison, now: datetime) -> Window:
        """Return the day whose digest is due; of several hours a day the first names it by the day alone."""
        clocks = desk.digest_at or (self.schedule.daily,)
        struck, clock = periods.last_strike(now, clocks, desk.timezone, desk.digest_days)
        day = periods.day(struck, desk.timezone)
        first = clock == min(clocks)
        return day if first else replace(day, period=f"{day.period}T{clock.replace(':', '')}")

    def digest(
        self,
        desk: Liaison,
        entries: Sequence[Entry],
        window: Window,
        now: datetime,
        escalated: Sequence[Entry] = (),
    ) -> DailyDigest:
        """Return what `desk` has to do among the open `entries`, and what is `escalated` to them."""
        last = self.ledger.outbox.last(desk.address, "daily")
        mine = [entry for entry in entries if entry.liaison == desk.id]
        late = [entry for entry in mine if entry.is_overdue(now)]
        rest = [entry for entry in mine if not entry.is_overdue(now)]
        digest = DailyDigest(
            recipient=Address(name=desk.name, address=desk.address),
            window=window,
            overdue=tuple(late),
            new=tuple(entry for entry in rest if _is_news(entry, last)),
            waiting=tuple(entry for entry in rest if not _is_news(entry, last)),
            escalated=tuple(self._with_name(entry) for entry in escalated),
            filed=self._put_away(desk, window, last),
            locale=desk.locale,
            made_at=now,
        )
        return self.offers.attach(digest, desk, now) if self.offers else digest

    def _escalated(self, entries: Sequence[Entry], now: datetime) -> dict[str, list[Entry]]:
        """Return the id of each deputy who is on duty to the late answers of others that they see."""
        serving = policy_now(self.policy, self.ledger.duties)
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.escalated_at is not None and entry.is_overdue(now):
                found.setdefault(deputy_for(entry, serving, now) or "", []).append(entry)
        return found

    def _with_name(self, entry: Entry) -> Entry:
        """Return `entry` with its liaison's name for the id."""
        return replace(entry, liaison=self.policy.name_of(entry.liaison)) if entry.liaison else entry

    def _put_away(self, desk: Liaison, window: Window, last: datetime | None) -> tuple[Entry, ...]:
        """Return what was filed in the week before the newest weekly day, unless `desk` has seen that list."""
        if desk.id not in self.policy.triage:
            return ()
        today = periods.last_struck(window.start, "00:00", desk.timezone)
        until = periods.day(periods.last_weekday(today, self.schedule.weekly_day), desk.timezone).start
        if last is not None and last >= until:
            return ()
        since = min(until - _WEEK, last or until)
        past = self.ledger.inquiries.received(Window(period="", start=since, end=until))
        return tuple(entry for entry in past if entry.state is State.FILED)


def is_empty(digest: DailyDigest) -> bool:
    """Tell whether there is nothing to say."""
    return not (digest.overdue or digest.new or digest.waiting or digest.escalated or digest.filed)


def _is_news(entry: Entry, last: datetime | None) -> bool:
    """Tell whether the reader cannot have seen `entry` in their last digest: it came, or came to them, since."""
    came = max(entry.decision.decided_at, entry.assigned_at or entry.decision.decided_at)
    return last is None or came > last
