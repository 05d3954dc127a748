"""The one place that builds real objects from settings."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import DeclarationError, Fault, ModelError
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.adapters.imap import ImapSource
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.adapters.otrs_source import OtrsSource
    from pipeline.adapters.otrs_write import OtrsDesk
    from pipeline.adapters.reading import ChildReader
    from pipeline.adapters.wiki import MediaWiki
    from pipeline.assess.criteria import CriteriaPolicy
    from pipeline.classify.model import Model
    from pipeline.classify.serving import Serving
    from pipeline.feedback.replies import Reply
    from pipeline.feedback.vocabulary import Vocabulary
    from pipeline.records.keys import Keyring
    from pipeline.routing.policy import Policy
    from pipeline.rulebook.book import Rulebook
    from pipeline.service.listening import Post
    from pipeline.service.offers import Correspondence
    from pipeline.service.ports import Clock
    from pipeline.service.rounds import Desk
    from pipeline.service.rules import Renewal, Renewing
    from pipeline.service.tagging import Tagger
    from pipeline.taxonomy import Taxonomy

# Mailboxes of one account that are listened to.
LISTENERS = 10
Reader = Callable[[bytes], tuple[Inquiry, tuple[RuleHit, ...]]]


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def rules_folder(settings: Settings) -> Path:
    """Return where the rules, the taxonomy and the criteria are: an own folder that is whole, else the packaged one."""
    own = settings.folders.rules
    return own if own and (own / "taxonomy.toml").exists() else packaged("rules")


def own_rules(settings: Settings) -> Path | None:
    """Return the own folder whose rules add to the packaged ones: one without a taxonomy."""
    own = settings.folders.rules
    return own if own and rules_folder(settings) != own else None


def models_folder(settings: Settings) -> Path:
    """Return where the models are."""
    return settings.folders.models or packaged("models")


def taxonomy(settings: Settings) -> Taxonomy:
    """Return the taxonomy in force."""
    from pipeline.taxonomy import load_taxonomy

    return load_taxonomy(rules_folder(settings))


def rulebook(settings: Settings, fixtures: Path | None = None) -> Rulebook:
    """Return the rules in force; with `fixtures`, ids of labelled mail in their examples are checked.

    Raises
    ------
    DeclarationError
        With every fault; a route is one if the settings name a file of liaisons and nobody there is called so.
    """
    from pipeline.rulebook.load import load_rulebook

    book = load_rulebook(rules_folder(settings), taxonomy(settings), fixtures, own_rules(settings))
    if settings.folders.liaisons and any(rule.route for rule in book.rules):
        from pipeline.routing.routes import unknown_routes

        faults = unknown_routes(book.rules, policy(settings))
        if faults:
            raise DeclarationError(faults)
    return book


def criteria(settings: Settings, book: Rulebook | None = None) -> CriteriaPolicy:
    """Return the criteria in force: of the own folder if it has some, else the packaged ones.

    Parameters
    ----------
    book
        The rules that they may name; None: those in force.
    """
    from pipeline.assess.grid import read_criteria

    own = settings.folders.rules
    folder = own if own and (own / "criteria.toml").exists() else packaged("rules")
    known = [rule.id for rule in (book or rulebook(settings)).rules]
    return read_criteria(folder / "criteria.toml", taxonomy(settings), known)


def policy(settings: Settings) -> Policy:
    """Return the liaisons in force.

    Raises
    ------
    DeclarationError
        If the settings name no file of liaisons, or it has faults.
    """
    from pipeline.routing.policy import load_policy

    if settings.folders.liaisons is None:
        raise DeclarationError(
            (
                Fault(
                    file="settings",
                    path="folders.liaisons",
                    message="missing; name the file of your liaisons",
                ),
            )
        )
    return load_policy(settings.folders.liaisons, taxonomy(settings))


def model(settings: Settings) -> Model | None:
    """Return the model in force, or None if the settings want rules alone.

    Raises
    ------
    ModelError
        If it is missing, broken, or not made for this program.
    """
    from pipeline.classify.bundle import load

    found = serving(settings)
    return load(models_folder(settings) / found.name, taxonomy(settings), found.pin) if found.name else None


def serving(settings: Settings) -> Serving:
    """Return which model serves, and why this one.

    Raises
    ------
    ModelError
        If it cannot be told which one was promoted.
    """
    from pipeline.classify import serving as choice

    return choice.serving(models_folder(settings), settings.folders.model)


def tagger(settings: Settings) -> Tagger:
    """Return all witnesses and the judge."""
    from pipeline.assess.region import refresh
    from pipeline.routing.policy import load_policy
    from pipeline.service.tagging import Tagger

    liaisons = settings.folders.liaisons or packaged("rules") / "liaisons.toml"
    book = rulebook(settings)
    refresh(settings.folders.rules)
    policy, learnt = load_policy(liaisons, taxonomy(settings)), model(settings)
    # A batch of decisions holds many thousand small objects, none in a cycle: at Python's 700, a seventh of the time
    # went into looking for garbage.
    gc.set_threshold(50_000, 20, 20)
    return Tagger(
        taxonomy=taxonomy(settings),
        rulebook=book,
        criteria=criteria(settings, book),
        policy=policy,
        model=learnt.at(policy.decisions.kinds) if learnt else None,
        places=settings.folders.rules,
    )


def vocabulary(settings: Settings) -> Vocabulary:
    """Return the words by which people answer: of the own folder if it has some, else the packaged ones."""
    from pipeline.feedback.vocabulary import load_vocabulary

    return load_vocabulary(_folder_with(settings, "commands.toml"))


def replies(settings: Settings) -> tuple[Reply, ...]:
    """Return the suggested first answers: of the own folder if it has some, else the packaged ones."""
    from pipeline.feedback.replies import load_replies

    return load_replies(_folder_with(settings, "replies"), taxonomy(settings))


def _folder_with(settings: Settings, name: str) -> Path:
    own = settings.folders.rules
    return own if own and (own / name).exists() else packaged("rules")


def keyring(settings: Settings) -> Keyring:
    """Return the secrets of tokens as they are now.

    Raises
    ------
    DeclarationError
        If the file is missing, has faults, or others may read it.
    """
    from pipeline.adapters.keyfile import load

    return load(settings.answers.key_file)


def correspondence(settings: Settings) -> Callable[[], Correspondence | None]:
    """Return what gives secrets, words and suggested answers for answers by mail; None where nobody can answer.

    The secrets are read each time, so that new ones are in use at once; the rest again when its files have changed.

    Raises
    ------
    DeclarationError
        If something in them is wrong.
    """
    if settings.answers.address is None:
        return lambda: None
    from pipeline.service.offers import Correspondence

    known: dict[int, Correspondence] = {}

    def give() -> Correspondence:
        stamp, ring = _words_stamp(settings), keyring(settings)
        if stamp not in known:
            known.clear()
            known[stamp] = Correspondence(
                ring=ring, vocabulary=vocabulary(settings), replies=replies(settings)
            )
        return replace(known[stamp], ring=ring)

    give()
    return give


def _words_stamp(settings: Settings) -> int:
    texts = (_folder_with(settings, "replies") / "replies").glob("*.md")
    return hash(
        tuple(sorted(map(_stamp, (_folder_with(settings, "commands.toml") / "commands.toml", *texts))))
    )


def ledger(settings: Settings) -> SqlLedger:
    """Return the open ledger."""
    from pipeline.adapters.ledger import open_ledger

    return open_ledger(settings.ledger.url)


def reload(desk: Desk) -> Renewal:
    """Load rules, liaisons and model anew for a running desk; with faults, the old ones go on serving."""
    from pipeline.service.rules import renew

    return renew(desk, lambda: (tagger(desk.settings), policy(desk.settings)))


def renewing(settings: Settings, say: Callable[[str], None]) -> Renewing:
    """Return what looks for changed rules, liaisons and models in a running service."""
    from pipeline.service.rules import Renewing

    return Renewing(lambda: rules_stamp(settings), lambda: (tagger(settings), policy(settings)), say)


def rules_stamp(settings: Settings) -> int:
    """Return a number that changes when a file of rules, of liaisons or of the model does."""
    from pipeline.classify.promotion import CURRENT

    folders = {rules_folder(settings), own_rules(settings)} - {None}
    files = [
        path for folder in folders if folder for path in (*folder.glob("*.toml"), *folder.glob("terms/*"))
    ]
    models = models_folder(settings)
    model_files = (models / CURRENT, *(models / _served_name(settings)).glob("*"))
    liaisons = settings.folders.liaisons
    watched = [*files, *(model_files if settings.folders.model else ()), *([liaisons] if liaisons else [])]
    return hash(tuple(sorted(map(_stamp, watched))))


def _served_name(settings: Settings) -> str:
    try:
        return serving(settings).name
    except ModelError:
        return settings.folders.model


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


def mail_reader() -> ChildReader:
    """Return what reads mail of strangers; to be closed."""
    from pipeline.adapters.reading import ChildReader

    return ChildReader()


def mail_servers(
    settings: Settings, pause: Callable[[float], object] = time.sleep
) -> tuple[ImapSource | OtrsSource, ...]:
    """Return the accounts and help desks to poll; `pause` waits between two tries, in seconds."""
    from pipeline.adapters.imap import ImapSource
    from pipeline.adapters.otrs_source import OtrsSource

    accounts = (ImapSource(account, pause) for account in settings.imap)
    return (*accounts, *(OtrsSource(server, pause) for server in settings.otrs))


def help_desks(settings: Settings, pause: Callable[[float], object] = time.sleep) -> tuple[OtrsDesk, ...]:
    """Return the help desks that are to be told of decisions."""
    wanted = [server for server in settings.otrs if server.write.wanted]
    if not wanted:
        return ()
    from pipeline.adapters.otrs_write import OtrsDesk

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
    from pipeline.adapters.wiki import MediaWiki

    return MediaWiki(settings.wiki)


def listeners(settings: Settings, pause: Callable[[float], object] = time.sleep) -> tuple[Post, ...]:
    """Return a connection of its own for each mailbox that is listened to, for some mailboxes of each account.

    The others are polled: servers allow an account about fifteen connections.
    """
    from pipeline.adapters.imap import ImapSource
    from pipeline.service.listening import Post

    made = []
    for account in settings.imap:
        for mailbox in account.mailboxes[:LISTENERS] if account.idle else ():
            ear = ImapSource(account, pause)
            made.append(Post(source=ear.name, mailbox=mailbox, ear=ear))
    return tuple(made)


def reader(settings: Settings, book: Rulebook | None = None) -> Reader:
    """Return what reads one labelled mail for training: the inquiry and the rules of `book` (None: in force) that hit."""
    from pipeline import parsing
    from pipeline.rulebook.match import hits

    book = book or rulebook(settings)

    def read(octets: bytes) -> tuple[Inquiry, tuple[RuleHit, ...]]:
        inquiry = parsing.read(octets)
        return inquiry, hits(book, inquiry)

    return read
