"""Let go of what has been kept long enough: raw mail, personal data, decisions, what was set aside, each after its own time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.faultpoints import reach
from pipeline.service.ports import Clock, Progress, silent
from pipeline.service.ports_keeping import RetentionStore
from pipeline.settings.retention import Retention

# What is let go of, in this order, and under which period.
PERIODS = {
    "raw": "raw_days",
    "mails": "raw_days",
    "personal": "personal_days",
    "evidence": "decisions_days",
    "set_aside": "set_aside_days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Lets go of what is old.

    Parameters
    ----------
    store, settings, clock
        The ledger's part, the periods, and the time.
    """

    store: RetentionStore
    settings: Retention
    clock: Clock

    def run(self, progress: Progress = silent) -> dict[str, int]:
        """Remove what is older than its period, in small transactions; return what to how much.

        May be broken off between any two of them, and goes on from there the next time.
        """
        now = self.clock()
        removed = dict.fromkeys(PERIODS, 0)
        for what in PERIODS:
            before = self.before(what, now)
            if before is not None:
                removed[what] = self._all(self._step(what, before, now), what, progress)
        if any(removed.values()):
            self.store.done(removed, now)
        return removed

    def due(self) -> dict[str, int]:
        """Return what `run` would remove now."""
        now = self.clock()
        moments = {what: self.before(what, now) for what in PERIODS}
        return {what: self.store.count(what, one) if one else 0 for what, one in moments.items()}

    def before(self, what: str, now: datetime) -> datetime | None:
        """Return the moment before which something had to be over to go now; None where it is kept.

        With the texts go the octets, which hold them, and the other way of keeping them: mails that were sent.
        """
        days = [getattr(self.settings, PERIODS[what])]
        if what in ("raw", "mails"):
            days.append(self.settings.personal_days)
        told = [one for one in days if one is not None]
        return now - timedelta(days=min(told)) if told else None

    def _step(self, what: str, before: datetime, now: datetime) -> Callable[[], int]:
        """Return what removes some of it, and tells how much; 0 when all is done."""
        store = self.store
        steps: dict[str, Callable[[], int]] = {
            "raw": lambda: store.raw(before),
            "mails": lambda: store.mails(before),
            "personal": lambda: store.personal(before, now) or store.remarks(before),
            "evidence": lambda: store.evidence(before),
            "set_aside": lambda: store.set_aside(before),
        }
        return steps[what]

    def _all(self, step: Callable[[], int], what: str, progress: Progress) -> int:
        total = 0
        while count := step():
            total += count
            progress(what, total, None)
            reach("retention.step")
        return total
