"""Who wrote a message that came through a mailing list or a gateway.

Lists that rewrite From because of DMARC (RFC 7489) leave the person in Reply-To, Cc or a field of their own.
"""

from __future__ import annotations

import re

from pipeline.parsing.headers import addresses
from pipeline.records.messages import Address, ParsedMessage

_VIA = re.compile(
    r"^(.{1,200}?)\s{1,3}(?:via|über|vía|por meio de|tramite|przez|через|kautta|经由|經由|経由)\s{1,3}(\S.{0,200})$",
    re.IGNORECASE,
)
_ORIGINALS = ("X-Original-From", "X-MailFrom-Original", "Original-From", "X-Original-Sender", "Resent-From")
_MAILTO = re.compile(r"mailto:([^?>,\s]{3,254})", re.IGNORECASE)


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
    rewritten = _VIA.match(message.from_.name)
    lists = list_addresses(message)
    if message.from_.address.lower() not in lists and not (rewritten and _is_list(message, rewritten[2])):
        return message.from_
    name = _bare_name(rewritten[1] if rewritten else message.from_.name)
    person = _person(message, name, lists | {message.from_.address.lower()})
    return Address(name=person.name or name, address=person.address)


def _is_list(message: ParsedMessage, via: str) -> bool:
    """Tell whether the name after "via" is that of the list: ``X via Partners``, not ``Anna via Facebook``."""
    local = message.from_.local_part.casefold()
    folded = re.sub(r"[\W_]+", "", via.casefold())
    return bool(message.list_id) or (len(folded) > 2 and folded in re.sub(r"[\W_]+", "", local))


def list_addresses(message: ParsedMessage) -> frozenset[str]:
    """Return the addresses of the list that a message came through (RFC 2369, RFC 2919)."""
    found = {
        address.lower() for value in message.headers("List-Post") for address in _MAILTO.findall(value[:2000])
    }
    for name in ("X-BeenThere", "X-Mailing-List", "Mailing-List"):
        found |= {address.address.lower() for address in addresses(message.header(name) or "")}
    if message.list_id and "." in message.list_id:
        local, _, domain = message.list_id.lower().partition(".")
        found.add(f"{local}@{domain}")
    return frozenset(found - {""})


def _person(message: ParsedMessage, name: str, lists: frozenset[str]) -> Address:
    """Find the person in the fields where lists keep them; by name where only the name helps."""
    kept: list[Address] = []
    for field in _ORIGINALS:
        kept.extend(addresses(message.header(field) or ""))
    kept.extend(message.reply_to)
    for person in kept:
        if person.address and person.address.lower() not in lists:
            return person
    copied = [*message.cc, message.sender] if message.sender else list(message.cc)
    for person in copied:
        if person.address.lower() not in lists and person.name and person.name.casefold() == name.casefold():
            return person
    return Address()


def _bare_name(name: str) -> str:
    """Strip the quotes and commas that lists leave around a name; one that is an address is none."""
    stripped = name.strip(" \t\"',;")
    return "" if "@" in stripped else stripped
