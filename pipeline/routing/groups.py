"""Teams and chapters: which of them is near an inquirer."""

from __future__ import annotations

from pipeline.routing import scope
from pipeline.routing.policy import Group, Policy


def chapters_near(policy: Policy, country: str | None, region: str | None) -> tuple[Group, ...]:
    """Return the chapters that name the inquirer's `country`, then those that name the `region`; in file order."""
    chapters = [group for group in policy.groups if group.kind == "chapter" and not group.paused]
    named = [group for group in chapters if country and country in group.countries]
    around = [group for group in chapters if region not in (None, scope.UNKNOWN) and region in group.regions]
    return tuple(dict.fromkeys((*named, *around)))
