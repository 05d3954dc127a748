"""One fetch of a mailbox: what is new, in batches, over as many connections as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.adapters.imap.responses import Fetched
from pipeline.adapters.imap.session import Opened, Session
from pipeline.adapters.network.failures import Dropped
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor, SetAsideMessage
from pipeline.settings import ImapAccount

TRIES = 5
_SIZES_AT_ONCE = 1_000


class Fetching:
    """How far one fetch has come, over all of its connections.

    Parameters
    ----------
    account
        Whose mailbox it is.
    mailbox
        Its name.
    cursor
        Where to go on; None starts at the first message.
    limit_bytes
        Most octets in a batch.
    """

    def __init__(self, account: ImapAccount, mailbox: str, cursor: Cursor | None, limit_bytes: int) -> None:
        self.failures = 0
        self._account = account
        self._mailbox = mailbox
        self._limit_bytes = limit_bytes
        self._told = cursor
        self._cursor = cursor or Cursor(uidvalidity=0, uid=0)
        self._done = 0
        self._most = account.batch
        self._parts: _Parts | None = None
        # Given up on a message since the last one that came: a second in a row means that it is not the message.
        self._gave_up = False

    def failed(self) -> int:
        """Note a lost connection, and ask for less at once; return how many there were without progress."""
        self.failures += 1
        self._most = max(1, self._most // 10)
        return self.failures

    def batches(self, opened: Opened, session: Session) -> Iterator[Batch]:
        """Yield what is left to fetch.

        HIGHESTMODSEQ goes into the cursor with the last batch, which may be empty: before that it would hide
        what is still to come.
        """
        if opened.uidvalidity != self._cursor.uidvalidity:
            self._cursor = Cursor(uidvalidity=opened.uidvalidity, uid=0)
            self._parts = None
        waiting = () if self._nothing_new(opened) else session.uids(opened, self._cursor.uid)
        total = self._done + len(waiting)
        for group in self._groups(session, waiting):
            messages, refused = self._bring(session, group)
            last = group[-1][0]
            modseq = opened.modseq if last == waiting[-1] else None
            self._cursor = Cursor(uidvalidity=opened.uidvalidity, uid=last, modseq=modseq)
            self._succeeded(len(group), bool(messages))
            yield self._batch(messages, refused, total)
        self._cursor = replace(self._cursor, modseq=opened.modseq)
        if self._cursor != self._told:
            yield self._batch((), (), total)

    def _nothing_new(self, opened: Opened) -> bool:
        """Return whether the mailbox itself says so; neither messages nor their UIDs have to be asked for."""
        if opened.exists == 0 or (opened.uidnext is not None and opened.uidnext <= self._cursor.uid + 1):
            return True
        return opened.modseq is not None and opened.modseq == self._cursor.modseq

    def _batch(
        self, messages: tuple[RawMessage, ...], refused: tuple[SetAsideMessage, ...], total: int
    ) -> Batch:
        self._told = self._cursor
        return Batch(messages=messages, refused=refused, cursor=self._cursor, total=total)

    def _succeeded(self, count: int, brought: bool) -> None:
        self.failures = 0
        self._done += count
        self._most = min(self._account.batch, self._most * 2)
        self._gave_up = self._gave_up and not brought

    def _groups(self, session: Session, waiting: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
        """Split (UID, size) into what is fetched at once, by number and by octets; what comes in parts comes alone."""
        group: list[tuple[int, int]] = []
        octets = 0
        for uid, size in _sized(session, waiting):
            counted = size if size <= self._account.largest_message else 0
            parted = counted > self._account.part_octets
            if group and (parted or len(group) >= self._most or octets + counted > self._limit_bytes):
                yield group
                group, octets = [], 0
            group.append((uid, size))
            octets += counted
            if parted:
                yield group
                group, octets = [], 0
        if group:
            yield group

    def _bring(
        self, session: Session, group: list[tuple[int, int]]
    ) -> tuple[tuple[RawMessage, ...], tuple[SetAsideMessage, ...]]:
        largest = self._account.largest_message
        refused = [self._too_large(session, uid, size) for uid, size in group if size > largest]
        wanted = [(uid, size) for uid, size in group if size <= largest]
        try:
            found, missing, refusal = self._ask(session, wanted)
        except Dropped as error:
            if len(wanted) > 1 or self.failures < TRIES - 1 or self._gave_up:
                raise
            self._gave_up, self._parts = True, None
            reason = f"the connection is lost whenever it is fetched: {error}"
            return (), (*refused, self._set_aside(wanted[0][0], reason))
        refused += self._second_try(session, missing, refusal, found) if missing else []
        refused += [self._too_large(session, uid, len(one.octets)) for uid, one in _over(found, largest)]
        return tuple(self._message(uid, found[uid]) for uid, _ in wanted if uid in found), tuple(refused)

    def _ask(
        self, session: Session, wanted: list[tuple[int, int]]
    ) -> tuple[dict[int, Fetched], list[int], str]:
        """Return what came, which UIDs did not, and what the server said to that."""
        if not wanted:
            return {}, [], ""
        if wanted[0][1] > self._account.part_octets:
            return self._in_parts(session, *wanted[0])
        found, refusal = session.messages([uid for uid, _ in wanted])
        return found, [uid for uid, _ in wanted if uid not in found], refusal

    def _in_parts(self, session: Session, uid: int, size: int) -> tuple[dict[int, Fetched], list[int], str]:
        """Fetch one large message; what came over an earlier connection is not asked for again."""
        if self._parts is None or self._parts.uid != uid:
            self._parts = _Parts(uid, size, self._account)
        parts = self._parts
        while not parts.complete:
            came, refusal = session.part(uid, parts.length, self._account.part_octets)
            if came is None:
                self._parts = None
                return {}, [uid], refusal
            parts.add(came)
            self.failures = 0
        self._parts = None
        return {uid: parts.whole()}, [], ""

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


class _Parts:
    """A large message that is coming in parts (RFC 9051, section 6.4.5).

    The size that the server gave may be wrong: the end is an empty part, or a short one at that size or behind it.
    """

    def __init__(self, uid: int, size: int, account: ImapAccount) -> None:
        self.uid = uid
        self.length = 0
        self.complete = False
        self._size = size
        self._account = account
        self._came: list[Fetched] = []

    def add(self, came: Fetched) -> None:
        """Take the next part."""
        self._came.append(came)
        self.length += len(came.octets)
        short = len(came.octets) < self._account.part_octets
        ended = not came.octets or (short and self.length >= self._size)
        self.complete = ended or self.length > self._account.largest_message

    def whole(self) -> Fetched:
        """Return the message."""
        return replace(self._came[0], octets=b"".join(part.octets for part in self._came))


def _over(found: dict[int, Fetched], largest: int) -> list[tuple[int, Fetched]]:
    """Take out of `found` what turned out larger than the server had said."""
    return [(uid, found.pop(uid)) for uid in list(found) if len(found[uid].octets) > largest]


def _sized(session: Session, uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (UID, size) of what is still there, asking for many sizes at once."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        asked = uids[start : start + _SIZES_AT_ONCE]
        sizes = session.sizes(asked)
        # Without a size it may have vanished, or be beyond the server's powers: fetching it will tell.
        yield from ((uid, sizes.get(uid, 0)) for uid in asked)
