"""The week on a real MediaWiki: published once, changed only where it changed, and never over what people wrote."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.wiki import MediaWiki
from pipeline.cli.main import app
from pipeline.digest.wikipage import BEGIN, END
from pipeline.errors import Refused
from pipeline.records.publications import PageReport
from pipeline.records.weeks import WeeklySummary
from pipeline.records.work import Window
from pipeline.routing.policy import Policy, load_policy
from pipeline.service.periods import week_named
from pipeline.service.publication import Publisher
from pipeline.service.weekly import Weekly
from pipeline.settings import Answers, Committee, Settings, Smtp, Wiki
from pipeline.taxonomy import Taxonomy
from tests.digest import samples
from tests.support.mediawiki import BOT_PASSWORD, PASSWORD_ENV, MediaWikiServer

# One worker installs the wiki; the others need none.
pytestmark = [pytest.mark.server("mediawiki"), pytest.mark.xdist_group("mediawiki")]
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WEEK = week_named("2026-W47", "UTC")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Told(Weekly):
    """Weeks as a test tells them."""

    summaries: dict[str, WeeklySummary]

    def summary(self, window: Window) -> WeeklySummary:
        return dataclasses.replace(self.summaries[window.period], window=window)


@pytest.fixture
def policy(rules: Path, taxonomy: Taxonomy) -> Policy:
    return load_policy(rules / "liaisons.toml", taxonomy)


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


@pytest.fixture(scope="module")
def session(mediawiki: MediaWikiServer) -> Iterator[MediaWiki]:
    """One login for all tests that need no other."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(PASSWORD_ENV, BOT_PASSWORD)
        wiki = MediaWiki(mediawiki.settings())
        yield wiki
        wiki.close()


