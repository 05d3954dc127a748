"""How settings say who logs in to a server: secrets come from the environment, a file or systemd, never from the settings."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.declarative import Declared
from pipeline.errors import UsageError


def _on_one_line(name: str) -> str:
    """Check that a user name cannot end a command before its time."""
    if not name.isprintable():
        raise ValueError("holds control characters; write it as the server knows it")
    return name


class Login(Declared):
    """Who logs in to a server, and whom to trust there.

    Parameters
    ----------
    username
        Login; empty for none.
    password_env, password_file, password_credential
        Where the password is: the name of an environment variable; a file that only its owner can read; or the name of a
        credential that systemd hands to the service (``LoadCredential=`` or ``LoadCredentialEncrypted=``, systemd.exec(5)).
    ca_file
        Certificates to trust instead of the system's.
    timeout_seconds
        After which silence counts as a failure.
    """

    username: Annotated[str, AfterValidator(_on_one_line)] = ""
    password_env: str = ""
    password_file: Path | None = None
    password_credential: Annotated[str, Field(pattern=r"^([A-Za-z0-9_.@-]{1,255})?$")] = ""
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        given = [name for name in _SECRETS if getattr(self, name)]
        if len(given) > 1:
            both = "both" if len(given) == 2 else "all"
            raise ValueError(f"{' and '.join(given)} are {both} given; keep one of them")
        if self.username and not self._has_secret():
            raise ValueError("a username needs password_env or password_file, or password_credential")
        return self

    def _has_secret(self) -> bool:
        return any(getattr(self, name) for name in _SECRETS)

    def password(self) -> str:
        """Return the password, read now; empty if none is configured.

        Raises
        ------
        UsageError
            If the variable is not set, the file is missing, empty, or readable by others, or systemd handed over no
            such credential.
        """
        if self.password_credential:
            return _from_systemd(self.password_credential)
        if self.password_env:
            return _from_environment(self.password_env)
        return _from_file(self.password_file) if self.password_file else ""


_SECRETS = ("password_env", "password_file", "password_credential")


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise UsageError(f"the environment variable {name} is not set; it has to hold the password")
    return value


def _from_systemd(name: str) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise UsageError(
            f"password_credential {name}: systemd hands over no credentials here; add LoadCredential={name}:/path/to/file to "
            "the unit, or use password_file where the program is not run by systemd"
        )
    # Who may read it is systemd's concern: it may be the service alone, by an access list that the mode does not show.
    return _text_of(Path(folder) / name)


def _from_file(path: Path) -> str:
    text = _text_of(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UsageError(f"{path}: others can read the password; chmod 600 {path}")
    return text


def _text_of(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        # The octets that are no UTF-8 would stand in the words of a UnicodeDecodeError.
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"{path}: the password cannot be read: {why}; give yourself the right, or name another file"
        ) from None
    if not text:
        raise UsageError(f"{path}: empty; it has to hold the password")
    return text
