"""What was concluded about a message, and the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pipeline.records.inquiries import View

# The tags of the labelling guide. A tag is written field=value, such as "partner_type=museum".
SCALAR_FIELDS = ("kind", "partner_type", "country", "region", "alignment")
LIST_FIELDS = ("activities", "priorities")
CRITERIA_FIELDS = ("preconditions_met", "shared_objectives", "complexity", "funding", "urgency")

HONEST_KINDS = ("partnership", "endorsement")
"""Kinds for which the guide labels every field, and of which none may be lost."""

FILED_KINDS = ("spam", "automated")
"""Kinds that need nobody."""


class Source(StrEnum):
    """A witness."""

    RULE = "rule"
    MODEL = "model"
    REGION = "region"
    ORGANISATION = "organisation"
    CRITERIA = "criteria"
    DECISION = "decision"
    PERSON = "person"


class Disposition(StrEnum):
    """What becomes of a message."""

    ASSIGN = "assign"
    REVIEW = "review"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A rule that matched.

    Parameters
    ----------
    rule
        Id of the rule.
    tags
        What it says, each as ``field=value``; the pseudo field ``disposition`` is allowed.
    must
        True if the rule decides, False if it is a hint.
    weight
        How strongly a hint speaks when there is no model, in log-odds.
    view
        Where it matched, or None where no text was looked at.
    matched
        The words that matched, shortened.
    route
        Who is to get the message: the id of a liaison, or a place named in the liaisons' file; None: no say.
    priority
        Points that the rule adds to the priority, -100 to 100.
    """

    rule: str
    tags: tuple[str, ...]
    must: bool
    weight: float
    view: View | None
    matched: str
    route: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for a tag.

    Parameters
    ----------
    source
        The witness.
    name
        Which rule, model, or clue.
    tag
        ``field=value``.
    score
        A probability, 0 to 1, of models, of all rules together (``rules``) and of all clues to the place together
        (``place``); log-odds of a single rule or clue; points of criteria.
    detail
        Why, in a few words for people; may quote the message.
    """

    source: Source
    name: str
    tag: str
    score: float
    detail: str = ""

    @property
    def field(self) -> str:
        """The tag's field."""
        return self.tag.partition("=")[0]

    @property
    def value(self) -> str:
        """The tag's value."""
        return self.tag.partition("=")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The criteria grid of the labelling guide; None where the guide labels nothing or nothing shows.

    `further` are the further beneficial elements that the message shows, by their names in the taxonomy.
    """

    preconditions_met: str | None = None
    shared_objectives: int | None = None
    complexity: str | None = None
    funding: str | None = None
    urgency: date | None = None
    further: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The values of the labelling guide for one message; None and empty where it labels nothing."""

    kind: str
    partner_type: str | None = None
    activities: tuple[str, ...] = ()
    country: str | None = None
    region: str | None = None
    alignment: str | None = None
    priorities: tuple[str, ...] = ()
    criteria: Criteria = field(default_factory=Criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was concluded about one message.

    Parameters
    ----------
    sha256
        The message.
    disposition
        Assign, review, or file.
    tags
        The values.
    abstained
        Fields whose value is only the best guess.
    confidence
        Field to probability, 0 to 1, for each field that has a value; of lists, that of the least sure value.
    priority
        0 to 100.
    language
        ISO 639 code of the inquiry, or ``und``.
    summary
        At most two sentences of the inquiry itself.
    evidence
        All that was said for and against, strongest first within each field.
    rulebook_version, model_version
        Which rules and which model spoke; model_version is empty where there was none.
    decided_at
        Aware, UTC.
    route
        Who gets the message because a rule says so: the id of a liaison or a place named in the liaisons' file.
    """

    sha256: str
    disposition: Disposition
    tags: Tags
    abstained: tuple[str, ...]
    confidence: Mapping[str, float]
    priority: int
    language: str
    summary: str
    evidence: tuple[Evidence, ...]
    rulebook_version: str
    model_version: str
    decided_at: datetime
    route: str | None = None
