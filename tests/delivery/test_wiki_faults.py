"""The week on a wiki where something goes wrong: quicker people, lost sessions, servers down, runs killed, no rights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.adapters.wiki.pages import MediaWiki
from pipeline.errors import Refused
from pipeline.settings import Wiki
from tests.digest import samples
from tests.support.mediawiki import BOT_PASSWORD, PASSWORD_ENV, MediaWikiServer
from tests.support.publishing import Desk, content, revisions

# One worker installs the wiki; the others need none.
pytestmark = [pytest.mark.server("mediawiki"), pytest.mark.xdist_group("mediawiki")]


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
