"""Logging in with OAuth 2.0: the client's side of XOAUTH2 and OAUTHBEARER (RFC 7628), the same for IMAP and SMTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pipeline.adapters.network.failures import Dropped, printable
from pipeline.adapters.network.oauth_token import access_token
from pipeline.errors import Refused
from pipeline.settings import Server


class Exchange:
    """What the client says: the token first, then an answer to a refusal (RFC 7628, section 3).

    Parameters
    ----------
    server
        Settings, with `oauth2`.
    token
        Access token.

    Attributes
    ----------
    mechanism
        Name of the SASL mechanism.
    reason
        Status in the server's refusal, such as ``invalid_token``; empty where there was none.
    """

    def __init__(self, server: Server, token: str) -> None:
        self.mechanism = str(server.oauth2).upper()
        self.reason = ""
        self._asked = False
        if self.mechanism == "XOAUTH2":
            self._first = f"user={server.username}\x01auth=Bearer {token}\x01\x01"
            self._refused = ""
        else:
            identity = server.username.replace("=", "=3D").replace(",", "=2C")
            place = f"host={server.host}\x01port={server.port}"
            self._first = f"n,a={identity},\x01{place}\x01auth=Bearer {token}\x01\x01"
            self._refused = "\x01"

    def fits(self, octets: int) -> bool:
        """Tell whether the first of it, in base64, is no longer than so many octets."""
        return -(-len(self._first.encode()) // 3) * 4 <= octets

    def answer(self, challenge: bytes | None = None) -> str:
        """Return what is said next."""
        if not self._asked:
            self._asked = True
            return self._first
        self.reason = _reason(challenge or b"")
        return self._refused


def with_token(
    where: str, server: Server, unwanted: Callable[[], bool], attempt: Callable[[str], None]
) -> None:
    """Log in with a token asked for now.

    A refused token is asked for once more: it may have expired in the hands of the command.

    Parameters
    ----------
    where, server, unwanted
        As for `access_token`.
    attempt
        Logs in with a token, and raises Refused where it is not taken.

    Raises
    ------
    Refused
        If the server does not let us in.
    Unreachable, UsageError
        If there is no token, or no connection any more.
    """
    token = access_token(where, server, unwanted)
    try:
        attempt(token)
    except Dropped:
        raise
    except Refused:
        again = access_token(where, server, unwanted)
        if again == token:
            raise
        attempt(again)


def not_offered(server: Server, offered: str) -> str:
    """Say that a server does not know the mechanism, and which it knows."""
    return (
        f"it does not offer {str(server.oauth2).upper()}, but {printable(offered) or 'nothing'}; "
        "correct oauth2, or log in with a password"
    )


def what_to_check(server: Server) -> str:
    """Say where a secret that a server refused comes from."""
    secret = "access token" if server.oauth2 else "password"
    origin = "token_command" if server.token_command else "password_env or password_file"
    return f"check username, and the {secret} that {origin} gives"


def _reason(challenge: bytes) -> str:
    """Return the status in a server's refusal, such as ``invalid_token``."""
    try:
        found: Any = json.loads(challenge[:4096])
        return printable(found["status"])[:40]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
