"""A wiki whose answer never ends does not hold the program."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.wiki import http as wiki_http
from pipeline.settings import Wiki


def test_an_answer_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiki_http, "_PATIENCE", 1)
    given_up = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connection = listening.accept()[0]
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not given_up.wait(0.02):
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=trickle, args=(listening,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/w/api.php"
        settings = Wiki(
            url=url, prefix="Weeks", oauth2=True, password_env="TEST_WIKI_SECRET", timeout_seconds=0.3
        )
        session = wiki_http.WikiSession(settings, "token")
        try:
            with pytest.raises(Dropped, match=r"no answer within 0\.3 s"):
                session.get(url)
        finally:
            given_up.set()
            session.close()
