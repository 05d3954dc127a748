"""The file of secrets that tokens are made from: TOML, readable by its owner alone."""

from __future__ import annotations

import base64
import secrets
import stat
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, field_validator

from pipeline.adapters.files import privatefile
from pipeline.declarative import Declared, parse, read_octets, validate
from pipeline.errors import DeclarationError, Fault, OutputError, UsageError
from pipeline.records.keys import Keyring, Secret

_OCTETS = 32
_HEAD = "# Secrets of answers by mail, made by `triage init` and `triage keys rotate`. Keep this file to yourself.\n"


def _octets(text: str) -> bytes:
    try:
        found = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        raise ValueError("no base32; make a new file with `triage keys make`") from None
    if len(found) < _OCTETS:
        raise ValueError("too short to be a secret; make a new file with `triage keys make`")
    return found


class _Former(Declared):
    secret: str
    until: datetime

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, text: str) -> str:
        _octets(text)
        return text


class _File(Declared):
    current: str
    former: tuple[_Former, ...] = Field(default=(), max_length=20)

    @field_validator("current")
    @classmethod
    def _is_secret(cls, text: str) -> str:
        _octets(text)
        return text


def load(path: Path) -> Keyring:
    """Read the secrets in the file `path`.

    Raises
    ------
    DeclarationError
        If it is missing, has faults, or somebody else may read or write it.
    """
    octets = read_octets(path) if path.exists() else b""
    if not octets:
        raise _refused(path, "missing; make it with `triage keys make`")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise _refused(
            path, f"others may read it (mode {mode:04o}); replace the secret: `triage keys rotate --now`"
        )
    found = validate(parse(octets, path), _File, str(path))
    return Keyring(
        current=Secret(octets=_octets(found.current)),
        former=tuple(
            Secret(octets=_octets(one.secret), until=one.until.astimezone(UTC)) for one in found.former
        ),
    )


def is_private(path: Path) -> bool:
    """Return whether nobody but its owner may read or write the file `path`."""
    return path.exists() and not stat.S_IMODE(path.stat().st_mode) & 0o077


def make_private(path: Path) -> None:
    """Take the file `path` from everybody but its owner; what is in it may be known to others by then."""
    try:
        path.chmod(0o600)
    except OSError as error:
        raise OutputError(
            f"{path}: its mode cannot be changed: {error.strerror}; as its owner: chmod 600"
        ) from None


def make(path: Path) -> None:
    """Write a new secret to the file `path`, which must not be there yet.

    Raises
    ------
    UsageError
        If it is there.
    OutputError
        If it cannot be written.
    """
    if path.exists():
        raise UsageError(f"{path}: is there already; `triage keys rotate` replaces the secret in it")
    _write(path, Keyring(current=_fresh()))


def rotate(path: Path, now: datetime, until: datetime | None) -> None:
    """Put a new secret into use; what the old one made is valid `until` then, or not any more if that is None."""
    ring = load(path)
    old = [one for one in ring.former if one.serves(now)] if until else []
    if until:
        old.insert(0, Secret(octets=ring.current.octets, until=until))
    _write(path, Keyring(current=_fresh(), former=tuple(old[:20])))


def _fresh() -> Secret:
    return Secret(octets=secrets.token_bytes(_OCTETS))


def _write(path: Path, ring: Keyring) -> None:
    """Write the file whole or not at all, never readable by others."""
    lines = [_HEAD, f'current = "{_text(ring.current)}"\n']
    for one in ring.former:
        until = (one.until or datetime.max.replace(tzinfo=UTC)).isoformat(timespec="seconds")
        lines.append(f'\n[[former]]\nsecret = "{_text(one)}"\nuntil = {until}\n')
    privatefile.replace(path, "".join(lines).encode())


def _text(secret: Secret) -> str:
    return base64.b32encode(secret.octets).decode("ascii").rstrip("=").lower()


def _refused(path: Path, message: str) -> DeclarationError:
    return DeclarationError((Fault(file=str(path), path="", message=message),))
