"""Whether a line holds something by which people are reached: an address, a page, a number, a word such as "tel"."""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w")
_NUMBER = re.compile(
    r"(?:\+|\(|\b)(?!\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b)\d[\dxX\s()/.\-–]{6,22}[\dxX]\b|\b(?:\d{3,5}[- ]?){2,4}\d{2,5}\b"
)
_PAGE = re.compile(r"\bwww\.|[a-z0-9-]{2,40}\.(?:org|com|net|edu|gov|info|example)\b", re.IGNORECASE)
_LABELS = frozenset(
    ("tel", "tél", "telef", "phone", "mobil", "mobile", "cel", "cell", "fax", "móvil", "whatsapp", "signal", "skype", "tlf", "puh",
     "gsm", "тел", "моб", "факс", "電話", "电话", "전화", "هاتف", "手机")
)  # fmt: skip
_MARKS = str.maketrans(dict.fromkeys(".:;,()[]|/•·–—-+*", " "))
_LIMIT = 400
_ENDS = (".", "!", "?", "。", "！", "？", "।")


def has_contact(text: str) -> bool:
    """Tell whether a line holds contact data; looks at its first 400 characters, and at patterns only where they can match."""
    text = text[:_LIMIT]
    if "://" in text or ("@" in text and _MAIL.search(text)):
        return True
    if any(map(text.__contains__, "0123456789")) and _NUMBER.search(text):
        return True
    if "." in text and _PAGE.search(text):
        return True
    words = text.casefold().translate(_MARKS).split()
    return not _LABELS.isdisjoint(words) or "ت:" in text


def has_stop(text: str) -> bool:
    """Tell quickly whether a line could hold the end of a sentence."""
    return any(map(text.__contains__, _ENDS))
