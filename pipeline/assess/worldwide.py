"""Whether the author writes for an intergovernmental body, which belongs to no country, or for its office in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.assess.caching import gazetteer_file, read_once
from pipeline.assess.folding import either, fold_name, fold_terms
from pipeline.assess.gazetteer import default_gazetteer
from pipeline.declarative import Declared, load
from pipeline.records.inquiries import Inquiry

_FILE = "intergovernmental.toml"
_LONGEST = 400
_PLACES = frozenset({"country name", "administrative region", "city"})
_ARTICLE = r"(?:the |la |le |l |el |il |die |der |das |dem |a |os? )?"
_PARTS = re.compile(r"\s*[,;|•·\n]\s*|\s+[–—/-]\s+|\s*[()]\s*")
_OFFICE = re.compile(r"(?<! head) office (?:in|for|at|of)(?: the)?$")


class Bodies(Declared):
    """``gazetteer/intergovernmental.toml``."""

    class Body(Declared):
        """Bodies with the same seats: their domains with spaces between, names and seats with commas."""

        domains: str
        names: str
        seats: str

    body: tuple[Body, ...]
    offices: dict[str, str]
    selves: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """That the author writes for such a body: in which `view`, in which `words`, and whether for an `office` in a country."""

    view: str
    words: str
    office: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    domains: Mapping[str, frozenset[str]]
    names: Mapping[str, frozenset[str]]
    offices: tuple[str, ...]
    self_named: re.Pattern[str]
    named: re.Pattern[str]


def intergovernmental(inquiry: Inquiry, rules: Path | None = None) -> tuple[Told, ...]:
    """Return what tells that the author of `inquiry` writes for an intergovernmental body; nothing if they do not.

    The domain of the sender tells it, or the body's name where authors speak of themselves: a part of its own in the sender's name or
    the signature, and in the introduction "I work for" and the like before it.

    Parameters
    ----------
    inquiry
        Its sender, introduction and signature are read.
    rules
        Folder of the rules; by default the packaged one.
    """
    table = _table(rules)
    found = [*_by_domain(inquiry, table), *_by_name(inquiry, table), *_introduced(inquiry, table)]
    if not found:
        return ()
    seats = frozenset(seat for _, _, seats in found for seat in seats)
    office = any(_is_office(text, seats, table, rules) for text in _own_texts(inquiry))
    return tuple(Told(view=view, words=words, office=office) for view, words, _ in found)


def _by_domain(inquiry: Inquiry, table: _Table) -> Iterator[tuple[str, str, frozenset[str]]]:
    domain = inquiry.author.domain.lower()
    ending = domain
    while ending:
        if ending in table.domains:
            yield "sender", domain, table.domains[ending]
            return
        ending = ending.partition(".")[2]


def _by_name(inquiry: Inquiry, table: _Table) -> Iterator[tuple[str, str, frozenset[str]]]:
    for view, text in (
        ("sender", inquiry.author.name[:_LONGEST]),
        ("signature", inquiry.signature[-3 * _LONGEST :]),
    ):
        for part in _PARTS.split(text):
            match = table.named.fullmatch(fold_name(part))
            if match:
                yield view, part.strip(), table.names[match[1]]
                break


def _introduced(inquiry: Inquiry, table: _Table) -> Iterator[tuple[str, str, frozenset[str]]]:
    match = table.self_named.search(f" {fold_name(inquiry.introduction[:_LONGEST])} ")
    if match:
        yield "introduction", match[0].strip(), table.names[match[1]]


def _own_texts(inquiry: Inquiry) -> Iterator[str]:
    yield inquiry.author.name[:_LONGEST]
    yield inquiry.introduction[:_LONGEST]
    yield from inquiry.signature[-3 * _LONGEST :].splitlines()


def _is_office(text: str, seats: frozenset[str], table: _Table, rules: Path | None) -> bool:
    """Tell whether `text` names an office for a country: by its words, or a place right behind the body's name."""
    folded = f" {fold_name(text)} "
    if any(f" {word} " in folded for word in table.offices):
        return True
    for mention in default_gazetteer(rules).mentions(text):
        ahead = f" {fold_name(text[: max(0, mention.start - 1)])}"
        apart = text[max(0, mention.start - 3) : max(0, mention.start - 1)].strip()[-1:]
        if mention.kind not in _PLACES or mention.key in seats or apart in (",", ";", "(", "-"):
            continue
        if any(ahead.endswith(f" {name}") for name in table.names):
            return True
        if _OFFICE.search(ahead):
            return True
    return False


@read_once
def _table(rules: Path | None) -> _Table:
    read = load(gazetteer_file(_FILE, rules), Bodies)
    domains: dict[str, frozenset[str]] = {}
    names: dict[str, frozenset[str]] = {}
    for body in read.body:
        seats = frozenset(fold_terms(body.seats))
        domains.update(dict.fromkeys(body.domains.split(), seats))
        names.update(dict.fromkeys(fold_terms(body.names), seats))
    name = f"({either(names)})"
    before = either(fold_terms(read.selves["before"]))
    role = rf"(?:i am|i m|we are|je suis|soy|ich bin|sono|sou) (?:[^ ]{{1,20}} ){{0,6}}?(?:{either(fold_terms(read.selves['roles']))})"
    return _Table(
        domains=domains,
        names=names,
        offices=tuple(fold_terms(read.offices["words"])),
        self_named=re.compile(rf" (?:{before}|{role}) {_ARTICLE}{name} "),
        named=re.compile(rf"{_ARTICLE}{name}(?: headquarters| secretariat| archives?| library)?"),
    )
