"""How settings say who logs in to a server: secrets come from the environment or from a file, never from the settings."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.declarative import Declared
from pipeline.errors import UsageError


class Login(Declared):
    """Who logs in to a server, and whom to trust there.

    Parameters
    ----------
    username
        Login; empty for none.
    password_env, password_file
        Where the password is: the name of an environment variable, or a file that only its owner can read.
    ca_file
        Certificates to trust instead of the system's.
    timeout_seconds
        After which silence counts as a failure.
    """

    username: str = ""
    password_env: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if self.password_env and self.password_file:
            raise ValueError("password_env and password_file are both given; keep one of them")
        if self.username and not self._has_secret():
            raise ValueError("a username needs password_env or password_file")
        return self

    def _has_secret(self) -> bool:
        return bool(self.password_env or self.password_file)

    def password(self) -> str:
        """Return the password, read now; empty if none is configured.

        Raises
        ------
        UsageError
            If the variable is not set, or the file is missing, empty, or readable by others.
        """
        if self.password_env:
            return _from_environment(self.password_env)
        return _from_file(self.password_file) if self.password_file else ""


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UsageError(f"the environment variable {name} is not set; it has to hold the password")
    return value


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the password cannot be read: {error}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"{path}: others can read the password; chmod 600 {path}")
    if not text:
        raise UsageError(f"{path}: empty; it has to hold the password")
    return text
