"""An IMAP server and an SMTP sink inside the process, on free ports of 127.0.0.1, so that a demo needs neither."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pymap.backend.dict import Config, Login

USER = "triage"
_STARTUP_SECONDS = 30.0
_TURNS = 50

# Starts a server on the loop that runs, and gives it back.
Starter = Callable[[], Awaitable[asyncio.Server]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """What an SMTP sink accepted: the envelope (RFC 5321) and the message."""

    envelope_from: str
    recipients: tuple[str, ...]
    octets: bytes = field(repr=False)


@contextlib.contextmanager
def listening(starter: Starter) -> Iterator[int]:
    """Run the server that `starter` makes in a thread with an event loop of its own.

    Yields
    ------
    int
        Its port.
    """
    thread = _ServerThread(starter)
    thread.start()
    try:
        yield thread.port()
    finally:
        thread.stop()


@contextlib.contextmanager
def imap_server(messages: Mapping[str, Sequence[tuple[bytes, datetime]]]) -> Iterator[tuple[int, str, str]]:
    """Run an IMAP server that holds `messages` in memory.

    Each start has other UIDVALIDITYs and another password.

    Parameters
    ----------
    messages
        Mailbox to messages with their INTERNALDATEs.

    Yields
    ------
    tuple[int, str, str]
        Port, user name and password; without TLS.
    """
    password = secrets.token_urlsafe(16)
    with listening(lambda: _start_imap(messages, password)) as port:
        yield port, USER, password


@contextlib.contextmanager
def smtp_sink() -> Iterator[tuple[int, list[ReceivedMail]]]:
    """Run an SMTP server that keeps what it gets.

    Yields
    ------
    tuple[int, list[ReceivedMail]]
        Port, and the list that grows with each mail.
    """
    received: list[ReceivedMail] = []
    with listening(lambda: _start_smtp(_Sink(received))) as port:
        yield port, received


class _ServerThread(threading.Thread):
    """An event loop with one server in it."""

    def __init__(self, starter: Starter) -> None:
        super().__init__(name="embedded-server", daemon=True)
        self._starter = starter
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._port = 0
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits in port()
            self._failure = error
        finally:
            self._ready.set()

    def port(self) -> int:
        """Return the port as soon as the server listens."""
        if not self._ready.wait(_STARTUP_SECONDS):
            raise TimeoutError(f"no embedded server within {_STARTUP_SECONDS:g} s")
        if self._failure is not None:
            raise self._failure
        return self._port

    def stop(self) -> None:
        """Close the server and its connections, and wait for the thread."""
        if self._loop is not None and self._leave is not None and self.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
        self.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        server = await self._starter()
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            await self._leave.wait()
        finally:
            server.close()
            await _end_connections()


async def _end_connections() -> None:
    """Cancel what still talks to clients, and let its transports close."""
    # A connection just taken needs some turns of the loop before its task can be cancelled and clean up.
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def _start_imap(
    messages: Mapping[str, Sequence[tuple[bytes, datetime]]], password: str
) -> asyncio.Server:
    from proxyprotocol.reader import ProxyProtocolReader
    from pymap.backend.dict import Login
    from pymap.imap import IMAPServer

    config = _imap_config()
    config.apply_context()
    login = Login(config)
    await _add_user(config, login, password, messages)
    reader = ProxyProtocolReader(config.proxy_protocol)
    callback = reader.get_callback(IMAPServer(login, config))
    return await asyncio.start_server(callback, host="127.0.0.1", port=0)


def _imap_config() -> Config:
    from pymap.backend.dict import Config
    from pymap.concurrent import Subsystem
    from pysasl.hashing import Cleartext

    class DemoConfig(Config):
        @property
        def greeting(self) -> bytes:
            return b"Demo mailbox"  # the default looks the host name up, which may take seconds

    arguments = argparse.Namespace(proxy_protocol=None, passlib_cfg=None)
    in_loop = Subsystem.for_asyncio()
    return DemoConfig(
        arguments,
        host="127.0.0.1",
        port=0,
        demo_data=False,
        demo_user=USER,
        demo_password="",  # nosec B106 # of a server in this process, for the demo
        tls_enabled=False,
        reject_dnsbl=False,
        hash_context=Cleartext(),
        subsystem=in_loop,
        cpu_subsystem=in_loop,  # the default leaves a pool of threads behind
    )


async def _add_user(
    config: Config,
    login: Login,
    password: str,
    messages: Mapping[str, Sequence[tuple[bytes, datetime]]],
) -> None:
    """Let the user in, and fill the mailboxes past the protocol, which would take most of the start."""
    from pymap.backend.dict.filter import FilterSet
    from pymap.backend.dict.mailbox import MailboxSet
    from pymap.parsing.message import AppendMessage
    from pymap.user import UserMetadata

    await login.demo_user_identity.set(UserMetadata(config, USER, password=password))
    mailboxes = MailboxSet()
    for name, contents in messages.items():
        if name.upper() != "INBOX":
            await mailboxes.add_mailbox(name)
        mailbox = await mailboxes.get_mailbox(name)
        for octets, received_at in contents:
            await mailbox.append(AppendMessage(octets, received_at))
    config.set_cache[USER] = (mailboxes, FilterSet())


class _Sink:
    """Accepts every mail (aiosmtpd handler)."""

    def __init__(self, received: list[ReceivedMail]) -> None:
        self._received = received

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = ReceivedMail(
            envelope_from=envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            octets=envelope.original_content,
        )
        self._received.append(mail)
        return "250 2.0.0 kept"


async def _start_smtp(handler: object) -> asyncio.Server:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()

    def session() -> Any:
        return SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, loop=loop)

    return await loop.create_server(session, host="127.0.0.1", port=0)
