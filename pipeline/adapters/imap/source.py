"""Messages from IMAP mailboxes: read without a trace, by UID under UIDVALIDITY, over broken connections."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pipeline.adapters.imap import marks as imap_marks
from pipeline.adapters.imap.fetch import TRIES, Fetching
from pipeline.adapters.imap.session import Opened, Pause, Session
from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.network.line import Line
from pipeline.declarative import suggestion
from pipeline.errors import Refused, ServerError, UsageError
from pipeline.records.decisions import Disposition
from pipeline.records.marks import Mark
from pipeline.records.sources import Batch, Cursor
from pipeline.settings import ImapAccount

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class ImapSource:
    """The mailboxes of one account; for use in one thread at a time.

    Parameters
    ----------
    account
        Settings; the password is read when a connection is made.
    pause
        Called with seconds to wait between tries; a true answer means stop, as `threading.Event.wait` gives it.
    """

    def __init__(self, account: ImapAccount, pause: Pause = time.sleep) -> None:
        self.name = f"imap:{account.name}"
        self._account = account
        self._pause = pause
        self._line = Line()
        self._session: Session | None = None
        # Mailbox to UIDVALIDITY and UIDNEXT when it was last looked at; tells `idle` what is new.
        self._seen: dict[str, tuple[int, int]] = {}

    def mailboxes(self) -> tuple[str, ...]:
        """Return the mailboxes to read."""
        return self._account.mailboxes

    @property
    def account(self) -> str:
        """What sightings call this account."""
        return self._account.name

    def to_mark(self) -> frozenset[Disposition]:
        """Return of which decisions the server is to be told; none where it is told nothing."""
        return frozenset(imap_marks.targets(self._account))

    def mark(self, mailbox: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
        """Tell the server of decisions on messages in `mailbox`; may be repeated without harm.

        Returns
        -------
        tuple[Mark, ...]
            Those that are done with: the server says so, or the message is not there any more.

        Raises
        ------
        Refused
            If the server cannot do it, or does not let us in.
        Unreachable
            If there is no connection, or it is lost.
        """
        try:
            return imap_marks.mark(self._connected(), mailbox, marks)
        except Dropped:
            self._abandon()
            raise

    def fetch(self, mailbox: str, cursor: Cursor | None, limit_bytes: int) -> Iterator[Batch]:
        """Yield what came to `mailbox` after `cursor`, in batches.

        Messages larger than the account allows, and those that the server cannot or does not deliver while it
        lists them, are handed over as refused. A lost connection is made anew, a bounded number of times
        without progress; batches already yielded are not repeated unless UIDVALIDITY changed meanwhile.

        Parameters
        ----------
        mailbox
            Its name, in Unicode.
        cursor
            Where to go on; None, or one of another UIDVALIDITY, starts at the first message.
        limit_bytes
            Most octets in a batch; a single larger message is a batch of its own.

        Raises
        ------
        Unreachable
            If there is no connection, or it keeps being lost.
        Refused
            If the server does not let us in or does not open the mailbox.
        """
        fetching = Fetching(self._account, mailbox, cursor, limit_bytes)
        while True:
            try:
                yield from fetching.batches(self._open(mailbox), self._connected())
            except Dropped:
                self._abandon()
                if fetching.failed() >= TRIES or self._pause(_delay(fetching.failures)):
                    raise
            else:
                return

    def idle(self, mailbox: str, seconds: float) -> bool:
        """Wait until `mailbox` may hold more than when it was last looked at, at most `seconds`.

        Uses IDLE where the server offers it, and looks again at the end, so that a server whose IDLE
        is silent or missing is polled. Connections that went stale are made anew.

        Returns
        -------
        bool
            True if there may be something to fetch, also for a mailbox never looked at before.

        Raises
        ------
        Unreachable, Refused
            As `fetch`.
        """
        if self._is_news(mailbox):
            return True
        try:
            self._connected().wait(seconds, self._pause)
        except Dropped:
            self._abandon()
        return self._is_news(mailbox)

    def offers_idle(self) -> bool:
        """Connect, and return whether the server can tell of new mail by itself (RFC 2177).

        Raises
        ------
        Unreachable, Refused
            As `fetch`.
        """
        try:
            return self._connected().offers_idle
        except Dropped:
            self._abandon()
            raise

    def check(self) -> tuple[str, ...]:
        """Connect, log in and open each mailbox; return what is wrong, a line for each problem."""
        problems: list[str] = []
        for mailbox in self.mailboxes():
            try:
                self._connected().examine(mailbox)
                problems += imap_marks.problems(self._connected(), mailbox)
            except Refused as error:
                problems.append(f"{error}{self._suggestion(mailbox)}")
            except (ServerError, UsageError) as error:
                problems.append(str(error))
            if self._session is None:
                break  # the other mailboxes would say the same
        self.close()
        return tuple(dict.fromkeys(problems))

    def interrupt(self) -> None:
        """End whatever another thread is waiting for here, and connect no more; for the end of the program."""
        self._line.cut()

    def close(self) -> None:
        """End the connection, if there is one; the next use makes another."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _suggestion(self, mailbox: str) -> str:
        try:
            return suggestion(mailbox, self._session.names()) if self._session else ""
        except ServerError:
            return ""

    def _abandon(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.abandon()

    def _connected(self) -> Session:
        if self._session is None:
            self._session = Session(self._account, self._line)
        return self._session

    def _open(self, mailbox: str) -> Opened:
        opened = self._connected().examine(mailbox)
        self._seen[mailbox] = (opened.uidvalidity, opened.uidnext or opened.exists)
        return opened

    def _is_news(self, mailbox: str) -> bool:
        before = self._seen.get(mailbox)
        for failures in range(1, TRIES + 1):
            try:
                self._open(mailbox)
                break
            except Dropped:
                self._abandon()
                if failures == TRIES or self._pause(_delay(failures)):
                    raise
        return self._seen[mailbox] != before


def _delay(failures: int) -> float:
    """Return seconds to wait: none after the first failure, which mostly is a connection gone stale."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 2)) if failures > 1 else 0.0
