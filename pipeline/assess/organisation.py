"""Which organisation writes, as far as domain, sender's name, signature and self-introduction tell it.

A wrong name in a digest is worse than none: where nothing tells plainly, the name stays empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pipeline.assess import naming
from pipeline.assess.folding import fold_name
from pipeline.assess.hosts import domain_of, own_domain
from pipeline.assess.names import name_of, spell
from pipeline.assess.naming import Words
from pipeline.assess.spelled import spelled
from pipeline.records.inquiries import Inquiry
from pipeline.records.organisations import Organisation

_LONGEST_LINE = 160
_LINES = 8
_INTRODUCTION = 800
_LOOKED_AT = 1000
# Words before the name of somebody else, who is worked with or written to.
_BESIDE = re.compile(
    r"(?:^|\s)(?:with|like|and|or|than|to|via|mit|wie|und|oder|an|avec|comme|et|ou|con|como|y|o|com|e|ou|z|i|с|и|на|до)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ACRONYM = 6
_SHORTEST = 3
_SHORT_PARAGRAPH = 400
_SHORT_LINE = 60
_ADDRESS = re.compile(r"https?:|www\.|@|\d{4,}|_{3,}")
_HOST = re.compile(r"(?:@|https?://|www\.)((?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})", re.IGNORECASE)


def writer(
    inquiry: Inquiry, *, kind: str | None = None, country: str | None = None, rules: Path | None = None
) -> Organisation:
    """Return the organisation that writes `inquiry`: its name, on one line and at most 120 characters, and its own domain.

    Parameters
    ----------
    inquiry
        Its sender, signature and introduction are read.
    kind, country
        What the decision says of it, if there is one already.
    rules
        Folder of the rules; by default the packaged one.
    """
    words = naming.words(rules)
    domain = domain_of(inquiry.author.address)
    found_by, name = _best(_candidates(inquiry, domain, words))
    if name and not domain:
        domain = _signed_domain(inquiry, name, words)
    return Organisation(name=name, kind=kind, domain=domain, country=country, found_by=found_by)


def _best(candidates: Iterator[tuple[str, str]]) -> tuple[str, str]:
    """Return what told the name, and the name; a mere acronym only if nothing says what it stands for."""
    acronym = ("", "")
    for found_by, name in candidates:
        if not (found_by == "domain" and name.isupper() and len(name) <= _ACRONYM):
            return found_by, name
        acronym = found_by, name
    return acronym


def _candidates(inquiry: Inquiry, domain: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what tells a name, and the name, the surest first."""
    for found_by, names in (
        ("domain", _from_domain(inquiry, domain, words)),
        ("sender", _from_sender(inquiry, words)),
        ("signature", _from_signature(inquiry, words)),
        ("introduction", _from_introduction(inquiry, words)),
    ):
        for name in map(naming.clean, names):
            if _stands(name, inquiry) and not naming.is_part(name, words):
                yield found_by, name


def _from_domain(inquiry: Inquiry, domain: str, words: Words) -> Iterator[str]:
    """Yield what the letters of the domain spell out in sender, signature or text."""
    if not domain:
        return
    person = frozenset(spell(word) for word in inquiry.author.name.split() if len(word) > 1)
    lines = "\n".join(_signature_lines(inquiry))
    whole = [part for line in lines.splitlines() for part in naming.parts(line)]
    texts = (lines, _normal(inquiry.introduction[:_INTRODUCTION]), _normal(inquiry.text[:_LOOKED_AT]))
    names = (spelled(text, domain, words, person=person) for text in texts)
    for name in chain(_spelled_by_sender(inquiry, domain, words), names):
        if naming.is_title(name) and not naming.is_part(name, words):
            yield next((part for part in whole if _wraps(part, name)), name)


