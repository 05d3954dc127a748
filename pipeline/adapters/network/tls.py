"""Whom to trust over TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

from pipeline.errors import UsageError


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
