"""Invented names for real ones: the same name gets the same invented one wherever it stands, under one secret key.

An invented name follows from a keyed hash (HMAC, RFC 2104) of the real one, so that no list of both has to be kept; who
has the key can test guesses, so the key stays with who made it. Addresses and hosts end in ``.example`` (RFC 2606).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from pipeline.domainlists import suffixes

FREE_MAIL = "freemail.example"
# Hosts that name nobody: the movement's own, and those of licences.
_OPEN_HOSTS = re.compile(
    r"(?:^|\.)(?:wiki(?:media|pedia|data|books|source|versity|voyage|news|quote)\.(?:org|example)|wiktionary\.org"
    r"|mediawiki\.org|creativecommons\.org|openstreetmap\.org|example|example\.org|example\.com)$"
)
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'()\[\]]{1,400}", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w@./-])(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,18}(?![\w@-])")
_LABEL = r"(?:tel|tél|phone|fon|telefon|telefono|teléfono|telefone|tlf|mobile?|mob|handy|fax|whatsapp|cell|тел|факс|☎|📞)"
_PHONE = re.compile(
    rf"(?<![\w+])(?:(\+|00|\(0|0)\d?|({_LABEL}\.?:? ?)\(?\d)(?:[ ()./\u2010-\u2013\u00a0-]{{0,3}}\d){{5,15}}(?!\w)",
    re.IGNORECASE,
)
# A country's code, as long as it is set apart, else two digits of it.
_CODE = re.compile(r"\s*(?:\+|00)(?:\d{1,3}(?!\d)|\d\d)")
# Days and spans of years stay: they tell when an answer is needed, and what a collection is about.
_DAY = re.compile(
    r"(?<![\w+])(?<!\d[./-])(?:\d{1,2}([./-]) ?\d{1,2}\1 ?(?:\d{4}|\d\d)|\d{4}([./-])\d{1,2}\2\d{1,2}"
    r"|(?:1\d|20)\d\d ?[-\u2013/] ?(?:1\d|20)\d\d)(?!\d|[./-]\d)"
)
# What is set apart in thousands counts something.
_COUNT = re.compile(r"\d{1,3}(?:([ .,'\u2019\u00a0\u202f])\d{3})(?:\1\d{3}){0,4}$")
# Accounts, cards, papers, telephones without a sign: seven digits and more, perhaps with letters between.
_LONG = re.compile(r"(?<![A-Za-z0-9_+])\d(?:[ ()./\u2010-\u2013\u00a0-]{0,2}\d){6,33}[Xx]?(?![A-Za-z0-9_])")
# ISO 13616: the country and two digits, then groups of four.
_IBAN = re.compile(r"(?<![A-Za-z0-9_])[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9_])")
_CODED = re.compile(r"(?<!\w)(?=[A-Z0-9]{0,20}\d{2})(?=(?:[A-Z]{0,20}\d){4})[A-Z0-9]{7,24}(?!\w)")
_MOST_COUNTED = 6
_HANDLE = re.compile(
    r"((?<![\w@./])@|(?i:skype|telegram|wechat|instagram|twitter|signal|viber|kakao|line id)(?: id)?: ?@?"
    r"|(?:微信|QQ)(?:号)?[:： ]{0,2})([A-Za-z0-9_][A-Za-z0-9_.-]{1,38}[A-Za-z0-9_])"
)
_BARE_URL = re.compile(r"(?<![\w@./-])((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,18})/[^\s<>\"'()\[\]]{1,400}")
_SPELLED = re.compile(
    r"(?<![\w.])([A-Za-z0-9][A-Za-z0-9._+-]{1,63}) ?(?:\(at\)|\[at\]|\{at\}|\bat\b) ?"
    r"([A-Za-z0-9-]{1,63}(?: ?(?:\(dot\)|\[dot\]|\{dot\}|\bdot\b) ?[A-Za-z0-9-]{2,63}){1,4})(?!\w)",
    re.IGNORECASE,
)
_DOT = re.compile(r" ?[({\[]?\bdot\b[)}\]]? ?", re.IGNORECASE)
_USER = re.compile(
    r"((?:User|Benutzer(?:in)?|Utilisateur|Usuario|Gebruiker|Участник)(?: talk)?:)([^\s|\]>#?/]{2,60})"
)
_SYLLABLES = {
    "latin": ("ba be bi bo da de di do fa fe ga go ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro "
              "sa se si so ta te ti to va ve vi vo za zo"),
    "cyrillic": ("ба бе би бо да де ди до га го ка ке ки ко ла ле ли ло ма ме ми мо на не ни но па пе ра ре ри ро са "
                 "се си со та те ти то ва ве ви во за зо"),
    "arabic": "با بو بي دا دو دي كا كو كي لا لو لي ما مو مي نا نو ني را رو ري سا سو سي تا تو تي",
    "han": "文 林 安 海 明 江 平 春 山 光 华 石 玉 东 南 星 云 青 松 竹",
    "greek": "βα βε βο δα δε δι δο κα κε κι κο λα λε λι λο μα με μι μο να νε νι νο πα πε ρα ρε ρι ρο σα σε τα τε τι",
}  # fmt: skip
_ENDINGS = {
    "latin": ("n", "r", "s", "k", "l", "m"),
    "cyrillic": ("н", "р", "к", "л", "м"),
    "arabic": ("ن", "ر", "م", "ل"),
    "han": ("",),
    "greek": ("ς", "ν"),
}
_VOWELS = "аяйоеьию"
# Words before the @ that name nobody.
_ROLE_WORDS = (
    "info contact office hello admin team support press media sales service mail webmaster postmaster list lists "
    "partnerships partners partnership owner bounces leave noreply no reply help mailer daemon museum library archive "
    "secretary director communications kontakt presse bureau secretariat"
)
_ROLES = frozenset(_ROLE_WORDS.split())
_SHORTEST = 3
# A name this long may have a grammatical ending.
_INFLECTED, _ENDING = 5, 3


@dataclass(slots=True)
class Pseudonyms:
    """What is invented for one message, under one key.

    Parameters
    ----------
    key
        Secret; the same key gives the same names.
    is_shared
        Tells of a domain whether unrelated people write from it.
    tokens
        Folded parts of names that are to be replaced, to what replaces them.
    literals
        Whole pieces of text that are to be replaced, such as a street.
    small
        Parts of names whose bearers write them without a capital.
    stems
        Folded parts without their last letter, of names that are inflected.
    """

    key: bytes = field(repr=False)
    is_shared: Callable[[str], bool]
    tokens: dict[str, str] = field(default_factory=dict)
    literals: dict[str, str] = field(default_factory=dict)
    small: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)

    def add_name(self, name: str) -> None:
        """Have every part of a name replaced wherever it stands as a word."""
        for token in words_of(name):
            if len(token) >= _SHORTEST or (len(token) > 1 and not token.isascii()):
                self.tokens.setdefault(token.casefold(), self.invented(token))
                if _script(token) == "han":
                    # No space sets it apart from the words around it.
                    self.literals.setdefault(token, self.invented(token))
                if _script(token) == "cyrillic" and len(token) >= _INFLECTED and token[-1] in _VOWELS:
                    # Its last letter changes with the case: Мария, Марией.
                    stem = token[:-1].casefold()
                    self.tokens.setdefault(stem, self.invented(token))
                    self.stems.add(stem)
                if _is_small(name):
                    self.small.add(token)

    def add_street(self, text: str, kept: Collection[str]) -> None:
        """Have a line of an address replaced as a whole: capitalised words but those in `kept`, folded, and all digits."""
        made = re.sub(
            f"[{_letters()}]{{{_SHORTEST},}}",
            lambda word: (
                word[0]
                if word[0].casefold() in kept or _is_small(word[0])
                else self.invented(word[0]).title()
            ),
            text,
        )
        self.literals.setdefault(text, self._other_digits(made, text, 0))

    def invented(self, word: str) -> str:
        """Return a pronounceable word of two or three syllables in the script of `word`, in lower case."""
        script, number = _script(word), self._number("word" + unicodedata.normalize("NFC", word).casefold())
        syllables, endings = _SYLLABLES[script].split(), _ENDINGS[script]
        made = ""
        for _ in range(2 + number % 2):
            number, at = divmod(number, len(syllables))
            made += syllables[at]
        return made + endings[number % len(endings)]

    def domain(self, domain: str) -> str:
        """Return an invented domain: one for each registrable domain; those of mail providers become one."""
        lower = domain.lower().strip(".")
        if _OPEN_HOSTS.search(lower):
            return lower
        if self.is_shared(lower):
            return FREE_MAIL
        owned = registrable(lower) or lower
        last = owned.rpartition(".")[2]
        return f"{self.invented(owned)}-{last if last.isascii() and last.isalpha() else 'x'}.example"

    def address(self, address: str) -> str:
        """Return an invented address: names in it as elsewhere, words of a role as they are."""
        local, _, domain = address.rpartition("@")
        if not local:
            return address
        pieces = re.split(r"([._+-])", local)
        made = "".join(self._local(piece) for piece in pieces)
        return f"{made[:60]}@{self.domain(domain)}"

    def text(self, text: str) -> str:
        """Return `text` with everything replaced that names somebody."""
        kept: list[str] = []

        def keep(invented: str) -> str:
            # What was replaced is not looked at again: private-use characters hold its place.
            kept.append(invented)
            return f"\ue000{len(kept) - 1}\ue001"

        text = text.replace("\ue000", " ").replace("\ue001", " ")
        text = _ADDRESS.sub(lambda found: keep(self.address(found[0])), text)
        text = _SPELLED.sub(lambda found: keep(self._spelled(found)), text)
        text = _URL.sub(lambda found: keep(self._url(found[0])), text)
        text = _BARE_URL.sub(
            lambda found: keep(self._url(found[0])) if registrable(found[1].lower()) else found[0], text
        )
        text = _HANDLE.sub(lambda found: found[1] + keep(self.invented(found[2])), text)
        text = _USER.sub(lambda found: found[1] + keep(self.invented(found[2]).title()), text)
        text = _HOST.sub(lambda found: keep(self._host(found[0])), text)
        for literal in sorted(self.literals, key=len, reverse=True):
            text = text.replace(literal, keep(self.literals[literal]))
        text = _DAY.sub(lambda found: keep(found[0]), text)
        text = _IBAN.sub(lambda found: keep(self._other_digits(found[0], found[0], 0)), text)
        text = _PHONE.sub(lambda found: keep(self.phone(found[0])), text)
        text = _LONG.sub(lambda found: keep(self._counted(found[0])), text)
        text = _CODED.sub(lambda found: keep(self._other_digits(found[0], found[0], 0)), text)
        text = self._named(text, keep)
        return re.sub("\ue000([0-9]+)\ue001", lambda found: kept[int(found[1])], text)

    def phone(self, written: str) -> str:
        """Return `written` with other digits; the country's code stays."""
        if written.strip().startswith("00/"):
            return written
        digits = [at for at, char in enumerate(written) if char.isdigit()]
        code = _CODE.match(written)
        prefix = sum(map(str.isdigit, code[0])) if code else 1
        return self._other_digits(written, "phone" + "".join(written[at] for at in digits), prefix)

    def _counted(self, written: str) -> str:
        """Return `written` with other digits if there are more than counts and years have."""
        few = sum(map(str.isdigit, written)) <= _MOST_COUNTED
        return written if few or _COUNT.match(written) else self._other_digits(written, written, 0)

    def _spelled(self, found: re.Match[str]) -> str:
        """Return an invented address for one that was spelled out, "ana at museum dot example"."""
        host = _DOT.sub(".", found[2])
        return self.address(f"{found[1]}@{host}") if registrable(host.lower()) else found[0]

    def _other_digits(self, written: str, seed: str, prefix: int) -> str:
        number, made = self._number(seed), list(written)
        for at in [at for at, char in enumerate(written) if char.isdigit()][prefix:]:
            number, digit = divmod(number, 10)
            made[at] = str(digit)
        return "".join(made)

    def _url(self, url: str) -> str:
        trail = url[len(url.rstrip(".,;:!?")) :]
        bare = url.removesuffix(trail)
        scheme, _, rest = bare.rpartition("://")
        host, slash, path = rest.partition("/")
        named = host.partition("?")[0].partition(":")[0]
        start = f"{scheme}://" if scheme else ""
        if _OPEN_HOSTS.search(named.lower()):
            shown = _USER.sub(lambda found: found[1] + self.invented(found[2]), path)
            return f"{start}{host}{slash}{shown}{trail}"
        www = "www." if named.lower().startswith("www.") else ""
        domain = self.domain(named.lower().removeprefix("www."))
        return f"{start}{www}{domain}{slash}{self.invented(path) if path else ''}{trail}"

    def _host(self, host: str) -> str:
        return self.domain(host) if registrable(host.lower()) else host

    def _local(self, piece: str) -> str:
        lower = piece.casefold()
        if not any(map(str.isalnum, piece)) or lower in _ROLES:
            return piece
        if lower in self.tokens:
            return _ascii(self.tokens[lower])
        return _ascii(self.invented(piece)) if len(piece) > 1 else self.invented(piece)[0]

    def _named(self, text: str, keep: Callable[[str], str]) -> str:
        if not self.tokens:
            return text
        found = sorted(self.tokens, key=len, reverse=True)
        letters = _letters()
        pattern = re.compile(
            f"(?<![{letters}0-9])({'|'.join(map(re.escape, found))})([{letters}]{{0,{_ENDING}}})(?![{letters}0-9])",
            re.IGNORECASE,
        )

        def replace(match: re.Match[str]) -> str:
            name, ending = match[1], match[2]
            short = len(name) < _INFLECTED and name.casefold() not in self.stems
            if (ending and short) or (_is_small(name) and name not in self.small):
                return match[0]  # an ordinary word that is spelled as the name is
            invented = self.tokens.get(name.casefold(), "")
            return keep(_cased(invented, name) + ending) if invented else match[0]

        return pattern.sub(replace, text)

    def _number(self, text: str) -> int:
        return int.from_bytes(hmac.new(self.key, text.encode(), hashlib.sha256).digest()[:12], "big")


