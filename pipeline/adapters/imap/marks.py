"""Tell an IMAP server what became of decided mail: a keyword, or a move (RFC 6851), without ever expunging more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.adapters.imap.responses import sequence_set
from pipeline.adapters.imap.session import Opened, Session
from pipeline.declarative import suggestion
from pipeline.errors import Refused
from pipeline.records.decisions import Disposition
from pipeline.records.marks import Mark
from pipeline.settings import ImapAccount


def targets(account: ImapAccount) -> dict[Disposition, str]:
    """Return which keyword or mailbox mail of each disposition gets; the others are left alone."""
    if account.after == "nothing":
        return {}
    table = account.keyword if account.after == "keyword" else account.move_to
    found = {Disposition.ASSIGN: table.assign, Disposition.REVIEW: table.review, Disposition.FILE: table.file}
    return {disposition: target for disposition, target in found.items() if target}


def mark(session: Session, mailbox: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Set the keyword on, or move, the messages of `marks`, all in `mailbox`.

    Returns
    -------
    tuple[Mark, ...]
        Those that the server is done with: it says so, or they are not there any more.

    Raises
    ------
    Refused
        If the server cannot do it.
    """
    account = session.account
    opened = session.select(mailbox)
    # Under another UIDVALIDITY the number means another message, or none; the mail comes as a new sighting.
    here = [one for one in marks if one.sighting.uidvalidity == opened.uidvalidity]
    left: set[int] = set()
    for target, uids in _by_target(account, here):
        if account.after == "keyword":
            left |= _keep_keyword(session, opened, uids, target)
        elif not _same(mailbox, target):
            left |= _move(session, uids, target)
    return tuple(
        one for one in marks if one.sighting.uidvalidity != opened.uidvalidity or one.sighting.uid not in left
    )


def problems(session: Session, mailbox: str) -> Iterator[str]:
    """Yield what would keep the account's settings from being followed in `mailbox`."""
    wanted = sorted(set(targets(session.account).values()))
    if not wanted:
        return
    try:
        opened = session.select(mailbox)
        for target in wanted:
            if session.account.after == "keyword":
                _check_keyword(session, opened, target)
            else:
                _check_move(session, target)
    except Refused as error:
        yield str(error)


def _by_target(account: ImapAccount, marks: Sequence[Mark]) -> Iterator[tuple[str, list[int]]]:
    chosen = targets(account)
    for target in sorted(set(chosen.values())):
        uids = sorted(one.sighting.uid for one in marks if chosen.get(one.disposition) == target)
        if uids:
            yield target, uids


def _keep_keyword(session: Session, opened: Opened, uids: list[int], keyword: str) -> set[int]:
    """Set `keyword`; return the UIDs that have it not."""
    _check_keyword(session, opened, keyword)
    with session.guard(f"keyword {keyword} cannot be set in mailbox {opened.name!r}", "check the rights"):
        session.client.add_flags(uids, [keyword], silent=True)
    left = _search(session, uids, "UNKEYWORD", keyword)
    if len(left) == len(uids):
        raise Refused(
            f"{session.place}: mailbox {opened.name!r} does not keep the keyword {keyword}, though it said so;"
            ' set after = "move" or "nothing"'
        )
    return left


def _check_keyword(session: Session, opened: Opened, keyword: str) -> None:
    """Refuse a keyword that would be dropped silently (RFC 9051, section 7.1, PERMANENTFLAGS)."""
    kept = opened.permanent_flags
    if kept is not None and "\\*" not in kept and keyword.lower() not in kept:
        raise Refused(
            f"{session.place}: mailbox {opened.name!r} keeps no keyword {keyword}; "
            f"it keeps {' '.join(sorted(kept)) or 'none'}; choose one of these without a backslash, "
            'or set after = "move" or "nothing"'
        )


def _check_move(session: Session, target: str) -> None:
    if not (session.client.has_capability("MOVE") or session.client.has_capability("UIDPLUS")):
        raise Refused(
            f"{session.place}: it offers neither MOVE nor UIDPLUS, and nothing can be moved safely; "
            'set after = "keyword" or "nothing"'
        )
    names = session.names()
    if not any(_same(target, name) for name in names):
        raise Refused(
            f"{session.place}: there is no mailbox {target!r} to move to; create it, or correct move_to"
            f"{suggestion(target, names)}"
        )


def _move(session: Session, uids: list[int], target: str) -> set[int]:
    """Move messages; return the UIDs that are still here.

    Without MOVE they are copied, flagged as deleted and expunged by UID. One that is flagged already was copied
    before, by a try that broke off, or somebody deleted it: it is left as it is.
    """
    _check_move(session, target)
    client = session.client
    words = (f"messages cannot be moved to {target!r}", "check move_to, and the rights of the account")
    if client.has_capability("MOVE"):
        with session.guard(*words):
            client.move(uids, target)
        return _search(session, uids)
    kept = sorted(_search(session, uids, "UNDELETED"))
    if kept:
        with session.guard(*words):
            client.copy(kept, target)
            client.add_flags(kept, ["\\Deleted"], silent=True)
            client.uid_expunge(kept)
    return _search(session, uids, "UNDELETED")


def _search(session: Session, uids: Sequence[int], *criteria: str) -> set[int]:
    """Return which of `uids` are there and meet the criteria."""
    with session.guard():
        session.client.noop()  # lets the server tell of expunged messages (RFC 9051, section 7.5.1)
        found = session.client.search(["UID", sequence_set(uids), *criteria])
    return set(map(int, found)) & set(uids)


def _same(name: str, other: str) -> bool:
    """Return whether both name the same mailbox; INBOX has no case (RFC 9051, section 5.1)."""
    return name == other or (name.upper() == other.upper() == "INBOX")
