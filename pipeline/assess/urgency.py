"""By when an answer is needed: of the days that an inquiry names, the one whose words say so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pipeline.assess.dates import NamedDay, named_days
from pipeline.assess.folding import fold, fold_name, is_joined
from pipeline.assess.relative import takes_place, unhurried
from pipeline.declarative import Declared
from pipeline.odds import logistic
from pipeline.records.inquiries import Inquiry

_BREAK = re.compile(r"[.!?。！？؟।។\n]\s|\n\s*\n|[。！？]")
_WEST = re.compile(r"-0[4-8]00\b")
_RANGE = re.compile(r"\d{1,2}\.?\s?(?:-|–|to|bis|al|au|a|до|til|till|do|och|und|and|y|et|e)\s?$")
_LONGEST = 8000
_NEAR_BEFORE = 28
_NEAR_AFTER = 16
_NEAR_EVENT = 50
_ASKING = ("before", "after", "deadline", "answer", "closing", "form within")


class UrgencyPolicy(Declared):
    """The words that make a day a day by which an answer is needed, and their weights; see the file."""

    before: str
    behind: str
    after: str
    deadline: str
    answer: str
    closing: str
    event: str
    header: str
    least: Annotated[float, Field(gt=0, lt=1)]
    weights: dict[str, Annotated[float, Field(ge=-20, le=20)]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The `day` by which an answer is needed, how likely that is right, and the words that say so."""

    day: date
    confidence: float
    words: str


def deadline(
    inquiry: Inquiry, policy: UrgencyPolicy, today: date, rules: Path | None = None
) -> Deadline | None:
    """Return the day by which `inquiry` needs an answer, or None.

    Parameters
    ----------
    inquiry
        Its own date says which year a day without one is in; where it has none, `today` does.
    policy
        Words and weights.
    today
        Now.
    rules
        Folder of the rules; by default the packaged one.
    """
    best: Deadline | None = None
    calm = unhurried(fold(unicodedata.normalize("NFC", inquiry.text[:_LONGEST])), rules)
    for named, text, features in candidates(inquiry, policy, today, rules):
        if (calm and not features["outright"]) or _mere_event(named, text, features, rules):
            continue
        chance = probability(features, policy.weights)
        if chance >= policy.least and (best is None or chance > best.confidence):
            best = Deadline(day=named.day, confidence=round(chance, 4), words=_around(text, named))
    return best


def _mere_event(named: NamedDay, text: str, features: Mapping[str, float], rules: Path | None) -> bool:
    """Tell whether something takes place on the day, and no word of its sentence asks for an answer or closes."""
    if any(features.get(sign) for sign in _ASKING):
        return False
    start, _ = _sentence(text, named)
    before = fold(text[max(start, named.start - _NEAR_EVENT) : named.start])
    return takes_place(f" {' '.join(before.split())} ", rules)


