"""Options that several commands share, and the settings that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.settings import Settings

SettingsFile = Annotated[
    Path,
    typer.Option("--settings", "-s", envvar="TRIAGE_SETTINGS", help="The settings file.", show_default=True),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers", min=1, max=256, help="Processes on this machine that read and tag.", metavar="N"
    ),
]
Dask = Annotated[
    str,
    typer.Option(
        "--dask", help="Scheduler of a Dask cluster that reads and tags: tcp://HOST:8786.", metavar="ADDRESS"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, one object a line.")]
DEFAULT_SETTINGS = Path("triage.toml")


def settings_from(path: Path) -> Settings:
    """Return the settings in `path`.

    Raises
    ------
    UsageError
        If there is no such file, or it has faults.
    """
    from pipeline.errors import UsageError
    from pipeline.settings import load_settings

    if not path.exists():
        raise UsageError(f"{path}: no such file; write one with: triage init")
    return load_settings(path)


def settings_or_packaged(path: Path) -> Settings:
    """Return the settings in `path`, or without such a file those that serve rules and model as packaged."""
    from pipeline.settings import Settings

    if path == DEFAULT_SETTINGS and not path.exists():
        return Settings()
    return settings_from(path)
