"""Any week, past or just over, as it was known at its end; counted by the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.adapters.ledger.database.engine import Part
from pipeline.adapters.ledger.weeks import counts, facts
from pipeline.adapters.ledger.weeks.lists import Lists
from pipeline.adapters.ledger.weeks.told import telling, told
from pipeline.records.decisions import Disposition
from pipeline.records.weeks import Week
from pipeline.records.work import Window


class Weeks(Part):
    """Tells what weeks came to."""

    def week(self, windows: Sequence[Window], cap: int) -> Week:
        """Return what the last of `windows` came to, as of its end.

        Parameters
        ----------
        windows
            Weeks that follow each other, oldest first: the trend.
        cap
            Inquiries that each list names.
        """
        with telling(self._engine, windows) as connection:
            return _week(connection, windows, cap)


def _week(connection: Connection, windows: Sequence[Window], cap: int) -> Week:
    window, place = windows[-1], len(windows) - 1
    here, asked = counts.in_week(place), counts.asked
    lists = Lists(connection, place, window.end, cap)
    rules, model = facts.versions(connection, window)
    trend = counts.trend(connection, windows)
    return Week(
        flow=counts.flow(connection, place),
        worthy=trend[-1].worthy or 0,
        types=counts.types(connection, place),
        alignment=counts.values(connection, told.c.alignment, here, asked),
        activities=counts.listed(connection, told.c.activities, here, asked),
        languages=counts.values(connection, told.c.language, here, asked),
        channels=counts.channels(connection, place),
        unsure=counts.listed(connection, told.c.abstained, here, asked),
        kinds_filed=counts.values(connection, told.c.kind, here, told.c.way == Disposition.FILE.value),
        corrected=counts.corrected(connection, window),
        overdue=lists.overdue(),
        homeless=lists.homeless(),
        escalated=lists.escalated(),
        undecided=lists.undecided(),
        endorsements=lists.endorsements(),
        filed=lists.filed(),
        waited=facts.delay(connection, window.start, window.end),
        waited_before=facts.delay(connection, windows[0].start, window.start),
        by_type=counts.fortunes(connection, told.c.partner_type),
        by_region=counts.fortunes(connection, told.c.region),
        requests=counts.requests(connection, place),
        loads=counts.loads(connection, window),
        acquaintances=facts.acquaintances(connection, place),
        changes=facts.changes(connection, window),
        set_aside=facts.count_set_aside(connection, window),
        rulebook_version=rules,
        model_version=model,
        trend=trend,
    )