def leaks(text: str, originals: Iterable[str]) -> tuple[str, ...]:
    """Return those of `originals`, such as addresses, that still stand in `text`."""
    folded = text.casefold()
    return tuple(
        dict.fromkeys(each for each in originals if len(each) > _SHORTEST and each.casefold() in folded)
    )


def words_of(text: str) -> list[str]:
    """Return the words of `text`: letters with the marks on them, as the scripts of South Asia write them."""
    return re.findall(f"[{_letters()}]+", unicodedata.normalize("NFC", text))


@cache
def _letters() -> str:
    """Return what belongs to a word, as the inside of a class of characters: letters and marks (Unicode L and M)."""
    belongs = [unicodedata.category(chr(code))[0] in "LM" for code in range(0x10000)] + [False]
    edges = [code for code, (one, other) in enumerate(pairwise([False, *belongs])) if one != other]
    return "".join(
        f"{chr(first)}-{chr(last - 1)}" for first, last in zip(edges[::2], edges[1::2], strict=True)
    )


def registrable(host: str) -> str:
    """Return the registrable part of a host name (Public Suffix List), or an empty text if it has none."""
    return str(suffixes()(host).top_domain_under_public_suffix)


def _script(word: str) -> str:
    name = unicodedata.name(next((char for char in word if char.isalpha()), "a"), "")
    if name.startswith("CJK"):
        return "han"
    return next((script for script in _SYLLABLES if name.startswith(script.upper())), "latin")


def _ascii(word: str) -> str:
    from anyascii import anyascii

    return str(anyascii(word)).lower()


def _cased(invented: str, written: str) -> str:
    if len(written) > 1 and written.isupper():
        return invented.upper()
    return invented if _is_small(written) else invented.title()


def _is_small(name: str) -> bool:
    return name.islower() and name[:1].upper() != name[:1]
