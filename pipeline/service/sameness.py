"""Whether two messages are copies of one mail: lists re-encode bodies, append footers, tag subjects, rewrite From."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.records.threads import Claims, Twin
from pipeline.service.claims import address_key

# All comparing ends here: characters read, words compared.
_CHARACTERS = 40_000
_WORDS = 4_000
# Words that a list, or a company's gateway, may add: footer and banner; and from how many words on a text that is the
# beginning of another is one that was cut off.
_ADDED = 120
_CUT = 300
# Copies of one mail carry one Date; where one has none, they arrive within.
_APART = timedelta(days=2)
# Writing systems that are compared letter by letter: without spaces between words, and Hangul, whose words inflect.
DENSE = "[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_WORD = re.compile(rf"{DENSE}|(?:[^\W_]|[\u0900-\u0dff\u1000-\u109f])+")
# What a program that turns HTML to text puts where links were.
_LINK = re.compile(r"https?://[^\s<>]+|\[\d{1,3}\]")
_SCARS = re.compile(r"\ufffd|\?\?|\?\w|^\?$|[ÃÂÐÑØÙâ][\u0080-\u00bf\u0152-\u0178\u02c6-\u2122]")
_LOST = re.compile(r"(?:[^\x00-\x7f]|\?)+")
_CHUNK = re.compile(r"[^\s!-/:->@\[-`{-~]+")
# Lines above what lists append.
_RULE = re.compile(r"^(?:[_=*-]{4,78}|-- ?)[ \t]{0,9}$", re.MULTILINE)


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
    if not _same_sender(inquiry, claims, twin):
        return False
    subjects = claims.subject == twin.subject
    if not named and not (subjects and claims.written_at == twin.written_at):
        return False
    if not _same_moment(inquiry, claims, twin):
        return False
    likeness = alike(inquiry.text, twin.text)
    if likeness == "empty":
        return subjects
    if likeness == "scarred":
        return claims.written_at == twin.written_at
    return likeness in ("equal", "near")


def _same_sender(inquiry: Inquiry, claims: Claims, twin: Twin) -> bool:
    """Tell whether authors are one, and of forwarded mails who passed them on: those name as author whom they like."""
    forwarded = inquiry.forward is not None and claims.sender is not None
    by = inquiry.forward.forwarder.address if inquiry.forward and forwarded else ""
    return same_author(inquiry.author, twin.author) and (
        not forwarded or address_key(by) == address_key(twin.forwarder)
    )


def _same_moment(inquiry: Inquiry, claims: Claims, twin: Twin) -> bool:
    date = inquiry.message.date
    if date is not None and twin.dated:
        return twin.written_at in (date, claims.written_at)
    return abs(claims.written_at - twin.written_at) <= _APART


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
        ``equal``: the same words; ``near``: one is the other between a banner and a footer, with the targets of
        links or without, or its beginning, cut off; ``scarred``: so but for words that a wrong charset spoilt;
        ``empty``: one of them holds nothing; ``apart``.
    """
    first, second = words(one), words(other)
    if first == second:
        return "equal" if first else "empty"
    if not first or not second:
        return "empty"
    if any(_near(*pair) for pair in _variants(one, other)):
        return "near"
    scarred = _scarred(one), _scarred(other)
    return "scarred" if _stands_in(*scarred) or _stands_in(*reversed(scarred)) else "apart"


def words(text: str) -> list[str]:
    """Return the words of a text, folded and without accents, at most `_WORDS`."""
    return _WORD.findall(_folded(text[:_CHARACTERS]))[:_WORDS]


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _variants(one: str, other: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield two texts as words to compare: as they are, and each without its footer, for two lists have two."""
    yield _tokens(one, other)
    bare = _without_footer(one), _without_footer(other)
    if bare[0] != one and bare[1] != other:
        yield _tokens(*bare)


def _without_footer(text: str) -> str:
    """Return a text without what stands below its last ruled line, if that is as short as footers are."""
    rules = list(_RULE.finditer(text[:_CHARACTERS]))
    if not rules or len(words(text[rules[-1].end() :])) > _ADDED:
        return text
    return text[: rules[-1].start()]


def _tokens(one: str, other: str) -> tuple[list[str], list[str]]:
    """Return the words of two texts; the targets of links count unless only one of the two has any beside the other's."""
    links = set(_links(one)), set(_links(other))
    if links[0] >= links[1] or links[1] >= links[0]:
        extra = links[0] ^ links[1]
        one, other = (
            _LINK.sub(lambda link: " " if link[0] in extra else link[0], text) for text in (one, other)
        )
    return words(one), words(other)


def _links(text: str) -> list[str]:
    return _LINK.findall(text[:_CHARACTERS])


def _near(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether one is the other and little else, before or behind it."""
    if _stands_in(first, second) or _stands_in(second, first):
        return True
    shorter, longer = sorted((first, second), key=len)
    if len(longer) - len(shorter) <= _ADDED:
        return False
    common = next(
        (at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter)
    )
    return common >= _CUT and len(shorter) - common <= _ADDED


def _stands_in(inner: Sequence[object], outer: Sequence[object]) -> bool:
    """Tell whether a text stands in one piece in another with at most a banner and a footer around it.

    Of a text that is longer than what is compared, the end may be beyond.
    """
    cut = len(outer) >= _WORDS
    room = len(outer) - len(inner)
    if not inner or room > _ADDED or (room < 0 and not cut):
        return False
    offsets = range(min(len(outer), _ADDED) if cut else room + 1)
    return any(outer[at : at + len(inner)] == inner[: len(outer) - at] for at in offsets)


class _Chunk:
    """A word that equals another one, or what a wrong charset made of it."""

    __slots__ = ("plain", "scarred", "skeleton")

    def __init__(self, text: str) -> None:
        self.plain = _folded(text)
        self.scarred = _SCARS.search(text) is not None
        self.skeleton = _LOST.sub("?", text.casefold())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Chunk):
            return NotImplemented
        spoilt = self.scarred or other.scarred
        return self.plain == other.plain or (spoilt and self.skeleton == other.skeleton)

    __hash__ = None  # type: ignore[assignment]  # equal to many that are not equal to each other


def _scarred(text: str) -> list[_Chunk]:
    return [_Chunk(one) for one in _CHUNK.findall(text[:_CHARACTERS])[:_WORDS]]


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
