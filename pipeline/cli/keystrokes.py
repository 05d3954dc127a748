"""Keystrokes: one by one from a terminal, or from a stream, in which ends of lines say nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

Keys = Callable[[], str]
ENTER = "\n"
# What a terminal sends for the end of input (Ctrl-D) and for an interruption (Ctrl-C).
_ENDS = ("", "\x03", "\x04")
_RUBOUT = ("\x7f", "\b")


def keys(stream: TextIO | None = None) -> Keys:
    """Return what gives the next keystroke, and an empty text at the end of input."""
    source = stream or sys.stdin
    if source.isatty():
        return _from_terminal
    return lambda: _from_stream(source)


def asked(next_key: Keys) -> str:
    """Return the next keystroke that says something: blanks do not."""
    while (key := next_key()) == " ":
        pass
    return key


def text(next_key: Keys) -> str:
    """Return what is typed up to Enter, in a stream up to ``;``, and show it meanwhile."""
    typed = ""
    while (key := next_key()) not in ("", ENTER, ";"):
        rubbed = key in _RUBOUT
        typed = typed[:-1] if rubbed else typed + key
        sys.stdout.write("\b \b" if rubbed else key)
        sys.stdout.flush()
    sys.stdout.write("\n")
    return typed.strip()


def _from_terminal() -> str:
    import click

    try:
        key = click.getchar()
    except (EOFError, KeyboardInterrupt):
        return ""
    if key in _ENDS:
        return ""
    if key in "\r\n":
        return ENTER
    # An arrow or function key comes as several characters, and says nothing here.
    return key if len(key) == 1 and (key.isprintable() or key in _RUBOUT) else " "


def _from_stream(source: TextIO) -> str:
    while (key := source.read(1)) in ("\n", "\r"):
        pass
    return key if not key or key.isprintable() or key in _RUBOUT else " "
