"""The week on a real MediaWiki: published once, changed only where it changed, and never over what people wrote."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.digest.wikipage import BEGIN, END
from pipeline.service.periods import week_named
from tests.digest import samples
from tests.support.mediawiki import PASSWORD_ENV, MediaWikiServer
from tests.support.publishing import NOW, Desk, content, edit, revisions

# One worker installs the wiki; the others need none.
pytestmark = [pytest.mark.server("mediawiki"), pytest.mark.xdist_group("mediawiki")]


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
