"""Address fields to addresses (RFC 5322, sections 3.4 and 4.4), in linear time and however broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.parsing.words import clean, decode_words, unfold
from pipeline.records.messages import Address

MAX_ADDRESS_FIELD = 131_072
"""Characters of one address field that are looked at."""

MAX_ADDRESSES = 1_000
"""Addresses of one field that are kept."""

_ATOM = r"[^\s<>()@,:;\"\[\]\\]+"
_SIMPLE = re.compile(rf"{_ATOM}@{_ATOM}")
_NAMED = re.compile(rf"([^<>()@,:;\"\[\]\\]*)<[ ]*({_ATOM}@{_ATOM})[ ]*>")
_OBSCURED = re.compile(r"([^\s<>@,;]+) (?:at|AT) ([^\s<>@,;]+\.[^\s<>@,;]+)")
_OBSCURED_LENGTH = 400
_SPECIAL = re.compile(r'[",:;<(\[]')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
_HOPELESS = (
    8  # unclosed parentheses after which the rest of a field is given up, so that scanning stays linear
)


def addresses(raw: str) -> tuple[Address, ...]:
    """Read an address field.

    Parameters
    ----------
    raw
        Body of From, To, Cc and the like, encoded words not yet decoded.

    Returns
    -------
    tuple of Address
        At most `MAX_ADDRESSES`; groups dissolved, comments used as names where there is no other name, broken
        items kept as far as something can be read from them.
    """
    value = unfold(raw[:MAX_ADDRESS_FIELD])
    if _SIMPLE.fullmatch(value):
        return (Address(address=_lower_domain(value)),)
    if named := _NAMED.fullmatch(value):
        return (Address(name=_phrase(named[1]), address=_lower_domain(named[2])),)
    found: list[Address] = []
    unquoted = ""
    for item in _items(value):
        if alone := item.words_alone():
            unquoted = f"{unquoted}, {alone}" if unquoted else alone
            continue
        found.extend(item.read(unquoted))
        unquoted = ""
        if len(found) >= MAX_ADDRESSES:
            return tuple(found[:MAX_ADDRESSES])
    return (*found, Address(name=_phrase(unquoted))) if unquoted else tuple(found)


class _Item:
    """One member of an address list while it is being scanned."""

    __slots__ = ("angles", "bare", "comments")

    def __init__(self) -> None:
        self.bare: list[str] = []
        self.angles: list[tuple[str, str]] = []
        self.comments: list[str] = []

    def words_alone(self) -> str:
        """Return the words of an item without any address: a name whose comma was not quoted, or a nameless sender."""
        text = "".join(self.bare).strip()
        return "" if self.angles or "@" in text or _is_obscured(text) else text

    def read(self, before: str) -> Iterator[Address]:
        """Yield the addresses of this item; several where the commas between them were forgotten.

        `before` are words that belong to its name.
        """
        comment = _phrase(" ".join(self.comments))
        if not self.angles:
            yield from self._without_angles(comment)
        for words, inner in self.angles:
            name = _phrase(f"{before}, {words}" if before else words) or comment
            address = _mailbox(inner)
            before = ""
            if name or address:
                yield Address(name=name, address=address)

    def _without_angles(self, comment: str) -> Iterator[Address]:
        text = "".join(self.bare).strip()
        if len(text) <= _OBSCURED_LENGTH and (obscured := _OBSCURED.fullmatch(text)):
            yield Address(name=comment, address=_lower_domain(f"{obscured[1]}@{obscured[2]}"))
        elif "@" in text and '"' not in text and " @" not in text and "@ " not in text:
            words = text.split()
            address = next(word for word in words if "@" in word)
            name = " ".join(word for word in words if word is not address)
            yield Address(name=_phrase(name) or comment, address=_mailbox(address))
        elif text:
            yield Address(name=comment, address=_mailbox(text))


def _items(value: str) -> Iterator[_Item]:
    """Split an address list at its commas and group marks, in one pass over tokens."""
    item = _Item()
    place = 0
    while place < len(value):
        mark = value[place]
        if mark in ",;":
            yield item
            item = _Item()
            place += 1
        elif mark == ":":
            item.bare.clear()  # the name of a group
            place += 1
        elif mark in _TOKENS:
            place = _TOKENS[mark](value, place, item)
        else:
            stop = _SPECIAL.search(value, place)
            end = stop.start() if stop else len(value)
            item.bare.append(value[place:end])
            place = end
    yield item


def _quoted(value: str, place: int, item: _Item) -> int:
    closed = value.find('"', place + 1) >= 0
    match = _QUOTED.match(value, place) if closed else None
    end = match.end() if match else place + 1
    item.bare.append(value[place:end] if match else " ")
    return end


def _literal(value: str, place: int, item: _Item) -> int:
    """Take a domain literal, whose colons part nothing."""
    end = value.find("]", place, place + 300) + 1 or place + 1
    item.bare.append(value[place:end])
    return end


def _comment(value: str, place: int, item: _Item) -> int:
    """Skip a comment with those inside it, however deep; keep its text."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(value, place):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            item.comments.append(value[place + 1 : mark.start()])
            return mark.end()
    return place + 1 if depth < _HOPELESS else len(value)


def _angle(value: str, place: int, item: _Item) -> int:
    end = value.find(">", place)
    if end < 0:
        end = len(value)
    words, inner = "".join(item.bare), value[place + 1 : end]
    if words.strip() or inner.strip():
        item.angles.append((words, inner))
    item.bare.clear()
    return end + 1


_TOKENS = {'"': _quoted, "(": _comment, "<": _angle, "[": _literal}


def _is_obscured(text: str) -> bool:
    return len(text) <= _OBSCURED_LENGTH and _OBSCURED.fullmatch(text) is not None


def _phrase(text: str) -> str:
    """Decode a display name: quotes and backslashes undone, encoded words decoded even where they must not stand."""
    text = text.strip()
    if '"' in text:
        text = _QUOTED.sub(lambda found: re.sub(r"\\(.)", r"\1", found[1]), text)
    if "=?" in text:
        text = decode_words(text)
    text = clean(re.sub(r"\s+", " ", text))
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == "'" else text


def _mailbox(text: str) -> str:
    """Return the address alone: comments, source routes (RFC 5322, section 4.4) and white space left out."""
    text = re.sub(r"\([^()]*\)", "", text).strip()
    if len(text) <= _OBSCURED_LENGTH and (obscured := _OBSCURED.fullmatch(text)):
        return _lower_domain(f"{obscured[1]}@{obscured[2]}")
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    text = text.removeprefix("mailto:")
    if "=?" in text:
        text = decode_words(text)
    if not text.startswith('"'):
        text = re.sub(r"\s+", "", text)
    return _lower_domain(clean(text).strip("<>"))


def _lower_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}" if at else address
