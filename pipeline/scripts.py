"""Which scripts put no blanks between words, so that a word may begin and end anywhere."""

from __future__ import annotations

import re

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""A character of such a script: Thai, Lao, Burmese, Khmer, kana, or Chinese characters."""
