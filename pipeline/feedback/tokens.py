"""Tokens: what lets one liaison act on one inquiry as it stands, and what names an inquiry in Cc.

A token is a few octets and their HMAC-SHA256 (RFC 2104), cut to 128 bits, in lower-case base32 (RFC 4648, section 6)
without padding: letters and digits that survive a subject and the local part of an address. What is signed names the
purpose and the liaison beside what the token carries, so that no token serves for another purpose or another person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

from pipeline.records.keys import Keyring

LONGEST = 63
"""Characters of a token, at most."""
USUAL = 42
"""Characters of an entry's token for a KEY of six letters."""

_TOKEN = re.compile(r"(?<![a-z0-9])[a-z2-7]{35,63}(?![a-z0-9])", re.IGNORECASE)
_MAC = 16
_EPOCH = date(2020, 1, 1)
_DAYS = 1 << 14
_VERSIONS = 1 << 16
_MOST = 100  # tokens of one mail that are looked at


class Purpose(IntEnum):
    """What a token is for; two bits of it."""

    ENTRY = 1
    DIGEST = 2
    TRACKING = 3


class Unfit(Exception):
    """A token is not valid; the message says why, in one word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a valid token allows.

    Parameters
    ----------
    key
        The inquiry; empty for the token of a whole digest.
    version
        The state version that it is bound to; None for that of a digest.
    turn
        Of a digest's token the number of the ledger's last change of state when the digest was made; else None.
    """

    key: str = ""
    version: int | None = None
    turn: int | None = None

    def fits(self, version: int) -> bool:
        """Return whether an inquiry at `version` is as it was when the token was made."""
        return self.version is not None and version % _VERSIONS == self.version


def entry_token(ring: Keyring, liaison: str, key: str, version: int, now: datetime, days: int) -> str:
    """Return the token that lets `liaison` act on the inquiry `key` at `version`, for so many `days`."""
    carried = _head(Purpose.ENTRY, now, days) + (version % _VERSIONS).to_bytes(2, "big") + key.encode("ascii")
    return _signed(ring.current.octets, Purpose.ENTRY, liaison, carried)


def digest_token(ring: Keyring, liaison: str, turn: int, now: datetime, days: int) -> str:
    """Return the token for a whole digest, which shows inquiries as they stood after the ledger's change number `turn`."""
    carried = _head(Purpose.DIGEST, now, days) + turn.to_bytes(5, "big")
    return _signed(ring.current.octets, Purpose.DIGEST, liaison, carried)


def tracking_token(ring: Keyring, key: str) -> str:
    """Return the secret that names the inquiry `key` in the address for Cc; inquirers see it, it allows no action."""
    carried = (Purpose.TRACKING << 14).to_bytes(2, "big") + key.encode("ascii")
    return _signed(ring.current.octets, Purpose.TRACKING, "", carried)


def in_text(text: str) -> Iterator[str]:
    """Yield what looks like a token in `text`, each once, in order."""
    seen: set[str] = set()
    for found in _TOKEN.finditer(text):
        token = found[0].lower()
        if token not in seen:
            seen.add(token)
            yield token
        if len(seen) == _MOST:
            return


def grant(ring: Keyring, token: str, liaison: str, now: datetime) -> Grant:
    """Return what `token` allows `liaison`.

    Raises
    ------
    Unfit
        If it is ``forged`` (or of another liaison, or of a secret that no longer serves), ``expired``, or made for another
        ``purpose``.
    """
    purpose, carried, mac = _taken_apart(token)
    if purpose is Purpose.TRACKING:
        raise Unfit("purpose")
    _verify(ring, purpose, liaison, carried, mac, now)
    if _EPOCH + timedelta(days=int.from_bytes(carried[:2], "big") % _DAYS) < now.astimezone(UTC).date():
        raise Unfit("expired")
    if purpose is Purpose.DIGEST:
        return Grant(turn=int.from_bytes(carried[2:], "big"))
    return Grant(key=carried[4:].decode("ascii"), version=int.from_bytes(carried[2:4], "big"))


def tracked(ring: Keyring, token: str, now: datetime) -> str:
    """Return the KEY that a tracking token names; empty if it is none of ours."""
    try:
        purpose, carried, mac = _taken_apart(token)
        if purpose is not Purpose.TRACKING:
            return ""
        _verify(ring, purpose, "", carried, mac, now)
    except Unfit:
        return ""
    return carried[2:].decode("ascii")


def _head(purpose: Purpose, now: datetime, days: int) -> bytes:
    """Return purpose and last day of validity in two octets."""
    last = (now.astimezone(UTC).date() + timedelta(days=days) - _EPOCH).days
    return (purpose << 14 | last % _DAYS).to_bytes(2, "big")


def _signed(secret: bytes, purpose: Purpose, liaison: str, carried: bytes) -> str:
    whole = carried + _mac(secret, purpose, liaison, carried)
    return base64.b32encode(whole).decode("ascii").rstrip("=").lower()


def _mac(secret: bytes, purpose: Purpose, liaison: str, carried: bytes) -> bytes:
    said = b"\0".join((b"partnership-triage", purpose.name.encode(), liaison.encode(), carried))
    return hmac.new(secret, said, hashlib.sha256).digest()[:_MAC]


def _taken_apart(token: str) -> tuple[Purpose, bytes, bytes]:
    """Return purpose, what is carried, and its MAC; only the one canonical spelling of a token is taken."""
    try:
        whole = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        purpose = Purpose(whole[0] >> 6)
    except (binascii.Error, ValueError, IndexError):
        raise Unfit("forged") from None
    canonical = base64.b32encode(whole).decode("ascii").rstrip("=").lower() == token.lower()
    carried, mac = whole[:-_MAC], whole[-_MAC:]
    if not canonical or len(carried) < (7 if purpose is Purpose.DIGEST else 3):
        raise Unfit("forged")
    return purpose, carried, mac


def _verify(ring: Keyring, purpose: Purpose, liaison: str, carried: bytes, mac: bytes, now: datetime) -> None:
    """Check the MAC with every secret that serves, in constant time each."""
    fits = [
        hmac.compare_digest(mac, _mac(one.octets, purpose, liaison, carried)) for one in ring.serving(now)
    ]
    if not any(fits):
        raise Unfit("forged")
