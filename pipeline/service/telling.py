"""What the service says of itself, without what strangers wrote: no addresses, no words of servers or mails."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import TriageError
from pipeline.records.logs import Fields, Level, LogEntry

Tell = Callable[[LogEntry], None]
"""Takes an entry of the log."""

_LONGEST = 400
_PACKAGE = Path(__file__).resolve().parents[1]
# What servers say stands between brackets, or behind the code of an answer. Greedy: a bracket in what they say does not
# end it. Every pattern is read in one pass.
_BRACKETS = re.compile(r" ?\(.*\)", re.DOTALL)
_ANSWER = re.compile(r"(\bsays \d{3}\b|\(HTTP \d{3}\):).*", re.DOTALL)
_STATUS = re.compile(r"\(HTTP (\d{3})\):?")
_QUOTED = re.compile(r"'.*'|\".*\"|`.*`", re.DOTALL)
_ADDRESS = re.compile(r"[^\s,;<>]*@[^\s,;<>]*")


_NONE: Fields = MappingProxyType({})


def entry(event: str, message: str, fields: Fields = _NONE, level: Level = Level.INFO) -> LogEntry:
    """Return an entry of words and figures that are the program's own."""
    return LogEntry(level=level, event=event, message=message, fields=fields)


def problem(event: str, line: str, fields: Fields = _NONE, level: Level = Level.WARNING) -> LogEntry:
    """Return an entry for a `line` that may hold what a server said, or an address: without that."""
    return LogEntry(level=level, event=event, message=public(line), fields=fields)


def failure(event: str, name: str, error: BaseException) -> LogEntry:
    """Return an entry for an `error` of the job `name`."""
    fields = {"job": name, "error": type(error).__name__}
    return LogEntry(level=Level.ERROR, event=event, message=f"{name}: {reason(error)}", fields=fields)


def reason(error: BaseException) -> str:
    """Say why something failed: an error of ours in its own words, any other by its kind and place in the program.

    What libraries write into their errors may be a piece of a mail.
    """
    if isinstance(error, TriageError):
        return public(str(error))
    return f"{type(error).__name__} at {_place(error)}"


def public(line: str) -> str:
    """Return a line of ours on one line, without what strangers said in it, quoted values and addresses."""
    line = _ANSWER.sub(r"\1", line)
    line = _BRACKETS.sub("", _STATUS.sub(r"HTTP \1", line))
    line = _QUOTED.sub("…", line)
    line = _ADDRESS.sub("…", line)
    return one_line(line)[:_LONGEST]


def one_line(text: str) -> str:
    """Return `text` with a space for everything that is not printed, so that nothing in it begins a new line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _place(error: BaseException) -> str:
    """Return where in this program an error arose."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"
