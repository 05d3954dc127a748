"""Messages from IMAP mailboxes: read-only, by UID under UIDVALIDITY, in batches, over broken connections."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pipeline.adapters.imap_responses import Fetched
from pipeline.adapters.imap_session import Opened, Pause, Session
from pipeline.adapters.tls import Dropped
from pipeline.declarative import suggestion
from pipeline.errors import Refused, ServerError, UsageError
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor, SetAsideMessage
from pipeline.settings import ImapAccount

TRIES = 5
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_SIZES_AT_ONCE = 1_000


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
        self._session: Session | None = None
        # Mailbox to UIDVALIDITY and UIDNEXT when it was last looked at; tells `idle` what is new.
        self._seen: dict[str, tuple[int, int]] = {}

    def mailboxes(self) -> tuple[str, ...]:
        """Return the mailboxes to read."""
        return self._account.mailboxes

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
        fetching = _Fetching(self._account, mailbox, cursor, limit_bytes)
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

    def check(self) -> tuple[str, ...]:
        """Connect, log in and open each mailbox; return what is wrong, a line for each problem."""
        problems: list[str] = []
        for mailbox in self.mailboxes():
            try:
                self._connected().examine(mailbox)
            except Refused as error:
                problems.append(f"{error}{self._suggestion(mailbox)}")
            except (ServerError, UsageError) as error:
                problems.append(str(error))
            if self._session is None:
                break  # the other mailboxes would say the same
        self.close()
        return tuple(problems)

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
            self._session = Session(self._account)
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


class _Fetching:
    """How far one fetch has come, over all of its connections."""

    def __init__(self, account: ImapAccount, mailbox: str, cursor: Cursor | None, limit_bytes: int) -> None:
        self.failures = 0
        self._account = account
        self._mailbox = mailbox
        self._limit_bytes = limit_bytes
        self._cursor = cursor or Cursor(uidvalidity=0, uid=0)
        self._done = 0
        self._most = account.batch
        # Given up on a message since the last one that came: a second in a row means that it is not the message.
        self._gave_up = False

    def failed(self) -> int:
        """Note a lost connection, and ask for less at once; return how many there were without progress."""
        self.failures += 1
        self._most = max(1, self._most // 10)
        return self.failures

    def batches(self, opened: Opened, session: Session) -> Iterator[Batch]:
        """Yield what is left to fetch."""
        if opened.uidvalidity != self._cursor.uidvalidity:
            self._cursor = Cursor(uidvalidity=opened.uidvalidity, uid=0)
        if opened.uidnext is not None and opened.uidnext <= self._cursor.uid + 1:
            return
        waiting = session.uids(opened, self._cursor.uid)
        total = self._done + len(waiting)
        for group in self._groups(session, waiting):
            messages, refused = self._bring(session, group)
            self._cursor = Cursor(uidvalidity=opened.uidvalidity, uid=group[-1][0], modseq=opened.modseq)
            self._succeeded(len(group), bool(messages))
            yield Batch(messages=messages, refused=refused, cursor=self._cursor, total=total)

    def _succeeded(self, count: int, brought: bool) -> None:
        self.failures = 0
        self._done += count
        self._most = min(self._account.batch, self._most * 2)
        self._gave_up = self._gave_up and not brought

    def _groups(self, session: Session, waiting: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
        """Split (UID, size) into what is fetched at once, by number and by octets."""
        group: list[tuple[int, int]] = []
        octets = 0
        for uid, size in _sized(session, waiting):
            counted = size if size <= self._account.largest_message else 0
            if group and (len(group) >= self._most or octets + counted > self._limit_bytes):
                yield group
                group, octets = [], 0
            group.append((uid, size))
            octets += counted
        if group:
            yield group

    def _bring(
        self, session: Session, group: list[tuple[int, int]]
    ) -> tuple[tuple[RawMessage, ...], tuple[SetAsideMessage, ...]]:
        largest = self._account.largest_message
        refused = [self._too_large(session, uid, size) for uid, size in group if size > largest]
        wanted = [uid for uid, size in group if size <= largest]
        try:
            found, refusal = session.messages(wanted) if wanted else ({}, "")
        except Dropped as error:
            if len(wanted) > 1 or self.failures < TRIES - 1 or self._gave_up:
                raise
            self._gave_up = True
            return (), (
                *refused,
                self._set_aside(wanted[0], f"the connection is lost whenever it is fetched: {error}"),
            )
        missing = [uid for uid in wanted if uid not in found]
        refused += self._second_try(session, missing, refusal, found) if missing else []
        return tuple(self._message(uid, found[uid]) for uid in wanted if uid in found), tuple(refused)

    def _second_try(
        self, session: Session, missing: list[int], refusal: str, found: dict[int, Fetched]
    ) -> list[SetAsideMessage]:
        """Fetch what is there but did not come, one by one, into `found`; what vanished is left out."""
        refused = []
        for uid in session.present(missing):
            again, words = session.messages([uid])
            if uid in again:
                found[uid] = again[uid]
            else:
                reason = (
                    f"the server lists it but does not deliver it: {words or refusal or 'no reason given'}"
                )
                refused.append(self._set_aside(uid, reason))
        return refused

    def _too_large(self, session: Session, uid: int, size: int) -> SetAsideMessage:
        largest = self._account.largest_message
        reason = f"{size} octets, over the limit of {largest}; raise largest_message to take it"
        return self._set_aside(uid, reason, session.header(uid))

    def _set_aside(self, uid: int, reason: str, octets: bytes = b"") -> SetAsideMessage:
        return SetAsideMessage(sighting=self._sighting(uid), reason=reason, octets=octets)

    def _message(self, uid: int, fetched: Fetched) -> RawMessage:
        return RawMessage(
            sighting=self._sighting(uid),
            octets=fetched.octets,
            received_at=fetched.received_at,
            flags=fetched.flags,
        )

    def _sighting(self, uid: int) -> ImapSighting:
        return ImapSighting(
            account=self._account.name,
            mailbox=self._mailbox,
            uidvalidity=self._cursor.uidvalidity,
            uid=uid,
        )


def _sized(session: Session, uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (UID, size) of what is still there, asking for many sizes at once."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        asked = uids[start : start + _SIZES_AT_ONCE]
        sizes = session.sizes(asked)
        # Without a size it may have vanished, or be beyond the server's powers: fetching it will tell.
        yield from ((uid, sizes.get(uid, 0)) for uid in asked)


def _delay(failures: int) -> float:
    """Return seconds to wait: none after the first failure, which mostly is a connection gone stale."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 2)) if failures > 1 else 0.0
