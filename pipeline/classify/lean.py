"""What scikit-learn imports and no model here uses, left out while a model is loaded: 50 MB and 0.4 s."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_STATS = "scipy.stats"


@contextmanager
def lean_imports() -> Iterator[None]:
    """Keep scikit-learn from importing pandas and SciPy's statistics, where nobody has imported it yet.

    pandas is taken for not installed meanwhile: no model here sees a table. The statistics are imported when somebody
    asks them for something, also later on.
    """
    if {"sklearn", "pandas"} & sys.modules.keys():
        yield
        return
    if _STATS not in sys.modules:
        _put_off()
    sys.modules["pandas"] = None  # type: ignore[assignment]  # what Python takes for "not installed"
    try:
        yield
    finally:
        del sys.modules["pandas"]


def _put_off() -> None:
    import scipy

    later = _Later(_STATS)
    later.__spec__ = find_spec(_STATS)
    # Its submodules can be imported as ever.
    later.__path__ = list((later.__spec__ and later.__spec__.submodule_search_locations) or ())
    sys.modules[_STATS] = scipy.stats = later


class _Later(ModuleType):
    """Stands for a module until one of its names is asked for.

    `importlib.util.LazyLoader` does not do here: in Python 3.11 already the import system's look at ``__spec__`` loads
    the module.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        real = import_module(self.__name__)
        self.__dict__.update(real.__dict__)
        return getattr(real, name)
