"""Getting in: the connection to an IMAP server, its protection, and the login by password or OAuth 2.0 token."""

from __future__ import annotations

import contextlib
import imaplib
import socket

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from pipeline.adapters.network.failures import Dropped, printable, unreachable
from pipeline.adapters.network.line import Line
from pipeline.adapters.network.oauth import Exchange, not_offered, what_to_check, with_token
from pipeline.adapters.network.tls import context
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


def where(account: ImapAccount) -> str:
    """Return how the settings name the server."""
    return f"imap.{account.name}"


def place(account: ImapAccount) -> str:
    """Return how messages to people name the server."""
    return f"{where(account)}: {account.host}:{account.port}"


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
        raise unreachable(where(account), account, error) from None
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

    Raises
    ------
    Refused
        If the server does not let us in.
    Unreachable, UsageError
        If there is no secret, or no connection any more.
    """
    if not account.username:
        raise UsageError(f"{where(account)}: username is missing; name who logs in")
    if account.oauth2 is None:
        _explained(client, account, account.password())
        return
    with_token(where(account), account, lambda: line.is_cut, lambda token: _explained(client, account, token))


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
        raise unreachable(where(account), account, error) from None


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
        raise unreachable(where(account), account, error) from None


def _no_login(account: ImapAccount, error: LoginError) -> ServerError:
    text = printable(error)
    # imapclient makes a LoginError of everything; the cause tells a cut connection from a "no".
    if isinstance(error.__context__, IMAPClientAbortError) or is_later(text):
        return Dropped(f"{place(account)}: no login now ({text}); it is tried again at the next run")
    return Refused(
        f"{place(account)}: login as {account.username!r} refused ({text}); {what_to_check(account)}"
    )


def _by_token(client: Client, account: ImapAccount, token: str) -> None:
    exchange = Exchange(account, token)
    if not client.has_capability(f"AUTH={exchange.mechanism}"):
        offered = sorted(
            word.decode("ascii", "replace").removeprefix("AUTH=")
            for word in client.capabilities()
            if word.startswith(b"AUTH=")
        )
        raise Refused(f"{place(account)}: {not_offered(account, ', '.join(offered))}")
    try:
        client.sasl_login(exchange.mechanism, lambda challenge: exchange.answer(challenge).encode())
    except LoginError as error:
        if exchange.reason and not isinstance(error.__context__, IMAPClientAbortError):
            raise LoginError(f"{exchange.reason}; {error}") from error.__context__
        raise
