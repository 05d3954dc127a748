"""The way to a help desk for httpx: connections that another thread can end.

Imported where it is needed only: httpx takes a while.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from pipeline.adapters.network.line import Line

_IDLE_SECONDS = 5.0


class Transport(httpx.HTTPTransport):
    """Sends requests over connections of a `Line`; neither proxies nor ~/.netrc of whoever starts it.

    Parameters
    ----------
    line
        Ends them.
    trust
        By which the server's certificate is checked; None without TLS.
    """

    def __init__(self, line: Line, trust: ssl.SSLContext | None) -> None:
        super().__init__(verify=trust or False, trust_env=False)
        # httpx has no argument for who makes the connections.
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust, keepalive_expiry=_IDLE_SECONDS, network_backend=_Backend(line)
        )


class _Backend(httpcore.SyncBackend):
    """Makes connections that `line` can end, also while they are made."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect within `timeout` seconds.

        Raises
        ------
        httpcore.ConnectError, httpcore.ConnectTimeout
            If there is no connection.
        OSError
            If the line was cut.
        """
        connect = super().connect_tcp
        made = self._line.attended(
            lambda: connect(host, port, timeout, local_address, socket_options),
            httpcore.NetworkStream.close,
        )
        self._line.adopt(made.get_extra_info("socket"))
        return made
