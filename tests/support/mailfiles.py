"""What `triage import` reads of files and folders, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.archives.mailfile import LARGEST
from pipeline.records.messages import FileSighting, RawMessage
from pipeline.records.sources import SetAsideMessage


def messages(path: Path, largest: int = LARGEST) -> Iterator[RawMessage | SetAsideMessage]:
    for batch in MailArchives(largest).batches(str(path), lambda _: None, 1):
        found: list[RawMessage | SetAsideMessage] = [*batch.messages, *batch.refused]
        yield from sorted(found, key=_place)


def problems(path: Path) -> list[str]:
    return [line for batch in MailArchives().batches(str(path), lambda _: None, 1) for line in batch.problems]


def _place(one: RawMessage | SetAsideMessage) -> tuple[str, int]:
    assert isinstance(one.sighting, FileSighting)
    return one.sighting.path, one.sighting.offset
