"""A publisher of weeks with a real wiki and a clock, for tests."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.wiki.pages import MediaWiki
from pipeline.records.publications import PageReport
from pipeline.records.weeks import WeeklySummary
from pipeline.records.work import Window
from pipeline.routing.policy import Policy
from pipeline.service.periods import week_named
from pipeline.service.publication import Publisher
from pipeline.service.weekly import Weekly
from pipeline.settings import Answers, Committee, Settings, Smtp, Wiki
from tests.digest import samples
from tests.support.mediawiki import MediaWikiServer

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WEEK = week_named("2026-W47", "UTC")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Told(Weekly):
    """Weeks as a test tells them."""

    summaries: dict[str, WeeklySummary]

    def summary(self, window: Window) -> WeeklySummary:
        return dataclasses.replace(self.summaries[window.period], window=window)


class Desk:
    """A publisher, a wiki and a clock; what became of pages is written down."""

    def __init__(self, ledger: SqlLedger, policy: Policy, place: Wiki, wiki: MediaWiki) -> None:
        self.ledger, self.place, self.wiki, self.now = ledger, place, wiki, NOW
        settings = Settings(
            smtp=Smtp(host="127.0.0.1", security="none", from_address="t@wiki.example"),
            committee=Committee(addresses=("board@wiki.example",)),
            answers=Answers(maintainer="root@wiki.example"),
            wiki=place,
        )
        self.summaries = {"2026-W47": samples.weekly(24, 9), "2026-W46": samples.weekly(5, 2)}
        weekly = Told(ledger=ledger, policy=policy, settings=settings, summaries=self.summaries)
        self.publisher = Publisher(ledger=ledger, settings=settings, place=place, weekly=weekly)
        self.reports: list[PageReport] = []

    def publish(self, *, again: bool = False, window: Window = WEEK) -> list[tuple[str, str]]:
        """Publish a week as far as that is needed; return titles below the prefix and what became of the pages."""
        self.publisher.queue_week(window, self.now, again=again)
        return self.deliver()

    def deliver(self) -> list[tuple[str, str]]:
        self.reports.clear()
        self.publisher.deliver(self.wiki, lambda: self.now, tell=self.reports.append)
        return [(one.page.removeprefix(self.place.prefix), one.state.value) for one in self.reports]

    @property
    def page(self) -> str:
        return f"{self.place.prefix}/2026-W47"

    def change(self) -> None:
        """Let the week have other figures."""
        self.summaries["2026-W47"] = samples.weekly(30, 9)

    def notices(self) -> list[tuple[str, str]]:
        with self.ledger.engine.connect() as connection:
            query = text("SELECT recipient, purpose FROM outbox WHERE channel = 'mail' ORDER BY id")
            return [(row.recipient, row.purpose) for row in connection.execute(query)]


def revisions(mediawiki: MediaWikiServer, page: str) -> list[dict[str, Any]]:
    """Return the history of a page, newest first."""
    found = mediawiki.person().pages[page].revisions(prop="ids|user|comment|flags|content", slots="main")
    return [dict(one) for one in found]


def content(mediawiki: MediaWikiServer, page: str) -> str:
    return str(mediawiki.person().pages[page].text())


def edit(mediawiki: MediaWikiServer, page: str, old: str, new: str) -> None:
    """Edit a page as a person does."""
    site = mediawiki.person()
    before = site.pages[page].text()
    assert old in before
    site.pages[page].save(before.replace(old, new, 1), "by hand")
