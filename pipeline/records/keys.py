"""The secrets from which tokens are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One secret, and until when what it made is valid (aware, UTC); None: it is the one in use."""

    octets: bytes = field(repr=False)
    until: datetime | None = None

    def serves(self, now: datetime) -> bool:
        """Return whether what it made is still valid."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The secret in use, and former ones whose tokens are still on the way, newest first."""

    current: Secret
    former: tuple[Secret, ...] = ()

    def serving(self, now: datetime) -> tuple[Secret, ...]:
        """Return the secrets whose tokens are valid at `now`."""
        return tuple(one for one in (self.current, *self.former) if one.serves(now))
