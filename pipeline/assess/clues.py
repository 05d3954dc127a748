"""Clues to a country, with where they stand: names, telephone numbers, domains, money, law, post, time zone, language."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.assess import domains, phones
from pipeline.assess.caching import read_once
from pipeline.assess.folding import fold_name
from pipeline.assess.gazetteer import default_gazetteer
from pipeline.assess.pairs import explained
from pipeline.assess.places import PlacePolicy, Shares, shares_of, table
from pipeline.assess.seats import told_of
from pipeline.assess.worldwide import intergovernmental
from pipeline.records.inquiries import Inquiry

# What domains of institutions put before or after a name without a mark between.
_INSTITUTION = re.compile(
    r"universi(?:tatea|teit|dade|tate|tas|tat|dad|ta|te|ty)|institut[eo]?|college|museum|academy|library|archiv[eo]?s?|univ|poly|tech|edu|wiki(?:media)?"
)
_NAMED = ("country name", "administrative region", "tld", "last name")
_NAMED_PLACES = frozenset({"country name", "administrative region", "city"})
_SPOKEN = frozenset({"introduction", "body", "signature"})
_SEATS = frozenset({"tld", "official domain", "education domain", "phone", "local phone", "postal address"})
_SCATTERED = 4
COUNTRY_OFFICE = "country office"
# How much of its weight a clue to a country keeps where a body of many countries has its seat there.
_SEAT_OF_ALL = 0.15
_MOST = 20_000
_LONGEST = {"subject": 300, "introduction": 1500, "body": 6000, "signature": 1500, "quoted": 2000}
# Further clues of one kind for the same country in the same view add less and less.
_FURTHER = (1.0, 0.5, 0.25)
# Characters of the traditional script alone, among the most usual ones.
_TRADITIONAL = frozenset("個們這為國學會與對於發說請關開點體過還時來書長圖館團聯絡資訊臺灣廣區協議")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)\b(?!.*[+-]\d{4})")
_DIGIT = re.compile(r"\d")
_COUNTED = re.compile(r"\b(\d{1,3})\s{0,2}(?:\w{1,20}\s){0,1}?([^\W\d]{1,20})")
_LANGUAGE_NAME = re.compile(r"[ -](?:wiki|wp\b|language|vikip|вики|вікі)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """One thing that speaks for a country, or with `country` None for a world-wide body.

    Parameters
    ----------
    kind, view
        What it is and where it stands: the keys of its weight.
    country
        ISO 3166-1 alpha-2, or None.
    amount
        How much of the weight it has: a share where several countries have the name, less for the second of its kind.
    words
        As they stand there.
    """

    kind: str
    view: str
    country: str | None
    amount: float
    words: str


def collect(inquiry: Inquiry, policy: PlacePolicy, rules: Path | None = None) -> tuple[Clue, ...]:
    """Return all clues in `inquiry`."""
    texts = _texts(inquiry)
    named = frozenset(fold_name(inquiry.author.name).split())
    found = list(_sender(inquiry, policy, rules))
    settled: dict[str, Shares] = {}
    for view, text in texts.items():
        found.extend(_mentioned(text, view, inquiry.language, named, policy, rules, settled))
        found.extend(_contacts(text, view, policy, rules))
    found.extend(_spoken(inquiry, rules))
    merged = list(_merged(found, policy))
    merged.extend(_scattered(merged))
    return tuple(_world_wide((*merged, *_clock(inquiry, merged, rules)), inquiry, rules))


def _world_wide(found: Iterable[Clue], inquiry: Inquiry, rules: Path | None) -> Iterator[Clue]:
    """Yield `found`, and whether the author writes for an intergovernmental body, whose seat tells little then."""
    told = intergovernmental(inquiry, rules)
    if not told:
        yield from found
        return
    office = told[0].office
    for one in told:
        kind = COUNTRY_OFFICE if office else "intergovernmental body"
        yield Clue(kind=kind, view=one.view, country=None, amount=1.0, words=one.words[:120])
    for clue in found:
        yield clue if office or clue.country is None else replace(clue, amount=clue.amount * _SEAT_OF_ALL)


def collect_text(text: str, policy: PlacePolicy, rules: Path | None = None) -> tuple[Clue, ...]:
    """Return the clues in an address line or the like; what stands at its end counts more."""
    text = unicodedata.normalize("NFC", text[:2000])
    found = list(_mentioned(text, "address", "", frozenset(), policy, rules, {}))
    found.extend(_contacts(text, "address", policy, rules))
    found.extend(_postal(text, "address", policy))
    last = max(
        (m for m in default_gazetteer(rules).mentions(text) if m.shares), key=lambda m: m.end, default=None
    )
    if last:
        found.extend(_of("last name", "address", last.shares, last.words))
    return tuple(_merged(found, policy))


def collect_domain(domain: str, policy: PlacePolicy, rules: Path | None = None) -> tuple[Clue, ...]:
    """Return the clues in a domain alone: its end, and the names in it."""
    named = tuple(_names_in_domain(domain, "sender", rules))
    ended = tuple(
        clue for clue in _domain(domain, "sender", policy) if not (named and clue.kind == "education domain")
    )
    return (*ended, *named)


def _texts(inquiry: Inquiry) -> dict[str, str]:
    body, tail = inquiry.text[:_MOST], ""
    if not inquiry.signature:
        body, tail = _split_tail(body)
    introduction = inquiry.introduction if inquiry.introduction in body else body[:400]
    texts = {
        "subject": inquiry.base_subject,
        "introduction": introduction,
        "body": body.replace(introduction, "\n", 1) if introduction else body,
        "signature": inquiry.signature or tail,
        "quoted": inquiry.quoted,
    }
    return {
        view: unicodedata.normalize("NFC", text[: _LONGEST[view]]) for view, text in texts.items() if text
    }


def _split_tail(text: str) -> tuple[str, str]:
    """Split off the last paragraph if its lines are short, as those of a signature are."""
    head, _, tail = text.rstrip().rpartition("\n\n")
    lines = tail.splitlines()
    if head and len(lines) <= 8 and all(len(line) <= 90 for line in lines):
        return head, tail
    return text, ""


def _sender(inquiry: Inquiry, policy: PlacePolicy, rules: Path | None) -> Iterator[Clue]:
    name = unicodedata.normalize("NFC", inquiry.author.name[:200])
    for mention in default_gazetteer(rules).mentions(name, inquiry.language):
        whole = fold_name(name)
        if mention.key not in policy.names and mention.key != whole and len(whole.split()) > 2:
            yield from _of(mention.kind, "sender", mention.shares, mention.words)
    domain = inquiry.author.domain
    if not domain:
        return
    yield from _domain(domain, "sender", policy)
    if not domains.free_mailbox(domain):
        yield from _names_in_domain(domain, "sender", rules)


def _mentioned(
    text: str,
    view: str,
    language: str,
    named: frozenset[str],
    policy: PlacePolicy,
    rules: Path | None,
    settled: dict[str, Shares],
) -> Iterator[Clue]:
    name_line = _name_line(text) if view == "signature" else 0
    mentions = tuple(explained(default_gazetteer(rules).mentions(text, language), text, settled))
    subjects = told_of(mentions, text) if view == "introduction" else frozenset()
    for mention in mentions:
        if mention.start < name_line and mention.kind in ("city", "town"):
            continue
        if mention.kind == "adjective" and _LANGUAGE_NAME.match(text, mention.end - 1):
            continue
        if not (named.issuperset(mention.key.split()) or named.issuperset(fold_name(mention.words).split())):
            kind = "place told of" if mention.start in subjects else mention.kind
            yield from _of(kind, view, mention.shares, mention.words)
    yield from _counted(text, view, policy)


def _name_line(text: str) -> int:
    """Return where the first line of a signature ends if it holds nothing but a few capitalised words, else 0."""
    line = text.lstrip("-\u2013\u2014 \n").partition("\n")[0]
    words = line.split()
    if len(words) <= 4 and not any(mark in line for mark in ",;|/()0123456789"):
        return text.find(line) + len(line) + 1
    return 0


def _contacts(text: str, view: str, policy: PlacePolicy, rules: Path | None) -> Iterator[Clue]:
    for written, country in phones.numbers(text, rules):
        yield Clue(kind="phone", view=view, country=country, amount=1.0, words=written)
    american = phones.american(text, rules)
    if american:
        yield from _of("local phone", view, ((american[1], 1.0),), american[0])
    for host in domains.hosts(text):
        yield from _domain(host, view, policy)
    if view in ("signature", "body"):
        yield from _postal(text, view, policy)
    if view != "quoted":
        yield from _written(text, view, policy)


def _domain(domain: str, view: str, policy: PlacePolicy) -> Iterator[Clue]:
    told = domains.domain_clue(domain, policy)
    if told is None:
        return
    kind = told.kind
    if kind == "tld" and domains.free_mailbox(domain):
        kind = "mailbox"
    yield from _of(kind, view, told.shares, domain)


def _names_in_domain(domain: str, view: str, rules: Path | None) -> Iterator[Clue]:
    """Yield the places whose names stand in `domain`, words such as "university" cut off."""
    label = _INSTITUTION.sub(" ", domain.rpartition(".")[0]).replace("-", " ").replace(".", " ").title()
    for mention in default_gazetteer(rules).mentions(label):
        if mention.kind in ("country name", "city", "administrative region") and len(mention.key) > 4:
            yield from _of("registered domain", view, mention.shares, domain)
    for word in label.split():
        inside = default_gazetteer(rules).country_at_end(word.lower())
        if inside:
            yield from _of("registered domain", view, inside, domain)


def _postal(text: str, view: str, policy: PlacePolicy) -> Iterator[Clue]:
    if not _DIGIT.search(text, max(0, len(text) - 600)):
        return
    matcher, shares = policy.postal_forms
    for line in text[-600:].splitlines()[-8:]:
        for index in matcher.Match(line[:200]) or ():
            yield from _of("postal address", view, shares[index], line.strip()[:80])


def _written(text: str, view: str, policy: PlacePolicy) -> Iterator[Clue]:
    """Yield places told by how they are written: "Norfolk, VA", "Recife/PE"."""
    matcher, shares = policy.written_forms
    for index in matcher.Match(text) or ():
        match = _compiled(list(policy.written)[index]).search(text)
        words = match[0] if match else ""
        yield from _of("written place", view, shares[index], words.strip())


@cache
def _compiled(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


def _counted(text: str, view: str, policy: PlacePolicy) -> Iterator[Clue]:
    """Yield "in 34 countries" where the number is large enough."""
    words = _number_words(policy.world_wide.counted)
    for match in _COUNTED.finditer(text) if _DIGIT.search(text) else ():
        if int(match[1]) >= policy.world_wide.countries and fold_name(match[2]).startswith(words):
            yield Clue(kind="number of countries", view=view, country=None, amount=1.0, words=match[0])


@cache
def _number_words(listed: str) -> tuple[str, ...]:
    return tuple(fold_name(word) for word in listed.split(","))


def _spoken(inquiry: Inquiry, rules: Path | None) -> Iterator[Clue]:
    """Yield where the language of the inquiry is spoken; English is written everywhere."""
    language = inquiry.language
    if language == "zh" and sum(char in _TRADITIONAL for char in inquiry.text[:1000]) >= 2:
        language = "zh_Hant"
    shares = _table("languages.tsv", rules).get(language)
    if shares and language != "en":
        yield from _of("language", "body", shares_of(shares), language)
    elif shares == "":
        yield Clue(kind="language", view="everywhere", country=None, amount=1.0, words=language)


def _scattered(found: Iterable[Clue]) -> Iterator[Clue]:
    """Yield that places in many countries are named and no seat: so speak bodies that are everywhere."""
    placed = {clue.country for clue in found if clue.kind in _NAMED_PLACES and clue.view in _SPOKEN}
    seated = any(clue.kind in _SEATS and clue.view in ("sender", "signature") for clue in found)
    if len(placed) >= _SCATTERED and not seated:
        words = ", ".join(sorted(country for country in placed if country))
        yield Clue(kind="places named", view="everywhere", country=None, amount=1.0, words=words)


def _clock(inquiry: Inquiry, found: Iterable[Clue], rules: Path | None) -> Iterator[Clue]:
    """Yield whether the sender's clock fits each country that another clue names; +0000 is what servers write."""
    match = _OFFSET.search((inquiry.message.header("Date") or "")[:120])
    if not match:
        return
    fitting, unfitting = ("forwarder fits", "forwarder misfits") if inquiry.forward else ("fits", "misfits")
    minutes = (int(match[2]) * 60 + int(match[3])) * (-1 if match[1] == "-" else 1)
    table = _table("offsets.tsv", rules)
    for country in sorted({clue.country for clue in found if clue.country}):
        fits = str(minutes) in table.get(country, "").split()
        if minutes == 0 and not fits:
            continue
        yield Clue(
            kind="utc offset",
            view=fitting if fits else unfitting,
            country=country,
            amount=1.0,
            words=match[0],
        )


