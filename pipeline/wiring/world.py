"""Objects that touch the world: the ledger, mail servers, help desks, the wiki, and the desk that works with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.settings import LedgerSettings, Settings
from pipeline.settings.store import ledger_url
from pipeline.wiring.declared import policy, tagger
from pipeline.wiring.renewal import correspondence

if TYPE_CHECKING:
    from pipeline.adapters.imap.source import ImapSource
    from pipeline.adapters.ledger import Access, SqlLedger
    from pipeline.adapters.ledger.upkeep.moving import Moved
    from pipeline.adapters.otrs.source import OtrsSource
    from pipeline.adapters.otrs.write import OtrsDesk
    from pipeline.adapters.reading.reader import ChildReader
    from pipeline.adapters.wiki.pages import MediaWiki
    from pipeline.service.listening import Post
    from pipeline.service.ports import Clock, Progress
    from pipeline.service.rounds import Desk

# Mailboxes of one account that are listened to.
LISTENERS = 10


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def ledger(settings: Settings) -> SqlLedger:
    """Return the open ledger."""
    from pipeline.adapters.ledger import open_ledger

    return open_ledger(settings.ledger.url, ledger_access(settings.ledger))


def ledger_access(told: LedgerSettings) -> Access:
    """Return how to come to a ledger on PostgreSQL, with the password read now.

    Raises
    ------
    UsageError
        If the password cannot be read.
    """
    from pipeline.adapters.ledger import Access

    return Access(
        password=told.password(),
        security=told.security,
        ca_file=str(told.ca_file or ""),
        certificate=str(told.certificate_file or ""),
        key=str(told.key_file or ""),
        connect_seconds=ceil(told.timeout_seconds),
        lock_seconds=told.lock_seconds,
        statement_seconds=told.statement_seconds,
        connections=told.connections,
    )


def move_ledger(source: str, target: str, settings: Settings, progress: Progress) -> tuple[Moved, ...]:
    """Copy the ledger at `source` into the empty database at `target`; both are URLs, or files of SQLite.

    Raises
    ------
    UsageError
        If one is none, with a password in it, or they do not fit.
    """
    from pipeline.adapters.ledger.upkeep.moving import move

    return move(_named(source), _named(target), ledger_access(settings.ledger), progress)


def _named(url: str) -> str:
    """Return a URL as the settings would take it."""
    try:
        return ledger_url(url if "://" in url else f"sqlite:///{url}")
    except ValueError as error:
        raise UsageError(str(error)) from None


def mail_reader() -> ChildReader:
    """Return what reads mail of strangers; to be closed."""
    from pipeline.adapters.reading.reader import ChildReader

    return ChildReader()


def mail_servers(
    settings: Settings, pause: Callable[[float], object] = time.sleep
) -> tuple[ImapSource | OtrsSource, ...]:
    """Return the accounts and help desks to poll; `pause` waits between two tries, in seconds."""
    from pipeline.adapters.imap.source import ImapSource
    from pipeline.adapters.otrs.source import OtrsSource

    accounts = (ImapSource(account, pause) for account in settings.imap)
    return (*accounts, *(OtrsSource(server, pause) for server in settings.otrs))


def help_desks(settings: Settings, pause: Callable[[float], object] = time.sleep) -> tuple[OtrsDesk, ...]:
    """Return the help desks that are to be told of decisions."""
    wanted = [server for server in settings.otrs if server.write.wanted]
    if not wanted:
        return ()
    from pipeline.adapters.otrs.write import OtrsDesk

    return tuple(OtrsDesk(server, pause) for server in wanted)


def desk(settings: Settings, clock: Clock = utc_now, pause: Callable[[float], object] = time.sleep) -> Desk:
    """Return everything that a round of work needs.

    Parameters
    ----------
    pause
        How to wait between two tries, in seconds; one that can be interrupted lets the service end at once.
    """
    from pipeline.adapters.smtp import SmtpSender
    from pipeline.service.rounds import Desk

    return Desk(
        settings=settings,
        policy=policy(settings),
        reader=mail_reader(),
        tagger=tagger(settings),
        ledger=ledger(settings),
        sources=mail_servers(settings, pause),
        sender=SmtpSender(settings.smtp) if settings.smtp else None,
        clock=clock,
        help_desks=help_desks(settings, pause),
        correspondence=correspondence(settings),
        wiki=wiki(settings),
    )


def wiki(settings: Settings) -> MediaWiki | None:
    """Return the wiki to publish on."""
    if settings.wiki is None:
        return None
    from pipeline.adapters.wiki.pages import MediaWiki

    return MediaWiki(settings.wiki)


def listeners(settings: Settings, pause: Callable[[float], object] = time.sleep) -> tuple[Post, ...]:
    """Return a connection of its own for each mailbox that is listened to, for some mailboxes of each account.

    The others are polled: servers allow an account about fifteen connections.
    """
    from pipeline.adapters.imap.source import ImapSource
    from pipeline.service.listening import Post

    made = []
    for account in settings.imap:
        for mailbox in account.mailboxes[:LISTENERS] if account.idle else ():
            ear = ImapSource(account, pause)
            made.append(Post(source=ear.name, mailbox=mailbox, ear=ear))
    return tuple(made)
