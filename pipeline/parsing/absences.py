"""Whether a short answer says nothing but that its author is away, and whether a text is a letter.

Absence notices without any field that machines write are told from people who mention an absence by what else is said: a
notice tells until when, and whom to ask; a person goes on.
"""

from __future__ import annotations

import re

from pipeline.parsing.automatic_signs import fold, hits
from pipeline.parsing.closings import NOT_FOUND, STRONG, after_phrase
from pipeline.parsing.sentences import sentences
from pipeline.scripts import count_unspaced

_NOTICE = frozenset(("absent", "not-read", "urgent", "no-reply", "machine", "unsigned", "receipt"))
_MOST = 9  # sentences of a notice
_ASIDE = 9  # words of a sentence that says nothing of an absence: thanks, a greeting
_ASIDES = 3
_GOES_ON = 5  # words after the date of an absence with which a person goes on
_NAME = 2  # words
_SIGNATURE = 25  # words of a close with a name and an address
_ASKED = 4  # words of a question
_BEGINNING = 12  # characters within which a greeting begins
_QUESTION = ("?", "？", "؟")
_STOPS = (".", "!", "。", "！", "।", "۔", "…")
_CLOSERS = "\"'”’»)]"
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
        folded = fold(sentence)
        matched = [(end, sorts) for _, end, sorts in hits(folded) if _NOTICE.intersection(sorts)]
        if not matched and (_greeting(folded) or _closes(folded)):
            continue
        if not matched:
            asides += 1
            if asides > _ASIDES or not _tells_nothing(folded):
                return False
            continue
        sorts_here = {sort for _, sorts in matched for sort in sorts}
        if "urgent" not in sorts_here and _words(_tail(folded, max(end for end, _ in matched))) >= _GOES_ON:
            return False
        said |= sorts_here
    return "absent" in said and bool(said & {"urgent", "not-read"})


def asks(text: str) -> bool:
    """Tell whether a text asks something; two or three words, such as "Urgent?", are a heading."""
    return any(
        sentence.rstrip(_CLOSERS).endswith(_QUESTION) and _words(sentence) >= _ASKED
        for sentence in sentences(text)
    )


def introduces(text: str) -> bool:
    """Tell whether a sentence that says nothing of absences or machines says who writes, or what for."""
    for sentence in sentences(text):
        said = {sort for _, _, sorts in hits(fold(sentence)) for sort in sorts}
        if "person" in said and not said & _NOTICE:
            return True
    return False


def _greeting(folded: str) -> bool:
    """Tell a sentence of greetings, names and thanks alone; "Thanks, I signed it" is more."""
    pieces = [piece.strip() for piece in folded.replace("，", ",").replace("،", ",").split(",")]
    polite = all(greets(piece) or _words(piece) <= _NAME for piece in pieces)
    return greets(folded) and polite and _words(folded) <= _ASIDE and not folded.endswith(_QUESTION)


def _closes(folded: str) -> bool:
    """Tell a complimentary close with the name and address below it."""
    closed = after_phrase(folded, STRONG) != NOT_FOUND
    return closed and _words(folded) <= _SIGNATURE and not folded.endswith((*_QUESTION, *_STOPS))


def greets(folded: str) -> bool:
    """Tell whether a case-folded text begins with a greeting or thanks."""
    return any("greeting" in sorts and start < _BEGINNING for start, _, sorts in hits(folded[:60]))


def _tells_nothing(folded: str) -> bool:
    """Tell names and beginnings that end in the full stop of a date from what people tell."""
    if _words(folded) > _ASIDE or folded.endswith(_QUESTION):
        return False
    return not folded.endswith(_STOPS) or folded[-2:-1].isdigit()


def _tail(sentence: str, end: int) -> str:
    """Return what comes after both the phrase and the last number."""
    last = max((digit.end() for digit in _DIGIT.finditer(sentence)), default=0)
    return sentence[max(end, last) :]


def _words(text: str) -> int:
    """Count words; in scripts without spaces, three characters to a word."""
    return max(len(text.split()), count_unspaced(text) // 3)