def _of(kind: str, view: str, shares: Shares, words: str) -> Iterator[Clue]:
    if not shares:
        yield Clue(kind=kind, view=view, country=None, amount=1.0, words=words)
    for country, share in shares:
        yield Clue(kind=kind, view=view, country=country, amount=share, words=words)


def _merged(found: Iterable[Clue], policy: PlacePolicy) -> Iterator[Clue]:
    """Yield one clue for each kind, view and country: the words of all, and of amounts the first whole."""
    groups: dict[tuple[str, str, str | None], dict[str, float]] = defaultdict(dict)
    for clue in found:
        words = groups[clue.kind, clue.view, clue.country]
        words[clue.words] = max(clue.amount, words.get(clue.words, 0.0))
    outer = {policy.within.get(country or "") for kind, _, country in groups if kind in _NAMED}
    for (kind, view, country), words in groups.items():
        if country and country in outer and kind in _NAMED:
            continue
        largest = sorted(words.values(), reverse=True)
        amount = sum(part * factor for part, factor in zip(largest, _FURTHER, strict=False))
        yield Clue(
            kind=kind, view=view, country=country, amount=amount, words=", ".join(list(words)[:3])[:120]
        )


@read_once
def _table(file: str, rules: Path | None) -> Mapping[str, str]:
    return dict(line.split("\t", 1) for line in table(file, rules))
