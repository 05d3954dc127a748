"""The taxonomy of the labelling guide: which fields there are, which values, and which region a country is in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from pipeline.declarative import Declared, load


class Kind(Declared):
    """A kind of message, and which other fields the guide labels for it."""

    description: str
    labels: tuple[str, ...] = ()


class Taxonomy(Declared):
    """``rules/taxonomy.toml``: every value with its definition.

    Parameters
    ----------
    kind
        Value to definition and to the fields that the guide labels for it.
    partner_type, activities, alignment, priorities, region
        Value to definition.
    preconditions_met, complexity, funding, further
        Value to definition.
    countries
        ISO 3166-1 alpha-2 code to region.
    """

    kind: dict[str, Kind]
    partner_type: dict[str, str]
    activities: dict[str, str]
    alignment: dict[str, str]
    priorities: dict[str, str]
    region: dict[str, str]
    preconditions_met: dict[str, str]
    complexity: dict[str, str]
    funding: dict[str, str]
    further: Annotated[dict[str, str], Field(default_factory=dict)]
    countries: dict[str, str]

    def values(self, field: str) -> tuple[str, ...]:
        """Return the values that `field` may have, in the guide's order; none for an open or unknown field."""
        return self._values.get(field, ())

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, ...]]:
        closed = ("kind", "partner_type", "activities", "alignment", "priorities", "region")
        grid = ("preconditions_met", "complexity", "funding", "further")
        values = {field: tuple(getattr(self, field)) for field in (*closed, *grid)}
        return {**values, "country": tuple(self.countries), "shared_objectives": ("0", "1", "2", "3")}

    def labels(self, kind: str) -> frozenset[str]:
        """Return the fields that the guide labels for a message of this `kind`, kind itself left out."""
        return frozenset(self.kind[kind].labels) if kind in self.kind else frozenset()

    def region_of(self, country: str) -> str | None:
        """Return the region that `country` lies in, or None if the table does not know the country."""
        return self.countries.get(country)


def load_taxonomy(rules: Path) -> Taxonomy:
    """Read ``taxonomy.toml`` in the folder `rules`.

    Raises
    ------
    DeclarationError
        If the file is missing or has faults.
    """
    return load(rules / "taxonomy.toml", Taxonomy)
