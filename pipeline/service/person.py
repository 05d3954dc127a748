"""Find one person in text and octets: their address in every spelling, and their name.

Upper case, a tag behind a plus (RFC 5233), a domain in Unicode or in ASCII (RFC 5890), and the spellings that lists,
links and encodings give an address are all the same address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.records.keeping import REMOVED

# Between local part and domain: plainly, in links, in quoted-printable and HTML, and in list addresses (VERP).
_AT = r"(?:@|%40|=40|&#64;|&#x40;|=)"
_TAG = r"(?:\+[^\s@=<>\"'(),;:]{0,64})?"
_WORD = re.compile(rb"=\?[^?\s]{1,40}\?([BbQq])\?([^?\s]{0,998})\?=")
_ENCODED_LINE = re.compile(rb"[A-Za-z0-9+/]{4,998}={0,2}")
# What looks like an address, of limited length.
ADDRESS = re.compile(r"(?<![\w.+%-])[\w.!#$%&'*+/^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def canonical(address: str) -> str:
    """Return an address as it is compared: lower case, without a tag, its domain in ASCII."""
    local, _, domain = address.strip().rpartition("@")
    plain = local.partition("+")[0] or local
    return f"{plain.lower()}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Return a domain in ASCII (A-labels), in lower case; as it is where it has none."""
    lower = domain.strip().rstrip(".").lower()
    try:
        return lower if lower.isascii() else lower.encode("idna").decode("ascii")
    except UnicodeError:
        return lower


def digest_of(salt: str, *parts: str) -> str:
    """Return the salted hash by which somebody, or a mail, is known after it was forgotten: HMAC-SHA256 (RFC 2104)."""
    return hmac.new(
        bytes.fromhex(salt), "\n".join(parts).encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()


def addresses_in(text: str) -> Iterator[str]:
    """Yield what looks like an address in a text."""
    return (found[0] for found in ADDRESS.finditer(text))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is looked for.

    Parameters
    ----------
    address
        In canonical form.
    names
        Full names, of two words at least: a single word is a name of many.
    """

    address: str
    names: tuple[str, ...] = field(default=())

    @classmethod
    def at(cls, address: str) -> Person:
        """Return whoever has this address, in whatever spelling."""
        return cls(address=canonical(address))

    def named(self, names: Iterable[str]) -> Person:
        """Return the same person with these names as well."""
        told = dict.fromkeys((*self.names, *(form for one in names for form in _forms(one))))
        return replace(self, names=tuple(one for one in told if _is_telling(one)))

    def is_theirs(self, address: str) -> bool:
        """Return whether an address is theirs; also as a list has wrapped it up."""
        return canonical(address) == self.address or self._address.fullmatch(address.strip()) is not None

    def in_text(self, text: str, *, closely: bool) -> bool:
        """Return whether a text has the address in it; `closely`: or a name."""
        if self._address.search(text):
            return True
        return closely and self._name is not None and self._name.search(text) is not None

    def in_octets(self, octets: bytes, *, closely: bool, words: Sequence[str] = ()) -> bool:
        """Return whether a mail has, also in encoded words, quoted-printable and base64; or one of some `words`."""
        sought = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)") if words else None
        return any(
            self.in_text(view, closely=closely) or (sought is not None and sought.search(view) is not None)
            for view in views(octets)
        )

    def redacted(self, text: str, *, closely: bool) -> str:
        """Return a text in which ``removed`` stands for the address, and closely for the names."""
        plain = self._address.sub(REMOVED, text)
        return self._name.sub(REMOVED, plain) if closely and self._name else plain

    @property
    def patterns(self) -> dict[str, re.Pattern[bytes]]:
        """How the address and the names look in a file, in UTF-8; in databases, texts follow each other without a gap."""
        found = {"address": rf"{self._local}{_TAG}{_AT}(?:{self._domains})"}
        if self.names:
            found["name"] = "|".join(one for name in self.names for one in _spellings(name))
        return {name: re.compile(pattern.encode(), re.IGNORECASE) for name, pattern in found.items()}

    @property
    def _local(self) -> str:
        return re.escape(self.address.rpartition("@")[0])

    @property
    def _domains(self) -> str:
        domain = self.address.rpartition("@")[2]
        return "|".join(re.escape(one) for one in dict.fromkeys((domain, _unicode_domain(domain))))

    @cached_property
    def _address(self) -> re.Pattern[str]:
        plain = rf"(?<![\w.+%-]){self._local}{_TAG}{_AT}"
        # Lists put it behind a name of their own: news-bounces+anna=x.example@lists.example.
        wrapped = rf"(?<=[-+]){self._local}="
        end = r"(?:@[\w.-]{1,255})?(?![\w-]|\.\w)"
        return re.compile(rf"(?:{plain}|{wrapped})(?:{self._domains}){end}", re.IGNORECASE)

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        spelt = [spelling for name in self.names for spelling in _spellings(name)]
        longest = sorted(spelt, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", re.IGNORECASE) if spelt else None


def views(octets: bytes) -> Iterator[str]:
    """Yield a mail as text: as it is, and with each of the usual encodings undone."""
    yield _decoded(octets)
    if b"=" in octets:
        yield _decoded(binascii.a2b_qp(octets))
        yield "\n".join(_words(octets))
    for block in _blocks(octets):
        yield _decoded(block)


def _blocks(octets: bytes) -> Iterator[bytes]:
    """Yield what stands in lines of base64."""
    held: list[bytes] = []
    for line in (*octets.splitlines(), b""):
        plain = line.strip()
        if _ENCODED_LINE.fullmatch(plain):
            held.append(plain)
        elif held:
            yield _unwrapped(b"".join(held))
            held = []


def _unwrapped(text: bytes) -> bytes:
    plain = text.replace(b"=", b"")
    whole = plain[: len(plain) - (len(plain) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _words(octets: bytes) -> Iterator[str]:
    """Yield encoded words (RFC 2047), decoded; those that follow each other at once are one."""
    joined: list[str] = []
    end = 0
    for found in _WORD.finditer(octets):
        if octets[end : found.start()].strip():
            yield "".join(joined)
            joined = []
        how, text = found[1].upper(), found[2]
        plain = _unwrapped(text) if how == b"B" else binascii.a2b_qp(text, header=True)
        joined.append(_decoded(plain))
        end = found.end()
    yield "".join(joined)


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _unicode_domain(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def _forms(name: str) -> tuple[str, str]:
    """Return a name as it stands, and without titles and initials: ``Dr. Ana B. Cruz`` is ``Ana Cruz``, too."""
    words = name.split()
    return " ".join(words), " ".join(word for word in words if not word.endswith("."))


def _is_telling(name: str) -> bool:
    return len(name.split()) > 1 and len(name) > 4 and name.casefold() != REMOVED


def _spellings(name: str) -> tuple[str, ...]:
    """Return patterns for a name as it is written, and family name first."""
    words = [re.escape(word.strip(",")) for word in name.split()]
    return r"\s+".join(words), rf"{words[-1]},\s*" + r"\s+".join(words[:-1])