def _spelled_by_sender(inquiry: Inquiry, domain: str, words: Words) -> Iterator[str]:
    """Yield what the domain spells out of the sender's name, unless it is a person's first or last name."""
    user = spell(inquiry.author.address.partition("@")[0])
    for part in naming.parts(_normal(inquiry.author.name[:_LONGEST_LINE])):
        name = spelled(part, domain, words)
        personal = name.istitle() and " " not in name and (name != part or spell(name) == user)
        if name and (not personal or naming.is_part(part, words)):
            yield name


def _wraps(part: str, name: str) -> bool:
    """Tell whether the `part` of a signature's line is the whole of which `name` is the beginning."""
    return part.startswith(name) and len(part) < 2 * len(name) + 20 and len(part.split()) <= 8


def _from_sender(inquiry: Inquiry, words: Words) -> Iterator[str]:
    parts = naming.parts(_normal(inquiry.author.name[:_LONGEST_LINE]))
    yield from (part for part in parts if naming.has_word(part, words) and not naming.is_part(part, words))


def _from_signature(inquiry: Inquiry, words: Words) -> Iterator[str]:
    """Yield names in the signature: what it was taken apart into first, then whatever stands in its lines."""
    person = set(fold_name(inquiry.author.name).split())
    for line in chain([_normal(inquiry.signed.organisation[:_LONGEST_LINE])], _signature_lines(inquiry)):
        pieces = naming.parts(line)
        for part in pieces:
            written = naming.is_name(part, words) or (len(pieces) == 1 and naming.is_line(part, words))
            own = written and not naming.is_part(part, words)
            if own and not person & set(fold_name(part).split()):
                yield part


def _from_introduction(inquiry: Inquiry, words: Words) -> Iterator[str]:
    text = _normal(inquiry.introduction[:_INTRODUCTION])
    for match in naming.RUN.finditer(text):
        name = match[0].rstrip(".’'")
        others = _BESIDE.search(text[max(0, match.start() - 12) : match.start()])
        if not others and naming.is_told(name, words) and not naming.is_part(name, words):
            yield name


def _signature_lines(inquiry: Inquiry) -> Iterator[str]:
    """Yield the lines of the signature, or of the last paragraph of a text without one."""
    block = inquiry.signature
    if not block:
        block = _ending(inquiry.text)
    for line in _own_lines(_normal(block[-1200:]))[-_LINES:]:
        if (
            line.strip()
            and len(line) <= _LONGEST_LINE
            and not _ADDRESS.search(line)
            and "list" not in line.lower()
            and not line.lstrip().startswith(">")
        ):
            yield line.strip()


def _ending(text: str) -> str:
    """Return the last paragraph if it is short, or the short lines at the end of the only one."""
    head, _, tail = text.rstrip()[-4000:].rpartition("\n\n")
    if head:
        return tail if len(tail) < _SHORT_PARAGRAPH else ""
    lines = tail.splitlines()[-3:]
    return "\n".join(line for line in lines if len(line) < _SHORT_LINE) if len(lines) > 1 else ""


def _own_lines(block: str) -> list[str]:
    """Return the lines of a signature up to a second one below: that of a list."""
    lines = block.splitlines()
    below = next(
        (number for number, line in enumerate(lines) if number and line.rstrip() == "--"), len(lines)
    )
    return lines[:below]


def _signed_domain(inquiry: Inquiry, name: str, words: Words) -> str:
    """Return the one own domain in the signature that has to do with `name`, for who writes from a free mailbox."""
    own = {own_domain(host) for host in _HOST.findall(inquiry.signature[-1200:])} - {""}
    akin = {domain for domain in own if spelled(name, domain, words)}
    return akin.pop() if len(akin) == 1 else ""


def _stands(name: str, inquiry: Inquiry) -> bool:
    """Tell whether a cleaned `name` singles somebody out: not "Free Radio", no wiki, not the list that it came over."""
    if len(name) < _SHORTEST or naming.is_wiki(name) or not name_of(name).own:
        return False
    over = spell((inquiry.list_id or "").partition(".")[0].replace("-", ""))
    return not (over and over in spell(name.replace("-", "").replace(" ", "")))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)
