"""Failures of connections, told in one line with what to do about them."""

from __future__ import annotations

import socket
import ssl
from typing import Any, NamedTuple

from pipeline.errors import Unreachable
from pipeline.settings import Server

_LONGEST_QUOTE = 200
_MOST_CAUSES = 30


class _Checks(NamedTuple):
    """What to look at in the settings where a name, a certificate, TLS, a port, or the time is at fault."""

    name: str
    certificate: str
    security: str
    port: str
    time: str


_BY_PORT = _Checks(
    name="check host, and the network",
    certificate="check host",
    security="check port, and security (tls, starttls or none)",
    port="check port",
    time="check host, port and firewall, or raise timeout_seconds",
)
_BY_URL = _Checks(
    name="check url, and the network",
    certificate="check url",
    security="check url",
    port="check url",
    time="it is tried again; raise timeout_seconds if the server is slow",
)


class Dropped(Unreachable):
    """A connection failed in a way that another try may mend."""


def unreachable(where: str, server: Server, error: BaseException) -> Unreachable:
    """Say in one line why there is no connection.

    Parameters
    ----------
    where
        Which server this is to the user, such as ``imap.main``.
    server
        Its settings.
    error
        What happened.

    Returns
    -------
    Unreachable
        A `Dropped` where another try may help.
    """
    place = f"{where}: {server.host}:{server.port}"
    found = _told(error, server.timeout_seconds, _BY_PORT)
    if found is None:
        return Dropped(
            f"{place}: the connection was lost ({printable(error)}); it is tried again at the next run"
        )
    return _failed(place, *found)


def unreachable_url(place: str, error: BaseException, seconds: float) -> Unreachable:
    """Say in one line why a request over HTTP had no answer.

    Parameters
    ----------
    place
        Which server this is to the user, and its url.
    error
        What the library raised; what that came from is looked at, too.
    seconds
        How long it was waited for.

    Returns
    -------
    Unreachable
        A `Dropped` where another try may help.
    """
    causes = _causes(error)
    found = next(filter(None, (_told(one, seconds, _BY_URL) for one in causes)), None)
    if found is None:
        return Dropped(f"{place}: the connection was lost ({printable(causes[-1])}); it is tried again")
    return _failed(place, *found)


def _failed(place: str, lasts: bool, words: str) -> Unreachable:
    return (Unreachable if lasts else Dropped)(f"{place}: {words}")


def _told(error: BaseException, seconds: float, check: _Checks) -> tuple[bool, str] | None:
    """Return whether a failure lasts, and what to say of it; None where it says no more than that there was one."""
    if isinstance(error, socket.gaierror):
        return error.errno != socket.EAI_AGAIN, f"the host name is not found ({error.strerror}); {check.name}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return True, (
            f"its certificate is not trusted ({error.verify_message}); "
            f"{check.certificate}, or name the authority that signed it in ca_file"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return True, f"no TLS there ({error.reason or 'TLS failed'}); {check.security}"
    if isinstance(error, TimeoutError):
        return False, f"no answer within {seconds:g} s; {check.time}"
    if isinstance(error, ConnectionRefusedError):
        return False, f"nothing listens there; {check.port}, and whether the server runs"
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what it came from; urllib3 keeps some of that in `reason` and in arguments."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < _MOST_CAUSES:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found


def blotted(text: str, *secrets: str) -> str:
    """Return a text with *** in place of each secret."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


def printable(text: object) -> str:
    """Return what a stranger said, shortened and safe to show on one line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    words = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * _LONGEST_QUOTE])
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"
