"""Through which mailing list a message came: its addresses, its identifier, its names (RFC 2369, RFC 2919, and older habits)."""

from __future__ import annotations

import re

from pipeline.parsing.addresses import addresses
from pipeline.records.messages import ParsedMessage

_MAILTO = re.compile(r"mailto:([^?>,\s]{3,254})", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+=~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ROLE = re.compile(
    r"[-+](?:request|bounces?|owner|leave|join|subscribe|unsubscribe|help|admin|confirm|noreply|errors?|signoff-request|"
    r"unsubscribe-request|subscribe-request|dmarc-request|return)(?:[+-].{0,200})?$"
)
_FIELD_LIMIT = 2_000  # characters of a list field that are read
_ONES = 12  # list fields of one name that are read

# Fields that hold the address to which one writes, and fields that hold the address of a role of the list.
_POSTING = ("List-Post", "X-BeenThere", "X-Mailing-List", "Mailing-List", "X-Sympa-To", "X-List-Address")
_ROLES = ("List-Unsubscribe", "List-Subscribe", "List-Owner", "List-Help", "Errors-To")
_WANTED = frozenset(name.lower() for name in (*_POSTING, *_ROLES, "Delivered-To", "Precedence"))


def list_addresses(message: ParsedMessage) -> frozenset[str]:
    """Return the addresses of the list that a message came through, in lower case; empty if it came through none."""
    found: set[str] = set()
    fields = _fields(message)
    for name in _POSTING:
        found.update(_addresses_in(fields.get(name.lower(), ())))
    if not found and not message.list_id and not _is_listed(fields):
        return frozenset()
    for name in _ROLES:
        found.update(_base(address) for address in _addresses_in(fields.get(name.lower(), ())))
    if message.list_id and "." in message.list_id:
        local, _, domain = message.list_id.lower().partition(".")
        found.add(f"{local}@{domain}")
    for value in fields.get("delivered-to", ()):
        if value.lower().startswith("mailing list "):  # ezmlm
            found.update(_addresses_in((value,)))
    if message.sender and (base := _base(message.sender.address.lower())) != message.sender.address.lower():
        found.add(base)
    return frozenset(found - {""})


def list_identifier(message: ParsedMessage) -> str | None:
    """Return the identifier of the list (RFC 2919); made of the address to which one writes where the list gives none."""
    if message.list_id:
        return message.list_id
    fields = _fields(message)
    for name in _POSTING:
        for address in _addresses_in(fields.get(name.lower(), ())):
            return address.replace("@", ".", 1)
    return None


def is_role_of(address: str, lists: frozenset[str]) -> bool:
    """Tell whether an address is a list's, or one of its roles: ``partners-bounces@...``."""
    lower = address.lower()
    return lower in lists or _base(lower) in lists


def _fields(message: ParsedMessage) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.header_fields:
        lower = name.lower()
        if lower in _WANTED:
            values = found.setdefault(lower, [])
            if len(values) < _ONES:
                values.append(value[:_FIELD_LIMIT])
    return found


def _is_listed(fields: dict[str, list[str]]) -> bool:
    """Tell whether fields say that a list sent the message, though not which."""
    precedence = fields.get("precedence", [""])[0].strip().lower()
    ezmlm = any(value.lower().startswith("mailing list ") for value in fields.get("delivered-to", ()))
    return precedence == "list" or ezmlm


def _addresses_in(values: list[str] | tuple[str, ...]) -> list[str]:
    """Return the addresses in fields such as ``<mailto:partners@lists.example>, <https://...>``."""
    found: list[str] = []
    for value in values:
        mailto = _MAILTO.findall(value)
        if mailto or "://" in value:
            found.extend(address.lower() for address in mailto)
        elif "@" in value:
            found.extend(address.lower() for address in _ADDRESS.findall(value)[:4])
        else:
            found.extend(one.address.lower() for one in addresses(value))
    return found


def _base(address: str) -> str:
    """Return the list's address behind that of a role: ``partners-request@`` becomes ``partners@``."""
    local, at, domain = address.rpartition("@")
    return f"{_ROLE.sub('', local)}{at}{domain}"
