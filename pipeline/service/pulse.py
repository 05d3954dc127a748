"""Does every lane still get on? A step may take long, but it gives signs of life; a lane that gives none hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.records.inquiries import Inquiry
from pipeline.service.ports import MailReader


@dataclass(slots=True)
class _Lane:
    busy: bool
    # Of the last sign of life, on a clock that is never set.
    at: float
    # In which the next job of the lane has to begin, in seconds.
    due: float


class Pulse:
    """The signs of life of all lanes.

    Parameters
    ----------
    limit
        Seconds without one after which a lane hangs.
    tick
        Seconds of a clock that is never set.
    """

    def __init__(self, limit: float, tick: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._tick = tick
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}

    def expect(self, lane: str, seconds: float) -> None:
        """Expect a job of `lane` to begin every so many `seconds` at least."""
        with self._lock:
            known = self._lanes.get(lane)
            due = min(seconds, known.due) if known else seconds
            self._lanes[lane] = _Lane(busy=False, at=self._tick(), due=due)

    def beat(self, lane: str) -> None:
        """Note that something of the job under way is done."""
        self._note(lane, busy=True)

    def ended(self, lane: str) -> None:
        """Note that the job is done."""
        self._note(lane, busy=False)

    def hanging(self) -> tuple[str, ...]:
        """Return the lanes that hang: busy without a sign of life, or idle though a job was due long ago."""
        with self._lock:
            now = self._tick()
            return tuple(
                name
                for name, lane in self._lanes.items()
                if now - lane.at > self._limit + (0 if lane.busy else lane.due)
            )

    def _note(self, lane: str, *, busy: bool) -> None:
        with self._lock:
            if lane in self._lanes:
                self._lanes[lane].busy = busy
                self._lanes[lane].at = self._tick()


class WatchedReader:
    """A reader of mail that gives a sign of life for each message.

    Parameters
    ----------
    reader
        What reads.
    beat
        Called before each message.
    """

    def __init__(self, reader: MailReader, beat: Callable[[], None]) -> None:
        self._reader = reader
        self._beat = beat

    def read(self, octets: bytes, received_at: datetime | None) -> Inquiry:
        """Read one message, as the reader does."""
        self._beat()
        return self._reader.read(octets, received_at)

    def close(self) -> None:
        """Give back what the reader holds."""
        self._reader.close()
