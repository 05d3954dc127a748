"""Labels from what people said: which fields a person judges, what accepting a guess says, and rows of labels.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.classify.labels import COLUMNS, UNLABELLED
from pipeline.classify.review import Candidate, candidate, in_order
from pipeline.records.decisions import LIST_FIELDS, Decision
from pipeline.records.inquiries import Inquiry
from pipeline.records.labels import Labelled
from pipeline.records.work import Correction, Entry
from pipeline.service.ports_people import CorrectionStore
from pipeline.service.truth import values_of
from pipeline.taxonomy import Taxonomy

# In the order in which a person judges them.
FIELDS = (
    "kind", "partner_type", "country", "region", "alignment", "activities", "priorities", "preconditions_met",
    "shared_objectives", "complexity", "funding", "urgency",
)  # fmt: skip
# The newest inquiries among which the most useful ones are looked for.
POOL = 1000

Values = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a row of labels.csv could say of an inquiry.

    Parameters
    ----------
    said
        Field to values, as people said.
    guessed
        Field to values of which the decision was sure and nobody said anything.
    """

    said: Mapping[str, tuple[str, ...]]
    guessed: Mapping[str, tuple[str, ...]]

    @property
    def kind(self) -> str:
        """The kind as said, else as guessed; empty if neither."""
        return next(iter((*self.said.get("kind", ()), *self.guessed.get("kind", ()))), "")


def queue(store: CorrectionStore, author: str, limit: int) -> tuple[tuple[Entry, Candidate], ...]:
    """Return the inquiries that `author` had best label next, the most useful first, each with why."""
    entries = {entry.key: entry for entry in store.unlabelled(POOL, author)}
    counts = label_counts(store)
    found = [candidate(key, entry.decision, counts) for key, entry in entries.items()]
    return tuple((entries[one.key], one) for one in in_order(found, limit))


def label_counts(store: CorrectionStore) -> dict[str, int]:
    """Return tag to the number of inquiries of which people said it, as far as their newest word goes."""
    counts: dict[str, int] = {}
    for one in store.read(store.labelled()):
        for field, values in said_of(one.said).items():
            for value in values:
                counts[f"{field}={value}"] = counts.get(f"{field}={value}", 0) + 1
    return counts


def said_of(corrections: Iterable[Correction]) -> Values:
    """Return field to what was said of it last; of a list all that was said at that moment."""
    newest: dict[str, tuple[datetime, tuple[str, ...]]] = {}
    for one in corrections:
        field, _, value = one.tag.partition("=")
        if field not in FIELDS:
            continue
        at, values = newest.get(field, (one.at, ()))
        if at > one.at:
            continue
        values = values if at == one.at and field in LIST_FIELDS else ()
        newest[field] = (one.at, (*values, value) if value else values)
    return {field: values for field, (_, values) in newest.items()}


def guesses(decision: Decision, taxonomy: Taxonomy, *, sure: bool = False) -> Values:
    """Return field to values as decided, of the fields that the guide labels for the decided kind.

    Parameters
    ----------
    sure
        Leave out what was only the best guess.
    """
    labelled = {"kind", *taxonomy.labels(decision.tags.kind)}
    found = {field: values_of(decision, field) for field in FIELDS if field in labelled}
    if not sure:
        return found
    # Of an empty list, and of a day that is not there, nothing says how sure that is.
    return {
        field: values
        for field, values in found.items()
        if values and field in decision.confidence and field not in decision.abstained
    }


def confirming(values: Mapping[str, Sequence[str]], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the tags by which a person confirms `values`; fields that the guide does not label are left out."""
    kind = values["kind"][0]
    labelled = taxonomy.labels(kind)
    tags = [f"kind={kind}"]
    for field in FIELDS[1:]:
        if field in labelled and field in values:
            tags += [f"{field}={value}" for value in values[field]] or [f"{field}="]
    return tuple(tags)


def proposal(labelled: Labelled, taxonomy: Taxonomy) -> Proposal:
    """Return what could be written of an inquiry: people's word over sure guesses."""
    said = {
        field: values for field, values in said_of(labelled.said).items() if _known(field, values, taxonomy)
    }
    guessed = guesses(labelled.entry.decision, taxonomy, sure=True)
    kind = next(iter((*said.get("kind", ()), *guessed.get("kind", ()))), "")
    allowed = {"kind", *taxonomy.labels(kind)}
    said = {field: values for field, values in said.items() if field in allowed}
    if said.get("country"):
        region = taxonomy.region_of(said["country"][0])
        # A country that was put right takes its region along.
        said |= {"region": (region,)} if region else {}
    return Proposal(
        said=said,
        guessed={
            field: values for field, values in guessed.items() if field in allowed and field not in said
        },
    )


def row(
    identifier: str, inquiry: Inquiry, values: Mapping[str, Sequence[str]], taxonomy: Taxonomy
) -> dict[str, str]:
    """Return a row of labels.csv; what nobody confirmed is blank, and named in the column ``unlabelled``."""
    kind = values["kind"][0]
    labelled = taxonomy.labels(kind)
    known = {
        field: " ".join(values[field]) for field in FIELDS if field in values and field in {"kind", *labelled}
    }
    # Without a value there is nothing to learn, but for lists, which may be empty, and for places and days.
    known = {
        field: text for field, text in known.items() if text or field in (*LIST_FIELDS, "country", "urgency")
    }
    blank = [field for field in FIELDS if field in labelled and field not in known]
    facts = {"id": identifier, "language": inquiry.language, "channel": channel(inquiry)}
    return {**dict.fromkeys(COLUMNS, ""), **facts, **known, UNLABELLED: " ".join(blank)}


def channel(inquiry: Inquiry) -> str:
    """Return how a message came, in the words of labels.csv."""
    if inquiry.message.header("X-OTRS-Queue"):
        return "otrs"
    if inquiry.forward is not None:
        return "forward"
    return "list" if inquiry.list_id else "direct"


def _known(field: str, values: Sequence[str], taxonomy: Taxonomy) -> bool:
    if field == "urgency":
        return all(_is_day(value) for value in values)
    return all(value in taxonomy.values(field) for value in values)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
