"""Labelled mail as examples: labels joined with messages, parts and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.classify.grouping import Member, groups
from pipeline.classify.labels import LABELS, LabelRow, Part, read_labels
from pipeline.errors import DeclarationError, Fault, UnreadableMessage
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

# What the model sees of one message: how it reads, and which rules matched.
Sample = tuple[Inquiry, tuple[RuleHit, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled message, read.

    Parameters
    ----------
    id
        Name of the message's file without ``.eml``.
    inquiry, hits
        What the model sees.
    labels
        Field to values; the fields are those that the guide labels for the message's kind.
    group
        Messages of one thread, organisation or person have the same number; no split parts them.
    part
        ``train`` or ``test``.
    channel
        How it came: ``direct``, ``list``, ``otrs`` or ``forward``.
    language
        ISO 639 code as labelled.
    """

    id: str
    inquiry: Inquiry
    hits: tuple[RuleHit, ...]
    labels: Mapping[str, tuple[str, ...]]
    group: int
    part: Part
    channel: str = "direct"
    language: str = "und"

    @property
    def sample(self) -> Sample:
        """The part of the example that a model may see."""
        return self.inquiry, self.hits


def load_examples(
    fixtures: Path,
    taxonomy: Taxonomy,
    read: Callable[[bytes], Sample],
    part: Literal["train", "test", "all"] = "train",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Example, ...]:
    """Read the labelled messages of one `part` of the folder `fixtures`.

    Parameters
    ----------
    fixtures
        Holds ``labels.csv``, ``messages/ID.eml``, and ``splits.csv`` unless all are for training.
    read
        Octets to inquiry and rule hits.
    part
        Which examples; files of the other part are not opened.
    progress
        Called with the number of messages read, and of all.

    Raises
    ------
    DeclarationError
        With every faulty label and every message that is missing or unreadable, by id.
    """
    rows = [row for row in read_labels(fixtures, taxonomy) if part in ("all", row.part)]
    samples: dict[str, Sample] = {}
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=1):
        try:
            samples[row.id] = read((fixtures / "messages" / f"{row.id}.eml").read_bytes())
        except (OSError, UnreadableMessage) as error:
            faults.append(Fault(file=str(fixtures / LABELS), path=row.id, message=_why(row, error)))
        if progress:
            progress(number, len(rows))
    if faults:
        raise DeclarationError(tuple(faults))
    number_of = groups(_member(row, samples[row.id][0]) for row in rows)
    return tuple(_example(row, samples[row.id], number_of[row.id]) for row in rows)


def _why(row: LabelRow, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"messages/{row.id}.eml is missing; add it or remove the line"
    return f"messages/{row.id}.eml cannot be read: {error}"


def _member(row: LabelRow, inquiry: Inquiry) -> Member:
    author = inquiry.author
    # The first lines greet; in short mail they would count as an ending.
    written = [line for line in inquiry.text.splitlines() if line.strip()][2:]
    ending = "\n".join([*written, inquiry.signature])
    return Member(
        id=row.id, in_reply_to=row.in_reply_to, domain=author.domain, author=author.name, ending=ending
    )


def _example(row: LabelRow, sample: Sample, group: int) -> Example:
    return Example(
        id=row.id,
        inquiry=sample[0],
        hits=sample[1],
        labels=row.labels,
        group=group,
        part=row.part,
        channel=row.channel,
        language=row.language,
    )
