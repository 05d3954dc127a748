"""Places where a test lets the program die, to see what is left; unless a variable in the environment asks for it, nothing.

``TRIAGE_FAULT_POINT=NAME`` ends the process by SIGKILL where it comes to that point, ``NAME:3`` where it comes there for
the third time, and ``NAME:3:stop`` stops it there (SIGSTOP), as if the machine had slept. ``TRIAGE_FAULT_TRACE=FILE`` has
each point written to a file as it is reached.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

VARIABLE = "TRIAGE_FAULT_POINT"
TRACE = "TRIAGE_FAULT_TRACE"
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}

# Name to what has just been done there.
POINTS: Mapping[str, str] = {
    "ledger.begun": "a transaction holds the write lock",
    "ledger.written": "a transaction is complete, and not committed",
    "ledger.committed": "a transaction is committed",
    "ledger.migrating": "the tables are brought up to date, and that is not committed",
    "ingest.fetched": "a batch of mail is downloaded",
    "ingest.recorded": "a batch and the cursor behind it are in the ledger",
    "ingest.checked": "a mailbox is read to its end",
    "import.read": "a batch is read from an archive",
    "import.recorded": "a batch of an archive and the mark behind it are in the ledger",
    "triage.taken": "a batch of waiting messages is taken from the ledger",
    "triage.read": "one message is read",
    "triage.returned": "a delivery failure is noted",
    "triage.answered": "an answer by mail is carried out, its receipt queued",
    "triage.decided": "a batch is decided, and nothing of that is written",
    "triage.unpacked": "the mails within a list's digest wait as messages of their own",
    "triage.kept": "one decision is written",
    "bulk.kept": "a chunk that workers decided is written",
    "retag.proposed": "a chunk of old mail is decided anew, and the proposals are written",
    "retag.applied": "a batch of inquiries has the new decisions",
    "triage.set-aside": "one message is set aside",
    "work.triaged": "all that waited is decided",
    "work.registered": "organisations are in the register",
    "work.relieved": "who cannot be reached is relieved",
    "work.assigned": "inquiries are assigned",
    "work.alerted": "alerts are queued",
    "marks.told": "the mail server has marked or moved messages, and that is not noted",
    "marks.settled": "that is noted",
    "writeback.queued": "what a help desk is to be told is queued",
    "writeback.written": "a ticket is written to, and that is not noted",
    "writeback.settled": "that is noted",
    "digest.made": "a digest is made, and not queued",
    "digest.queued": "a digest is in the outbox",
    "wiki.saved": "the wiki has saved a page, and that is not noted",
    "wiki.noted": "the page is noted; the outbox does not know yet",
    "outbox.chosen": "a mail or page is about to be handed in",
    "smtp.connected": "the mail server has greeted us",
    "smtp.taken": "the mail server has answered 250, and that is not noted",
    "outbox.noted": "that is noted",
    "retention.step": "some of what was kept long enough is removed",
    "forget.redacted": "what others wrote of a person is redacted in a table",
    "forget.contents": "all of a person is removed but some of what they wrote",
    "forget.done": "a person is removed; the file is not compacted",
    "backup.copied": "the ledger is copied, and the backup not complete",
    "restore.ready": "a restored ledger lies beside the present one, which still serves",
    "restore.aside": "the present ledger is put aside, and the restored one not in its place",
}

_armed: Callable[[str], None] | None = None


def reach(point: str) -> None:
    """Say that the program has come to `point`."""
    if _armed is not None:
        _armed(point)


def arm(environment: Mapping[str, str]) -> None:
    """Do from now on what the variables of `environment` ask for; nothing if they are not there.

    Raises
    ------
    ValueError
        If they name a point or an end that there is not.
    """
    global _armed
    name, _, rest = environment.get(VARIABLE, "").partition(":")
    times, _, end = rest.partition(":")
    trace = environment.get(TRACE, "")
    if name and (name not in POINTS or (end or "kill") not in _SIGNALS):
        raise ValueError(
            f"{VARIABLE}={environment[VARIABLE]}: no such point, or no such end; points are {', '.join(POINTS)}, ends {', '.join(_SIGNALS)}"
        )
    if not name and not trace:
        _armed = None
        return
    _armed = _Armed(name, int(times or 1), _SIGNALS[end or "kill"], Path(trace) if trace else None)


class _Armed:
    """Waits for the n-th time that a point is reached."""

    def __init__(self, name: str, times: int, number: signal.Signals, trace: Path | None) -> None:
        self._wanted = (name, times)
        self._number = number
        self._trace = trace
        self._seen: Counter[str] = Counter()

    def __call__(self, point: str) -> None:
        self._seen[point] += 1
        if self._trace is not None:
            with self._trace.open("a", encoding="utf-8") as stream:
                stream.write(f"{point}\n")
        if (point, self._seen[point]) == self._wanted:
            os.kill(os.getpid(), self._number)


arm(os.environ)
