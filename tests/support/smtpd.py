"""An SMTP server of the tests' own (aiosmtpd) that can ask for TLS and login, and answer as a test wants."""

# ruff: noqa: N802, ARG002 - aiosmtpd gives its hooks their names and arguments

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from pipeline.demo.servers import ReceivedMail, listening
from tests.support.certificates import Certificates

USER = "digests"
PASSWORD = "open-sesame"


@dataclass(kw_only=True)
class Smtpd:
    """What the server does; may be changed while it runs.

    Parameters
    ----------
    certificates
        Needed for TLS.
    implicit_tls
        TLS from the first octet.
    starttls
        Offer STARTTLS, and take no mail without.
    login
        Take no mail without login.
    token
        Access token of `USER` to log in with by XOAUTH2 or OAUTHBEARER; passwords are not taken then.
    smtputf8
        Offer SMTPUTF8.
    answers
        Answers to the next MAIL, RCPT and DATA by command; 250 when there are none left.
    drops
        How often the connection is cut after the mail came, before it is answered.
    """

    certificates: Certificates | None = None
    implicit_tls: bool = False
    starttls: bool = False
    login: bool = False
    token: str = ""
    smtputf8: bool = True
    answers: dict[str, list[str]] = field(default_factory=dict)
    drops: int = 0
    received: list[ReceivedMail] = field(default_factory=list)
    sessions: int = 0
    port: int = 0
    exchanges: list[bytes] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._answer("MAIL")
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._answer("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.drops > 0:
            self.drops -= 1
            server.transport.abort()
            return "250 never heard"
        answer = self._answer("DATA")
        if answer.startswith("250"):
            mail = ReceivedMail(
                envelope_from=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                octets=envelope.original_content,
            )
            self.received.append(mail)
        return answer

    def hang_up(self) -> None:
        """Cut all connections."""
        assert self.loop, "nobody ever came"
        for transport in self.transports:
            self.loop.call_soon_threadsafe(transport.abort)

    def _answer(self, command: str) -> str:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else "250 2.0.0 OK"

    def _session(self) -> SMTP:
        self.sessions += 1
        self.loop = asyncio.get_running_loop()
        server = (_TokenSession if self.token else _Session)(
            self,
            hostname="localhost",
            enable_SMTPUTF8=self.smtputf8,
            tls_context=self._tls() if self.starttls else None,
            require_starttls=self.starttls,
            auth_exclude_mechanism=() if self.login and not self.token else ("LOGIN", "PLAIN"),
            authenticator=_authenticate,
            loop=self.loop,
        )
        server.sessions = self.transports
        # As arguments these two make it warn that this is unsafe.
        server._auth_required = self.login or bool(self.token)
        server._auth_require_tls = False
        return server

    def _tls(self) -> ssl.SSLContext:
        assert self.certificates is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        return context

    async def start(self) -> asyncio.Server:
        """Start it on the loop that runs."""
        tls = self._tls() if self.implicit_tls else None
        return await asyncio.get_running_loop().create_server(self._session, "127.0.0.1", 0, ssl=tls)


@contextlib.contextmanager
def running_smtpd(server: Smtpd) -> Iterator[Smtpd]:
    """Run `server`, and set its port."""
    with listening(server.start) as port:
        server.port = port
        yield server


class _Session(SMTP):
    sessions: list[asyncio.Transport]

    def connection_made(self, transport: Any) -> None:
        self.sessions.append(transport)
        super().connection_made(transport)


class _TokenSession(_Session):
    """Takes one token (RFC 7628, and Google's XOAUTH2), and says why it takes no other."""

    line_length_limit = 12288  # RFC 4954, section 4

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        return await self._by_token(args, f"user={USER}\1auth=Bearer {{}}\1\1")

    async def auth_OAUTHBEARER(self, server: Any, args: list[str]) -> AuthResult:
        place = f"host=127.0.0.1\1port={self.event_handler.port}"
        return await self._by_token(args, f"n,a={USER},\1{place}\1auth=Bearer {{}}\1\1")

    async def _by_token(self, args: list[str], wanted: str) -> AuthResult:
        said = base64.b64decode(args[1], validate=True) if args[1:] else await self.challenge_auth("")
        assert isinstance(said, bytes)
        self.event_handler.exchanges.append(said)
        if said.decode() == wanted.format(self.event_handler.token):
            return AuthResult(success=True)
        answer = await self.challenge_auth('{"status":"invalid_token","scope":"mail"}')
        assert isinstance(answer, bytes)
        self.event_handler.exchanges.append(answer)
        return AuthResult(success=False, handled=False)


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=good)
