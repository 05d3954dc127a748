"""Whether two messages are copies of one mail: lists re-encode bodies, append footers, tag subjects, rewrite From."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.records.threads import Claims, Twin
from pipeline.service.claims import address_key

# All comparing ends here: characters read, words compared.
_CHARACTERS = 40_000
_WORDS = 4_000
# Share of the shorter text's words that the longer one has, in order; and below so many words: all of them.
_NEARLY = 0.9
_FEW = 8
# Words that a list, or a company's gateway, may add: footer and banner; and from how many words on a text that is the
# beginning of another is one that was cut off.
_ADDED = 120
_CUT = 300
# Copies of one mail carry one Date.
_APART = timedelta(days=2)
# Writing systems without spaces between words are compared letter by letter.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|(?:[^\W_]|[\u0900-\u0dff\u1000-\u109f])+"
)
_SCARS = re.compile(r"\ufffd|\?\?|[ÃÂÐÑØÙâ][\u0080-\u00bf\u0152-\u0178\u02c6-\u2122]")
_LOST = re.compile(r"(?:[^\x00-\x7f]|\?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the messages with the same Message-ID come to.

    Parameters
    ----------
    same
        The stored message that this one is a copy of, or None.
    better
        This copy tells more than the stored one.
    others
        Those that have its Message-ID and are other mails.
    """

    same: Twin | None = None
    better: bool = False
    others: tuple[Twin, ...] = ()


def compare(inquiry: Inquiry, claims: Claims, filed: bool, twins: Iterable[Twin]) -> Verdict:
    """Compare a message with those that have its Message-ID, or its date where one of the two has none.

    Parameters
    ----------
    inquiry, claims
        The message, and what it says of its thread.
    filed
        It was decided that it needs nobody.
    twins
        Candidates.
    """
    others = []
    for twin in twins:
        named = bool(claims.header_id) and twin.header_id == claims.header_id
        if _is_copy(inquiry, claims, twin, named):
            return Verdict(same=twin, better=_tells_more(inquiry, filed, twin))
        if named:
            others.append(twin)
    return Verdict(others=tuple(others))


def _is_copy(inquiry: Inquiry, claims: Claims, twin: Twin, named: bool) -> bool:
    if not same_author(inquiry.author, twin.author):
        return False
    subjects = claims.subject == twin.subject
    if not named and not (subjects and claims.written_at == twin.written_at):
        return False
    dates = abs(claims.written_at - twin.written_at) <= _APART
    likeness = alike(inquiry.text, twin.text)
    if likeness == "empty":
        return subjects and dates
    if likeness == "scarred":
        return claims.written_at == twin.written_at
    return likeness == "equal" or (likeness == "near" and dates)


def same_author(one: Address, other: Address) -> bool:
    """Tell whether two authors are one: by address, or by name where a list has taken the address away."""
    if one.address and other.address:
        return address_key(one.address) == address_key(other.address)
    names = {" ".join(_WORD.findall(_folded(who.name))) for who in (one, other)}
    return len(names) == 1 and names != {""}


def alike(one: str, other: str) -> str:
    """Return how alike two texts are.

    Returns
    -------
    str
        ``equal``: the same words; ``near``: all but a few of the shorter one's words, in order, and no more beside than
        a footer, or one is the beginning of the other, cut off; ``scarred``: so but for what a wrong charset spoilt;
        ``empty``: one of them holds nothing; ``apart``.
    """
    first, second = words(one), words(other)
    if first == second:
        return "equal" if first else "empty"
    if not first or not second:
        return "empty"
    if _near(*sorted((first, second), key=len)):
        return "near"
    scarred = _SCARS.search(one[:_CHARACTERS]) or _SCARS.search(other[:_CHARACTERS])
    if scarred and _near(*sorted((_skeleton(one), _skeleton(other)), key=len)):
        return "scarred"
    return "apart"


def words(text: str) -> list[str]:
    """Return the words of a text, folded and without accents, at most `_WORDS`."""
    return _WORD.findall(_folded(text[:_CHARACTERS]))[:_WORDS]


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _near(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Tell whether the longer one is the shorter one and little else."""
    from rapidfuzz.distance import LCSseq

    if not shorter:
        return False
    needed = len(shorter) if len(shorter) < _FEW else _NEARLY * len(shorter)
    if len(longer) - len(shorter) <= max(_ADDED, len(shorter) // 10):
        if len(shorter) < _FEW:
            return _begins_or_ends(shorter, longer)
        return bool(LCSseq.similarity(shorter, longer) >= needed)
    if len(shorter) < _CUT:
        return False
    return bool(LCSseq.similarity(shorter, longer[: len(shorter) + _ADDED]) >= needed)


def _begins_or_ends(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Tell whether a text of few words stands in one piece before a footer or below a banner."""
    size = len(shorter)
    return list(longer[:size]) == list(shorter) or list(longer[-size:]) == list(shorter)


def _skeleton(text: str) -> list[str]:
    """Return the words with whatever a wrong charset may have spoilt as one sign."""
    return re.findall(r"[\w?]+", _LOST.sub("?", text[:_CHARACTERS]).casefold())[:_WORDS]


def _tells_more(inquiry: Inquiry, filed: bool, twin: Twin) -> bool:
    """Tell whether this copy is the better one to keep: with the author's address, honest, whole, straight."""
    this = (
        bool(inquiry.author.address),
        not filed,
        sum(bool(one.name) for one in inquiry.message.attachments),
        _is_whole(inquiry.text, twin.text),
        inquiry.list_id is None,
    )
    that = (
        bool(twin.author.address),
        not twin.filed,
        twin.attachments,
        _is_whole(twin.text, inquiry.text),
        twin.list_id is None,
    )
    return this > that


def _is_whole(text: str, other: str) -> bool:
    return len(words(text)) + _ADDED >= len(words(other)) and (bool(text.strip()) or not other.strip())
