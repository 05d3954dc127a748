"""A wiki that is slow, overloaded, somewhere else, or none at all: told in one line, without secrets, and never followed."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.wiki.pages import MediaWiki
from pipeline.errors import Deferred, EditConflict, Refused, ServerError, Undeliverable
from pipeline.settings import Wiki
from tests.support.certificates import Certificates

SECRET = "not-for-anybodys-eyes"
Answer = tuple[int, dict[str, str], bytes]
USER = {"name": "Bot", "id": 7, "groups": [], "rights": ["bot"]}
SITE = {"general": {"generator": "MediaWiki 1.43.0"}, "namespaces": {}, "userinfo": USER}


class Api:
    """What answers requests: the plain course of things, and before that what a test wants for an action."""

    def __init__(self) -> None:
        self.wanted: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.port = 0

    def answer(self, query: dict[str, str], headers: dict[str, str]) -> Answer:
        action = query.get("action", "")
        self.asked.append((action, query, headers))
        if self.wanted.get(action):
            return self.wanted[action].pop(0)
        if action == "query" and query.get("prop") == "revisions":
            return say({"query": {"pages": [{"title": query["titles"], "missing": True}], "userinfo": USER}})
        if action == "query" and query.get("meta", "").startswith("tokens"):
            return say({"query": {"tokens": {f"{query['type']}token": "t+\\"}}})
        if action == "login":
            return say({"login": {"result": "Success"}})
        if action == "edit":
            return say({"edit": {"result": "Success", "newrevid": 12}})
        return say({"query": SITE})

    def edits(self) -> list[dict[str, str]]:
        return [query for action, query, _ in self.asked if action == "edit"]


def say(content: dict[str, Any], **headers: str) -> Answer:
    return 200, {"Content-Type": "application/json", **headers}, json.dumps(content).encode()


def error(code: str, info: str = "So it is.", **headers: str) -> Answer:
    return say({"error": {"code": code, "info": info, "docref": "See"}}, **headers)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setenv("TEST_WIKI_SECRET", SECRET)
    made = Api()
    with serving(made.answer) as port:
        made.port = port
        yield made


@contextlib.contextmanager
def serving(
    answer: Callable[[dict[str, str], dict[str, str]], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._say(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _say(self, query: str) -> None:
            given = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
            status, headers, octets = answer(given, dict(self.headers))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(octets))}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(octets)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is no news
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def wiki(api: Api, **changes: Any) -> Iterator[MediaWiki]:
    given = {
        "url": f"http://127.0.0.1:{api.port}/w/api.php", "username": "Bot@triage", "prefix": "Weeks",
        "password_env": "TEST_WIKI_SECRET", "timeout_seconds": 5.0,
    }  # fmt: skip
    made = MediaWiki(Wiki(**{**given, **changes}))
    try:
        yield made
    finally:
        made.close()


def write(made: MediaWiki) -> int:
    return made.write("Weeks/2026-W47", "text", "summary", None)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error("maxlag", "Waiting for a server: 9 seconds lagged"), Deferred, "9 seconds lagged"),
        (error("ratelimited"), Deferred, "tried again"),
        (error("readonly"), Deferred, "tried again"),
        (error("internal_api_error_DBConnectionError"), Deferred, "tried again"),
        (error("editconflict"), EditConflict, "tried again"),
        (error("articleexists"), EditConflict, "tried again"),
        (error("protectedpage"), Undeliverable, "unprotect the page"),
        (error("protectednamespace-interface"), Undeliverable, "unprotect the page"),
        (error("abusefilter-disallowed", "Filter 7 says no"), Undeliverable, "Filter 7 says no"),
        (error("spamblacklist"), Undeliverable, "administrators"),
        (error("blocked", "You have been blocked"), Refused, "check the account"),
        (error("permissiondenied"), Refused, "check the account"),
        (say({"edit": {"result": "Failure", "captcha": {"type": "math"}}}), Undeliverable, "captcha"),
        ((503, {"Retry-After": "900"}, b"busy"), Deferred, "overloaded or down"),
        ((429, {}, b""), Deferred, "overloaded or down"),
        ((200, {"X-Database-Lag": "9", "Retry-After": "5"}, b"{}"), Deferred, "lags"),
        ((301, {"Location": "https://elsewhere.example/api.php"}, b""), Refused, "sends us elsewhere"),
        ((403, {}, b"<html>no</html>"), Refused, "does not let us in"),
        ((404, {}, b""), Refused, "no API there"),
        (
            (200, {"Content-Type": "text/html"}, b"<html>hello</html>"),
            Refused,
            "something else than a MediaWiki",
        ),
    ],
)
def test_what_an_edit_is_told(api: Api, answer: Answer, kind: type[Exception], words: str) -> None:
    api.wanted["edit"] = [answer, answer]
    with wiki(api) as made, pytest.raises(kind, match=words) as told:
        write(made)
    if kind is Refused:
        assert not isinstance(told.value, Undeliverable), "the account may be mended: the page waits"
    assert len(api.edits()) == 1, "it is not tried on the spot"
    assert SECRET not in str(told.value)
    assert "t+" not in str(told.value)


def test_how_long_to_wait(api: Api) -> None:
    api.wanted["edit"] = [(503, {"Retry-After": "900"}, b"")]
    with wiki(api) as made, pytest.raises(Deferred) as told:
        write(made)
    assert told.value.seconds == 900
    api.wanted["edit"] = [(503, {"Retry-After": "99999999999999999"}, b"")]
    with wiki(api) as made, pytest.raises(Deferred) as told:
        write(made)
    assert told.value.seconds <= 5 * 86_400


@pytest.mark.parametrize("code", ["badtoken", "assertuserfailed", "assertnameduserfailed"])
def test_a_lost_session_begins_anew_once(api: Api, code: str) -> None:
    api.wanted["edit"] = [error(code)]
    with wiki(api) as made:
        assert write(made) == 12
    assert [action for action, _, _ in api.asked].count("login") == 2
    api.wanted["edit"] = [error(code), error(code)]
    with wiki(api) as made, pytest.raises(Refused, match=code):
        write(made)
    assert len(api.edits()) == 4


def test_an_edit_says_what_it_is(api: Api) -> None:
    with wiki(api) as made:
        write(made)
    (edit,) = api.edits()
    assert {edit[name] for name in ("assertuser", "assert", "summary")} == {"Bot", "user", "summary"}
    assert {"bot", "createonly", "maxlag"} <= set(edit)
    assert "minor" not in edit


def test_an_access_token_is_a_header_of_each_request(api: Api) -> None:
    with wiki(api, oauth2=True, username="") as made:
        write(made)
    assert {headers["Authorization"] for _, _, headers in api.asked} == {f"Bearer {SECRET}"}
    assert "login" not in [action for action, _, _ in api.asked]


def test_a_token_that_is_no_longer_good(api: Api) -> None:
    refused = error("mwoauth-invalid-authorization", f"The token {SECRET} is gone")
    api.wanted["query"] = [refused, refused]
    with (
        wiki(api, oauth2=True, username="") as made,
        pytest.raises(Refused, match="check the account") as told,
    ):
        write(made)
    assert SECRET not in str(told.value)


def test_an_answer_without_end_is_cut_off(api: Api) -> None:
    api.wanted["edit"] = [(200, {}, b'{"a": "' + b"x" * 9_000_000)]
    with wiki(api) as made, pytest.raises(Refused, match="larger than"):
        write(made)


def test_a_connection_that_ends_early(api: Api) -> None:
    api.wanted["edit"] = [(200, {"Connection": "close", "Transfer-Encoding": "chunked"}, b"zz")]
    with wiki(api) as made, pytest.raises(Dropped, match="connection was lost"):
        write(made)


def test_answers_of_another_shape(api: Api) -> None:
    api.wanted["edit"] = [say({"edit": {"result": "Success", "nochange": ""}})]
    with wiki(api) as made:
        assert write(made) == 0
    odd: dict[str, Any]
    for odd in ({}, {"edit": []}, {"edit": None}, {"edit": {"result": "Success", "newrevid": "x"}}):
        api.wanted["edit"] = [say(odd)]
        with wiki(api) as made, pytest.raises(ServerError):
            write(made)
    api.wanted["query"] = [say({"query": SITE})] * 3 + [say({"query": {"pages": [{}]}})]
    with wiki(api) as made, pytest.raises(ServerError):
        made.read("Weeks")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "http://wiki.example/api.php"}, "write https"),
        ({"url": "https://bot:secret@wiki.example/api.php"}, "names a user"),
        ({"url": "https://wiki.example/index.php"}, "url"),
        ({"username": ""}, "username is missing"),
        ({"password_env": "", "username": "", "oauth2": True}, "password_env or password_file is missing"),
        ({"locale": "klingon"}, "no such language"),
        ({"prefix": "A]]"}, "prefix"),
        ({"prefix": "A{{b}}"}, "prefix"),
    ],
)
def test_settings_that_are_refused(changes: dict[str, Any], words: str) -> None:
    given = {
        "url": "https://wiki.example/w/api.php",
        "username": "a@b",
        "password_env": "X",
        "prefix": "Weeks",
    }
    with pytest.raises(ValidationError, match=words):
        Wiki(**{**given, **changes})


def test_a_missing_password_or_authority_keeps_the_page_waiting(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (
        wiki(api, ca_file=tmp_path / "none.pem") as made,
        pytest.raises(Refused, match=r"none\.pem.*ca_file"),
    ):
        write(made)
    monkeypatch.delenv("TEST_WIKI_SECRET")
    with wiki(api) as made, pytest.raises(Refused, match="TEST_WIKI_SECRET is not set"):
        write(made)
    assert api.asked == []


@pytest.mark.parametrize(
    ("trusted", "words"), [(False, "certificate is not trusted"), (True, "something else")]
)
def test_certificates_are_checked(
    api: Api, certificates: Certificates, other_authority: Path, trusted: bool, words: str
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificates.certificate, certificates.key)
    authority = certificates.authority if trusted else other_authority
    with (
        serving(lambda *_: (200, {}, b"hello"), tls) as port,
        wiki(api, url=f"https://127.0.0.1:{port}/api.php", ca_file=authority) as made,
        pytest.raises(ServerError, match=words),
    ):
        write(made)
