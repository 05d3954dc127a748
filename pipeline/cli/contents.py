"""The table of contents that `triage --help` shows: commands under headings, by what people want to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import typer
from typer.core import TyperGroup

Contents = Mapping[str, Mapping[str, tuple[Any, str]]]


def titled(contents: Contents) -> type[TyperGroup]:
    """Return a group of commands that lists them under headings, in the order given.

    Parameters
    ----------
    contents
        Heading to name to the command (a function, or a typer.Typer of further commands) and what `--help` says of it.
    """
    return type("TitledGroup", (_Titled,), {"contents": contents})


def group(about: str) -> typer.Typer:
    """Return a group of commands, which shows its help where none of them is named.

    Parameters
    ----------
    about
        What its help says first.
    """
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)


class _Titled(TyperGroup):
    """A group whose help is a table of contents."""

    contents: Contents

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = cast("Any", _Commands(self.contents))

    @property
    def headings(self) -> Mapping[str, tuple[str, ...]]:
        """Heading to the names of its commands."""
        return {title: tuple(under) for title, under in self.contents.items()}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 # typer's name
        """Return the names of the commands in the order of the headings."""
        return [name for names in self.headings.values() for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each heading and its commands; all columns begin at the same place."""
        names = self.list_commands(ctx)
        widest = max(map(len, names))
        for title, under in self.contents.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), words) for name, (_, words) in under.items()])


class _Commands(Mapping[str, Any]):
    """Commands by their names, each made when it is asked for: to find out the options of all takes longer than to run most."""

    def __init__(self, contents: Contents) -> None:
        self._told = {name: told for under in contents.values() for name, told in under.items()}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _made(name, *self._told[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def _made(name: str, command: Any, words: str) -> Any:
    if isinstance(command, typer.Typer):
        found: Any = typer.main.get_group(command)
        found.name, found.short_help = name, words
        return found
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name=name, short_help=words)(command)
    return typer.main.get_command(alone)
