"""The log of the running service on stderr: for people, or one JSON object a line; what libraries say, without their words."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.records.logs import Level, LogEntry
from pipeline.service.telling import Tell, failure, one_line

if TYPE_CHECKING:
    from pipeline.settings import Service

Write = Callable[[str], object]
_LEVELS = {"debug": Level.DEBUG, "info": Level.INFO, "warning": Level.WARNING, "error": Level.ERROR}
# What the journal takes for the priority of a line (sd-daemon(3)).
_PRIORITIES = {Level.DEBUG: "<7>", Level.INFO: "<6>", Level.WARNING: "<4>", Level.ERROR: "<3>"}


def writer(settings: Service, write: Write | None = None, *, journal: bool | None = None) -> Tell:
    """Return what writes entries as `settings` say.

    Parameters
    ----------
    write
        Takes whole lines; stderr by default.
    journal
        Whether it is the journal that reads; None: look.
    """
    write, least, lock = write or _to_stderr, _LEVELS[settings.log_level], threading.Lock()
    is_journal = _is_journal() if journal is None else journal
    form = as_json if settings.log == "json" else (_for_journal if is_journal else as_text)

    def tell(entry: LogEntry) -> None:
        if entry.level >= least:
            with lock:
                write(form(entry) + "\n")

    return tell


def as_text(entry: LogEntry) -> str:
    """Return a line for people."""
    sign = "triage: " if entry.level >= Level.WARNING else ""
    return sign + one_line(entry.message)


def as_json(entry: LogEntry) -> str:
    """Return one JSON object in ASCII, so that nothing in it means anything to a terminal."""
    fields = {name: value for name, value in entry.fields.items() if name not in {"time", "level", "event"}}
    told = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": entry.level.name.lower(),
        "event": entry.event,
        "message": one_line(entry.message),
    }
    return json.dumps(told | fields)


@contextmanager
def logging_to(tell: Tell) -> Iterator[None]:
    """Let what libraries log, warn of, or raise in threads come out as entries, without their words.

    What they say may be a piece of a mail: told is only who says it, and where.
    """
    root, handler, hook = logging.getLogger(), _Handler(tell), threading.excepthook
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    threading.excepthook = lambda args: tell(_crash(args.thread, args.exc_value))
    try:
        yield
    finally:
        threading.excepthook = hook
        logging.captureWarnings(False)
        root.setLevel(level)
        root.removeHandler(handler)


class _Handler(logging.Handler):
    """Makes entries of what libraries log."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        place = f"{record.module}:{record.lineno}"
        said = f"{record.name} reports something at {place}"
        self._tell(LogEntry(level=level, event="library", message=said, fields={"logger": record.name}))


def _crash(thread: threading.Thread | None, error: BaseException | None) -> LogEntry:
    return failure("crashed", thread.name if thread else "thread", error or RuntimeError())


def _for_journal(entry: LogEntry) -> str:
    return _PRIORITIES[entry.level] + as_text(entry)


def _to_stderr(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


def _is_journal() -> bool:
    """Tell whether stderr goes to the journal, by the variable that says so (systemd.exec(5))."""
    try:
        told = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{told.st_dev}:{told.st_ino}"
