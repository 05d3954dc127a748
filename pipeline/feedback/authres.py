"""Authentication-Results (RFC 8601): what the own mail server found out about who sent a mail.

Read strictly, by one pass over the field: whatever is not exactly as the grammar has it makes the whole field void,
as part of what stands in it was written by strangers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 16_384
_MOST_RESULTS = 60
_DEEPEST = 20
_SPACE = re.compile(r"[ \t\r\n]+")
_WORD = re.compile(r"[^\s;()\"=\\]+")
_QUOTED = re.compile(r'"((?:[^"\\\r\n]|\\.){0,1000})"')
_METHOD = re.compile(r"([a-z][a-z0-9-]{0,30})(?:/1)?", re.ASCII)


class _Void(Exception):
    """The field is not as the grammar has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one method came to.

    Parameters
    ----------
    method, result
        In lower case, such as ``dkim`` and ``pass``.
    properties
        Such as ``header.d`` to ``example.org``; names in lower case, of equal ones the first.
    """

    method: str
    result: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """One field: who writes it (authserv-id, in lower case), and the results."""

    authority: str
    results: tuple[Result, ...]


def read(field: str) -> Findings | None:
    """Return what the body of an Authentication-Results field says; None if it is not well-formed, or of another version."""
    if len(field) > _LONGEST:
        return None
    try:
        groups = _groups(field)
        authority = _authority(groups[0])
        return Findings(authority=authority, results=tuple(map(_result, _told(groups[1:]))))
    except _Void:
        return None


def authority(field: str) -> str:
    """Return whose field it is, in lower case, also where the rest is not well-formed; empty if that cannot be told."""
    try:
        return _authority(_groups(field.partition(";")[0][:_LONGEST])[0])
    except _Void:
        return ""


def _told(groups: list[list[str]]) -> list[list[str]]:
    """Return the groups that hold a result; a last semicolon, and ``none`` alone, tell nothing."""
    if groups and not groups[-1]:
        groups = groups[:-1]
    if [[word.lower() for word in group] for group in groups] == [["none"]]:
        return []
    if len(groups) > _MOST_RESULTS or not all(groups):
        raise _Void
    return groups


def _authority(words: list[str]) -> str:
    if not words or not words[0] or "=" in words[0] or len(words) > 2 or words[1:] not in ([], ["1"]):
        raise _Void
    return words[0].lower()


def _result(words: list[str]) -> Result:
    pairs = [_pair(word) for word in words]
    method = _METHOD.fullmatch(pairs[0][0])
    if method is None:
        raise _Void
    properties: dict[str, str] = {}
    for name, value in pairs[1:]:
        properties.setdefault(name, value)
    return Result(method=method[1], result=pairs[0][1].lower(), properties=properties)


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals or not value:
        raise _Void
    return name.lower(), value


def _groups(field: str) -> list[list[str]]:
    """Divide a field at its semicolons into words; comments are left out, quotes undone, and ``a = b`` is one word."""
    groups: list[list[str]] = [[]]
    place, joined = 0, False
    while place < len(field):
        mark = field[place]
        if space := _SPACE.match(field, place):
            place = space.end()
            joined = False
        elif mark == "(":
            place = _after_comment(field, place)
            joined = False
        elif mark == ";":
            groups.append([])
            place += 1
            joined = False
        else:
            text, place = _piece(field, place)
            _add(groups[-1], text, joined=joined)
            joined = True
    return groups


def _add(words: list[str], text: str, *, joined: bool) -> None:
    """Add a piece; white space may stand around the first ``=`` of a pair (RFC 8601, section 2.2)."""
    loose = bool(words) and (words[-1].endswith("=") and words[-1].count("=") == 1)
    first_equals = bool(words) and text == "=" and "=" not in words[-1]
    if words and (joined or loose or first_equals):
        words[-1] += text
    else:
        words.append(text)


def _piece(field: str, place: int) -> tuple[str, int]:
    if field[place] == "=":
        return "=", place + 1
    if field[place] == '"':
        quoted = _QUOTED.match(field, place)
        if quoted is None:
            raise _Void
        text = re.sub(r"\\(.)", r"\1", quoted[1])
        return text.replace("=", "\ufffd") if "=" in text else text, quoted.end()
    word = _WORD.match(field, place)
    if word is None:
        raise _Void
    return word[0], word.end()


def _after_comment(field: str, place: int) -> int:
    depth = 0
    while place < len(field):
        mark = field[place]
        if mark == "\\":
            place += 1
        elif mark == "(":
            depth += 1
            if depth > _DEEPEST:
                raise _Void
        elif mark == ")":
            depth -= 1
            if depth == 0:
                return place + 1
        place += 1
    raise _Void
