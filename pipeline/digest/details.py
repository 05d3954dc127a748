"""Why a tag or a priority is as it is, in the reader's language.

Witnesses write down in English what they saw, and the ledger keeps it so. Their phrases are known: a phrase that the
catalogue has is said again in the reader's language, with the message's own words left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache

from pipeline.digest import clean
from pipeline.records.decisions import Decision, Evidence, Source
from pipeline.tongue import Tongue, msgid, tongue

_LONGEST_NOTE = 400
_LONGEST = 90
_QUOTED = 60
# Evidence that only adds up other evidence.
_SUMS = frozenset({"rules", "place"})
# Lines of the priority's sum that every inquiry has.
_COMMON = frozenset({"base", "base_endorsement", "kind", "bounds"})
_VIEWS = {
    "sender": msgid("“{words}” in the sender"),
    "subject": msgid("“{words}” in the subject"),
    "introduction": msgid("“{words}” in the introduction"),
    "body": msgid("“{words}” in the text"),
    "signature": msgid("“{words}” in the signature"),
    "quoted": msgid("“{words}” in quoted mail"),
    "attachments": msgid("“{words}” in an attachment’s name"),
    "everywhere": msgid("“{words}”"),
}
_SEEN = re.compile(r"([a-z]+): (['\"])(.+)\2")
_QUOTE_AT_END = re.compile(r"(['\"])(.+)\1")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILE = re.compile(r"\bfile ([^)]+)")
# Notes of the clock in a mail's date, which say nothing to people.
_CLOCK = re.compile(r"(?:forwarder )?(?:mis)?fits: ")
_PLACE = re.compile(r"\{(\w+)\}")


def best_detail(decision: Decision, field: str, value: str | None, reader: Tongue) -> str:
    """Return the strongest single thing that was said for ``field=value``, or an empty text.

    The model is not asked: which of its words weighed most says little to people, and `triage explain` shows it.
    """
    said = (
        each
        for each in decision.evidence
        if each.tag == f"{field}={value}"
        and each.source is not Source.MODEL
        and each.name not in _SUMS
        and each.score >= 0
        and not _CLOCK.match(each.detail)
    )
    return next((text for text in (_seen(each, reader) for each in said) if text), "")


def reasons(decision: Decision, reader: Tongue) -> tuple[str, ...]:
    """Return the lines whose sum the priority is, the largest first: ``+20 meets the preconditions``."""
    return tuple(_reason(each, reader) for each in _lines(decision))


def top_reasons(decision: Decision, reader: Tongue, limit: int = 3) -> tuple[str, ...]:
    """Return the lines that set this priority apart from others, the largest first, at most `limit`."""
    own = [each for each in _lines(decision) if each.name not in _COMMON]
    return tuple(_reason(each, reader) for each in own[:limit])


def origin(text: str, reader: Tongue) -> str:
    """Return where a mail came from, such as ``list partners-l``, in the reader's language."""
    named = _FILE.sub(lambda found: f"file {_last(found[1])}", clean.line(text, 200))
    return clean.line(_reworded(clean.cut(named, 80), "origin", reader, {"place": origin}), 90)


def _last(path: str) -> str:
    """Return the name of a file without its folders, which are nobody's business outside the machine."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _lines(decision: Decision) -> list[Evidence]:
    lines = [each for each in decision.evidence if each.source is Source.CRITERIA and each.score]
    return sorted(lines, key=lambda each: -abs(each.score))


def _reason(evidence: Evidence, reader: Tongue) -> str:
    said = _criterion(evidence.detail, reader.locale)
    return f"{evidence.score:+.0f} {said}".replace("-", "\u2212", 1 if evidence.score < 0 else 0).rstrip()


# Most lines of most sums are the same few.
@lru_cache(maxsize=2048)
def _criterion(detail: str, locale: str) -> str:
    return _reworded(clean.line(detail, _LONGEST_NOTE), "criteria", tongue(locale), _FILL)


def _seen(evidence: Evidence, reader: Tongue) -> str:
    """Turn the note of a witness, ``body: 'cc by'``, into words: ``“cc by” in the text``."""
    detail = clean.line(evidence.detail, _LONGEST_NOTE).removesuffix(": ''")
    noted = _SEEN.fullmatch(detail)
    if not noted or noted[1] not in _VIEWS:
        return clean.cut(detail, _LONGEST)
    words = clean.isolated(clean.cut(noted[3].strip("<>"), _LONGEST), reader.direction)
    return reader.text(_VIEWS[noted[1]], words=words)


def _reworded(
    text: str, context: str, reader: Tongue, fill: Mapping[str, Callable[[str, Tongue], str]]
) -> str:
    """Return `text` as the catalogue says its phrase of `context`; as it is if it has no such phrase.

    `fill` tells how the values in some of the phrase's places are said.
    """
    for pattern, english in _phrases(reader.known(context)):
        found = pattern.fullmatch(text)
        if found:
            values = {
                name: fill.get(name, _isolated)(value or "", reader)
                for name, value in found.groupdict().items()
            }
            return reader.word(context, english).format_map(values).rstrip(" :\u00a0")
    return _DAY.sub(lambda day: _day(day[0], reader), _end_quoted(text, reader))


@cache
def _phrases(known: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return an expression for each phrase; a quote at its end may be missing."""
    return tuple((_expression(english), english) for english in known)


def _expression(english: str) -> re.Pattern[str]:
    literal = re.escape(english.removesuffix(": {quote}"))
    filled = _PLACE.sub(r"(?P<\1>.+?)", literal.replace(r"\{", "{").replace(r"\}", "}"))
    return re.compile(filled + ("(?:: (?P<quote>.+))?" if english.endswith(": {quote}") else ""))


def _end_quoted(text: str, reader: Tongue) -> str:
    start, colon, end = text.partition(": ")
    return f"{start}: {_quote(end, reader)}" if colon and _QUOTE_AT_END.fullmatch(end) else text


def _quote(text: str, reader: Tongue) -> str:
    """Return the message's own words, which are noted in Python's quotes, in quotes for people."""
    quoted = _QUOTE_AT_END.fullmatch(text)
    if not quoted:
        return clean.isolated(text, reader.direction)
    # Cut within the marks: a quotation without its end, or a name that is not shut off again, spoils what follows.
    return reader.text("“{words}”", words=clean.isolated(clean.cut(quoted[2], _QUOTED), reader.direction))


def _day(text: str, reader: Tongue) -> str:
    try:
        return reader.day(date.fromisoformat(text), "UTC", "long")
    except ValueError:
        return text


def _priorities(text: str, reader: Tongue) -> str:
    named = (reader.within(reader.tag("priorities", value)) for value in text.split(", "))
    return reader.listing(named)


def _isolated(text: str, reader: Tongue) -> str:
    return clean.isolated(text, reader.direction)


_FILL: Mapping[str, Callable[[str, Tongue], str]] = {
    "quote": _quote,
    "date": _day,
    "priorities": _priorities,
    "kind": lambda value, reader: reader.tag("kind", value),
}
