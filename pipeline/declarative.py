"""Read a TOML file into a frozen model and report all of its faults at once."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import DeclarationError, Fault

_LARGEST_FILE = 4 * 1024 * 1024


class Declared(BaseModel):
    """What a declarative file, or a table in one, may say: frozen, and nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


T = TypeVar("T", bound=Declared)


def load(path: Path, model: type[T]) -> T:
    """Read the TOML file `path` as a `model`.

    Raises
    ------
    DeclarationError
        With every fault: file, dotted path, what is wrong and how to mend it.
    """
    return validate(read(path), model, str(path))


def validate(document: dict[str, Any], model: type[T], file: str) -> T:
    """Make a `model` of a parsed `document`; `file` names it in the faults.

    The detour over JSON lets the strict types take arrays for tuples and TOML's dates for dates,
    and still refuse "993" where a number is meant.
    """
    try:
        return model.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        problems = error.errors(include_url=False)
        faults = tuple(
            _fault(file, problem, model) for problem in problems if not _follows(problem, problems)
        )
        raise DeclarationError(faults) from None


def read(path: Path) -> dict[str, Any]:
    """Read the TOML file `path` as plain tables.

    Raises
    ------
    DeclarationError
        If the file is missing, unreadable, too large, not UTF-8 or not TOML.
    """
    return parse(read_octets(path), path)


def read_octets(path: Path) -> bytes:
    """Read the file `path`.

    Raises
    ------
    DeclarationError
        If it is missing, unreadable or too large.
    """
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        raise DeclarationError((_whole(path, "no such file; write it, or name another"),)) from None
    except OSError as error:
        raise DeclarationError(
            (_whole(path, f"cannot be read: {error.strerror}; give yourself the right, or name another"),)
        ) from None
    if len(octets) > _LARGEST_FILE:
        raise DeclarationError((_whole(path, f"larger than {_LARGEST_FILE} bytes; split it"),))
    return octets


def parse(octets: bytes, path: Path) -> dict[str, Any]:
    """Read the TOML in `octets` as plain tables; `path` names it in the faults.

    Raises
    ------
    DeclarationError
        If it is not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(octets.decode("utf-8"))
    except RecursionError:
        raise DeclarationError((_whole(path, "nested too deeply; write it flatter"),)) from None
    except UnicodeDecodeError as error:
        raise DeclarationError(
            (_whole(path, f"not UTF-8 at byte {error.start}; save it as UTF-8"),)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError((_whole(path, f"not valid TOML: {error}"),)) from None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the nearest of the `known` words, or the words themselves."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are: {', '.join(words)}" if len(words) <= 40 else ""


def _whole(path: Path, message: str) -> Fault:
    return Fault(file=str(path), path="", message=message)


def _fault(file: str, problem: Any, model: type[BaseModel]) -> Fault:
    location = tuple(problem["loc"])
    return Fault(file=file, path=".".join(map(str, location)), message=_message(problem, location, model))


def _follows(problem: Any, problems: Iterable[Any]) -> bool:
    """Tell whether a list is called too short only because of entries that have faults of their own."""
    here = tuple(problem["loc"])
    return problem["type"] == "too_short" and any(
        len(other["loc"]) > len(here) and tuple(other["loc"])[: len(here)] == here for other in problems
    )


def _message(problem: Any, location: tuple[Any, ...], model: type[BaseModel]) -> str:
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"unknown key{suggestion(str(location[-1]), _keys(model, location[:-1]))}"
    if kind == "missing":
        return "missing; it has to be given"
    if kind == "too_short":
        return f"too short; give at least {problem['ctx']['min_length']}"
    if kind == "finite_number":
        return "not a finite number; give one that can be counted with"
    text = str(problem["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _keys(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """Return the keys that the table at `location` may have."""
    for step in location:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(str(step))
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            continue
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found:
            return found
    return None
