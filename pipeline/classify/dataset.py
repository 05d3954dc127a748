"""Labelled mail as examples: labels joined with messages, parts and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from pipeline.classify.grouping import Member, groups
from pipeline.classify.labels import LabelRow, Part, Parts, message_file, read_labels
from pipeline.classify.marks import Marks, lost, lost_fault, read_marks
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
    marks
        Its sentences that tell whether the aims fit; None where nobody has read it for them.
    """

    id: str
    inquiry: Inquiry
    hits: tuple[RuleHit, ...]
    labels: Mapping[str, tuple[str, ...]]
    group: int
    part: Part
    channel: str = "direct"
    language: str = "und"
    marks: Marks = None

    @property
    def sample(self) -> Sample:
        """The part of the example that a model may see."""
        return self.inquiry, self.hits


def load_examples(
    fixtures: Path | Sequence[Path],
    taxonomy: Taxonomy,
    read: Callable[[bytes], Sample],
    part: Parts = "train",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Example, ...]:
    """Read the labelled messages of one `part` of the folder `fixtures`, or of several folders.

    Parameters
    ----------
    fixtures
        Holds ``labels.csv``, ``messages/ID.eml``, ``splits.csv`` unless all are for training, and ``telling.csv`` if
        sentences were marked; or the path of the file with the labels, beside which the others lie. Groups are formed
        over all folders.
    read
        Octets to inquiry and rule hits.
    part
        Which examples; files of the other part are not opened.
    progress
        Called with the number of messages read, and of all.

    Raises
    ------
    DeclarationError
        With every faulty label, every message that is missing or unreadable, and every mark whose sentence is not
        there, by id.
    """
    files = _files((fixtures,) if isinstance(fixtures, Path) else fixtures, taxonomy, part)
    samples: dict[str, Sample] = {}
    faults: list[Fault] = []
    for number, file in enumerate(files, start=1):
        faults += _take(file, read, samples)
        if progress:
            progress(number, len(files))
    if faults:
        raise DeclarationError(tuple(faults))
    number_of = groups(member(file.row.id, file.row.in_reply_to, samples[file.row.id][0]) for file in files)
    return tuple(_example(file, samples[file.row.id], number_of[file.row.id]) for file in files)


class _File(NamedTuple):
    """A labelled message: its row with an id that no other folder has, where it lies under which name, and its marks."""

    row: LabelRow
    folder: Path
    name: str
    marks: Marks


def _take(file: _File, read: Callable[[bytes], Sample], samples: dict[str, Sample]) -> list[Fault]:
    """Read one message into `samples`, and return what is wrong with it and its marks."""
    path = message_file(file.folder, file.name)
    try:
        sample = samples[file.row.id] = read(path.read_bytes())
    except (OSError, UnreadableMessage) as error:
        told = f"cannot be read: {error}; mend the mail, or remove its line"
        return [Fault(file=str(path), path=file.row.id, message=told)]
    return [lost_fault(file.folder, file.name, mark) for mark in lost(sample[0], file.marks or ())]


def _files(folders: Sequence[Path], taxonomy: Taxonomy, part: Parts) -> list[_File]:
    """Return what all folders have of the `part`; an id that was there before gets a number."""
    faults: list[Fault] = []
    found: list[_File] = []
    for number, folder in enumerate(folders, start=1):
        try:
            rows = read_labels(folder, taxonomy, part)
            marks = read_marks(folder, rows)
        except DeclarationError as error:
            faults += error.faults
            continue
        known = {file.row.id for file in found}
        names = {row.id: f"{row.id}~{number}" if row.id in known else row.id for row in rows}
        for row in rows:
            if part in ("all", row.part):
                answered = names.get(row.in_reply_to, "")
                named = replace(row, id=names[row.id], in_reply_to=answered)
                found.append(_File(named, folder, row.id, marks.get(row.id)))
    if faults:
        raise DeclarationError(tuple(faults))
    return found


def member(identifier: str, in_reply_to: str, inquiry: Inquiry) -> Member:
    """Return what decides which group an inquiry is in."""
    author = inquiry.author
    # The first lines greet; in short mail they would count as an ending.
    written = [line for line in inquiry.text.splitlines() if line.strip()][2:]
    ending = "\n".join([*written, inquiry.signature])
    return Member(
        id=identifier, in_reply_to=in_reply_to, domain=author.domain, author=author.name, ending=ending
    )


def _example(file: _File, sample: Sample, group: int) -> Example:
    row = file.row
    return Example(
        id=row.id,
        inquiry=sample[0],
        hits=sample[1],
        labels=row.labels,
        group=group,
        part=row.part,
        channel=row.channel,
        language=row.language,
        marks=file.marks,
    )
