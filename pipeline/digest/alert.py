"""The mail that tells a liaison at once of an urgent inquiry: one entry of their digest, ahead of it."""

from __future__ import annotations

from pipeline.digest import clean
from pipeline.digest.daily import Heading, render_daily
from pipeline.digest.render import Rendered
from pipeline.records.work import DailyDigest
from pipeline.tongue import tongue

_SUBJECT_LENGTH = 80


def render_alert(digest: DailyDigest, *, name: str, timezone: str, left: int) -> Rendered:
    """Render the one new inquiry of `digest`, in its locale.

    Parameters
    ----------
    name, timezone
        What the liaison is called, and the zone that they read dates in.
    left
        How many more alerts they may get today.
    """
    reader, entry = tongue(digest.locale), digest.new[0]
    said = clean.line(entry.subject, _SUBJECT_LENGTH) or clean.line(entry.organisation, _SUBJECT_LENGTH)
    notice = (
        reader.plural(
            "It seems urgent, so you are told before your digest. At most {n} more alert comes today.",
            "It seems urgent, so you are told before your digest. At most {n} more alerts come today.",
            left,
        )
        if left
        else reader.text(
            "It seems urgent, so you are told before your digest. This is the last alert today: other urgent inquiries "
            "wait for the digest."
        )
    )
    heading = Heading(
        subject=reader.text("Urgent: {subject} [{key}]", subject=said, key=entry.key),
        headline=reader.text("An urgent inquiry"),
        notice=notice,
    )
    return render_daily(digest, name=name, timezone=timezone, heading=heading)
