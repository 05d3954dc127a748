"""Lists what numpydoc finds in the public docstrings of pipeline/: `python -m tests.house.docstrings`.

numpydoc's own `lint` knows no dataclass; here their fields are parameters, inherited ones included. The checks stand
in pyproject.toml.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

from numpydoc import validate
from numpydoc.hooks.validate_docstrings import AstValidator, DocstringVisitor, parse_config

ROOT = Path(__file__).resolve().parents[2]
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def own_fields(node: ast.ClassDef) -> tuple[str, ...]:
    """Return the fields that the body of a class declares, as a dataclass or a pydantic model takes them."""
    return tuple(
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign)
        and isinstance(one.target, ast.Name)
        and not one.target.id.startswith("_")
        and not ast.unparse(one.annotation).startswith("ClassVar")
        and "init=False" not in (ast.unparse(one.value) if one.value else "")
    )


class Classes:
    """The classes of all modules by their names, for what they inherit from each other."""

    def __init__(self, trees: list[ast.Module]) -> None:
        nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        self._nodes = {node.name: node for node in nodes}

    def inherited(self, node: ast.ClassDef) -> set[str]:
        """Return the fields and the constructor's parameters of the classes that one is derived from."""
        found: set[str] = set()
        for base in node.bases:
            of = self._nodes.get(ast.unparse(base).rpartition(".")[2])
            if of is not None and of is not node:
                found |= {*own_fields(of), *constructor(of), *self.inherited(of)}
        return found


def constructor(node: ast.ClassDef) -> tuple[str, ...]:
    """Return the names of what ``__init__`` takes."""
    made = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    return tuple(arg.arg for one in made for arg in (*one.args.args[1:], *one.args.kwonlyargs))


class Described(AstValidator):  # type: ignore[misc]  # numpydoc ships no types
    """A docstring whose parameters are compared with the signature, or with the fields of the class."""

    classes: Classes

    @property
    def signature_parameters(self) -> tuple[str, ...]:
        """Return what the docstring may call a parameter."""
        taken: tuple[str, ...] = super().signature_parameters
        if not self.is_class:
            return taken
        told = set(self.doc_all_parameters) & self.classes.inherited(self.node)
        return (*(taken or own_fields(self.node)), *told)

    @property
    def parameter_mismatches(self) -> list[tuple[str, str]]:
        """Return what is wrong; a function documents those parameters alone that its summary leaves open."""
        found: list[tuple[str, str]] = super().parameter_mismatches
        complete = self.is_class and self.doc_all_parameters
        return [(code, text) for code, text in found if complete or code != "PR01"]


class Visitor(DocstringVisitor):  # type: ignore[misc]  # numpydoc ships no types
    """Visits what is public: modules, classes, functions and methods, not what stands inside of functions."""

    def _get_numpydoc_issues(self, node: ast.AST) -> None:
        if any(isinstance(one, _FUNCTION) for one in self.stack[:-1]) or "._" in f".{self.node_name}":
            return
        found = validate.validate(
            self.node_name, Described, ast_node=node, filename=self.filepath, ancestry=self.stack[:-1]
        )
        for code, text in found["errors"]:
            if not self._ignore_issue(node, code):
                self.findings.append(f"{self.filepath}:{found['file_line']}: {self.node_name}: {code} {text}")


def findings(root: Path) -> list[str]:
    """Return what is wrong with the docstrings below ``root/pipeline``, a line each."""
    config: dict[str, Any] = parse_config(root)
    paths = [path for path in sorted((root / "pipeline").rglob("*.py")) if "migrations" not in path.parts]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    Described.classes = Classes(list(trees.values()))
    found: list[str] = []
    for path, tree in trees.items():
        visitor = Visitor(str(path.relative_to(root)), config)
        visitor.visit(tree)
        found.extend(visitor.findings)
    return found


if __name__ == "__main__":
    said = findings(ROOT)
    sys.exit("\n".join(said) if said else 0)
