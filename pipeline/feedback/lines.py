"""The unquoted lines of an answer, and which quoted entry each stands under."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

# As the ledger makes them: letters and digits that nobody mixes up.
KEY = re.compile(r"[2-9BCDFGHJKMNPQRSTVWXZ]{6}", re.IGNORECASE)

MOST_LINES = 300
"""Unquoted lines that are read."""
LONGEST_LINE = 2_000
"""Characters of a line that are read."""

_HEAD = re.compile(
    r"[\s*•·>-]{0,6}(?:\d{1,2}[.)]\s{1,3})?(\[|#)?([2-9BCDFGHJKMNPQRSTVWXZ]{6})(?:\]|\b)\s*[:,\u2013-]?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_ENTRY = re.compile(r"[\s>*|]{0,12}\[([2-9BCDFGHJKMNPQRSTVWXZ]{6})\]\s")
_AND = re.compile(r"(?:and|und|et|y|e|[&+;/])\s+", re.IGNORECASE)
_MOST_KEYS = 30
_ARMOUR = "-----"
_SIGNATURE = frozenset({"-- ", "--", "—"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unquoted line.

    Parameters
    ----------
    text
        As written.
    key
        KEY of the entry quoted above it; empty where none is.
    continues
        The line before it is unquoted and not blank.
    """

    text: str
    key: str = ""
    continues: bool = False


def head_key(text: str) -> tuple[str, str]:
    """Return the KEY that a line begins with, and the rest; empty and the line if there is none.

    A word that only looks like one counts if it is marked (``#``, brackets), has a digit, or is in capitals.
    """
    found = _HEAD.fullmatch(text[:LONGEST_LINE])
    if found is None or not (found[1] or _is_plain(found[2])):
        return "", text
    return found[2].upper(), found[3]


def head_keys(text: str) -> tuple[tuple[str, ...], str]:
    """Return all KEYs that a line begins with, "K7WM2Q, B2C3D4 and F5G6H7: done", and the rest."""
    found: list[str] = []
    key, rest = head_key(text)
    while key and len(found) < _MOST_KEYS:
        found.append(key)
        joined = _AND.match(rest)
        key, further = head_key(rest[joined.end() :] if joined else rest)
        rest = further if key else rest
    return tuple(dict.fromkeys(found)), rest


def tail_key(text: str) -> tuple[str, str]:
    """Return the KEY that a line ends with, and what stands before it; empty and the line if there is none."""
    whole = text[:LONGEST_LINE].rstrip(" \t\r.!)]")
    before, key = whole[:-6], whole[-6:]
    if not KEY.fullmatch(key) or not _is_plain(key) or not before or before[-1] not in " \t([#:,":
        return "", text
    return key.upper(), before.rstrip(" \t([#:,")


def _is_plain(key: str) -> bool:
    return key.isupper() or any(sign.isdecimal() for sign in key)


def unquoted(
    marked: Iterable[tuple[str, bool]], is_command: Callable[[str], bool], own: Sequence[str] = ()
) -> tuple[Line, ...]:
    """Return the lines that their author wrote.

    Parameters
    ----------
    marked
        The lines of a body, and whether each is quoted.
    is_command
        Tells what can be a command behind a KEY. The heading of an entry that is not marked as quoted, with anything else
        behind its KEY, is where an unmarked copy of the digest begins: nothing from there on is read.
    own
        What only stands in mail of the program's own, such as its address: a line with it is where a copy begins, too. Where
        it ends with a line break, it has to be the whole line, or be followed by a dot in the middle.
    """
    found: list[Line] = []
    key, before, signed, armour = "", False, False, False
    for text, quoted in marked:
        if quoted:
            entry = _ENTRY.match(f"{text} ")
            key = entry[1].upper() if entry else key
            before = signed = False
            continue
        if _begins_copy(text, is_command, own):
            break
        if _is_armour(text):
            before, armour = False, "SIGNED MESSAGE" in text
            signed = signed or "SIGNATURE" in text
            continue
        if armour:  # "Hash: SHA256", up to a blank line
            armour = bool(text.strip())
            continue
        signed = signed or text.rstrip("\r") in _SIGNATURE
        if signed:
            continue
        found.append(Line(text=text[:LONGEST_LINE], key=key, continues=before))
        before = bool(text.strip())
        if len(found) == MOST_LINES:
            break
    return tuple(found)


def _begins_copy(text: str, is_command: Callable[[str], bool], own: Sequence[str]) -> bool:
    folded = text.casefold()
    if "mailto:" in folded or any(one.casefold() in folded for one in own if one and one[-1] != "\n"):
        return True
    title = folded.partition(" · ")[0].strip()
    if title and any(one.casefold().strip() == title for one in own if one[-1:] == "\n"):
        return True
    entry = _ENTRY.match(f"{text} ")
    return bool(entry) and bool(text[entry.end() :].strip() if entry else "") and not is_command(text)


def _is_armour(text: str) -> bool:
    """Tell a line of a signed text that is none of its words (RFC 4880, section 7)."""
    return text.startswith(_ARMOUR) and text.rstrip().endswith(_ARMOUR) and " PGP " in text
