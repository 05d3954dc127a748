"""Objects made from declared files: rules, taxonomy, criteria, liaisons, models, words and suggested answers."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import DeclarationError, Fault
from pipeline.resources import packaged
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.assess.grid import CriteriaPolicy
    from pipeline.classify.model import Model
    from pipeline.classify.serving import Serving
    from pipeline.feedback.replies import Reply
    from pipeline.feedback.vocabulary import Vocabulary
    from pipeline.records.decisions import RuleHit
    from pipeline.records.inquiries import Inquiry
    from pipeline.routing.policy import Policy
    from pipeline.rulebook.book import Rulebook
    from pipeline.service.tagging import Tagger
    from pipeline.taxonomy import Taxonomy

    Reader = Callable[[bytes], tuple[Inquiry, tuple[RuleHit, ...]]]

Stamp = tuple[str, int, int, int]


def rules_folder(settings: Settings) -> Path:
    """Return where the rules, the taxonomy and the criteria are: an own folder that is whole, else the packaged one."""
    return folder_with(settings, "taxonomy.toml")


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

    if fixtures:
        book = load_rulebook(rules_folder(settings), taxonomy(settings), fixtures, own_rules(settings))
    else:
        book = _book(rules_folder(settings), own_rules(settings), rule_stamps(settings))
    if settings.folders.liaisons and any(rule.route for rule in book.rules):
        from pipeline.routing.routes import unknown_routes

        faults = unknown_routes(book.rules, policy(settings))
        if faults:
            raise DeclarationError(faults)
    return book


@lru_cache(maxsize=2)
def _book(rules: Path, own: Path | None, stamps: tuple[Stamp, ...]) -> Rulebook:  # noqa: ARG001 - tells the texts apart
    """Return the rules of two folders; read again only when a file has changed, as there are some thousand terms."""
    from pipeline.rulebook.load import load_rulebook
    from pipeline.taxonomy import load_taxonomy

    return load_rulebook(rules, load_taxonomy(rules), own=own)


def rule_stamps(settings: Settings) -> tuple[Stamp, ...]:
    """Return what changes when a file of rules or of terms does."""
    folders = {folder for folder in (rules_folder(settings), own_rules(settings)) if folder}
    files = (path for folder in folders for path in (*folder.glob("*.toml"), *folder.glob("terms/*")))
    return tuple(sorted(map(file_stamp, files)))


def file_stamp(path: Path) -> Stamp:
    """Return name, time of the last change in nanoseconds, size in octets and number of a file; zeros if it is missing."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino


def criteria(settings: Settings, book: Rulebook | None = None) -> CriteriaPolicy:
    """Return the criteria in force: of the own folder if it has some, else the packaged ones.

    Parameters
    ----------
    book
        The rules that they may name; None: those in force.
    """
    from pipeline.assess.grid import read_criteria

    known = [rule.id for rule in (book or rulebook(settings)).rules]
    path = folder_with(settings, "criteria.toml") / "criteria.toml"
    return read_criteria(path, taxonomy(settings), known)


def policy(settings: Settings) -> Policy:
    """Return the liaisons in force.

    Raises
    ------
    DeclarationError
        If the settings name no file of liaisons, or it has faults.
    """
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
    from pipeline.routing.policy import load_policy

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


def reader(settings: Settings, book: Rulebook | None = None) -> Reader:
    """Return what reads one labelled mail for training: the inquiry and the rules of `book` (None: in force) that hit."""
    from pipeline import parsing
    from pipeline.rulebook.match import hits

    book = book or rulebook(settings)

    def read(octets: bytes) -> tuple[Inquiry, tuple[RuleHit, ...]]:
        inquiry = parsing.read(octets)
        return inquiry, hits(book, inquiry)

    return read


def vocabulary(settings: Settings) -> Vocabulary:
    """Return the words by which people answer: of the own folder if it has some, else the packaged ones."""
    from pipeline.feedback.vocabulary import load_vocabulary

    return load_vocabulary(folder_with(settings, "commands.toml"))


def replies(settings: Settings) -> tuple[Reply, ...]:
    """Return the suggested first answers: of the own folder if it has some, else the packaged ones."""
    from pipeline.feedback.replies import load_replies

    return load_replies(folder_with(settings, "replies"), taxonomy(settings))


def folder_with(settings: Settings, name: str) -> Path:
    """Return the own folder of rules if it has a file or folder `name`, else the packaged one."""
    own = settings.folders.rules
    return own if own and (own / name).exists() else packaged("rules")
