"""Who wrote a message that came through a mailing list or a gateway.

Lists that rewrite From because of DMARC (RFC 7489) leave the person in a field of their own (RFC 9057 and older habits), in
Reply-To or Cc, in the address that they make up, or in the name alone.
"""

from __future__ import annotations

import re

from pipeline.parsing.addresses import addresses
from pipeline.parsing.lists import is_role_of, list_addresses
from pipeline.parsing.words import decode_words
from pipeline.records.messages import Address, ParsedMessage

# "X via Partners" and its translations between two names; in some languages the word stands behind the list.
_VIA_WORDS = (
    "via|über|vía|a través de|a través del|por meio de|através de|através da|através do|por|tramite|attraverso|przez|poprzez|"
    "przy użyciu|přes|cez|preko|putem|prin|через|чрез|праз|преко|μέσω|באמצעות|דרך|عبر|بواسطة|از طریق|melalui|qua|thông qua|"
    "per|经由|經由|通过|通過|透過"
)
_VIA = re.compile(rf"^(.{{1,200}}?)\s{{1,3}}(?:{_VIA_WORDS})\s{{1,3}}(\S.{{0,200}})$", re.IGNORECASE)
_BRACKETED = re.compile(
    rf"^(.{{1,200}}?)\s{{0,3}}[(（\[](?:(?:{_VIA_WORDS})\s{{1,3}}([^()（）\[\]]{{1,150}})|([^()（）\[\]]{{1,150}}?)\s{{0,2}}"
    r"(?:経由|kautta|aracılığıyla|을 통해|를 통해|keresztül|vahendusel|caur|per))[)）\]]$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^(.{1,200}?),?\s{1,3}(\S{1,60})\s{1,2}(?:kautta|aracılığıyla|keresztül|vahendusel)$", re.IGNORECASE
)
_LOOSE = re.compile(  # words that stand inside names, too: "Nora da Silva"
    r"^(.{1,200}?)\s{1,3}(?:par|da|dal|dalla|dall'|do|de|von|per|pel)\s{1,3}(\S.{0,200})$", re.IGNORECASE
)
_COMMENT = re.compile(r"\(([^()]{1,200})\)")
_TAGGED = re.compile(r"^(.{1,200}?)\s{1,3}\[([^\[\]]{1,80})\]$")
_ADDRESS = re.compile(r"[\w.+'=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ESCAPED = re.compile(r"([\w.+'-]{1,64})=([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_TOKEN = re.compile(r"\+[0-9a-f]{12,}$|^(?:reply|incoming)\+", re.IGNORECASE)
_RELAY = re.compile(r"^[0-9a-f]{8,40}-dmarc-request$|-noreply$|^(?:noreply|notifications?)$", re.IGNORECASE)
_DMARC = "dmarc."  # hosts that do nothing but rewrite From; that of the IETF writes "=40" for "@"
_GATEWAYS = frozenset(("groups.io", "yahoogroups.com", "googlegroups.com"))

# Where lists keep the author, the surest first.
_ORIGINALS = (
    "Author", "X-Original-From", "X-Mailman-Original-From", "Original-From", "X-MailFrom-Original", "X-Google-Original-From",
    "X-Orig-From", "X-Original-Sender",
)  # fmt: skip


def author(message: ParsedMessage) -> Address:
    """Return the person who wrote a message; never the address of the list that it came through.

    Parameters
    ----------
    message
        The message.

    Returns
    -------
    Address
        From, unless a list has put its own address there: then the person it keeps elsewhere, or at least the name.
    """
    shown = message.from_
    lists = list_addresses(message)
    rewritten = _rewritten(_with_comment(message)) if not shown.name.isalpha() else None
    rewritten = rewritten or _loosely_rewritten(message, lists)
    if not _stands_in(message, lists, rewritten[1] if rewritten else ""):
        return shown
    name = rewritten[0] if rewritten else shown.name
    inside = _ADDRESS.search(name)
    return _person(message, _bare_name(name, shown, lists), lists | {shown.address.lower()}, inside)


def _rewritten(name: str) -> tuple[str, str] | None:
    """Part ``X via Partners`` into the person's name and the list's."""
    for pattern in (_BRACKETED, _VIA, _BEHIND, _TAGGED):
        if found := pattern.match(name):
            return found[1], next(part for part in found.groups()[1:] if part)
    return None


def _with_comment(message: ParsedMessage) -> str:
    """Return the name in From with the comment behind it (RFC 5322, section 3.2.2): ``Nora (via Partners) <...>``."""
    name = message.from_.name
    comment = _COMMENT.search((message.header("From") or "")[:1_000])
    if not comment or not name or comment[0] in name:
        return name
    whole = f"{name} ({decode_words(comment[1])})"
    return whole if _BRACKETED.match(whole) else name


def _loosely_rewritten(message: ParsedMessage, lists: frozenset[str]) -> tuple[str, str] | None:
    """Part ``X par Partenaires`` where what stands behind is what the list calls itself, or its address."""
    found = _LOOSE.match(message.from_.name)
    if not found:
        return None
    called = (message.header("List-Id") or "").partition("<")[0]
    called = decode_words(called).strip(" \t\"'")
    own = [address.rpartition("@")[0] for address in lists] + [called, message.from_.local_part]
    return (found[1], found[2]) if any(_equal(found[2], one) for one in own) else None


def _equal(one: str, other: str) -> bool:
    return len(one) > 2 and re.sub(r"[\W_]+", "", one.casefold()) == re.sub(r"[\W_]+", "", other.casefold())


def _stands_in(message: ParsedMessage, lists: frozenset[str], via: str) -> bool:
    """Tell whether From holds the address of the list rather than that of the author."""
    shown = message.from_
    if is_role_of(shown.address, lists):
        return True
    if shown.domain in _GATEWAYS and ("=" in shown.local_part or _RELAY.search(shown.local_part)):
        return True
    if shown.domain.startswith(_DMARC) and _ESCAPED.fullmatch(shown.local_part):
        return True
    if any(_related(shown.domain, address.rpartition("@")[2]) for address in lists):
        made_up = _ESCAPED.fullmatch(shown.local_part) or _RELAY.search(shown.local_part)
        return bool(made_up or (via and _names_list(via, shown, lists)))
    return bool(via) and (_same(via, shown.local_part) or _written_to(message))


def _related(one: str, other: str) -> bool:
    """Tell whether two domains are the same, or one is above the other."""
    return bool(one and other) and (f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}"))


def _written_to(message: ParsedMessage) -> bool:
    """Tell whether From is also where the message was sent to, and answers go elsewhere: fields of the list were lost."""
    shown = message.from_.address.lower()
    to_itself = any(to.address.lower() == shown for to in message.to)
    return to_itself and any(reply.address.lower() != shown for reply in message.reply_to)


def _names_list(via: str, shown: Address, lists: frozenset[str]) -> bool:
    """Tell whether what stands after "via" is the list: one address of the domain is as good as another then."""
    return _same(via, shown.local_part) or any(_same(via, address.rpartition("@")[0]) for address in lists)


def _same(name: str, local: str) -> bool:
    one, other = (re.sub(r"[\W_]+", "", text.casefold()) for text in (name, local))
    return len(one) > 2 and len(other) > 2 and (one in other or other in one)


def _person(
    message: ParsedMessage, name: str, lists: frozenset[str], inside: re.Match[str] | None
) -> Address:
    """Find the person in the places where lists keep them, the surest first."""
    for place in (_originals(message), _replies(message, name)):
        for person in place:
            if (
                person.address
                and not is_role_of(person.address, lists)
                and not _TOKEN.search(person.local_part)
            ):
                return Address(name=_own(person.name) or name, address=person.address)
    if inside and not is_role_of(inside[0], lists):
        local, _, domain = inside[0].rpartition("@")
        return Address(name=name, address=f"{local}@{domain.lower()}")
    copied = [*message.cc, message.sender] if message.sender else list(message.cc)
    for person in copied:
        if name and person.name.casefold() == name.casefold() and not is_role_of(person.address, lists):
            return person
    return Address(name=name, address=_left(message, lists))


def _left(message: ParsedMessage, lists: frozenset[str]) -> str:
    """Return the address that the list made its own from, or the envelope sender that Mailman 3 notes; else nothing."""
    escaped = _ESCAPED.fullmatch(message.from_.local_part)
    if escaped:
        domain = escaped[2].lower()
        if message.from_.domain.startswith(_DMARC):
            domain = domain.removeprefix("40")
        return f"{escaped[1]}@{domain}"
    envelope = next(iter(addresses(message.header("X-MailFrom") or "")), Address())
    usable = "@" in envelope.address and "=" not in envelope.local_part
    return envelope.address if usable and not is_role_of(envelope.address, lists) else ""


def _originals(message: ParsedMessage) -> list[Address]:
    return [person for field in _ORIGINALS for person in addresses(message.header(field) or "")]


def _replies(message: ParsedMessage, name: str) -> list[Address]:
    """Return Reply-To with those first who bear the name."""
    return sorted(message.reply_to, key=lambda person: not name or person.name.casefold() != name.casefold())


def _own(name: str) -> str:
    """Return a name without what a list added to it."""
    rewritten = _rewritten(name)
    return (rewritten[0] if rewritten else name).strip(" \t\"',;")


def _bare_name(name: str, shown: Address, lists: frozenset[str]) -> str:
    """Strip what lists leave around a name; one that is an address, or the list's, is none."""
    stripped = " ".join(_ADDRESS.sub(" ", name).split()).strip(" \t\"',;()<>[]")
    local = shown.local_part.lower()
    listed = {address.rpartition("@")[0] for address in lists} | {local}
    plain = re.sub(r"[\W_]+", "", stripped.casefold())
    names = {re.sub(r"[\W_]+", "", one) for one in listed if one}
    lists_own = plain in names or any(
        plain.removesuffix(word) in names for word in ("list", "mailinglist", "group")
    )
    return "" if lists_own else stripped
