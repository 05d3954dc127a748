"""Options that several commands share, and the settings that they name."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.adapters.ledger import SqlLedger
    from pipeline.service.rounds import Desk
    from pipeline.settings import Settings

SettingsFile = Annotated[
    Path,
    typer.Option(
        "--settings",
        "-s",
        metavar="FILE",
        envvar="TRIAGE_SETTINGS",
        help="The settings file.",
        show_default=True,
    ),
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
Mails = Annotated[list[str], typer.Argument(metavar="FILE", help="Mails (.eml), any number.")]
Labelled = Annotated[
    Path | None,
    typer.Option(
        "--fixtures",
        metavar="FOLDER",
        help="Folder with messages/, labels.csv and splits.csv; by default the packaged one.",
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=999_999, metavar="N", help="Seed by which mail is parted into folds."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DAY", help="Only inquiries from this day on, such as 2026-01-31."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, one object a line.")]
DEFAULT_SETTINGS = Path("triage.toml")
# Years that somebody may mean; weeks are counted back and forth from them, and the calendar has ends.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def is_there(path: Path) -> bool:
    """Tell whether there is such a file or folder; none can be called by a name that the system does not take."""
    try:
        return path.exists()
    except OSError:
        return False


def settings_from(path: Path) -> Settings:
    """Return the settings in `path`.

    Raises
    ------
    UsageError
        If there is no such file, or it has faults.
    """
    from pipeline.errors import UsageError
    from pipeline.settings import load_settings

    if not is_there(path):
        raise UsageError(f"{path}: no such file; write one with: triage init")
    return load_settings(path)


def day_from(option: str, text: str | None) -> datetime | None:
    """Return the beginning of a day (UTC) that an option names as YYYY-MM-DD, or None where it names none.

    Raises
    ------
    UsageError
        If there is no such day.
    """
    from pipeline.errors import UsageError

    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UsageError(f"{option} {text}: no such day; write one such as 2026-01-31")
    return day


def own_login() -> str:
    """Return the name of who is logged in.

    Raises
    ------
    UsageError
        If nobody is.
    """
    from pipeline.errors import UsageError

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("nobody is logged in here; say who you are with --by NAME") from None


def opened_ledger(settings: Path) -> closing[SqlLedger]:
    """Open the ledger that the settings in a file name; closed at the end of its `with`."""
    from pipeline.wiring import ledger

    return closing(ledger(settings_from(settings)))


@contextmanager
def settings_and_ledger(path: Path) -> Iterator[tuple[Settings, SqlLedger]]:
    """Give the settings in a file, and the ledger that they name until the end of the block."""
    from pipeline.wiring import ledger

    settings = settings_from(path)
    with closing(ledger(settings)) as opened:
        yield settings, opened


def opened_desk(settings: Path) -> closing[Desk]:
    """Open all that a round needs, by the settings in a file; closed at the end of its `with`."""
    from pipeline.wiring import desk

    return closing(desk(settings_from(settings)))


def settings_or_packaged(path: Path) -> Settings:
    """Return the settings in `path`, or without such a file those that serve rules and model as packaged."""
    from pipeline.settings import Settings

    if path == DEFAULT_SETTINGS and not path.exists():
        return Settings()
    return settings_from(path)
