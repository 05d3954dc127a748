"""Log-odds to probabilities: of values of which one holds, and of one that holds or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

_HIGHEST = 30.0
"""Log-odds beyond which nothing changes any more that could be shown."""

Key = TypeVar("Key")


def softmax(scores: Mapping[Key, float]) -> dict[Key, float]:
    """Return value to probability, where one of the values holds; their log-odds are `scores`, at least one."""
    highest = max(scores.values())
    powers = {value: math.exp(score - highest) for value, score in scores.items()}
    total = sum(powers.values())
    return {value: power / total for value, power in powers.items()}


def logistic(score: float) -> float:
    """Return the probability of what has the log-odds `score`."""
    return 1.0 / (1.0 + math.exp(-max(-_HIGHEST, min(_HIGHEST, score))))
