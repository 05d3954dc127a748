"""Tables of ``liaisons.toml`` that say when: deadlines of the first answer, alerts, escalation of late ones."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from pipeline.declarative import Declared

WorkingDays = Annotated[int, Field(ge=0, le=250)]


class Band(Declared):
    """From which priority on the first answer is due after how many working days.

    Parameters
    ----------
    priority
        From this priority on, up to that of the next table above it.
    working_days
        Of the liaison: weekends and public holidays of their country do not count.
    """

    priority: Annotated[int, Field(ge=0, le=100)]
    working_days: Annotated[int, Field(ge=1, le=250)]


class Alerts(Declared):
    """Which inquiries are urgent: their liaison is told by a mail of its own, not with the next digest.

    Parameters
    ----------
    priority
        From this priority on; 101 for never.
    within_days, from_priority
        Also where the inquirer names a day at most so many days ahead, and the priority is at least this.
    a_day
        How many alerts a liaison gets on one day; anybody can write a mail that seems urgent.
    """

    priority: Annotated[int, Field(ge=0, le=101)] = 85
    within_days: Annotated[int, Field(ge=0, le=60)] = 3
    from_priority: Annotated[int, Field(ge=0, le=100)] = 50
    a_day: Annotated[int, Field(ge=0, le=3)] = 3


class Escalation(Declared):
    """After how many working days behind its deadline a late answer is shown to others.

    Parameters
    ----------
    deputy
        To the first deputy who is there.
    committee
        To the committee, in the weekly summary; not before the deputy.
    """

    deputy: WorkingDays = 2
    committee: WorkingDays = 5

    @model_validator(mode="after")
    def _deputy_first(self) -> Escalation:
        if self.committee < self.deputy:
            raise ValueError(
                "the committee would be told before the deputy; let committee be the larger number"
            )
        return self


def complete(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    """Return the deadlines with the highest priority first; one of them has to hold for all mail."""
    if all(band.priority for band in bands):
        raise ValueError("no deadline starts at priority 0; add one for all that is not urgent")
    return tuple(sorted(bands, key=lambda band: -band.priority))
