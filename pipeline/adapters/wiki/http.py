"""The way to a wiki: HTTP requests that go nowhere else, end in time, and tell in one line why they failed.

Imported where it is needed only: `requests` takes a while.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pipeline.adapters.network.failures import Dropped, unreachable_url
from pipeline.adapters.network.line import Line
from pipeline.errors import Deferred, Refused, ServerError
from pipeline.settings import Wiki

_LARGEST = 8 * 1024 * 1024
_CHUNK = 65_536
# An answer that trickles is given up after so many time-outs.
_PATIENCE = 10
_OVERLOADED = frozenset({429, 502, 503, 504})
_LONGEST_WAIT = 5 * 86_400


class _Adapter(HTTPAdapter):
    """Makes connections that another thread can end.

    Parameters
    ----------
    line
        Ends them.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._line)


def _pools(line: Line) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return the kinds of pools, whose connections `line` can end."""

    class Plain(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _adopted(line, super()._new_conn)

    class Tls(urllib3.connection.HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _adopted(line, super()._new_conn)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _adopted(line: Line, connect: Callable[[], socket.socket]) -> socket.socket:
    """Connect, and leave that to itself where the line is cut meanwhile."""
    made = line.attended(connect, socket.socket.close)
    line.adopt(made)
    return made


class WikiSession(requests.Session):
    """A session that mwclient works with, and that raises this program's errors.

    Parameters
    ----------
    settings
        Of the wiki.
    token
        An OAuth 2.0 access token, or empty.
    line
        Ends a request from another thread.

    Attributes
    ----------
    retry_after
        Seconds after which the last answer asked to come again; 0 if it did not.
    """

    def __init__(self, settings: Wiki, token: str, line: Line | None = None) -> None:
        super().__init__()
        self._line = line or Line()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._line))
        self.trust_env = False  # neither proxies nor ~/.netrc of whoever starts it
        self.verify = str(settings.ca_file) if settings.ca_file else True
        self.headers["User-Agent"] = (
            "partnership-triage (https://www.mediawiki.org/wiki/API:Etiquette) mwclient"
        )
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.retry_after = 0.0
        self._settings = settings

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        """Send one request, and return its answer if that is good."""
        if self._line.is_cut:
            raise Dropped(f"{self.place}: told to stop")
        options |= {"allow_redirects": False, "timeout": self._settings.timeout_seconds, "stream": True}
        try:
            answer = super().request(method, url, *arguments, **options)
            self._read(answer)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._failure(error) from None
        self.retry_after = _seconds(answer.headers.get("Retry-After", ""))
        if answer.status_code != 200 or "X-Database-Lag" in answer.headers:
            raise self._status(answer)
        return answer

    def _read(self, answer: requests.Response) -> None:
        """Read an answer, as far as answers go."""
        octets = bytearray()
        deadline = time.monotonic() + _PATIENCE * self._settings.timeout_seconds
        # `iter_content` would wait for whole chunks, however slowly their octets come.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            octets += chunk
            if time.monotonic() > deadline:
                answer.close()
                raise TimeoutError
            if len(octets) > _LARGEST:
                answer.close()
                raise Refused(f"{self.place}: an answer is larger than {_LARGEST} octets; check url")
        answer._content = bytes(octets)  # what `text` and `json` look at

    def close(self) -> None:
        """End all connections."""
        super().close()
        self._line.forget()

    @property
    def place(self) -> str:
        """Where this goes, for people."""
        return f"wiki: {self._settings.url}"

    def _status(self, answer: requests.Response) -> ServerError:
        status = answer.status_code
        if "X-Database-Lag" in answer.headers or status in _OVERLOADED or status >= 500:
            told = "its database lags behind" if status == 200 else f"overloaded or down (HTTP {status})"
            return Deferred(f"{self.place}: {told}; it is tried again", self.retry_after)
        if 300 <= status < 400:
            return Refused(
                f"{self.place}: sends us elsewhere (HTTP {status}); write in url where it really is"
            )
        if status in {401, 403}:
            return Refused(f"{self.place}: does not let us in (HTTP {status}); check the password or token")
        return Refused(f"{self.place}: no API there (HTTP {status}); url has to end in api.php")

    def _failure(self, error: BaseException) -> ServerError:
        """Say in one line why there was no answer."""
        if self._line.is_cut:
            return Dropped(f"{self.place}: told to stop")
        return unreachable_url(self.place, error, self._settings.timeout_seconds)


def _seconds(field: str) -> float:
    """Return Retry-After in seconds (RFC 9110, section 10.2.3); 0 for a date, which the usual pause serves."""
    return float(min(int(field), _LONGEST_WAIT)) if field.strip().isdecimal() and len(field) < 12 else 0.0
