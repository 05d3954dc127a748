"""The one place that builds real objects from settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import DeclarationError, Fault
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.resources import packaged
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.classify.model import Model
    from pipeline.routing.policy import Policy
    from pipeline.rulebook.book import Rulebook
    from pipeline.service.ports import Clock
    from pipeline.service.rounds import Desk
    from pipeline.service.tagging import Tagger
    from pipeline.taxonomy import Taxonomy

Reader = Callable[[bytes], tuple[Inquiry, tuple[RuleHit, ...]]]


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def rules_folder(settings: Settings) -> Path:
    """Return where the rules, the taxonomy and the criteria are."""
    return settings.folders.rules or packaged("rules")


def models_folder(settings: Settings) -> Path:
    """Return where the models are."""
    return settings.folders.models or packaged("models")


def taxonomy(settings: Settings) -> Taxonomy:
    """Return the taxonomy in force."""
    from pipeline.taxonomy import load_taxonomy

    return load_taxonomy(rules_folder(settings))


def rulebook(settings: Settings) -> Rulebook:
    """Return the rules in force."""
    from pipeline.rulebook.load import load_rulebook

    return load_rulebook(rules_folder(settings), taxonomy(settings))


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

    name = settings.folders.model
    return load(models_folder(settings) / name, taxonomy(settings)) if name else None


def tagger(settings: Settings) -> Tagger:
    """Return all witnesses and the judge."""
    from pipeline.assess.criteria import load_criteria
    from pipeline.routing.policy import load_policy
    from pipeline.service.tagging import Tagger

    liaisons = settings.folders.liaisons or packaged("rules") / "liaisons.toml"
    return Tagger(
        taxonomy=taxonomy(settings),
        rulebook=rulebook(settings),
        criteria=load_criteria(rules_folder(settings)),
        policy=load_policy(liaisons, taxonomy(settings)),
        model=model(settings),
    )


def ledger(settings: Settings) -> SqlLedger:
    """Return the open ledger."""
    from pipeline.adapters.ledger import open_ledger

    return open_ledger(settings.ledger.url)


def desk(settings: Settings, clock: Clock = utc_now, pause: Callable[[float], object] = time.sleep) -> Desk:
    """Return everything that a round of work needs.

    Parameters
    ----------
    pause
        How to wait between two tries, in seconds; one that can be interrupted lets the service end at once.
    """
    from pipeline.adapters.imap import ImapSource
    from pipeline.adapters.reading import PlainReader
    from pipeline.adapters.smtp import SmtpSender
    from pipeline.service.rounds import Desk

    return Desk(
        settings=settings,
        policy=policy(settings),
        reader=PlainReader(),
        tagger=tagger(settings),
        ledger=ledger(settings),
        sources=tuple(ImapSource(account, pause) for account in settings.imap),
        sender=SmtpSender(settings.smtp) if settings.smtp else None,
        clock=clock,
    )


def reader(settings: Settings) -> Reader:
    """Return what reads one labelled mail for training: the inquiry and the rules that hit."""
    from pipeline import parsing
    from pipeline.rulebook.match import hits

    book = rulebook(settings)

    def read(octets: bytes) -> tuple[Inquiry, tuple[RuleHit, ...]]:
        inquiry = parsing.read(octets)
        return inquiry, hits(book, inquiry)

    return read
