"""Two sentences that say what an inquiry is about, taken from it word by word, never invented.

Sentences are scored by position, by words of asking and offering, and by centrality: how many of the words that
the message repeats, or its subject names, they hold (Luhn 1958; Edmundson 1969, "New methods in automatic extracting").
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.digest import clean, cues, sentences
from pipeline.records.inquiries import Inquiry
from pipeline.scripts import UNSPACED

LONGEST = 300
_READ = 12_000
_MOST_SENTENCES = 120
_GREETING_LENGTH = 60
_FAREWELL_LENGTH = 48
_WORDS = re.compile(r"[^\W\d_]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")
# An item of a list that goes on in the next one.
_HALF = re.compile(r"(?:[,;،؛，；、]|,? (?:and|or|und|oder|et|ou|y|e|o|и|و))$")
_HALF_LENGTH = 8  # characters, more than an end of it takes
_LABEL = re.compile(r"[^\s:]{1,20}:\s")
_WHO = (
    "my name is", "i am writing", "i'm writing", "we are a", "we are an", "mein name ist", "ich heiße", "je m'appelle",
    "me llamo", "mi nombre es", "meu nome é", "mi chiamo", "меня зовут", "benim adım", "nazywam się", "mijn naam is",
)  # fmt: skip
# Weights found by looking at what was picked from the train part of the fixtures.
_REQUEST, _SECOND_REQUEST, _COURTESY, _FIRST, _CENTRAL, _ABOUT_SUBJECT, _INTRODUCES = (
    2.0,
    0.5,
    -2.5,
    0.9,
    1.6,
    1.0,
    -0.6,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """A sentence, its place in the text, and the stems of its words."""

    place: int
    text: str
    stems: frozenset[str]


class _Cues(NamedTuple):
    """The cues that stand anywhere in a text."""

    requests: tuple[str, ...]
    courtesies: tuple[str, ...]
    who: tuple[str, ...]


def summary(inquiry: Inquiry, limit: int = 2) -> str:
    """Return at most `limit` sentences of `inquiry` in their order, on one line of at most 300 characters.

    Empty only if the message has no text.
    """
    found = _sentences(_without_frame(inquiry.text or inquiry.body))
    if not found:
        return clean.line(inquiry.text or inquiry.body, LONGEST)
    scores = _scores(found, inquiry.base_subject)
    chosen = _choose(found, scores, limit)
    return clean.cut(" ".join(each.text for each in chosen), LONGEST)


def _without_frame(text: str) -> list[list[str]]:
    """Return the paragraphs between greeting and farewell."""
    lines = text[:_READ].splitlines()
    end = next((n for n in range(max(len(lines) // 3, 1), len(lines)) if _is_farewell(lines[n])), len(lines))
    start = next((n for n, each in enumerate(lines) if each.strip()), 0)
    if start < end and _is_greeting(lines[start]):
        start += 1
    kept = [each for each in lines[start:end] if not each.lstrip().startswith(">")]
    return sentences.paragraphs("\n".join(kept))


def _is_greeting(text: str) -> bool:
    short = text.strip().lower()
    return (
        len(short) <= _GREETING_LENGTH
        and bool(cues.opening(cues.GREETINGS, short))
        and not short.endswith("?")
    )


def _is_farewell(text: str) -> bool:
    short = text.strip().lower()
    return bool(short) and len(short) <= _FAREWELL_LENGTH and bool(cues.opening(cues.FAREWELLS, short))


def _sentences(paragraphs: list[list[str]]) -> list[_Sentence]:
    found: list[_Sentence] = []
    for lines in paragraphs:
        for text in sentences.split(" ".join(lines)):
            plain = _EMPHASIS.sub("", text) if "*" in text or "__" in text else text
            shown = clean.line(_without_greeting(plain), 1_000)
            if _says_something(shown):
                found.append(_Sentence(place=len(found), text=shown, stems=_stems(shown)))
        if len(found) >= _MOST_SENTENCES:
            break
    return found


def _without_greeting(text: str) -> str:
    """Drop a greeting that shares its line with the first sentence: ``Dear all, we ...``."""
    opened = cues.opening(cues.GREETINGS, text[:_GREETING_LENGTH].lower())
    if not opened:
        return text
    comma = re.compile(r"[,!،，、:]\s*").search(text, opened, opened + _FAREWELL_LENGTH)
    rest = text[comma.end() :] if comma else text
    return rest if len(rest) >= 20 else text


def _says_something(text: str) -> bool:
    """Tell whether there are words left once links and rulers are gone."""
    unlinked = _LINK.sub("", text) if _has_link(text) else text
    letters = sum(map(str.isalpha, unlinked))
    enough = 5 if _is_dense(text) else 12
    return letters >= enough and letters * 2 >= len(unlinked)


def _has_link(text: str) -> bool:
    return ("://" in text or "www." in text) and _LINK.search(text) is not None


def _is_dense(text: str) -> bool:
    """Tell whether some of `text` is in a script without blanks between words."""
    return not text.isascii() and UNSPACED.search(text) is not None


def _stems(text: str) -> frozenset[str]:
    """Return word beginnings, and pairs of characters where words are not separated."""
    found: set[str] = set()
    unspaced = _is_dense(text)
    for word in _WORDS.findall(text.casefold()):
        if unspaced and UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) > 3:
            found.add(word[:6])
    return frozenset(found)


def _scores(found: list[_Sentence], subject: str) -> list[float]:
    counts = Counter(stem for each in found for stem in each.stems)
    topic = _stems(subject)
    # Most cues stand nowhere in the text; they need not be looked for in each sentence.
    whole = "\n".join(each.text for each in found).lower()
    said = _Cues(*(cues.present(entries, whole) for entries in (cues.REQUESTS, cues.COURTESIES, _WHO)))
    return [_score(each, counts, topic, said) for each in found]


def _score(sentence: _Sentence, counts: Counter[str], topic: frozenset[str], said: _Cues) -> float:
    lower = sentence.text.lower()
    asks = cues.found(said.requests, lower)
    score = (_REQUEST + _SECOND_REQUEST * min(asks - 1, 2)) if asks else 0.0
    score += _COURTESY * bool(cues.found(said.courtesies, lower))
    score += _INTRODUCES * bool(cues.found(said.who, lower)) * (not asks)
    score += _FIRST / (1 + sentence.place / 2)
    score += _CENTRAL * _centrality(sentence, counts)
    score += _ABOUT_SUBJECT * (len(sentence.stems & topic) / len(topic) if topic else 0)
    return score - _misfit(sentence.text)


def _centrality(sentence: _Sentence, counts: Counter[str]) -> float:
    """Return the share of the sentence's stems that other sentences have too, 0 to 1."""
    if not sentence.stems:
        return 0.0
    return sum(counts[stem] > 1 for stem in sentence.stems) / len(sentence.stems)


def _misfit(text: str) -> float:
    """Return how badly a sentence stands alone: a fragment, an endless one, a label, a link."""
    length = len(text) * (2 if _is_dense(text) else 1)
    short = 1.2 if length < 30 else 0.4 if length < 45 else 0.0
    long = min(max(length - 260, 0) / 150, 2.0)
    label = 0.8 * (bool(_LABEL.match(text)) or text.endswith(":"))
    half = _HALF.search(text, max(len(text) - _HALF_LENGTH, 0))
    return short + long + label + 0.7 * _has_link(text) + 2.5 * bool(half)


def _choose(found: list[_Sentence], scores: list[float], limit: int) -> list[_Sentence]:
    """Return the best sentence and then the best ones that still fit, in text order."""
    ranked = sorted(found, key=lambda each: (-scores[each.place], each.place))
    chosen = ranked[:1]
    for each in ranked[1:]:
        room = LONGEST - sum(len(one.text) + 1 for one in chosen)
        repeated = any(each.text == one.text for one in chosen)
        if len(chosen) < limit and len(each.text) <= room and scores[each.place] > 0 and not repeated:
            chosen.append(each)
    return sorted(chosen, key=lambda each: each.place)
