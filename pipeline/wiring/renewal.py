"""Objects that are made anew while the service runs, when their files have changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.wiring.declared import (
    folder_with,
    models_folder,
    own_rules,
    policy,
    replies,
    rules_folder,
    serving,
    tagger,
    vocabulary,
)

if TYPE_CHECKING:
    from pipeline.records.keys import Keyring
    from pipeline.service.offers import Correspondence
    from pipeline.service.rounds import Desk
    from pipeline.service.rules import Renewal, Renewing


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
    texts = (folder_with(settings, "replies") / "replies").glob("*.md")
    return hash(
        tuple(sorted(map(_stamp, (folder_with(settings, "commands.toml") / "commands.toml", *texts))))
    )


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
