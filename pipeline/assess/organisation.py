"""Name of the organisation that writes, as far as the signature, the sender's name or the introduction tells it.

A wrong name in a digest is worse than none: where nothing tells plainly, the name stays empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.assess.folding import fold, fold_name
from pipeline.declarative import Declared, load
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged

_LONGEST_NAME = 120
_LONGEST_LINE = 160
_LINES = 8
# What separates the parts of a signature's line: bars, dots, dashes with spaces, commas, slashes with spaces.
_SEPARATOR = re.compile(r"\s*\((?=.{12})|\s*[|·•;]\s*|\s+[–—/-]+\s+|,\s+|\s{3,}|\t+|\s*，\s*")
_ADDRESS = re.compile(r"https?:|www\.|@|\d{4,}|_{3,}")
# A name in running text: capitalised words, small joining words between them.
_RUN = re.compile(
    r"[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-ЯЁІЇЄҐ][\w’'&-]{1,30}(?:\s(?:(?:of|the|de|del|della|di|da|do|dos|das|du|des|la|las|los|le|les|der|die|das|den|des|für|fur|und|and|y|e|et|i|for|van|voor|och|og|na|v|z|для|и|та)\s){0,1}"
    r"(?:(?:the|la|las|los|le|les|der|den|des|l’|l')\s){0,1}[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-ЯЁІЇЄҐ][\w’'&-]{1,30}){1,7}"
)
# What stands before a name without being part of it: a role, a time, a greeting.
_LEAD = re.compile(
    r"^(?:(?:in|on|at|from|since|last|this) [\w ]{1,20} the |(?:vice[- ])?(?:head|director|principal|chair|president|secretary|member|rector|dean|curator|editor|manager|coordinator|"
    r"librarian|director[ae]?|directeur|directrice|presidente?|diretor[a]?|direttore|direttrice|leiter(?:in)?|директор|голова) (?:of|at|for|de|del|de la|du|da|do|di|des|der) (?:the )?|"
    r"(?:the|at|from|for|bei|vom|von der) )",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:in|who|what|how|when|if|liebe[sr]?|hi|hello|hey|dear|greetings|good|coucou|bonjour|hola|hallo|ciao|salut|i['’]\w+|we|morning)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:my|our|your|mein|unser|mon|notre|mi|nuestr[oa]|meu|noss[oa]|mio|nostr[oa])\b", re.IGNORECASE
)


class OrganisationWords(Declared):
    """``gazetteer/organisation-words.toml``: words that make a name the name of an organisation."""

    whole: str
    east: str
    parts: str


@dataclass(frozen=True, slots=True)
class _Words:
    beginnings: frozenset[str]
    endings: tuple[str, ...]
    east: tuple[str, ...]
    parts: tuple[str, ...]


def organisation(inquiry: Inquiry, rules: Path | None = None) -> str:
    """Return the name of the organisation that writes `inquiry`, on one line and at most 120 characters, or "".

    Parameters
    ----------
    inquiry
        Its sender's name, signature and introduction are read, in this order.
    rules
        Folder of the rules; by default the packaged one.
    """
    words = _words(rules)
    for names in (
        _from_sender(inquiry, words),
        _from_signature(inquiry, words),
        _from_introduction(inquiry, words),
    ):
        name = _clean(next(names, ""))
        if name:
            return name
    return ""


def _from_sender(inquiry: Inquiry, words: _Words) -> Iterator[str]:
    name = _normal(inquiry.author.name[:_LONGEST_LINE])
    parts = [part for part in _SEPARATOR.split(name) if part]
    yield from _ranked([part for part in parts if _named(part, words)], words)


def _from_signature(inquiry: Inquiry, words: _Words) -> Iterator[str]:
    person = set(fold_name(inquiry.author.name).split())
    for line in _signature_lines(inquiry):
        parts = [part.strip(" *_<>()[]\"'.:") for part in _SEPARATOR.split(line)]
        good = [part for part in parts if _name(part, words) and not person & set(fold_name(part).split())]
        yield from _ranked(good, words)


def _from_introduction(inquiry: Inquiry, words: _Words) -> Iterator[str]:
    for match in _RUN.finditer(_normal(inquiry.introduction[:800])):
        name = match[0].rstrip(".’'")
        if _name(name, words):
            yield name


def _signature_lines(inquiry: Inquiry) -> Iterator[str]:
    """Yield the lines of the signature, or of the last paragraph of a text without one."""
    block = inquiry.signature
    if not block:
        head, _, tail = inquiry.text.rstrip().rpartition("\n\n")
        block = tail if head and len(tail) < 400 else ""
    for line in _normal(block[-1200:]).splitlines()[-_LINES:]:
        if (
            line.strip()
            and len(line) <= _LONGEST_LINE
            and not _ADDRESS.search(line)
            and "list" not in line.lower()
            and not line.lstrip().startswith(">")
        ):
            yield line.strip()


def _ranked(parts: list[str], words: _Words) -> Iterator[str]:
    """Yield whole organisations before their departments."""
    yield from sorted(parts, key=lambda part: fold_name(part).startswith(words.parts))


def _named(part: str, words: _Words) -> bool:
    """Tell whether `part` has an organisation's word, and another beside it."""
    folded = fold(part)
    tokens = folded.split()
    if any(term in folded for term in words.east):
        return 3 <= len(part.strip()) <= 60
    if not 2 <= len(tokens) <= 14:
        return len(tokens) == 1 and len(tokens[0]) > 9 and tokens[0].endswith(words.endings)
    return any(
        token in words.beginnings or (len(token) > 8 and token.endswith(words.endings)) for token in tokens
    )


def _name(part: str, words: _Words) -> bool:
    """Tell whether `part` is written as the name of an organisation: capitals, or a script without them; no sentence."""
    if not part or part[0].islower() or part[-1] in "!?…" or _PERSONAL.search(part) or _GREETING.match(part):
        return False
    if _wiki(part) or not _named(part, words):
        return False
    tokens = [token for token in re.split(r"[\s'’-]+", part) if len(token) > 3]
    capitals = [token for token in tokens if not token[0].islower()]
    own = [token for token in capitals if fold_name(token) not in words.beginnings]
    return 2 * len(capitals) >= len(tokens) and bool(own)


def _wiki(name: str) -> bool:
    """Tell whether `name` is of the wikis themselves, or of a team there that is written to."""
    folded = f" {fold_name(name)} "
    return (
        folded.startswith((" wikipedia ", " wikimedia commons ", " wikimedia foundation ", " wikidata "))
        or " team " in folded
    )


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _clean(name: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in name)
    name = " ".join(printable.split()).strip(" ,;:-–—|(")
    return _LEAD.sub("", name, count=1)[:_LONGEST_NAME]


@cache
def _words(rules: Path | None) -> _Words:
    own = rules / "gazetteer" / "organisation-words.toml" if rules else None
    path = own if own and own.is_file() else packaged("rules") / "gazetteer" / "organisation-words.toml"
    declared = load(path, OrganisationWords)
    whole = declared.whole.split()
    return _Words(
        beginnings=frozenset(
            fold_name(word) for word in whole if word[0] != "*" and " " not in fold_name(word)
        ),
        endings=tuple(fold_name(word) for word in whole if word[0] == "*"),
        east=tuple(fold_name(word) for word in declared.east.split()),
        parts=tuple(fold_name(word) for word in declared.parts.split()),
    )
