"""Starting, watching and killing children of the command `triage` whose clock shows what it is told."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.support import warm

PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended: exit status (negative: the signal), and what it said."""

    status: int
    out: str
    err: str


class Child:
    """A running child; what it says is read while it runs."""

    def __init__(self, process: warm.Child) -> None:
        self.pid = process.pid
        self._process = process
        self._said = ("", "")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        self._process.send_signal(number)

    def kill(self) -> Ended:
        """Kill it as it is."""
        self.send(signal.SIGKILL)
        return self.finished()

    def is_stopped(self) -> bool:
        """Tell whether it was stopped (SIGSTOP)."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return False
        return told.rpartition(")")[2].split()[0] == "T"

    def wait(self, seconds: float) -> Ended | None:
        """Wait for its end; None if it does not come within so many seconds."""
        self._listener.join(seconds)
        status = self._process.returncode
        if self._listener.is_alive() or status is None:
            return None
        return Ended(status=status, out=self._said[0], err=self._said[1])

    def finished(self, seconds: float = PATIENCE) -> Ended:
        """Wait for its end."""
        ended = self.wait(seconds)
        if ended is None:
            self.send(signal.SIGKILL)
            self.wait(PATIENCE)
            raise AssertionError("the program does not end")
        return ended

    def _listen(self) -> None:
        self._said = self._process.communicate()


def start(
    folder: Path,
    now: datetime,
    *arguments: str,
    plain: bool = True,
    largest_file: int = 0,
    **environment: str,
) -> Child:
    """Start `triage` in `folder`, with a clock that shows `now`.

    Parameters
    ----------
    plain
        Whether it reads mail in its own process, which spares the second that the reading one takes to start.
    largest_file
        Octets beyond which no file grows, as on a disk that is full; 0 for none.
    """
    order = {"now": now.isoformat(), "plain": plain, "largest_file": largest_file}
    prepare = ("tests.torture.settling:settle", order)
    return Child(warm.begin(*arguments, cwd=folder, environment=environment, prepare=prepare))
