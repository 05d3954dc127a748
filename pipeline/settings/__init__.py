"""Deployment settings: ``triage.toml``; secrets by environment or file only."""

from pipeline.settings.mail import ImapAccount, Keywords, Moves, Server, Smtp
from pipeline.settings.otrs import OtrsFields, OtrsServer, OtrsWrite
from pipeline.settings.people import Answers, Committee, Schedule, Threads
from pipeline.settings.retention import Retention
from pipeline.settings.service import Service
from pipeline.settings.store import LedgerSettings
from pipeline.settings.whole import Folders, Settings, load_folders, load_settings
from pipeline.settings.wiki import Wiki

__all__ = [
    "Answers",
    "Committee",
    "Folders",
    "ImapAccount",
    "Keywords",
    "LedgerSettings",
    "Moves",
    "OtrsFields",
    "OtrsServer",
    "OtrsWrite",
    "Retention",
    "Schedule",
    "Server",
    "Service",
    "Settings",
    "Smtp",
    "Threads",
    "Wiki",
    "load_folders",
    "load_settings",
]
