"""The table of contents that `triage --help` shows: commands under headings, by what people want to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer
from typer.core import TyperGroup

Contents = Mapping[str, Mapping[str, tuple[Any, str]]]


def titled(headings: Mapping[str, Iterable[str]]) -> type[TyperGroup]:
    """Return a group of commands that lists them under `headings`, in the order given.

    Parameters
    ----------
    headings
        Heading to the names of its commands. Each command has to stand under one of them.
    """
    return type(
        "TitledGroup", (_Titled,), {"headings": {title: tuple(names) for title, names in headings.items()}}
    )


class _Titled(TyperGroup):
    """A group whose help is a table of contents."""

    headings: Mapping[str, tuple[str, ...]]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 # typer's name
        """Return the names of the commands in the order of the headings."""
        return [name for names in self.headings.values() for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each heading and its commands; all columns begin at the same place."""
        names = self.list_commands(ctx)
        widest = max(map(len, names))
        for title, under in self.headings.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), self._said(name)) for name in under])

    def _said(self, name: str) -> str:
        return str(self.commands[name].short_help or "")


def register(app: typer.Typer, contents: Contents) -> None:
    """Add all commands to `app`.

    Parameters
    ----------
    contents
        Heading to name to the command (a function, or a typer.Typer of further commands) and what `--help` says of it.
    """
    for commands in contents.values():
        for name, (command, words) in commands.items():
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name, short_help=words)
            else:
                app.command(name=name, short_help=words)(command)
