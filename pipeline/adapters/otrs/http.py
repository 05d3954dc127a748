"""One JSON request to the Generic Interface of a help desk: bounded, without redirects, its failures in one line."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.adapters.network.failures import Dropped, blotted, printable, unreachable_url
from pipeline.adapters.network.line import Line
from pipeline.adapters.network.tls import context
from pipeline.errors import Refused, ServerError
from pipeline.settings.otrs import OtrsServer

if TYPE_CHECKING:
    import httpx

Pause = Callable[[float], object]
# An answer that trickles is given up after so many time-outs.
_PATIENCE = 10
_OVERLOADED = frozenset({408, 425, 429, 502, 503, 504})
_NO_ROUTE = "Error while determine Operation"


class RouteMissing(Refused):
    """The web service has no such route, or not for this method."""


class TooLarge(Refused):
    """An answer is longer than is asked for."""


class Wire:
    """Requests to one web service; for use in one thread at a time.

    Parameters
    ----------
    server
        Its settings.
    pause
        Called with seconds to wait between requests; a true answer means stop.
    tick
        Seconds of a clock that never goes back.
    """

    def __init__(
        self, server: OtrsServer, pause: Pause = time.sleep, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._where = f"otrs.{server.name}"
        self._base = f"{server.url}/Webservice/{server.web_service}"
        self._pause = pause
        self._tick = tick
        self._next = tick()
        self._http: httpx.Client | None = None
        self._line = Line()
        self.date = ""
        """The Date field of the last answer (RFC 9110, section 6.6.1), or empty."""

    def send(
        self,
        method: str,
        route: str,
        *,
        query: Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        limit: int,
        secrets: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Send one request and return the JSON object that comes back.

        Parameters
        ----------
        limit
            Most octets of the answer.
        secrets
            What is blotted out wherever the server's words are shown.

        Raises
        ------
        RouteMissing, TooLarge, Refused
            If the server says no, or says nothing that is meant for us.
        Unreachable
            If there is no connection; a `Dropped` where another try may help.
        """
        import httpx

        self._take_turn()
        try:
            status, octets = self._exchange(method, route, query, payload, limit)
        except (httpx.HTTPError, OSError) as error:
            self.close()
            raise self._failure(error) from None
        return self._object(status, octets, route, secrets)

    def interrupt(self) -> None:
        """End what another thread waits for here, and send nothing more."""
        self._line.cut()

    def close(self) -> None:
        """End the connection; the next request makes another."""
        client, self._http = self._http, None
        if client is not None:
            client.close()
        self._line.forget()

    def _exchange(
        self,
        method: str,
        route: str,
        query: Mapping[str, Any] | None,
        payload: Mapping[str, Any] | None,
        limit: int,
    ) -> tuple[int, bytes]:
        deadline = self._tick() + _PATIENCE * self._server.timeout_seconds
        with self._client().stream(method, self._base + route, params=query, json=payload) as answer:
            self.date = answer.headers.get("date", "")
            chunks, size = [], 0
            for chunk in answer.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"{self._where}: an answer is larger than {limit} octets")
                if self._tick() > deadline or self._line.is_cut:
                    raise TimeoutError
            return answer.status_code, b"".join(chunks)

    def _client(self) -> httpx.Client:
        import httpx

        from pipeline.adapters.otrs.transport import Transport

        if self._http is None:
            for name in ("httpx", "httpcore"):  # they would log addresses, which may hold the session
                logging.getLogger(name).setLevel(logging.WARNING)
            # Without TLS only on this very machine; reading all authorities takes a while.
            is_secure = self._server.url.startswith("https:")
            self._http = httpx.Client(
                transport=Transport(self._line, context(self._server.ca_file) if is_secure else None),
                timeout=self._server.timeout_seconds,
                follow_redirects=False,
                # Neither proxies nor ~/.netrc of whoever starts it.
                trust_env=False,
                headers={"Accept": "application/json", "User-Agent": "partnership-triage"},
            )
        return self._http

    def _take_turn(self) -> None:
        """Wait until the next request may go out."""
        wait = self._next - self._tick()
        stop = self._line.is_cut or (wait > 0 and bool(self._pause(wait)))
        if stop or self._line.is_cut:
            raise Dropped(f"{self._where}: told to stop")
        self._next = max(self._next, self._tick()) + 60.0 / self._server.per_minute

    def _failure(self, error: Exception) -> ServerError:
        """Say in one line why there was no answer."""
        place = f"{self._where}: {self._server.url}"
        if self._line.is_cut:
            return Dropped(f"{place}: told to stop")
        return unreachable_url(place, error, self._server.timeout_seconds)

    def _object(self, status: int, octets: bytes, route: str, secrets: tuple[str, ...]) -> dict[str, Any]:
        if status != 200:
            raise self._status(status, octets, route, secrets)
        try:
            found = json.loads(octets)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Refused(
                f"{self._where}: {self._server.url}: answers with something that is not the Generic Interface; "
                "check url: it ends in nph-genericinterface.pl"
            )
        return found

    def _status(self, status: int, octets: bytes, route: str, secrets: tuple[str, ...]) -> ServerError:
        said = printable(blotted(octets[:2000].decode("utf-8", "replace"), *secrets))
        place = f"{self._where}: {self._server.url}"
        name = self._server.web_service
        # Numbers in a route are tickets; the message is about the route.
        shown = "/" + route.lstrip("/").split("/")[0]
        if _NO_ROUTE in said:
            return RouteMissing(
                f"{place}: the web service {name} has no such route for {shown}; see: triage otrs check"
            )
        if status in _OVERLOADED:
            return Dropped(f"{place}: is overloaded or down (HTTP {status}); it is tried again")
        if 300 <= status < 400:
            return Refused(f"{place}: sends us elsewhere (HTTP {status}); write in url where it really is")
        if status in {401, 403}:
            return Refused(
                f"{place}: the web server does not let us in (HTTP {status}); ask its administrator"
            )
        if status == 404:
            return Refused(f"{place}: nothing there (HTTP 404); url has to end in nph-genericinterface.pl")
        if status == 500 and not said:
            return Refused(
                f"{place}: knows no web service {name}, or it is not valid; "
                "check web_service, or import it: triage otrs print web-service"
            )
        return Refused(f"{place}: failed (HTTP {status}): {said or 'without a word'}; ask its administrator")
