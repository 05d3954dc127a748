"""Whether a short answer says nothing but that its author is away.

Absence notices without any field that machines write are told from people who mention an absence by what else is said: a
notice tells until when, and whom to ask; a person goes on.
"""

from __future__ import annotations

import re

from pipeline.parsing.automatic_signs import hits
from pipeline.parsing.sentences import sentences

_NOTICE = frozenset(("absent", "not-read", "urgent", "no-reply", "machine", "unsigned", "receipt"))
_MOST = 9  # sentences of a notice
_ASIDE = 9  # words of a sentence that says nothing of an absence: thanks, a greeting
_ASIDES = 3
_GOES_ON = 5  # words after the date of an absence with which a person goes on
_DIGIT = re.compile(r"\d")


def says_only_absence(text: str) -> bool:
    """Tell whether a text says that somebody is away, whom to ask meanwhile or that nothing is read, and nothing else.

    Parameters
    ----------
    text
        What the author wrote, without quoted mail.
    """
    said: set[str] = set()
    asides = 0
    found = sentences(text, _MOST + 1)
    if len(found) > _MOST:
        return False
    for sentence in found:
        folded = sentence.casefold().replace("’", "'")
        matched = [(end, sorts) for _, end, sorts in hits(folded) if _NOTICE.intersection(sorts)]
        if not matched:
            asides += 1
            if asides > _ASIDES or _words(folded) > _ASIDE or folded.endswith(("?", "？", "؟")):
                return False
            continue
        sorts_here = {sort for _, sorts in matched for sort in sorts}
        if "urgent" not in sorts_here and _words(_tail(folded, max(end for end, _ in matched))) >= _GOES_ON:
            return False
        said |= sorts_here
    return "absent" in said and bool(said & {"urgent", "not-read"})


def _tail(sentence: str, end: int) -> str:
    """Return what comes after both the phrase and the last number."""
    last = max((digit.end() for digit in _DIGIT.finditer(sentence)), default=0)
    return sentence[max(end, last) :]


def _words(text: str) -> int:
    """Count words; in scripts without spaces, three characters to a word."""
    return len(text.split()) if text.isascii() else max(len(text.split()), _dense(text) // 3)


def _dense(text: str) -> int:
    return sum("\u3040" <= character <= "\u9fff" or "\u0e00" <= character <= "\u0eff" for character in text)
