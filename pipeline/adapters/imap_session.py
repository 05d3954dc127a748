"""One logged-in IMAP connection (RFC 9051), read-only; every failure is a `ServerError`."""

from __future__ import annotations

import contextlib
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
    ProtocolError,
)

from pipeline.adapters import imap_responses as responses
from pipeline.adapters.tls import Dropped, check_names, context, printable, unreachable
from pipeline.errors import Refused, ServerError, UsageError
from pipeline.settings import ImapAccount

# imaplib refuses lines over a million octets, and one SEARCH response is one line; a UID has up to ten digits.
_UIDS_IN_ONE_LINE = 80_000
_HIGHEST_UID = 2**32 - 1
# A mail relay or firewall forgets silent connections after ten minutes or later; RFC 2177 asks for under 29.
_IDLE_SECONDS = 540.0
_HEADER_OCTETS = 65_536
# Whatever a server may send, what comes out of imaplib and imapclient is one of these.
_BROKEN = (
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

Pause = Callable[[float], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A mailbox as EXAMINE shows it."""

    name: str
    uidvalidity: int
    uidnext: int | None
    exists: int
    modseq: int | None


class Session:
    """A connection to `account`, logged in.

    Raises
    ------
    Unreachable
        If there is no connection; `Dropped` where another try may help.
    Refused
        If the server does not let us in.
    UsageError
        If the settings or the password cannot be used.
    """

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self.where = f"imap.{account.name}"
        check_names(account)
        self._client = self._connect()
        try:
            self._secure()
            self._log_in()
            self._enable_condstore()
        except BaseException:
            self.abandon()
            raise

    def close(self) -> None:
        """Log out, and never fail at it."""
        with contextlib.suppress(*_BROKEN):
            self._client.logout()
        self.abandon()

    def abandon(self) -> None:
        """Drop the connection without a word."""
        with contextlib.suppress(*_BROKEN):
            self._client.shutdown()

    def examine(self, mailbox: str) -> Opened:
        """Open `mailbox` read-only.

        Raises
        ------
        Refused
            If the server does not open it, or gives no UIDVALIDITY.
        """
        if not mailbox or not mailbox.isprintable():
            raise UsageError(f"{self.where}: {mailbox!r} is no name of a mailbox; correct mailboxes")
        with self._guard(f"mailbox {mailbox!r} cannot be opened"):
            found: dict[bytes, Any] = self._client.select_folder(mailbox, readonly=True)
            return self._opened(mailbox, found)

    def names(self) -> tuple[str, ...]:
        """Return the names of the mailboxes that can be opened."""
        with self._guard():
            listed = self._client.list_folders()
        return tuple(name for flags, _, name in listed if b"\\Noselect" not in flags)

    def uids(self, opened: Opened, after: int) -> Sequence[int]:
        """Return the UIDs over `after`, ascending; of a large mailbox in several questions."""
        found: set[int] = set()
        for low, high in _windows(opened, after):
            with self._guard():
                answer = self._client.search(["UID", f"{low}:{high}"])
            # "n:*" always finds the last message, whatever its UID.
            found.update(uid for uid in map(int, answer) if low <= uid <= _HIGHEST_UID)
        return array("Q", sorted(found))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return UID to size in octets; vanished messages are absent."""
        records, refusal = self._fetch(uids, responses.SIZE_ITEMS)
        found = self._read(lambda: responses.sizes(records))
        if refusal and not found:
            raise Dropped(f"{self._place}: sizes cannot be fetched ({refusal}); ask the server's operator")
        return found

    def messages(self, uids: Sequence[int]) -> tuple[dict[int, responses.Fetched], str]:
        """Return UID to message, and what the server said against those that are absent."""
        records, refusal = self._fetch(uids, responses.MESSAGE_ITEMS)
        return self._read(lambda: responses.messages(records)), refusal

    def header(self, uid: int) -> bytes:
        """Return the header of one message, at most 64 KiB of it; empty if it cannot be had."""
        records, _ = self._fetch([uid], f"(UID BODY.PEEK[HEADER]<0.{_HEADER_OCTETS}>)")
        return next((record[1] for record in records if isinstance(record, tuple)), b"")

    def present(self, uids: Sequence[int]) -> Sequence[int]:
        """Return which of `uids` are still in the mailbox."""
        with self._guard():
            self._client.noop()  # lets the server tell of expunged messages (RFC 9051, section 7.5.1)
            answer = self._client.search(["UID", responses.sequence_set(uids)])
        return sorted(set(map(int, answer)) & set(uids))

    def wait(self, seconds: float, pause: Pause) -> None:
        """Wait until the open mailbox has news, `seconds` have passed, or `pause` says stop.

        With IDLE (RFC 2177) where the server offers it, else by sleeping.
        """
        deadline = time.monotonic() + seconds
        with self._guard():
            while (left := deadline - time.monotonic()) > 0:
                if not self._client.has_capability("IDLE"):
                    pause(left)
                elif not self._idle(min(left, _IDLE_SECONDS), pause):
                    continue
                return

    @property
    def _place(self) -> str:
        return f"{self.where}: {self.account.host}:{self.account.port}"

    def _connect(self) -> Any:
        account = self.account
        implicit = account.security == "tls"
        trust = context(account.ca_file) if implicit else None
        timeout = SocketTimeout(account.timeout_seconds, account.timeout_seconds)
        try:
            client = IMAPClient(account.host, account.port, ssl=implicit, ssl_context=trust, timeout=timeout)
        except _BROKEN as error:
            raise unreachable(self.where, account, error) from None
        client.normalise_times = False  # the default makes naive local times
        # imapclient formats every line for a debug log that nobody reads, passwords among them.
        client._imap.debug = 0
        return client

    def _secure(self) -> None:
        if self.account.security != "starttls":
            return
        trust = context(self.account.ca_file)
        try:
            self._client.starttls(trust)
        except CapabilityError:
            raise Refused(
                f"{self._place}: it does not offer STARTTLS, and nothing is sent unprotected; "
                "set security to tls with the port for it"
            ) from None
        except _BROKEN as error:
            raise unreachable(self.where, self.account, error) from None

    def _log_in(self) -> None:
        account = self.account
        if not account.username:
            raise UsageError(f"{self.where}: username is missing; it has to be given")
        password = account.password()
        try:
            # LOGIN takes ASCII only, and some servers know only one of the two.
            if self._client.has_capability("AUTH=PLAIN"):
                self._client.plain_login(account.username, password)
            else:
                self._client.login(account.username, password)
        except LoginError as error:
            raise self._no_login(error) from None
        except UnicodeEncodeError:
            raise Refused(
                f"{self._place}: it takes only ASCII in user names and passwords; change them"
            ) from None
        except _BROKEN as error:
            raise unreachable(self.where, account, error) from None

    def _enable_condstore(self) -> None:
        """Ask for HIGHESTMODSEQ (RFC 7162), which servers leave out until somebody asks."""
        with self._guard():
            if self._client.has_capability("CONDSTORE") and self._client.has_capability("ENABLE"):
                self._client.enable("CONDSTORE")

    def _no_login(self, error: LoginError) -> ServerError:
        text = printable(error)
        # imapclient makes a LoginError of everything; the cause tells a cut connection from a "no".
        if isinstance(error.__context__, IMAPClientAbortError) or _is_later(text):
            return Dropped(f"{self._place}: no login now ({text}); it is tried again at the next run")
        return Refused(
            f"{self._place}: login as {self.account.username!r} refused ({text}); "
            "check username, and the password that password_env or password_file gives"
        )

    def _opened(self, mailbox: str, found: dict[bytes, Any]) -> Opened:
        uidvalidity = found.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int):
            raise Refused(
                f"{self._place}: mailbox {mailbox!r} has no UIDVALIDITY; it cannot be followed safely"
            )
        return Opened(
            name=mailbox,
            uidvalidity=uidvalidity,
            uidnext=found.get(b"UIDNEXT"),
            exists=int(found.get(b"EXISTS", 0)),
            modseq=found.get(b"HIGHESTMODSEQ"),
        )

    def _fetch(self, uids: Sequence[int], items: str) -> tuple[list[responses.Record], str]:
        """Fetch `items`; return the responses, and the server's words where it ended with NO.

        A NO may follow good responses: some messages vanished (EXPUNGEISSUED), or one cannot be read.
        """
        connection = self._client._imap
        # Flag updates that came between two commands would be taken for answers.
        connection.untagged_responses.pop("FETCH", None)
        try:
            kind, data = connection.uid("FETCH", responses.sequence_set(uids), items)
        except _BROKEN as error:
            raise unreachable(self.where, self.account, error) from None
        if kind == "OK":
            return data, ""
        refusal = printable(data[-1] or b"NO")
        if _is_later(refusal):
            raise Dropped(f"{self._place}: not now ({refusal}); it is tried again at the next run")
        return connection.untagged_responses.pop("FETCH", []), refusal

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except _BROKEN as error:
            raise Dropped(f"{self._place}: its answer makes no sense ({printable(error)})") from None

    @contextlib.contextmanager
    def _guard(self, refused: str = "") -> Iterator[None]:
        """Turn what imapclient raises into the project's errors.

        With `refused` a NO is final and told in these words; without, every failure is worth another try.
        """
        try:
            yield
        except (IMAPClientAbortError, ProtocolError) as error:
            raise unreachable(self.where, self.account, error) from None
        except IMAPClientError as error:
            text = printable(error)
            if refused and not _is_later(text):
                raise Refused(f"{self._place}: {refused} ({text}); check mailboxes") from None
            raise Dropped(f"{self._place}: not now ({text}); it is tried again at the next run") from None
        except _BROKEN as error:
            raise unreachable(self.where, self.account, error) from None

    def _idle(self, seconds: float, pause: Pause) -> bool:
        """IDLE once; return True if there is a reason to look."""
        deadline = time.monotonic() + seconds
        client = self._client
        # What came since the last command is told now, not after IDLE, where imapclient takes it for a fault.
        _, heard = client.noop()
        if _is_news(heard):
            return True
        client.idle()
        stopped = False
        while not stopped and not _is_news(heard) and (left := deadline - time.monotonic()) > 0:
            began = time.monotonic()
            wanted = min(left, 1.0)
            heard = client.idle_check(timeout=wanted)
            # A connection at its end is always readable and never says anything; DONE finds out.
            stopped = bool(pause(0)) or (not heard and time.monotonic() - began < wanted / 2)
        _, rest = client.idle_done()
        return stopped or _is_news([*heard, *rest])


def _windows(opened: Opened, after: int) -> Iterator[tuple[int, int | str]]:
    """Split the UIDs over `after` so that no answer is too long."""
    if opened.exists <= _UIDS_IN_ONE_LINE or opened.uidnext is None:
        yield after + 1, "*"
        return
    for low in range(after + 1, opened.uidnext, _UIDS_IN_ONE_LINE):
        yield low, min(low + _UIDS_IN_ONE_LINE, opened.uidnext) - 1


def _is_later(text: str) -> bool:
    return any(code in text.upper() for code in _LATER)


def _is_news(heard: Sequence[Any]) -> bool:
    return any(len(response) > 1 and response[1] == b"EXISTS" for response in heard)
