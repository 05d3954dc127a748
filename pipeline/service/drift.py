"""Drift: the last weeks held against the time before them, and the line that the weekly summary gets when they differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from pipeline.classify.drift import Drift, compare, line, unknown_share, vocabulary
from pipeline.errors import UsageError
from pipeline.service.ports import ModelWitness
from pipeline.service.ports_people import CorrectionStore

PRESENT = timedelta(weeks=4)
REFERENCE = timedelta(weeks=26)
# More mails than these are thinned out: the tests gain nothing by them.
_MOST = 4000


def drift(
    corrections: CorrectionStore,
    model: ModelWitness | None,
    now: datetime,
    since: datetime | None = None,
    reference: datetime | None = None,
) -> Drift:
    """Hold the mail since `since` against the mail before it.

    Parameters
    ----------
    corrections
        The ledger's.
    model
        In force; tells which word pieces are unknown. None for rules alone.
    since
        When the present period began (aware, UTC); by default four weeks ago.
    reference
        When the period before it began; by default 26 weeks before `since`.

    Raises
    ------
    UsageError
        If the two periods do not follow each other.
    """
    since = since or now - PRESENT
    reference = reference or since - REFERENCE
    if not reference < since < now:
        raise UsageError(
            f"the time before ({reference:%Y-%m-%d}) has to begin before the present ({since:%Y-%m-%d}), and that before"
            " now; give other days with --reference and --since"
        )
    before = corrections.observed(reference, since, _MOST)
    present = corrections.observed(since, now, _MOST)
    return compare(before, present, (reference, since, now), _unknown(model))


def weekly_lines(
    corrections: CorrectionStore, model: ModelWitness | None, now: datetime, locale: str = "en"
) -> tuple[str, ...]:
    """Return what the weekly summary has to tell of drift, in the language of `locale`: one line, or none."""
    told = line(drift(corrections, model, now), locale)
    return (told,) if told else ()


def _unknown(model: ModelWitness | None) -> Callable[[str], float] | None:
    known = vocabulary(getattr(model, "estimator", None))
    return partial(unknown_share, known=known) if known else None
