"""The model of py3langid, asked for all octets of a text at once.

The library walks its automaton octet by octet in Python. The state after an octet depends on at most the six octets up to
it (no feature is longer), so that six lookups for the whole text give the same states, and the same answer.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST_FEATURE = 6  # octets


@dataclass(frozen=True, slots=True)
class _Model:
    """The arrays of the model: moves of the automaton, the feature of each state, and the weights."""

    moves: Any
    rows: Any
    features: Any
    weights: Any
    priors: Any
    languages: Sequence[str]


@functools.cache
def _model() -> _Model:
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    return _Model(
        moves=np.asarray(loaded.tk_nextmove),
        rows=np.asarray(loaded.tk_row, dtype=np.int64) << 8,
        features=np.asarray(loaded.tk_output, dtype=np.int32),
        weights=loaded.nb_ptc.astype(np.float32),  # half floats are slow to reckon with
        priors=loaded.nb_pc,
        languages=loaded.nb_classes,
    )


def identify(text: str) -> str:
    """Name the language of a text.

    Parameters
    ----------
    text
        Some hundred characters, without addresses and numbers.

    Returns
    -------
    str
        The code that ``py3langid.classify`` gives; ``und`` where no feature of the model occurs.
    """
    import numpy as np

    model = _model()
    lowered = text.lower() if text.isupper() else text
    octets = np.frombuffer(
        unicodedata.normalize("NFC", lowered).encode("utf-8", "surrogatepass"), dtype=np.uint8
    )
    features = model.features.take(_states(model, octets))
    found, counts = np.unique(features[features >= 0], return_counts=True)
    if not len(found):
        return "und"
    scores = np.log1p(counts.astype(np.float32)) @ model.weights.take(found, axis=0) + model.priors
    return str(model.languages[int(scores.argmax())])


def _states(model: _Model, octets: Any) -> Any:
    """Return the state of the automaton after each octet."""
    import numpy as np

    count = len(octets)
    padded = np.concatenate([np.zeros(_LONGEST_FEATURE - 1, dtype=np.int64), octets.astype(np.int64)])
    states = np.zeros(count, dtype=np.int64)
    for step in range(_LONGEST_FEATURE):
        states = model.moves.take(model.rows.take(states) + padded[step : step + count])
    return states
