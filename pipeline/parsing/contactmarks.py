"""What the lines of a signature hold: an address, a page, a number, a word such as "tel"; or a disclaimer."""

from __future__ import annotations

import functools
import re
from typing import Any

from pipeline.automata import automaton

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w")
_NUMBER = re.compile(
    r"(?:\+|\(|\b)(?!\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b)\d[\dxX\s()/.\-–]{6,22}[\dxX]\b|\b(?:\d{3,5}[- ]?){2,4}\d{2,5}\b"
)
_PAGE = re.compile(r"\bwww\.|[a-z0-9-]{2,40}\.(?:org|com|net|edu|gov|info|example)\b")
_LABELS = frozenset(
    ("tel", "tél", "telef", "phone", "mobil", "mobile", "cel", "cell", "fax", "móvil", "whatsapp", "signal", "skype", "tlf", "puh",
     "gsm", "тел", "моб", "факс", "電話", "电话", "전화", "هاتف", "手机")
)  # fmt: skip
_DISCLAIMER = (
    "confidential", "disclaimer", "vertraulich", "confidentiel", "confidencial", "riservat", "vertrouwelijk", "poufn",
    "конфиденц", "конфіденц", "luottamuk", "bizalmas", "důvěrn", "dôvern", "zaupn", "povjerljiv", "gizli", "سري", "機密",
    "机密", "intended only", "intended recipient", "intended solely", "avís legal", "before printing", "avant d'imprimer",
    "antes de imprimir", "prima di stampare", "bevor sie diese", "unsubscribe", "se désabonner", "bulk", "virus",
    "privacy", "rgpd", "gdpr", "dsgvo", "do not reply", "automatically generated",
)  # fmt: skip
_MARKS = str.maketrans(dict.fromkeys(".:;,()[]|/•·–—-+*", " "))
_LIMIT = 400
_PAGES = ("www.", ".org", ".com", ".net", ".edu", ".gov", ".info", ".example")
_ENDS = (". ", "! ", "? ", "。", "！", "？", "।")


def has_contact(text: str) -> bool:
    """Tell whether a line holds contact data; looks at its first 400 characters, and at patterns only where they can match."""
    text = text[:_LIMIT]
    if "://" in text or ("@" in text and _MAIL.search(text)):
        return True
    if any(map(text.__contains__, "0123456789")) and _NUMBER.search(text):
        return True
    low = text.casefold()
    if "." in low and any(map(low.__contains__, _PAGES)) and _PAGE.search(low):
        return True
    words = low.translate(_MARKS).split()
    return not _LABELS.isdisjoint(words) or "ت:" in text


def has_stop(text: str) -> bool:
    """Tell quickly whether a sentence could end within a line."""
    return any(map(text.__contains__, _ENDS))


@functools.cache
def _disclaimers() -> Any:
    """Return the stems as one automaton, so that a line is read once."""
    return automaton({stem: stem for stem in _DISCLAIMER})


def disclaims(folded: str) -> bool:
    """Tell whether a folded line holds a word that lawyers put below mail."""
    return next(iter(_disclaimers().iter(folded)), None) is not None
