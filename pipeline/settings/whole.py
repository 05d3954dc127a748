"""``triage.toml`` as a whole, with every fault reported at once; paths in it are taken from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from pipeline.declarative import Declared, load, read, validate
from pipeline.errors import DeclarationError
from pipeline.settings.mail import ImapAccount, Smtp
from pipeline.settings.otrs import OtrsServer
from pipeline.settings.people import Answers, Committee, Schedule, Threads
from pipeline.settings.retention import Retention
from pipeline.settings.service import Service
from pipeline.settings.store import LedgerSettings
from pipeline.settings.wiki import Wiki

T = TypeVar("T", bound=Declared)


class Folders(Declared):
    """Own files instead of the packaged ones; paths are relative to the settings file.

    Parameters
    ----------
    liaisons
        Who gets the inquiries; the packaged sample serves the demo only.
    rules, models
        Folders of rules and of models.
    model
        Which of the models serves; ``auto`` is the promoted one, else the best of those that came with the program
        and whose libraries are installed; empty for rules alone.
    """

    liaisons: Path | None = None
    rules: Path | None = None
    models: Path | None = None
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$")] = "auto"


class Settings(Declared):
    """``triage.toml``."""

    imap: tuple[ImapAccount, ...] = ()
    otrs: tuple[OtrsServer, ...] = ()
    smtp: Smtp | None = None
    committee: Committee = Committee()
    schedule: Schedule = Schedule()
    ledger: LedgerSettings = LedgerSettings()
    retention: Retention = Retention()
    service: Service = Service()
    folders: Folders = Folders()
    threads: Threads = Threads()
    answers: Answers = Answers()
    wiki: Wiki | None = None

    @model_validator(mode="after")
    def _distinct_accounts(self) -> Self:
        for kind, tables in (("imap accounts", self.imap), ("otrs servers", self.otrs)):
            names = [table.name for table in tables]
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                raise ValueError(f"{kind} need names of their own; used twice: {', '.join(doubled)}")
        return self


def load_settings(path: Path) -> Settings:
    """Read the settings file `path`; relative paths in it are taken from its folder.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed.
    """
    return _anchored(load(path, Settings), path.resolve().parent)


def load_folders(path: Path) -> Settings | None:
    """Read nothing but ``[folders]`` of a settings file that has faults elsewhere; None if it has faults there too."""
    try:
        found = validate({"folders": read(path).get("folders", {})}, Settings, str(path))
    except DeclarationError:
        return None
    return _anchored(found, path.resolve().parent)


def _anchored(settings: Settings, folder: Path) -> Settings:
    ledger, prefix = _anchored_files(settings.ledger, folder), "sqlite:///"
    if ledger.url.startswith(prefix):
        ledger = ledger.model_copy(update={"url": prefix + str(folder / ledger.url.removeprefix(prefix))})
    return settings.model_copy(
        update={
            "imap": tuple(_anchored_files(account, folder) for account in settings.imap),
            "otrs": tuple(_anchored_files(server, folder) for server in settings.otrs),
            "smtp": settings.smtp and _anchored_files(settings.smtp, folder),
            "ledger": ledger,
            "retention": _anchored_files(settings.retention, folder),
            "folders": _anchored_files(settings.folders, folder),
            "answers": _anchored_files(settings.answers, folder),
            "wiki": settings.wiki and _anchored_files(settings.wiki, folder),
        }
    )


def _anchored_files(table: T, folder: Path) -> T:
    """Return `table` with its paths made absolute; `folder` is where they start."""
    paths = {name: folder / value for name, value in table if isinstance(value, Path)}
    return table.model_copy(update=paths)