def probability(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the logistic function of the weighted sum of `features`."""
    score = weights.get("constant", 0.0) + sum(
        value * weights.get(name, 0.0) for name, value in features.items()
    )
    return logistic(score)


def candidates(
    inquiry: Inquiry, policy: UrgencyPolicy, today: date, rules: Path | None = None
) -> Iterator[tuple[NamedDay, str, dict[str, float]]]:
    """Yield each day that `inquiry` names, the text in which it stands, and what speaks for and against it."""
    sent = sent_on(inquiry, today)
    american = bool(_WEST.search((inquiry.message.header("Date") or "")[:120])) and inquiry.language == "en"
    own = "\n\n".join((inquiry.base_subject[:300], inquiry.text[:_LONGEST], inquiry.signature[:2000]))
    for raw, quoted in ((own, 0.0), (inquiry.quoted[:_LONGEST], 1.0)):
        text = unicodedata.normalize("NFC", raw)
        days = named_days(text, inquiry.language, sent, american=american, rules=rules)
        for number, named in enumerate(days):
            features = _features(named, text, policy, sent)
            features["quoted"] = quoted
            features["alone"] = float(len(days) == 1)
            features["last"] = float(number == len(days) - 1)
            yield named, text, features


def sent_on(inquiry: Inquiry, today: date) -> date:
    """Return the day on which the first author wrote."""
    if inquiry.forward and inquiry.forward.date:
        return inquiry.forward.date.date()
    when = inquiry.message.date or inquiry.received_at
    return when.date() if when else today


def _features(named: NamedDay, text: str, policy: UrgencyPolicy, sent: date) -> dict[str, float]:
    start, end = _sentence(text, named)
    sentence = f" {fold(text[start : named.start])} {fold(text[named.end : end])} "
    before = " " + " ".join(fold(text[max(start, named.start - _NEAR_BEFORE) : named.start]).split()) + " "
    after = " ".join(fold(text[named.end : named.end + _NEAR_AFTER]).split()) + " "
    own = " " + " ".join(fold(named.words).split()) + " "
    ahead = (named.day - sent).days
    told = _told(policy.deadline, policy.answer, policy.closing, policy.event).Match(sentence) or ()
    said = {
        "before": named.form == "within" or _by_then(before, own, after, policy),
        "after": bool(_starts(policy.after).match(after)),
        "deadline": 0 in told,
        "answer": 1 in told,
        "closing": 2 in told,
        "event": 3 in told,
        "range": bool(_RANGE.search(text[start : named.start])),
        "header": bool(_told(policy.header).Match(_line(text, named))),
        "today": ahead == 0,
    }
    # A day far off is seldom a deadline, unless the words say so outright.
    outright = (said["before"] or said["after"]) and (said["answer"] or said["deadline"])
    said |= {
        "outright": outright,
        "over two months": ahead > 60 and not outright,
        "over six months": ahead > 180 and not outright,
    }
    features = {name: float(holds) for name, holds in said.items()}
    return features | {f"form {named.form}": 1.0, "late in text": named.start / max(1, len(text))}


def _by_then(before: str, own: str, after: str, policy: UrgencyPolicy) -> bool:
    """Tell whether the words about a day, or some of its `own`, mean "by" it."""
    by = _before(policy.before)
    return bool(
        by.search(before)
        or by.search(own[: len(own) // 2])
        or _starts(policy.behind).match(after)
        or own.rstrip().endswith(_endings(policy.behind))
    )


def _sentence(text: str, named: NamedDay) -> tuple[int, int]:
    """Return where the sentence with `named` begins and ends, at most 160 characters to each side."""
    left = max(0, named.start - 160)
    start = max((match.end() for match in _BREAK.finditer(text, left, named.start)), default=left)
    match = _BREAK.search(text, named.end, named.end + 160)
    return start, match.start() if match else min(len(text), named.end + 160)


def _line(text: str, named: NamedDay) -> str:
    start = text.rfind("\n", 0, named.start) + 1
    stop = text.find("\n", named.end)
    stop = len(text) if stop < 0 else stop
    return f" {fold(text[max(start, named.start - 40) : min(stop, named.end + 80)])} "


def _around(text: str, named: NamedDay) -> str:
    start, end = _sentence(text, named)
    return " ".join(text[max(start, named.start - 60) : min(end, named.end + 30)].split())


@cache
def _told(*lists: str) -> Any:
    """Compile lists of words to what tells which of the lists a text has a word of.

    Words are whole, or with a trailing * beginnings.
    """
    import re2

    matcher = re2.Set.SearchSet()
    for listed in lists:
        matcher.Add("|".join(_alternative(word) for word in _terms(listed)))
    matcher.Compile()
    return matcher


def _alternative(word: str) -> str:
    folded = fold_name(word.rstrip("*"))
    bare = re.escape(folded)
    return bare if is_joined(folded) else f" {bare}" if word.endswith("*") else f" {bare} "


@cache
def _before(listed: str) -> re.Pattern[str]:
    """Compile words that stand before a day, with at most two short words between."""
    words = "|".join(sorted({re.escape(fold_name(word)) for word in _terms(listed)}, key=len, reverse=True))
    return re.compile(rf"[ \u0600-\uffff](?:{words})(?: [^ ]{{1,9}}){{0,2}} ?$")


@cache
def _endings(listed: str) -> tuple[str, ...]:
    return tuple(fold_name(word) for word in _terms(listed) if word.startswith("-"))


@cache
def _starts(listed: str) -> re.Pattern[str]:
    terms = {re.escape(fold_name(word)) for word in _terms(listed) if not word.startswith("-")}
    words = "|".join(sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?:[^ ]{{0,4}} )?(?:{words})")


def _terms(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if fold_name(word)]
