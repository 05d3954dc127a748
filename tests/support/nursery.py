"""The process that `warm` forks commands from: it imports all that they may need, and has no threads."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from functools import partial
from typing import Any, NoReturn

from pipeline import faultpoints
from tests.support import readers
from tests.support.brood import Brood
from tests.support.ledgers import hurry

# Children of the service with a start of their own, and what has to be imported under a setting.
_NOT_IMPORTED = (
    "pipeline.adapters.ledger.migrations",
    "pipeline.adapters.reading.child",
    "pipeline.__main__",
)
# Loaded once, for all forks: none of it depends on where a command runs.
_LIBRARIES = (
    "alembic.command",
    "apscheduler.schedulers.background",
    "httpx",
    "imapclient",
    "joblib",
    "mailparser",
    "pandas",
    "scipy.optimize",
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "sqlalchemy.dialects.sqlite",
)


def main(asked: int, run: int, readers_at: str) -> None:
    """Fork when asked, until the tests are over.

    Parameters
    ----------
    asked, run
        As `Brood` takes them.
    readers_at
        Where processes that read mail are asked for.
    """
    _import_all()
    _load_words()
    hurry()
    gc.collect()
    gc.freeze()
    Brood(asked, run).serve(partial(_become, readers_at))


def _import_all() -> None:
    for name in _LIBRARIES:
        importlib.import_module(name)
    package = importlib.import_module("pipeline")
    for found in pkgutil.walk_packages(package.__path__, "pipeline."):
        if not found.name.startswith(_NOT_IMPORTED):
            importlib.import_module(found.name)


def _load_words() -> None:
    """Load the packaged lists, and what the model needs at the first mail."""
    from pipeline import wiring
    from pipeline.settings import Settings
    from tests.support.mails import letter
    from tests.support.plainreader import PlainReader

    tagger = wiring.tagger(Settings())
    tagger.decide([PlainReader().read(letter(), None)], datetime.now(UTC))


def _become(readers_at: str, told: bytes, ends: list[int]) -> NoReturn:
    """Be the command."""
    request: dict[str, Any] = json.loads(told)
    readers.warm(readers_at)
    os.setsid()
    for target, end in enumerate(ends, 1):
        os.dup2(end, target)
        os.close(end)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["triage", *request["arguments"]]
    sys.modules[
        "__main__"
    ].__package__ = None  # as if it were no module of a package, whose name a command would bear
    if request["umask"] >= 0:
        os.umask(request["umask"])
    faultpoints.arm(request["environment"])
    if request["prepare"]:
        name, told = request["prepare"]
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)(told)
    if request["strict"]:
        warnings.resetwarnings()
        warnings.simplefilter("error")
    os._exit(_command())


def _command() -> int:
    """Run the command and what is to be done at its end, but for taking all modules down; return its exit status."""
    from pipeline.cli.main import main as command

    try:
        command()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