@pytest.fixture
def desk(
    ledger: SqlLedger,
    policy: Policy,
    mediawiki: MediaWikiServer,
    session: MediaWiki,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    monkeypatch.setenv(PASSWORD_ENV, BOT_PASSWORD)
    return Desk(ledger, policy, mediawiki.settings(), session)


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


def test_a_week_and_the_list_of_weeks(desk: Desk, mediawiki: MediaWikiServer) -> None:
    assert desk.publish() == [("/2026-W47", "published"), ("", "published")]
    shown = content(mediawiki, desk.page)
    assert shown.startswith(BEGIN)
    assert shown.endswith(END)
    assert "Inquiries by type and region" in shown
    (made,) = revisions(mediawiki, desk.page)
    assert (made["user"], made["comment"]) == ("Triagebot", "Weekly figures: 33 messages received")
    assert "minor" not in made, "a new page is no minor edit"
    assert f"[[:{desk.page}|Week 47 of 2026]]" in content(mediawiki, desk.place.prefix)
    before = week_named("2026-W46", "UTC")
    assert desk.publish(window=before) == [("/2026-W46", "published"), ("", "published")]
    index = content(mediawiki, desk.place.prefix)
    assert index.index("2026-W47") < index.index("2026-W46"), "newest first"


def test_edits_are_marked_as_a_bots(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    found = mediawiki.person().get(
        "query", list="recentchanges", rctitle=desk.page, rcprop="flags|user", rcshow="bot"
    )
    assert [one["user"] for one in found["query"]["recentchanges"]] == ["Triagebot"]


def test_what_has_not_changed_is_not_edited(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    assert desk.publish() == []
    assert desk.publish(again=True) == []
    assert len(revisions(mediawiki, desk.page)) == 1
    assert len(revisions(mediawiki, desk.place.prefix)) == 1


def test_what_has_changed_is_one_minor_edit(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    desk.change()
    assert desk.publish() == [("/2026-W47", "published")]
    newest, _ = revisions(mediawiki, desk.page)
    assert newest["comment"] == "Weekly figures: 39 messages received"
    assert "minor" in newest
    desk.summaries["2026-W47"] = samples.weekly(24, 9)
    assert desk.publish() == [("/2026-W47", "published")], "and back again"


def test_text_of_people_around_the_section_stays(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    edit(mediawiki, desk.page, BEGIN, f"A good week, thanks to all! --~~~~\n\n{BEGIN}")
    edit(mediawiki, desk.page, END, f"{END}\n== Discussion ==\nMore museums, please.\n\n[[Category:Weeks]]")
    desk.change()
    assert desk.publish() == [("/2026-W47", "published")]
    shown = content(mediawiki, desk.page)
    assert shown.startswith("A good week, thanks to all!")
    assert shown.endswith("More museums, please.\n\n[[Category:Weeks]]")
    assert "39" in revisions(mediawiki, desk.page)[0]["comment"]


def test_text_of_people_in_the_section_is_never_overwritten(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    edit(mediawiki, desk.page, "Messages received", "Messages received (hooray)")
    desk.change()
    assert desk.publish() == [("/2026-W47", "refused")]
    assert "move what they wrote above or below the marks" in desk.reports[0].detail
    assert "(hooray)" in content(mediawiki, desk.page)
    assert desk.notices() == [("root@wiki.example", "unpublished")]
    assert desk.publish() == [], "told once, and not tried again by itself"
    # As the notice says: leave nothing between the marks.
    site = mediawiki.person()
    site.pages[desk.page].save(f"(hooray)\n{BEGIN}\n{END}", "by hand")
    assert desk.publish(again=True) == [("/2026-W47", "published")]
    assert content(mediawiki, desk.page).startswith(f"(hooray)\n{BEGIN}")


def test_a_revert_by_people_is_their_edit(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    first = content(mediawiki, desk.page)
    desk.change()
    desk.publish()
    mediawiki.person().pages[desk.page].save(first, "back")
    desk.summaries["2026-W47"] = samples.weekly(12, 1)
    assert desk.publish() == [("/2026-W47", "refused")]


def test_a_page_without_a_place_for_the_program_is_left_alone(desk: Desk, mediawiki: MediaWikiServer) -> None:
    mediawiki.person().pages[desk.page].save("Notes on the week.", "by hand")
    assert desk.publish() == [("/2026-W47", "refused")]
    assert content(mediawiki, desk.page) == "Notes on the week."


@pytest.mark.nightly
def test_a_page_that_people_prepared_is_filled(desk: Desk, mediawiki: MediaWikiServer) -> None:
    mediawiki.person().pages[desk.page].save(f"Intro\n{BEGIN}\n{END}\nOutro", "by hand")
    assert desk.publish() == [("/2026-W47", "published"), ("", "published")]
    shown = content(mediawiki, desk.page)
    assert shown.startswith("Intro\n")
    assert shown.endswith("\nOutro")


def test_a_page_that_people_deleted_stays_deleted(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    mediawiki.person().pages[desk.page].delete("not wanted")
    desk.change()
    assert desk.publish() == [("/2026-W47", "refused")]
    assert "was deleted by people" in desk.reports[0].detail
    assert not mediawiki.person().pages[desk.page].exists


def test_a_protected_page_is_told_and_published_when_it_is_open_again(
    desk: Desk, mediawiki: MediaWikiServer
) -> None:
    desk.publish()
    site = mediawiki.person()
    site.post("protect", title=desk.page, protections="edit=sysop", token=site.get_token("csrf"))
    desk.change()
    assert desk.publish() == [("/2026-W47", "refused")]
    assert "protected" in desk.reports[0].detail
    assert desk.notices() == [("root@wiki.example", "unpublished")]
    site.post("protect", title=desk.page, protections="edit=all", token=site.get_token("csrf"))
    assert desk.publish(again=True) == [("/2026-W47", "published")]


class Meanwhile(MediaWiki):
    """A wiki on which somebody else saves the page between reading and writing."""

    edits: list[str]

    def __init__(self, settings: Wiki, server: MediaWikiServer, edits: list[str]) -> None:
        super().__init__(settings)
        self.server, self.edits = server, edits

    def write(self, page: str, *arguments: Any) -> int:
        if self.edits:
            site = self.server.person()
            site.pages[page].save(self.edits.pop(0) + site.pages[page].text(), "quicker")
        return super().write(page, *arguments)


def test_an_edit_conflict_loses_nothing(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    desk.change()
    desk.wiki = Meanwhile(desk.place, mediawiki, ["First!\n", "Second!\n"])
    assert desk.publish() == [("/2026-W47", "published")]
    shown = content(mediawiki, desk.page)
    assert shown.startswith("Second!\nFirst!\n")
    assert revisions(mediawiki, desk.page)[0]["user"] == "Triagebot"


@pytest.mark.nightly
def test_somebody_who_is_always_quicker_is_waited_for(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    desk.change()
    desk.wiki = Meanwhile(desk.place, mediawiki, ["a\n", "b\n", "c\n"])
    assert desk.publish() == [("/2026-W47", "later")]
    desk.now += timedelta(hours=1)
    assert desk.deliver() == [("/2026-W47", "published")]


def test_a_page_that_somebody_created_in_the_same_moment(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.wiki = Meanwhile(desk.place, mediawiki, ["Mine!"])
    assert desk.publish() == [("/2026-W47", "refused")]
    assert content(mediawiki, desk.page) == "Mine!"


def test_a_lost_session_begins_anew(desk: Desk, mediawiki: MediaWikiServer) -> None:
    import mwclient

    desk.publish()
    other = mwclient.Site(f"127.0.0.1:{mediawiki.port}", path="/", scheme="http", max_retries=0)
    other.login(desk.place.username, BOT_PASSWORD)
    mediawiki.forget_sessions()
    assert "anon" in other.get("query", meta="userinfo")["query"]["userinfo"], "everybody is logged out"
    desk.change()
    assert desk.publish() == [("/2026-W47", "published")]
    assert revisions(mediawiki, desk.page)[0]["user"] == "Triagebot"


def test_a_wiki_that_is_down_gets_the_page_later(desk: Desk, mediawiki: MediaWikiServer) -> None:
    mediawiki.stop()
    try:
        assert desk.publish() == [("/2026-W47", "later")]
        assert "nothing listens there" in desk.reports[0].detail
        assert desk.deliver() == [], "it waits first"
    finally:
        mediawiki.start()
    desk.now += timedelta(hours=1)
    assert desk.deliver() == [("/2026-W47", "published"), ("", "published")]
    assert len(revisions(mediawiki, desk.page)) == 1


def test_a_wiki_that_can_only_be_read_gets_the_page_later(desk: Desk, mediawiki: MediaWikiServer) -> None:
    lock = mediawiki.folder / "readonly"
    lock.write_text("Backup until noon", encoding="utf-8")
    try:
        assert desk.publish() == [("/2026-W47", "later")]
        assert "read-only" in desk.reports[0].detail
    finally:
        lock.unlink()
    desk.now += timedelta(hours=1)
    assert desk.deliver()[0] == ("/2026-W47", "published")


def test_killed_between_saving_and_noting(desk: Desk, mediawiki: MediaWikiServer) -> None:
    class Killed(Exception):
        pass

    def note(_: object) -> None:
        raise Killed

    desk.publish()
    desk.change()
    kept = desk.ledger.publications
    desk.ledger.publications = type(
        "", (), {"find": kept.find, "pages": kept.pages, "note": staticmethod(note)}
    )()
    with pytest.raises(Killed):
        desk.publish()
    desk.ledger.publications = kept
    # The next run finds its own text there; and had the figures changed, it would still know it.
    desk.summaries["2026-W47"] = samples.weekly(12, 1)
    assert desk.publish() == [("/2026-W47", "published")]
    assert len(revisions(mediawiki, desk.page)) == 3


def test_the_same_run_again_after_a_kill_makes_no_edit(desk: Desk, mediawiki: MediaWikiServer) -> None:
    desk.publish()
    with desk.ledger.engine.begin() as connection:
        connection.execute(text("DELETE FROM publications"))
        connection.execute(text("UPDATE outbox SET state = 'queued'"))
    assert ("/2026-W47", "unchanged") in desk.deliver()
    assert len(revisions(mediawiki, desk.page)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": "Triagebot@nix"}, "no login"),
        ({"oauth2": True}, "no login"),
        ({"prefix": "Special:Weeks"}, "change prefix"),
    ],
)
def test_what_the_wiki_does_not_let_us(
    mediawiki: MediaWikiServer, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], words: str
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, BOT_PASSWORD)
    wiki = MediaWiki(mediawiki.settings(**change))
    with pytest.raises(Refused, match=words) as told:
        wiki.read(f"{change.get('prefix', 'Page')}/1")
    assert BOT_PASSWORD not in str(told.value)


def test_check_tells_of_a_wrong_password(mediawiki: MediaWikiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_ENV, BOT_PASSWORD)
    assert MediaWiki(mediawiki.settings()).check() == ()
    monkeypatch.setenv(PASSWORD_ENV, "not-the-password-at-all")
    (told,) = MediaWiki(mediawiki.settings()).check()
    assert "check username and bot password" in told
    assert "not-the-password" not in told


def test_queueing_is_once_a_week(desk: Desk) -> None:
    assert desk.publisher.queue_due(NOW) == 1
    assert desk.publisher.queue_due(NOW + timedelta(hours=3)) == 0
    assert desk.publisher.queue_due(NOW - timedelta(days=7)) == 1, "the week before, with its own page"


def test_by_hand(desk: Desk, mediawiki: MediaWikiServer, tmp_path: Path, rules: Path) -> None:
    place = desk.place
    (tmp_path / "triage.toml").write_text(
        f'[folders]\nliaisons = "{rules / "liaisons.toml"}"\n[wiki]\nurl = "{place.url}"\nusername = "{place.username}"\n'
        f'password_env = "{PASSWORD_ENV}"\nprefix = "{place.prefix}"\nlocale = "de"\n',
        encoding="utf-8",
    )
    given = ["--settings", str(tmp_path / "triage.toml"), "--week", "2026-W20"]
    shown = CliRunner().invoke(app, ["wiki", "preview", *given])
    assert "Die Woche in Zahlen" in shown.output
    told = CliRunner().invoke(app, ["wiki", "publish", "--json", *given])
    assert told.exit_code == 0, told.output
    found = [json.loads(line) for line in told.output.splitlines()]
    assert [(one["page"], one["state"]) for one in found] == [
        (f"{place.prefix}/2026-W20", "published"), (place.prefix, "published"),
    ]  # fmt: skip
    again = CliRunner().invoke(app, ["wiki", "publish", *given])
    assert f"{place.prefix}/2026-W20: unchanged" in again.output
    assert 'lang="de"' in content(mediawiki, f"{place.prefix}/2026-W20")
