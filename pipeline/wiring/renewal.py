"""Objects that are made anew while the service runs, when their files have changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.errors import ModelError, TriageError, UsageError
from pipeline.settings import Settings
from pipeline.wiring.declared import (
    criteria,
    file_stamp,
    folder_with,
    model,
    models_folder,
    policy,
    replies,
    rule_stamps,
    rulebook,
    serving,
    tagger,
    vocabulary,
)

if TYPE_CHECKING:
    from pipeline.records.keys import Keyring
    from pipeline.routing.policy import Policy
    from pipeline.service.offers import Correspondence
    from pipeline.service.rounds import Desk
    from pipeline.service.rules import Renewal, Renewing
    from pipeline.service.tagging import Tagger


def keyring(settings: Settings) -> Keyring:
    """Return the secrets of tokens as they are now.

    Raises
    ------
    DeclarationError
        If the file is missing, has faults, or others may read it.
    """
    from pipeline.adapters.files.keyfile import load

    return load(settings.answers.key_file)


def correspondence(settings: Settings, *, keep: bool = False) -> Callable[[], Correspondence | None]:
    """Return what gives secrets, words and suggested answers for answers by mail; None where nobody can answer.

    The secrets are read each time, so that new ones are in use at once; the rest again when its files have changed.

    Parameters
    ----------
    keep
        Whether the old ones go on serving when new ones have faults, as a running service wants; `renewing` tells
        of the faults.

    Raises
    ------
    DeclarationError
        If something in them is wrong.
    """
    if settings.answers.address is None:
        return lambda: None
    from pipeline.service.offers import Correspondence

    known: dict[int, Correspondence] = {}

    def read() -> Correspondence:
        stamp, ring = _words_stamp(settings), keyring(settings)
        if stamp not in known:
            made = Correspondence(ring=ring, vocabulary=vocabulary(settings), replies=replies(settings))
            known.clear()
            known[stamp] = made
        return replace(known[stamp], ring=ring)

    last = read()

    def read_or_keep() -> Correspondence:
        nonlocal last
        with suppress(TriageError):
            last = read()
        return last

    return read_or_keep if keep else read


def _words_stamp(settings: Settings) -> int:
    texts = (folder_with(settings, "replies") / "replies").glob("*.md")
    return hash(
        tuple(sorted(map(file_stamp, (folder_with(settings, "commands.toml") / "commands.toml", *texts))))
    )


def reload(desk: Desk) -> Renewal:
    """Load rules, liaisons and model anew for a running desk; with faults, the old ones go on serving."""
    from pipeline.service.rules import renew

    return renew(desk, lambda: everything(desk.settings))


def renewing(
    settings: Settings, say: Callable[[str], None], warn: Callable[[str], None] | None = None
) -> Renewing:
    """Return what looks for changed rules, liaisons, models, words, answers and secrets in a running service."""
    from pipeline.service.rules import Renewing

    def stamp() -> int:
        words = (
            (_words_stamp(settings), file_stamp(settings.answers.key_file))
            if settings.answers.address
            else ()
        )
        return hash((rules_stamp(settings), *words))

    return Renewing(stamp, lambda: everything(settings), say, warn)


def everything(settings: Settings) -> tuple[Tagger, Policy]:
    """Return what decides and who gets it, once all declared files are good.

    Raises
    ------
    UsageError
        With the faults of all of them; nothing of them is in force then.
    """
    faults = _faults(lambda: policy(settings))
    if settings.answers.address:
        faults += _faults(lambda: vocabulary(settings))
        faults += _faults(lambda: replies(settings))
        faults += _faults(lambda: keyring(settings))
    if not faults:
        try:
            return tagger(settings), policy(settings)
        except TriageError as error:
            faults = str(error).splitlines()
    rest: tuple[Callable[[Settings], object], ...] = (rulebook, criteria, model)
    for attempt in rest:
        faults += _faults(partial(attempt, settings))
    raise UsageError("\n".join(dict.fromkeys(faults)))


def _faults(attempt: Callable[[], object]) -> list[str]:
    """Return what is wrong, a line for each fault."""
    try:
        attempt()
    except TriageError as error:
        return str(error).splitlines()
    return []


def rules_stamp(settings: Settings) -> int:
    """Return a number that changes when a file of rules, of liaisons or of the model does."""
    from pipeline.classify.promotion import CURRENT

    models = models_folder(settings)
    model_files = (models / CURRENT, *(models / _served_name(settings)).glob("*"))
    liaisons = settings.folders.liaisons
    watched = [*(model_files if settings.folders.model else ()), *([liaisons] if liaisons else [])]
    return hash((rule_stamps(settings), *sorted(map(file_stamp, watched))))


def _served_name(settings: Settings) -> str:
    try:
        return serving(settings).name
    except ModelError:
        return settings.folders.model
