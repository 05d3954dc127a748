"""Connections to servers: whom to trust over TLS, and failures told in one line with what to do about them."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from pipeline.errors import Unreachable, UsageError
from pipeline.settings import Server

_LONGEST_QUOTE = 200


class Dropped(Unreachable):
    """A connection failed in a way that another try may mend."""


def context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a TLS context that checks certificate and host name (RFC 8314, RFC 9525).

    Parameters
    ----------
    ca_file
        Certificates to trust instead of the system's, in PEM.

    Raises
    ------
    UsageError
        If the file cannot be read or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or "no certificate in it"
        raise UsageError(
            f"{ca_file}: cannot be used as ca_file: {reason}; it has to hold PEM certificates"
        ) from None


def check_names(server: Server) -> None:
    """Refuse a user name that could end a command before its time.

    Raises
    ------
    UsageError
        If it holds control characters.
    """
    if not server.username.isprintable():
        raise UsageError(f"{server.host}: username holds control characters; write it as the server knows it")


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
    if isinstance(error, socket.gaierror):
        kind = Dropped if error.errno == socket.EAI_AGAIN else Unreachable
        return kind(f"{place}: the host name is not found ({error.strerror}); check host, and the network")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"{place}: its certificate is not trusted ({error.verify_message}); "
            "check host, or name the authority that signed it in ca_file"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        detail = error.reason or "TLS failed"
        return Unreachable(
            f"{place}: no TLS there ({detail}); check port, and security (tls, starttls or none)"
        )
    return Dropped(f"{place}: {_lost(server, error)}")


def _lost(server: Server, error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return (
            f"no answer within {server.timeout_seconds:g} s; "
            "check host, port and firewall, or raise timeout_seconds"
        )
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; check port, and whether the server runs"
    return f"the connection was lost ({printable(error)}); it is tried again at the next run"


def printable(text: object) -> str:
    """Return what a stranger said, shortened and safe to show on one line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    words = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * _LONGEST_QUOTE])
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"
