"""Publish the week on a wiki: pages are made from the ledger, wait in the outbox, and never overwrite what people wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.digest import wikipage
from pipeline.digest.notices import unpublished
from pipeline.errors import Deferred, EditConflict, ServerError, Undeliverable
from pipeline.faultpoints import reach
from pipeline.records.publications import PageReport, PageState, Publication, WikiPage
from pipeline.records.weeks import WeeklySummary
from pipeline.records.work import OutgoingMail, QueuedMail, Window
from pipeline.routing.policy import Policy
from pipeline.service.landscape import public
from pipeline.service.outbox import Outcome, carry_out
from pipeline.service.ports import Clock, Ledger, Progress, WikiSite, silent
from pipeline.service.returns import queue_notice
from pipeline.service.weekly import Weekly, is_blank
from pipeline.settings import Settings, Wiki

CHANNEL = "wiki"
# How often a page is read and merged anew when somebody else saves it in the same moment.
_TRIES = 3
_FINGERPRINT = 20

Tell = Callable[[PageReport], None]


def publisher(ledger: Ledger, policy: Policy, settings: Settings) -> Publisher | None:
    """Return what publishes weeks; None where the settings name no wiki."""
    if settings.wiki is None:
        return None
    weekly = Weekly(ledger=ledger, policy=policy, settings=settings)
    return Publisher(ledger=ledger, settings=settings, place=settings.wiki, weekly=weekly)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes weeks.

    Parameters
    ----------
    ledger, settings
        What is known, and who is told when a page cannot be published.
    place
        The wiki, and what is shown there.
    weekly
        Makes the summary of a week.
    """

    ledger: Ledger
    settings: Settings
    place: Wiki
    weekly: Weekly

    def section(self, window: Window) -> tuple[str, str]:
        """Return what the page of a week would hold, and what its history would say of the edit."""
        return self._rendered(self.weekly.summary(window), window)

    def _rendered(self, summary: WeeklySummary, window: Window) -> tuple[str, str]:
        place = self.place
        listings = self.ledger.landscape.listings(window.start, window.end) if place.organisations else ()
        section = wikipage.render_week(
            summary,
            public(listings),
            prefix=place.prefix,
            locale=place.locale,
            timezone=self.settings.schedule.timezone,
        )
        return section, wikipage.summary_of_edit(summary, place.locale)

    def queue_due(self, now: datetime) -> int:
        """Queue the page of the week that is due, if that was never done; return how many pages are new."""
        window = self.weekly.due(now)
        if self.ledger.outbox.ever(self.title(window), CHANNEL):
            return 0
        summary = self.weekly.summary(window)
        if is_blank(summary):
            return 0
        return int(self._queue(self.title(window), *self._rendered(summary, window), now, again=False))

    def queue_week(self, window: Window, now: datetime, *, again: bool = False) -> bool:
        """Queue the page of a week, if something changed since it was published; return whether it did.

        Parameters
        ----------
        again
            Whether to try once more what failed.
        """
        return self._queue(self.title(window), *self.section(window), now, again=again)

    def queue_index(self, now: datetime, *, again: bool = False) -> bool:
        """Queue the list of weeks, if a week was published that is not in it."""
        place = self.place
        start = f"{place.prefix}/"
        known = [
            page.page.removeprefix(start)
            for page in self.ledger.publications.pages()
            if page.page.startswith(start)
        ]
        if not known:
            return False
        section = wikipage.render_index(known, prefix=place.prefix, locale=place.locale)
        return self._queue(place.prefix, section, wikipage.index_summary(place.locale), now, again=again)

    def deliver(
        self, wiki: WikiSite, clock: Clock, progress: Progress = silent, tell: Tell = lambda _: None
    ) -> dict[Outcome, int]:
        """Publish what waits, and then the list of weeks; `tell` hears what became of each page."""

        def carry(queued: QueuedMail) -> None:
            self._carry(wiki, queued, clock(), tell)

        first = carry_out(self.ledger.outbox, CHANNEL, carry, clock, progress)
        self.queue_index(clock())
        second = carry_out(self.ledger.outbox, CHANNEL, carry, clock, progress)
        # What waits for a server is counted by the second turn again.
        deferred = max(first[Outcome.DEFERRED], second[Outcome.DEFERRED])
        return {
            **{outcome: first[outcome] + second[outcome] for outcome in Outcome},
            Outcome.DEFERRED: deferred,
        }

    def title(self, window: Window) -> str:
        """Return the title of a week's page."""
        return wikipage.week_title(self.place.prefix, window.period)

    def _queue(self, page: str, section: str, summary: str, now: datetime, *, again: bool) -> bool:
        known = self.ledger.publications.find(page)
        mark = wikipage.fingerprint(section)
        if known is not None and known.sha256 == mark:
            return False
        period = _key(mark, known)
        octets = json.dumps({"section": section, "summary": summary}, ensure_ascii=False).encode()
        mail = OutgoingMail(
            recipient=page, purpose=CHANNEL, period=period, message_id="", octets=octets, channel=CHANNEL
        )
        outbox = self.ledger.outbox
        states = ("queued", "failed", "replaced") if again else ("replaced",)
        return outbox.queue(mail, now) or outbox.again(page, CHANNEL, period, now, states)

    def _carry(self, wiki: WikiSite, queued: QueuedMail, now: datetime, tell: Tell) -> None:
        """Publish one page, and remember it; say so to the maintainer if that is not to be."""
        page = queued.mail.recipient
        told = json.loads(queued.mail.octets)
        try:
            revision, is_new = self._saved(wiki, page, told["section"], told["summary"])
        except Undeliverable as error:
            rendered = unpublished(page=page, error=str(error), locale=self.settings.committee.locale)
            queue_notice(self.ledger, self.settings, rendered, "unpublished", queued.mail.period, now)
            tell(PageReport(page=page, state=PageState.REFUSED, detail=str(error)))
            raise
        except ServerError as error:
            tell(PageReport(page=page, state=PageState.LATER, detail=str(error)))
            raise
        reach("wiki.saved")
        mark = wikipage.fingerprint(told["section"])
        self.ledger.publications.note(Publication(page=page, revision=revision, sha256=mark, at=now))
        reach("wiki.noted")
        tell(
            PageReport(
                page=page, state=PageState.PUBLISHED if is_new else PageState.UNCHANGED, revision=revision
            )
        )

    def _saved(self, wiki: WikiSite, page: str, section: str, summary: str) -> tuple[int, bool]:
        """Save a page; return its newest revision, and whether that is a new one."""
        for _ in range(_TRIES):
            base = wiki.read(page)
            text = self._merged(page, base, section)
            if base is not None and base.text.rstrip() == text.rstrip():
                return base.revision, False
            try:
                return wiki.write(page, text, summary, base), True
            except EditConflict:
                continue  # read what the other one wrote
        raise Deferred(f"wiki: {page}: somebody else saves it again and again; it is tried again")

    def _merged(self, page: str, base: WikiPage | None, section: str) -> str:
        """Return the page as it will be: all that people wrote, and `section` in its place.

        Raises
        ------
        Undeliverable
            If the place was taken away, or people wrote in it.
        """
        known = self.ledger.publications.find(page)
        if base is None:
            if known is not None:
                raise Undeliverable(
                    f"wiki: {page}: was deleted by people; create it with these two lines, if it is wanted:\n"
                    f"{wikipage.BEGIN}\n{wikipage.END}"
                )
            return wikipage.whole(section)
        if not base.text.strip():
            return wikipage.whole(section)
        parts = wikipage.parted(base.text)
        if parts is None:
            raise Undeliverable(
                f"wiki: {page}: holds text of people and no one place for the program; "
                f"write these two lines where it is to stand, once each:\n{wikipage.BEGIN}\n{wikipage.END}"
            )
        if parts.section.strip() and not self._is_ours(page, wikipage.fingerprint(parts.section), known):
            raise Undeliverable(
                f"wiki: {page}: people have changed the text between the program's two marks; "
                "move what they wrote above or below the marks, and leave nothing between them"
            )
        return wikipage.whole(section, parts)

    def _is_ours(self, page: str, mark: str, known: Publication | None) -> bool:
        """Tell whether a section is what was published last, or what was saved just before the program was ended."""
        if known is not None and known.sha256 == mark:
            return True
        return self.ledger.outbox.holds(page, CHANNEL, _key(mark, known))


def _key(mark: str, known: Publication | None) -> str:
    """Return under which key a text waits: itself, and the revision that it follows."""
    return f"{mark[:_FINGERPRINT]}.{known.revision if known else 0}"
