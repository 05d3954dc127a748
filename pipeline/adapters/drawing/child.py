"""The process that draws the charts of one week: figures in, pictures out, and it ends with all that drawing took.

Both ends are this program; nothing of a mail is in what they exchange, only counts and names of tags.
"""

from __future__ import annotations

import pickle  # nosec B403 # what our own parent sends
import sys


def main() -> None:
    """Draw what stdin asks for."""
    from pipeline.digest import charts

    figures, locale = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent  # nosec B301 # what our own parent sends
    sys.stdout.buffer.write(pickle.dumps(charts.draw(figures, locale)))


if __name__ == "__main__":
    main()
