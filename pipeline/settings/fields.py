"""The kinds of values that settings hold, each with a check of its own."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no such time zone: {name!r}; write one such as 'Europe/Berlin'") from None
    return name


def mail_address(address: str) -> str:
    """Check that `address` is one plain mail address."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(
        c.isspace() or not c.isprintable() or c in ",;<>" for c in address
    ):
        raise ValueError(f"not a mail address: {address!r}; write name@example.org, without a display name")
    return address


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f"not a time of day: {text[:20]!r}; write hours and minutes such as '07:30'")
    return text


def is_this_machine(host: str) -> bool:
    """Tell whether a host name or address leads back to this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


MailAddress = Annotated[str, AfterValidator(mail_address)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Host = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9.:_-]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]
Clock = Annotated[str, AfterValidator(_clock)]
