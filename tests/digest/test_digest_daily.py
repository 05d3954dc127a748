"""The daily digest of one liaison."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.digest.daily import CAP, headline, render_daily
from pipeline.digest.render import LARGEST_HTML, Rendered
from pipeline.records.decisions import Criteria
from pipeline.records.work import DailyDigest, Entry, State
from tests.digest import cases, samples

KEY = re.compile(r"\b[2-9B-DF-HJKMNP-TVWXZ]{6}\b")


def render(digest: DailyDigest) -> Rendered:
    return render_daily(digest, name="Mira Okonkwo", timezone="Europe/Berlin")


def keys(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.key for entry in sorted(entries, key=lambda entry: (entry.received_at, entry.key))]


def shown(text: str, digest: DailyDigest) -> list[str]:
    """Return the keys of `digest` in the order in which `text` has them."""
    known = {entry.key for entry in (*digest.overdue, *digest.new, *digest.waiting)}
    return [key for key in KEY.findall(text) if key in known]


def test_overdue_comes_first_then_new_then_waiting_each_oldest_first() -> None:
    digest = samples.daily(3, 4, 5)
    rendered = render(digest)
    expected = keys(digest.overdue) + keys(digest.new) + keys(digest.waiting)
    assert shown(rendered.html, digest) == expected
    assert shown(rendered.text, digest) == expected


def test_a_section_shows_twenty_and_says_how_many_more() -> None:
    digest = samples.daily(0, 0, CAP + 12)
    rendered = render(digest)
    assert shown(rendered.text, digest) == keys(digest.waiting)[:CAP]
    assert "and 12 more, received later" in rendered.html
    assert "and 12 more, received later" in rendered.text


def test_a_mail_of_sixty_entries_is_not_cut_off_by_clients() -> None:
    digest = samples.daily(20, 20, 20)
    rendered = render(digest)
    assert len(rendered.html.encode()) <= LARGEST_HTML
    assert shown(rendered.html, digest) == shown(rendered.text, digest)


def test_the_longest_entries_make_shorter_lists_not_larger_mails() -> None:
    long = cases.CASES[4]._replace(
        summary="当館" * 150, subject="編集" * 60, organisation="博物" * 40, why="無料" * 60
    )
    digest = samples.daily(20, 20, 20, long)
    rendered = render(digest)
    assert len(rendered.html.encode()) <= LARGEST_HTML
    assert 0 < len(shown(rendered.html, digest)) < 60
    assert shown(rendered.html, digest) == shown(rendered.text, digest)


def test_nothing_to_do_is_said() -> None:
    rendered = render(DailyDigest(recipient=samples.LIAISON, window=samples.daily().window))
    assert "Nothing is open with you today" in rendered.text
    assert "Nothing is open with you today" in rendered.html
    assert rendered.subject.startswith("Nothing open")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((1, 3, 4), "1 overdue, 3 new, 4 waiting"),
        ((0, 1, 0), "1 new"),
        ((2, 0, 0), "2 overdue"),
        ((0, 0, 0), "Nothing open"),
    ],
)
def test_the_headline_says_how_much_there_is_to_do(counts: tuple[int, int, int], expected: str) -> None:
    assert headline(samples.daily(*counts)) == expected


def test_equal_digests_are_rendered_equally() -> None:
    assert render(samples.daily()) == render(samples.daily())


def test_an_entry_says_who_what_where_and_why_in_both_parts() -> None:
    rendered = render(samples.daily(1, 0, 0))
    text = " ".join(rendered.text.split())
    for said in (
        "Stadtarchiv Lindenau",
        "Anja Berg",
        "Germany",
        "3.000 Glasnegative vom Flusshafen",
        "unter CC BY-SA freigeben",
        "Archive",
        "Content donation",
        "Aligned",
        "2 days late (due Fri 20 Nov)",
        "German",
        "bestand.xlsx",
        "partners-l",
    ):
        assert said in rendered.html
        assert said in text
    assert "https://lists.example/archive/partners-l/00000" in rendered.text
    assert 'href="https://lists.example/archive/partners-l/00000"' in rendered.html


def test_an_uncertain_tag_is_a_question() -> None:
    entry = samples.entry(2)
    digest = DailyDigest(recipient=samples.LIAISON, window=samples.daily().window, new=(entry,))
    rendered = render(digest)
    assert entry.decision.abstained == ("partner_type",)
    assert "Public media?" in rendered.text
    assert "Public media?" in rendered.html
    assert "Public media ·" not in rendered.text


def test_words_of_another_language_are_marked_as_such() -> None:
    rendered = render(samples.daily(0, 4, 0))
    assert 'lang="ar"' in rendered.html
    assert 'dir="auto"' in rendered.html


def test_missing_fields_leave_no_traces() -> None:
    bare = cases.Case("", "", "", None, "unknown", "und", "individual", (), "unclear", "", "", "")
    entry = samples.entry(0, bare, due_at=None, archive_url="", origin="", attachments=())
    rendered = render(DailyDigest(recipient=samples.LIAISON, window=samples.daily().window, new=(entry,)))
    for part in (rendered.text, rendered.html):
        assert "None" not in part
        assert "Unknown sender" in part
        assert "(no subject)" in part
    assert "mailto:" not in rendered.html


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_days_are_those_of_the_reader(timezone: str) -> None:
    due = samples.NOW + timedelta(hours=5)
    digest = DailyDigest(
        recipient=samples.LIAISON, window=samples.daily().window, new=(samples.entry(0, due_at=due),)
    )
    rendered = render_daily(digest, name="Mira", timezone=timezone)
    local = {"Pacific/Kiritimati": "Due tomorrow", "America/Los_Angeles": "Due today"}
    assert local[timezone] in rendered.text


def test_lines_of_the_text_fit_a_terminal() -> None:
    lines = render(samples.daily(3, 4, 5)).text.splitlines()
    assert [line for line in lines if len(line) > 78 and "http" not in line] == []


def alone(entry: Entry, **changes: object) -> DailyDigest:
    """Return a digest in which `entry` alone is new."""
    window = samples.daily().window
    return replace(DailyDigest(recipient=samples.LIAISON, window=window, new=(entry,)), **changes)  # type: ignore[arg-type]


def needed_by(day: date) -> DailyDigest:
    entry = samples.entry(0)
    tags = replace(entry.decision.tags, criteria=Criteria(urgency=day))
    return alone(replace(entry, decision=replace(entry.decision, tags=tags)))


def test_a_deadline_that_is_past_reads_so() -> None:
    past, today = render(needed_by(date(2026, 11, 21))), render(needed_by(date(2026, 11, 22)))
    assert "They needed an answer by 21 November 2026, which is past" in past.html
    assert "21 November 2026, which is past" in past.text
    assert "They need an answer by 22 November 2026" in today.html
    assert "which is past" not in today.text


def test_an_escalated_answer_is_marked_for_its_liaison_and_named_for_the_deputy() -> None:
    late = samples.entry(0, due_at=samples.NOW - timedelta(days=9), escalated_at=samples.NOW)
    own = render(replace(alone(late), new=(), overdue=(late,)))
    assert "Escalated Sun 22 Nov: your deputy was told" in own.html
    assert "Escalated Sun 22 Nov: your deputy was told" in " ".join(own.text.split())
    theirs = render(replace(alone(late), new=(), escalated=(replace(late, liaison="Jonas Feld"),)))
    assert "1 late with a colleague" in theirs.subject
    assert "with Jonas Feld" in theirs.text
    assert "your deputy was told" not in theirs.html


def test_the_top_reasons_are_those_that_set_a_priority_apart() -> None:
    rendered = render(alone(samples.entry(1)))
    assert "+20 funding offered: “we bring 12,000 euros”" in rendered.html
    assert "every partnership inquiry" not in rendered.html


def test_who_waits_for_the_inquirer_reads_until_when() -> None:
    waiting = samples.entry(0, state=State.WAITING, waiting_until=date(2026, 12, 3))
    assert "Waiting for their answer until Thu 3 Dec" in render(alone(waiting)).text


def test_where_it_came_from_and_who_passed_it_on_is_told() -> None:
    rendered = render(alone(samples.entry(2, forwarder=samples.LIAISON, met_before=2)))
    said = " ".join(rendered.text.split())
    assert "from ticket 2026112210000017 (list partners-l), passed on by Mira Okonkwo" in said
    assert "returning: 2 earlier inquiries" in said


def test_filed_mail_is_listed_by_sender_and_subject_and_can_be_fetched_back() -> None:
    digest = samples.with_offers(samples.daily(0, 0, 0), filed_count=45)
    rendered = render(digest)
    assert rendered.subject.startswith("45 put away, to look through")
    for part in (rendered.text, rendered.html):
        assert "Mail Delivery System" in part
        assert "Undelivered mail returned to sender" in " ".join(part.split())
        assert "and 5 more, received later" in part
    assert rendered.html.count("fetch%0D%0A") == 40


def test_actions_and_suggested_answers_stand_in_both_parts() -> None:
    rendered = render(samples.with_offers(samples.daily(0, 1, 0)))
    assert "Suggested answer: Thanks, and a talk" in rendered.html
    said = " ".join(rendered.text.split())
    assert "You can: Accept, Decline" in said
    assert "SUGGESTED ANSWERS" in rendered.text
    assert "Could we talk for half an hour next week?" in rendered.text
    assert "with a copy to desk+t-" in said
    assert "never-shown" not in rendered.text + rendered.html


def test_a_draft_too_long_for_a_link_is_told_in_the_text() -> None:
    digest = samples.with_offers(samples.daily(0, 1, 0))
    (key, offer), *_ = digest.offers.items()
    assert offer.draft is not None
    long = replace(offer, draft=replace(offer.draft, text="Guten Tag – " * 900))
    rendered = render(replace(digest, offers={key: long}))
    assert "&amp;body=Guten" not in rendered.html
    assert rendered.text.count("Guten Tag") == 900


def test_how_to_answer_and_to_pause_is_told_where_answers_are_set_up_alone() -> None:
    with_answers = render(samples.with_offers(samples.daily(0, 1, 0)))
    key = samples.daily(0, 1, 0).new[0].key
    assert f"a line such as “[{key}] accept”" in " ".join(with_answers.text.split())
    assert "subject=pause&amp;body=pause" in with_answers.html
    without = render(samples.daily(0, 1, 0))
    assert "pause" not in without.html.lower()
    assert "answer this mail" not in without.text


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "de",
            ("1 überfällig, 1 neu", "2 Tage zu spät (fällig Fr., 20. Nov.)", "Passt zu uns", "Deutschland", "auf Deutsch",
             "würde 3 der drei Ziele voranbringen", "Sonntag, 22. November 2026", "über Liste partners-l"),
        ),
        (
            "fr",
            ("1 en retard, 1 nouvelle", "2 jours de retard (échéance ven. 20 nov.)", "Dans notre mission", "Allemagne", "en allemand",
             "ferait progresser 3 des trois objectifs", "Dimanche 22 novembre 2026", "via liste partners-l"),
        ),
        (
            "es",
            ("1 vencida, 1 nueva", "2 días de retraso (vencía vie, 20 nov)", "Encaja", "Alemania", "en alemán",
             "haría avanzar 3 de los tres objetivos", "Domingo, 22 de noviembre de 2026", "por lista partners-l"),
        ),
    ],
)  # fmt: skip
def test_a_digest_is_in_the_language_of_its_reader(locale: str, said: tuple[str, ...]) -> None:
    rendered = render(replace(samples.daily(1, 1, 0), locale=locale))
    text = " ".join(rendered.text.split())
    assert [each for each in said if each not in text] == []
    assert [each for each in said if each not in rendered.html] == []
    assert f'<html lang="{locale}"' in rendered.html
    english = ("Overdue", "Priority", "Received", "Reply", "Germany", "inquir", "Aligned", "would raise")
    assert [each for each in english if each.lower() in text.lower()] == []
    # The inquirer's own words stay as they are.
    assert "3.000 Glasnegative vom Flusshafen" in text


def test_a_digest_made_days_after_its_day_counts_from_the_day_on_which_it_is_made() -> None:
    digest = samples.daily(1, 0, 0)
    late = replace(digest, overdue=(samples.entry(0, due_at=samples.NOW + timedelta(days=1)),))
    rendered = render(replace(late, made_at=samples.NOW + timedelta(days=2)))
    assert "1 day late (due Mon 23 Nov)" in rendered.text
    assert "Tuesday, 24 November 2026" in rendered.text
    assert "Due tomorrow" not in rendered.text


def test_what_is_overdue_keeps_its_place_where_there_is_not_room_for_all() -> None:
    long = cases.CASES[4]._replace(summary="当館" * 150, subject="編集" * 60, organisation="博物" * 40)
    digest = samples.daily(9, 20, 20, long)
    seen = set(shown(render(digest).text, digest))
    assert seen >= {entry.key for entry in digest.overdue}
    assert [len(seen & {entry.key for entry in some}) for some in (digest.new, digest.waiting)] >= [3, 3]
    assert len(seen) < 49


def test_a_day_of_another_year_is_told_with_its_year() -> None:
    old = samples.entry(
        1, received_at=samples.NOW - timedelta(days=500), due_at=samples.NOW + timedelta(days=60)
    )
    text = render(replace(samples.daily(0, 0, 0), new=(old,))).text
    assert "Received:   Thu, 10 Jul" in text
    assert "2025, from" in text
    assert "Due Thu, 21 Jan 2027" in text


def test_the_folders_of_an_imported_file_stay_at_home() -> None:
    for origin, expected in (
        ("file /home/mira/mail/old.mbox", "from file old.mbox"),
        ("ticket 2026112210000017 (file /srv/in/c036.eml)", "from ticket 2026112210000017 (file c036.eml)"),
    ):
        rendered = render(replace(samples.daily(0, 0, 0), new=(samples.entry(1, origin=origin),)))
        assert expected in " ".join(rendered.text.split())
        assert "/home" not in rendered.text + rendered.html
        assert "/srv" not in rendered.text + rendered.html


def test_nothing_to_act_on_needs_no_telling_how() -> None:
    empty = replace(samples.daily(0, 0, 0), reply_to="desk+r4q7m2x9t3k8w5z6@partners.example")
    rendered = render(empty)
    assert "To act" not in rendered.text + rendered.html
    assert "“pause”" in rendered.text


def test_the_text_tells_how_to_fetch_back() -> None:
    digest = samples.with_offers(samples.daily(0, 1, 0), filed_count=2)
    key = min(digest.filed, key=lambda entry: (entry.received_at, entry.key)).key
    assert f"such as “[{key}] fetch”" in " ".join(render(digest).text.split())
