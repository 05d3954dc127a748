"""Settings of where the program keeps what it knows: a file of SQLite, or a database of PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from pipeline.logins import Login

_EXAMPLES = "'sqlite:///triage.db' or 'postgresql://triage@db.example.org/triage'"
_POSTGRESQL = ("postgresql", "postgresql+psycopg")


def ledger_url(url: str) -> str:
    """Check that `url` names a file of SQLite or a database of PostgreSQL, and no password.

    What is given is not repeated: there may be a password in it.
    """
    kind, separator, rest = url.partition("://")
    if kind == "sqlite" and separator and len(rest) > 1 and rest.startswith("/"):
        return url
    if kind not in _POSTGRESQL or not separator:
        raise ValueError(f"no ledger; write one such as {_EXAMPLES}")
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or "password=" in parts.query
        named = len(parts.path) > 1 and parts.port != 0
    except ValueError:
        raise ValueError(f"no ledger; write one such as {_EXAMPLES}") from None
    if secret:
        raise ValueError("a password in the url would be shown in errors; use password_env or password_file")
    if not named:
        raise ValueError(f"names no database; write one such as {_EXAMPLES}")
    return url


Url = Annotated[str, AfterValidator(ledger_url)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class LedgerSettings(Login):
    """Where the program keeps what it knows.

    Parameters
    ----------
    url
        ``sqlite:///FILE``, or ``postgresql://USER@HOST/DATABASE``; the rest is for PostgreSQL alone.
    security
        ``tls``: encrypted, and the server's certificate has to name the host; ``none``: as it comes. A socket and this
        very machine need neither.
    certificate_file, key_file
        The client's own certificate and key, where the server asks for one.
    timeout_seconds, lock_seconds, statement_seconds
        How long to wait for the server, for what another process is changing, and for the end of one statement.
    connections
        At most so many at once, for each process.
    """

    url: Url = "sqlite:///triage.db"
    security: Literal["tls", "none"] = "tls"
    certificate_file: Path | None = None
    key_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    lock_seconds: Seconds = 60
    statement_seconds: Seconds = 600
    connections: Annotated[int, Field(ge=2, le=100)] = 10

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.username:
            raise ValueError("the ledger's user stands in the url: postgresql://USER@HOST/DATABASE")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together; give both or none")
        if self.url.startswith("sqlite:") and self._has_secret():
            raise ValueError("a file of SQLite has no password; remove password_env and password_file")
        return self
