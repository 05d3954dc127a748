"""A process that reads mail for many desks, one after the other."""

from __future__ import annotations

from pipeline.adapters.reading.reader import ChildReader


class SharedReader(ChildReader):
    """Goes on when a desk that used it is closed."""

    def close(self) -> None:
        """Leave the process to the next desk."""

    def end(self) -> None:
        """End the process."""
        super().close()
