"""One logged-in IMAP connection (RFC 9051); every failure is a `ServerError`. Only `select` opens a mailbox to write."""

from __future__ import annotations

import contextlib
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, ProtocolError
from imapclient.exceptions import IMAPClientReadOnlyError as ReadOnly

from pipeline.adapters.imap import responses
from pipeline.adapters.imap.login import BROKEN, connected, is_later, log_in, where
from pipeline.adapters.imap.login import place as place_of
from pipeline.adapters.network.failures import Dropped, printable, unreachable
from pipeline.adapters.network.line import Line
from pipeline.errors import Refused, UsageError
from pipeline.settings import ImapAccount

# imaplib refuses lines over a million octets, and one SEARCH response is one line; a UID has up to ten digits.
_UIDS_IN_ONE_LINE = 80_000
_HIGHEST_UID = 2**32 - 1
# A mail relay or firewall forgets silent connections after ten minutes or later; RFC 2177 asks for under 29.
_IDLE_SECONDS = 540.0
_HEADER_OCTETS = 65_536
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
    # What SELECT says may be stored for good; None where it says nothing.
    permanent_flags: frozenset[str] | None = None


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

    def __init__(self, account: ImapAccount, line: Line) -> None:
        self.account = account
        self.where = where(account)
        self._line = line
        self.client: Any = connected(account, line)
        try:
            log_in(self.client, account, line)
            self._enable_condstore()
        except BaseException:
            self.abandon()
            raise

    def close(self) -> None:
        """Log out, and never fail at it."""
        with contextlib.suppress(*BROKEN):
            self.client.logout()
        self.abandon()

    def abandon(self) -> None:
        """Drop the connection without a word."""
        with contextlib.suppress(*BROKEN):
            self.client.shutdown()
        self._line.forget()

    @property
    def offers_idle(self) -> bool:
        """Whether the server knows IDLE."""
        with self.guard():
            return bool(self.client.has_capability("IDLE"))

    def examine(self, mailbox: str) -> Opened:
        """Open `mailbox` read-only.

        Raises
        ------
        Refused
            If the server does not open it, or gives no UIDVALIDITY.
        """
        if not mailbox or not mailbox.isprintable():
            raise UsageError(f"{self.where}: {mailbox!r} is no name of a mailbox; correct mailboxes")
        with self.guard(f"mailbox {mailbox!r} cannot be opened"):
            found: dict[bytes, Any] = self.client.select_folder(mailbox, readonly=True)
            return self._opened(mailbox, found)

    def select(self, mailbox: str) -> Opened:
        """Open `mailbox` to change keywords or move messages.

        Raises
        ------
        Refused
            If the server does not open it, or lets us only read.
        """
        try:
            with self.guard(f"mailbox {mailbox!r} cannot be opened"):
                return self._opened(mailbox, self.client.select_folder(mailbox))
        except ReadOnly:
            raise Refused(
                f"{self.place}: mailbox {mailbox!r} may only be read; have the account given the right to "
                'change it, or set after = "nothing"'
            ) from None

    def names(self) -> tuple[str, ...]:
        """Return the names of the mailboxes that can be opened."""
        with self.guard():
            listed = self.client.list_folders()
        return tuple(name for flags, _, name in listed if b"\\Noselect" not in flags)

    def uids(self, opened: Opened, after: int) -> Sequence[int]:
        """Return the UIDs over `after`, ascending; of a large mailbox in several questions."""
        found: set[int] = set()
        for low, high in _windows(opened, after):
            with self.guard():
                answer = self.client.search(["UID", f"{low}:{high}"])
            # "n:*" always finds the last message, whatever its UID.
            found.update(uid for uid in map(int, answer) if low <= uid <= _HIGHEST_UID)
        return array("Q", sorted(found))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return UID to size in octets; vanished messages are absent."""
        records, refusal = self._fetch(uids, responses.SIZE_ITEMS)
        found = self._read(lambda: responses.sizes(records))
        if refusal and not found:
            raise Dropped(f"{self.place}: sizes cannot be fetched ({refusal}); ask the server's operator")
        return found

    def messages(self, uids: Sequence[int]) -> tuple[dict[int, responses.Fetched], str]:
        """Return UID to message, and what the server said against those that are absent."""
        records, refusal = self._fetch(uids, responses.MESSAGE_ITEMS)
        return self._read(lambda: responses.messages(records)), refusal

    def part(self, uid: int, offset: int, octets: int) -> tuple[responses.Fetched | None, str]:
        """Return up to `octets` of a message from `offset` on, and what the server said if it does not send them."""
        records, refusal = self._fetch([uid], responses.part_items(offset, octets))
        return self._read(lambda: responses.part(records, uid, offset)), refusal

    def header(self, uid: int) -> bytes:
        """Return the header of one message, at most 64 KiB of it; empty if it cannot be had."""
        records, _ = self._fetch([uid], f"(UID BODY.PEEK[HEADER]<0.{_HEADER_OCTETS}>)")
        return next((record[1] for record in records if isinstance(record, tuple)), b"")

    def present(self, uids: Sequence[int]) -> Sequence[int]:
        """Return which of `uids` are still in the mailbox."""
        with self.guard():
            self.client.noop()  # lets the server tell of expunged messages (RFC 9051, section 7.5.1)
            answer = self.client.search(["UID", responses.sequence_set(uids)])
        return sorted(set(map(int, answer)) & set(uids))

    def wait(self, seconds: float, pause: Pause) -> None:
        """Wait until the open mailbox has news, `seconds` have passed, or `pause` says stop.

        With IDLE (RFC 2177) where the server offers it, else by sleeping.
        """
        deadline = time.monotonic() + seconds
        with self.guard():
            while (left := deadline - time.monotonic()) > 0:
                if not self.offers_idle:
                    pause(left)
                elif not self._idle(min(left, _IDLE_SECONDS), pause):
                    continue
                return

    @property
    def place(self) -> str:
        """How messages to people name the server."""
        return place_of(self.account)

    def _enable_condstore(self) -> None:
        """Ask for HIGHESTMODSEQ (RFC 7162), which servers leave out until somebody asks."""
        with self.guard():
            if self.client.has_capability("CONDSTORE") and self.client.has_capability("ENABLE"):
                self.client.enable("CONDSTORE")

    def _opened(self, mailbox: str, found: dict[bytes, Any]) -> Opened:
        uidvalidity = found.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int):
            raise Refused(
                f"{self.place}: mailbox {mailbox!r} has no UIDVALIDITY; it cannot be followed safely"
            )
        return Opened(
            name=mailbox,
            uidvalidity=uidvalidity,
            uidnext=found.get(b"UIDNEXT"),
            exists=int(found.get(b"EXISTS", 0)),
            modseq=_modseq(found.get(b"HIGHESTMODSEQ")),
            permanent_flags=_flags(found.get(b"PERMANENTFLAGS")),
        )

    def _fetch(self, uids: Sequence[int], items: str) -> tuple[list[responses.Record], str]:
        """Fetch `items`; return the responses, and the server's words where it ended with NO.

        A NO may follow good responses: some messages vanished (EXPUNGEISSUED), or one cannot be read.
        """
        connection = self.client._imap
        # Flag updates that came between two commands would be taken for answers.
        connection.untagged_responses.pop("FETCH", None)
        try:
            kind, data = connection.uid("FETCH", responses.sequence_set(uids), items)
        except BROKEN as error:
            raise unreachable(self.where, self.account, error) from None
        if kind == "OK":
            return data, ""
        refusal = printable(data[-1] or b"NO")
        if is_later(refusal):
            raise Dropped(f"{self.place}: not now ({refusal}); it is tried again at the next run")
        return connection.untagged_responses.pop("FETCH", []), refusal

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except BROKEN as error:
            raise Dropped(
                f"{self.place}: its answer makes no sense ({printable(error)}); it is tried again at the next run"
            ) from None

    @contextlib.contextmanager
    def guard(self, refused: str = "", hint: str = "check mailboxes") -> Iterator[None]:
        """Turn what imapclient raises into the project's errors.

        With `refused` a NO is final and told in these words; without, every failure is worth another try.
        """
        try:
            yield
        except ReadOnly:
            raise
        except (IMAPClientAbortError, ProtocolError) as error:
            raise unreachable(self.where, self.account, error) from None
        except IMAPClientError as error:
            text = printable(error)
            if refused and not is_later(text):
                raise Refused(f"{self.place}: {refused} ({text}); {hint}") from None
            raise Dropped(f"{self.place}: not now ({text}); it is tried again at the next run") from None
        except BROKEN as error:
            raise unreachable(self.where, self.account, error) from None

    def _idle(self, seconds: float, pause: Pause) -> bool:
        """IDLE once; return True if there is a reason to look."""
        deadline = time.monotonic() + seconds
        client = self.client
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


def _modseq(value: Any) -> int | None:
    """Return HIGHESTMODSEQ where it can be trusted: a server that always says 1 counts nothing."""
    return value if isinstance(value, int) and value > 1 else None


def _flags(value: Any) -> frozenset[str] | None:
    if not isinstance(value, tuple):
        return None
    return frozenset(flag.decode("ascii", "replace").lower() for flag in value if isinstance(flag, bytes))


def _is_news(heard: Sequence[Any]) -> bool:
    return any(len(response) > 1 and response[1] == b"EXISTS" for response in heard)
