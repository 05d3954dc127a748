"""Rules in service: how new ones take the place of old ones, or do not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.errors import TriageError
from pipeline.routing.policy import Policy
from pipeline.service.rounds import Desk
from pipeline.service.tagging import Tagger

Load = Callable[[], tuple[Tagger, Policy]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What became of an attempt to take new rules.

    Parameters
    ----------
    desk
        To work on with: with the new rules, or unchanged.
    kept
        Whether the old ones stay because the new ones have faults.
    report
        What to tell, a line each: the faults and that the old rules stay, or which rules are in force now.
    """

    desk: Desk
    kept: bool
    report: tuple[str, ...]


def renew(desk: Desk, load: Load) -> Renewal:
    """Load rules, liaisons and model anew; whatever is wrong with them, keep those that serve now."""
    try:
        tagger, policy = load()
    except TriageError as error:
        old = f"rules {desk.tagger.rulebook.version}"
        if desk.tagger.model:
            old += f" and model {desk.tagger.model.version}"
        report = (*str(error).splitlines(), f"not taken; {old} go on serving until this is mended")
        return Renewal(desk=desk, kept=True, report=report)
    renewed = replace(desk, tagger=tagger, policy=policy)
    return Renewal(desk=renewed, kept=False, report=(f"rules {tagger.rulebook.version} are in force now",))


class Renewing:
    """Takes new rules whenever their files have changed; says what became of it, once for each change.

    Parameters
    ----------
    stamp
        Returns a number that changes when a file does.
    load
        Loads everything anew.
    say
        Takes a line for people.
    warn
        Takes a line about something that is wrong; None: `say` takes it.
    """

    def __init__(
        self,
        stamp: Callable[[], int],
        load: Load,
        say: Callable[[str], None],
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._stamp = stamp
        self._load = load
        self._say = say
        self._warn = warn or say
        self._seen = stamp()
        self._next: Desk | None = None
        self._lock = threading.Lock()

    def __call__(self, desk: Desk) -> Desk:
        """Return `desk`, with new rules if there are some that can be taken."""
        with self._lock:
            if self._stamp() != self._seen:
                return self._renewed(desk)
            ready, self._next = self._next, None
            return replace(desk, tagger=ready.tagger, policy=ready.policy) if ready else desk

    def reload(self, desk: Desk) -> bool:
        """Load everything now, changed or not, for the next call; return whether it can be taken.

        May be called from any thread.
        """
        with self._lock:
            renewed = self._renewed(desk)
            if renewed is not desk:
                self._next = renewed
            return renewed is not desk

    def _renewed(self, desk: Desk) -> Desk:
        self._seen, self._next = self._stamp(), None
        renewal = renew(desk, self._load)
        for line in renewal.report:
            (self._warn if renewal.kept else self._say)(line)
        return renewal.desk
