"""Getting in: the connection to an IMAP server, its protection, and the login by password or OAuth 2.0 token."""

from __future__ import annotations

import contextlib
import imaplib
import json
import socket
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from pipeline.adapters.imap_token import access_token
from pipeline.adapters.line import Line
from pipeline.adapters.tls import Dropped, context, printable, unreachable
from pipeline.errors import Refused, ServerError, UsageError
from pipeline.settings import ImapAccount

# Whatever a server may send, what comes out of imaplib and imapclient is one of these.
BROKEN = (
    OSError,
    IMAPClientError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
)
# Response codes (RFC 5530, and Gmail's and Exchange's) that mean "later".
_LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[THROTTLED]", "[OVERQUOTA]")


class _Imap(imaplib.IMAP4):
    """imaplib over a `Line`."""

    def __init__(self, account: ImapAccount, line: Line) -> None:
        self._account = account
        self._made_by = line
        self._trust = context(account.ca_file) if account.security == "tls" else None
        super().__init__(account.host, account.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 - the account's holds
        account = self._account
        plain = self._made_by.connect(account.host, account.port, account.timeout_seconds)
        if self._trust is None:
            return plain
        try:
            return self._trust.wrap_socket(plain, server_hostname=account.host)
        except BaseException:
            plain.close()
            raise


class Client(IMAPClient):  # type: ignore[misc]
    """What imapclient does, over a `Line`."""

    def __init__(self, account: ImapAccount, line: Line) -> None:
        self._account = account
        self._made_by = line
        timeout = SocketTimeout(account.timeout_seconds, account.timeout_seconds)
        super().__init__(account.host, account.port, ssl=account.security == "tls", timeout=timeout)
        self.normalise_times = False  # the default makes naive local times
        # imapclient formats every line for a debug log that nobody reads, passwords among them.
        self._imap.debug = 0

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's name
        return _Imap(self._account, self._made_by)


def place(account: ImapAccount) -> str:
    """Return how messages to people name the server."""
    return f"imap.{account.name}: {account.host}:{account.port}"


def connected(account: ImapAccount, line: Line) -> Client:
    """Return a protected connection, not yet logged in.

    Raises
    ------
    Unreachable, Refused, UsageError
        If there is none; `Dropped` where another try may help.
    """
    try:
        client = Client(account, line)
    except BROKEN as error:
        line.forget()
        raise unreachable(f"imap.{account.name}", account, error) from None
    try:
        _secure(client, account)
    except BaseException:
        with contextlib.suppress(*BROKEN):
            client.shutdown()
        line.forget()
        raise
    return client


def log_in(client: Client, account: ImapAccount, line: Line) -> None:
    """Log in, with a token asked for now where the account uses OAuth 2.0.

    A refused token is asked for once more: it may have expired in the hands of the command.

    Raises
    ------
    Refused
        If the server does not let us in.
    Unreachable, UsageError
        If there is no secret, or no connection any more.
    """
    if not account.username:
        raise UsageError(f"imap.{account.name}: username is missing; name who logs in")
    if account.oauth2 is None:
        _explained(client, account, account.password())
        return
    token = access_token(account, lambda: line.is_cut)
    try:
        _explained(client, account, token)
    except Dropped:
        raise
    except Refused:
        again = access_token(account, lambda: line.is_cut)
        if again == token:
            raise
        _explained(client, account, again)


def is_later(text: str) -> bool:
    """Return whether a server's words mean that another try may help."""
    return any(code in text.upper() for code in _LATER)


def _secure(client: Client, account: ImapAccount) -> None:
    if account.security != "starttls":
        return
    trust = context(account.ca_file)
    try:
        client.starttls(trust)
    except CapabilityError:
        raise Refused(
            f"{place(account)}: it does not offer STARTTLS, and nothing is sent unprotected; "
            "set security to tls with the port for it"
        ) from None
    except BROKEN as error:
        raise unreachable(f"imap.{account.name}", account, error) from None


def _explained(client: Client, account: ImapAccount, secret: str) -> None:
    """Log in with `secret`, and turn failures into the project's errors."""
    try:
        if account.oauth2:
            _by_token(client, account, secret)
        # LOGIN takes ASCII only, and some servers know only one of the two.
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(account.username, secret)
        else:
            client.login(account.username, secret)
    except LoginError as error:
        raise _no_login(account, error) from None
    except UnicodeEncodeError:
        raise Refused(
            f"{place(account)}: it takes only ASCII in user names and passwords; change them"
        ) from None
    except BROKEN as error:
        raise unreachable(f"imap.{account.name}", account, error) from None


def _no_login(account: ImapAccount, error: LoginError) -> ServerError:
    text = printable(error)
    # imapclient makes a LoginError of everything; the cause tells a cut connection from a "no".
    if isinstance(error.__context__, IMAPClientAbortError) or is_later(text):
        return Dropped(f"{place(account)}: no login now ({text}); it is tried again at the next run")
    secret = "access token" if account.oauth2 else "password"
    origin = "token_command" if account.token_command else "password_env or password_file"
    return Refused(
        f"{place(account)}: login as {account.username!r} refused ({text}); "
        f"check username, and the {secret} that {origin} gives"
    )


def _by_token(client: Client, account: ImapAccount, token: str) -> None:
    mechanism = str(account.oauth2).upper()
    if not client.has_capability(f"AUTH={mechanism}"):
        offered = sorted(
            word.decode("ascii", "replace").removeprefix("AUTH=")
            for word in client.capabilities()
            if word.startswith(b"AUTH=")
        )
        raise Refused(
            f"{place(account)}: it does not offer {mechanism}, but {printable(', '.join(offered)) or 'nothing'}; "
            "correct oauth2, or log in with a password"
        )
    exchange = _Exchange(mechanism, account, token)
    try:
        client.sasl_login(mechanism, exchange)
    except LoginError as error:
        if exchange.reason and not isinstance(error.__context__, IMAPClientAbortError):
            raise LoginError(f"{exchange.reason}; {error}") from error.__context__
        raise


class _Exchange:
    """The client's side of XOAUTH2 and OAUTHBEARER (RFC 7628, section 3): the token, then an answer to a refusal."""

    def __init__(self, mechanism: str, account: ImapAccount, token: str) -> None:
        self.reason = ""
        self._asked = False
        if mechanism == "XOAUTH2":
            self._first = f"user={account.username}\x01auth=Bearer {token}\x01\x01"
            self._refused = b""
        else:
            identity = account.username.replace("=", "=3D").replace(",", "=2C")
            server = f"host={account.host}\x01port={account.port}"
            self._first = f"n,a={identity},\x01{server}\x01auth=Bearer {token}\x01\x01"
            self._refused = b"\x01"

    def __call__(self, challenge: bytes) -> bytes:
        if not self._asked:
            self._asked = True
            return self._first.encode()
        self.reason = _reason(challenge)
        return self._refused


def _reason(challenge: bytes) -> str:
    """Return the status in a server's refusal, such as ``invalid_token``."""
    try:
        found: Any = json.loads(challenge[:4096])
        return printable(found["status"])[:40]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
