"""The reference of commands and settings, made from the code: ``python -m tests.support.reference`` writes it.

Tests hold what is in docs/reference/ against what is made here.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from numpydoc.docscrape import NumpyDocString
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
_LONGEST_DEFAULT = 60


def pages() -> dict[str, str]:
    """Return the name of each page and what stands in it."""
    return {"commands.md": _commands(), "settings.md": _settings(), "liaisons.md": _liaisons()}


# ------------------------------------------------------------------------------------------------ commands


def _commands() -> str:
    from pipeline.cli.main import app

    root: Any = typer.main.get_command(app)
    lines = ["# Commands", "", str(root.help or ""), "", "`triage COMMAND --help` shows the same. Exit status: 0 done, 1 faults or trouble,", "2 wrong usage.", ""]  # fmt: skip
    for title, names in root.headings.items():
        lines += [f"## {title}", ""]
        for name in names:
            one = root.commands[name]
            lines += _command(("triage", name), one)
            for path, command in _tree(one, ("triage", name)):
                lines += _command(path, command)
    return "\n".join(lines).rstrip() + "\n"


def _tree(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in getattr(command, "commands", {}).items():
        if one.hidden:
            continue
        yield (*path, name), one
        yield from _tree(one, (*path, name))


def _command(path: tuple[str, ...], command: Any) -> list[str]:
    lines = [f"{'#' * (len(path) + 1)} `{' '.join(path)}`", "", *_help(command.help or ""), ""]
    context = command.context_class(command)
    shown = [
        one for one in command.get_params(context) if one.name != "help" and one.get_help_record(context)
    ]
    rows = [_parameter(one, command) for one in shown]
    if rows:
        lines += ["| parameter | meaning |", "| --- | --- |", *rows, ""]
    return lines


def _help(text: str) -> list[str]:
    """Return help as Markdown: what follows ``Example:`` as code."""
    found = []
    for line in text.strip().splitlines():
        example = re.fullmatch(r"(Examples?:)\s*(.*)", line.strip())
        found.append(
            f"{example[1]} `{example[2]}`" if example and example[2] else line.rstrip().replace("\b", "")
        )
    return found


def _parameter(one: Any, command: Any) -> str:
    """Return a row of what `--help` shows of a parameter."""
    named, meaning = one.get_help_record(command.context_class(command))
    return f"| `{_cell(named.replace(' <list[str]>', ''))}` | {_cell(meaning)} |"


# ------------------------------------------------------------------------------------------------ settings


def _settings() -> str:
    from pipeline.settings import Settings

    lines = ["# Settings", "", "`triage.toml`, table by table. Relative paths are taken from its folder; `triage check` lists all faults at once.", ""]  # fmt: skip
    return "\n".join(lines + _tables(Settings, "")).rstrip() + "\n"


def _liaisons() -> str:
    from pipeline.routing.policy import Policy

    lines = [
        "# Liaisons",
        "",
        "`liaisons.toml`, table by table. `triage check` lists all faults at once.",
        "",
    ]
    return "\n".join(lines + _tables(Policy, "")).rstrip() + "\n"


def _tables(model: type[BaseModel], name: str) -> list[str]:
    """Return the table of a model, and those of what it holds."""
    own, lines = [], list[str]()
    meanings = _meanings(model)
    for field, info in model.model_fields.items():
        inner, many = _inner(info.annotation)
        path = f"{name}.{field}" if name else field
        if inner is None or _is_word(info):
            own.append(f"| `{field}` | {_kind(info)} | {_default(info)} | {_cell(meanings.get(field, ''))} |")
        else:
            head = f"[[{path}]]" if many else f"[{path}]"
            lines += [f"## `{head}`", "", _first(inner), "", *_tables(inner, path)]
    table = ["| key | value | default | meaning |", "| --- | --- | --- | --- |", *own, ""] if own else []
    return [*table, *lines]


def _is_word(info: FieldInfo) -> bool:
    """Tell whether a table may also be written as one word."""
    return any(type(one).__name__ == "BeforeValidator" for one in info.metadata)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that an annotation holds, and whether there may be several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    many = typing.get_origin(annotation) is tuple
    for one in typing.get_args(annotation):
        inner, deeper = _inner(one)
        if inner:
            return inner, many or deeper
    return None, False


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return what docstrings say of fields, those of base classes included."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if one.__doc__ and issubclass(one, BaseModel) and one is not BaseModel:
            for names, _, told in NumpyDocString(_dedented(one.__doc__))["Parameters"]:
                found |= {name.strip(): " ".join(told) for name in names.split(",")}
    return found


def _dedented(text: str) -> str:
    import inspect

    return inspect.cleandoc(text)


def _first(model: type[BaseModel]) -> str:
    return _dedented(model.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _kind(info: FieldInfo) -> str:
    return _cell(_type(info.annotation)) + _bounds(info)


def _type(annotation: Any) -> str:
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inside[0])
    if origin is typing.Literal:
        return ", ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in inside)
    if origin is tuple:
        return f"list of {_type(inside[0])}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in inside if one is not type(None)))
    if origin is not None:
        return "table"
    names = {
        "str": "text",
        "int": "number",
        "float": "number",
        "bool": "true or false",
        "Path": "path",
        "date": "date",
    }
    return names.get(annotation.__name__, "table" if _inner(annotation)[0] else annotation.__name__)


def _bounds(info: FieldInfo) -> str:
    low = next((one.ge for one in info.metadata if hasattr(one, "ge")), None)
    high = next((one.le for one in info.metadata if hasattr(one, "le")), None)
    if low is None:
        return ""
    return f", {low} to {high}" if high is not None else f", at least {low}"


def _default(info: FieldInfo) -> str:
    return "needed" if info.is_required() else _shown(info.get_default(call_default_factory=False))


# ------------------------------------------------------------------------------------------------ both


def _shown(value: Any) -> str:
    if value is None or value is PydanticUndefined or value in ((), {}, "", []) or callable(value):
        return ""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    text = " ".join(str(getattr(value, "value", value)).split())
    return f"`{text}`" if len(text) <= _LONGEST_DEFAULT else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
