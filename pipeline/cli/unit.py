"""The command `systemd`: a unit that runs the service with as few rights as it needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import DEFAULT_SETTINGS, SettingsFile, settings_from

if TYPE_CHECKING:
    from pipeline.settings import Settings

_TEMPLATE = Path(__file__).with_name("systemd") / "triage.service"
_STATE = Path("/var/lib")
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


def systemd(
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Who it runs as.")] = "triage",
    notify_reload: Annotated[
        bool, typer.Option("--notify-reload", help="For systemd 253 or newer: Type=notify-reload.")
    ] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print a unit for systemd, made for these settings: hardened, watched, with the secrets as credentials.

    Example: triage systemd --settings /etc/triage/triage.toml
    """
    loaded = settings_from(settings)
    print(unit(loaded, settings.resolve(), user, notify_reload=notify_reload), end="")


def unit(settings: Settings, path: Path, user: str, *, notify_reload: bool = False) -> str:
    """Return a unit that runs the service with `settings`, which lie at `path`."""
    program = Path(sys.prefix) / "bin" / "triage"
    ledger = _ledger_folder(settings)
    places = [program, path, *([ledger] if ledger else [])]
    values = {
        "TYPE": "Type=notify-reload" if notify_reload else "Type=notify\nExecReload=/bin/kill -HUP $MAINPID",
        "EXEC": _quoted(program),
        "SETTINGS": _quoted(path),
        "USER": user,
        "WRITES": _writes(ledger),
        "CREDENTIALS": _credentials(settings),
        "HOME": "read-only"
        if any(place.is_relative_to(home) for place in places for home in _HOMES)
        else "yes",
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _ledger_folder(settings: Settings) -> Path | None:
    """Return the folder that the ledger is written in; None if it is on a server."""
    prefix = "sqlite:///"
    url = settings.ledger.url
    return Path(url.removeprefix(prefix)).resolve().parent if url.startswith(prefix) else None


def _writes(ledger: Path | None) -> str:
    if ledger is None:
        return "# Nothing to write beside it."
    if ledger.is_relative_to(_STATE) and ledger != _STATE:
        return f"StateDirectory={_quoted(ledger.relative_to(_STATE))}\nStateDirectoryMode=0700"
    return f"ReadWritePaths={_quoted(ledger)}"


def _credentials(settings: Settings) -> str:
    servers = (*settings.imap, *settings.otrs, settings.smtp, settings.wiki)
    names = [server.password_credential for server in servers if server and server.password_credential]
    lines = [f"LoadCredential={name}:/etc/triage/credentials/{name}" for name in dict.fromkeys(names)]
    return "\n".join(lines) or "# LoadCredential=imap-password:/etc/triage/credentials/imap-password"


def _quoted(path: Path) -> str:
    """Return a path as a unit takes it (systemd.syntax(7)): % doubled, in quotes if it has spaces."""
    text = str(path).replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{text}"' if any(c.isspace() for c in text) else text
