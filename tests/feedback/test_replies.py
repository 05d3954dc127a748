"""Suggested first answers: the right one, filled safely, short enough for a link."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DeclarationError
from pipeline.feedback.replies import LONGEST, Reply, choose, fill, in_link, load_replies
from pipeline.records.decisions import Tags
from pipeline.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def replies(rules: Path, taxonomy: Taxonomy) -> tuple[Reply, ...]:
    return load_replies(rules, taxonomy)


def test_every_topic_is_there_in_four_languages(replies: tuple[Reply, ...]) -> None:
    topics = {reply.name.partition(".")[0] for reply in replies}
    assert topics == {
        "partnership", "donate-images", "free-licences", "education", "chapters", "endorsement", "business",
        "not-aligned", "misdirected",
    }  # fmt: skip
    assert {(topic, one) for topic in topics for one in ("en", "de", "fr", "es")} == {
        (reply.name.partition(".")[0], reply.head.language) for reply in replies
    }


@pytest.mark.parametrize(
    ("tags", "language", "having", "name"),
    [
        (Tags(kind="partnership", alignment="aligned"), "de", "", "partnership.de"),
        (Tags(kind="partnership", alignment="aligned"), "sw", "", "partnership.en"),
        (
            Tags(kind="partnership", alignment="aligned", activities=("content_donation",)),
            "fr",
            "",
            "donate-images.fr",
        ),
        (
            Tags(kind="partnership", alignment="unclear", activities=("content_donation",)),
            "es",
            "",
            "free-licences.es",
        ),
        (
            Tags(kind="partnership", alignment="aligned", activities=("education_program",)),
            "en",
            "",
            "education.en",
        ),
        (
            Tags(kind="partnership", alignment="aligned", activities=("training_event",)),
            "en",
            "chapters",
            "chapters.en",
        ),
        (
            Tags(kind="partnership", alignment="aligned", activities=("training_event",)),
            "en",
            "",
            "partnership.en",
        ),
        (
            Tags(kind="partnership", alignment="not_aligned", activities=("education_program",)),
            "de",
            "",
            "not-aligned.de",
        ),
        (Tags(kind="endorsement", alignment="aligned"), "de", "", "endorsement.de"),
        (Tags(kind="business", alignment="not_aligned"), "de", "", "business.de"),
        (Tags(kind="misdirected"), "de", "office", "misdirected.de"),
        (Tags(kind="misdirected"), "de", "", None),
        (Tags(kind="spam"), "en", "", None),
    ],
)
def test_the_narrowest_answer_in_the_inquirers_language(
    replies: tuple[Reply, ...], tags: Tags, language: str, having: str, name: str | None
) -> None:
    found = choose(replies, tags, language, frozenset(having.split()))
    assert (found.name if found else None) == name


@given(st.data())
def test_whatever_strangers_are_called_a_draft_stays_plain_and_short(
    replies: tuple[Reply, ...], data: st.DataObject
) -> None:
    values = {
        name: data.draw(st.text(max_size=500)) for name in ("name", "organisation", "subject", "liaison")
    }
    for reply in replies:
        draft = fill(reply, values)
        assert draft is not None
        assert in_link(draft.subject, draft.text) <= LONGEST
        assert draft.subject.isprintable()
        assert "\n\n\n" not in draft.text


def test_what_a_stranger_writes_is_no_field_no_link_and_no_line(replies: tuple[Reply, ...]) -> None:
    reply = next(one for one in replies if one.name == "partnership.en")
    draft = fill(
        reply,
        {"name": "{liaison}\r\nBcc: x https://evil.example/ <b>", "subject": "a\nb", "liaison": "Lieve"},
    )
    assert draft is not None
    assert draft.text.startswith("Hello {liaison} Bcc: x b,\n")
    assert draft.subject == "Re: a b"
    assert "evil" not in draft.text


def test_a_line_without_its_value_is_left_out(replies: tuple[Reply, ...]) -> None:
    reply = next(one for one in replies if one.name == "partnership.en")
    draft = fill(reply, {"subject": "x"})
    assert draft is not None
    assert draft.text.startswith("Hello,\n")
    assert draft.text.endswith("Kind regards\n")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    head = '+++\ntitle = "x"\nlanguage = "en"\nkinds = ["{kind}"]\n+++\n'
    (folder / "a.md").write_text(head.replace("{kind}", "partnershp") + "Hello {nam}", encoding="utf-8")
    (folder / "b.md").write_text("Hello", encoding="utf-8")
    (folder / "c.md").write_text(head.replace("{kind}", "business") + "x " * 2000, encoding="utf-8")
    (folder / "d.md").write_text('+++\ntitle = "x"\nkinds = []\n+++\nHello', encoding="utf-8")
    with pytest.raises(DeclarationError) as error:
        load_replies(tmp_path, taxonomy)
    told = str(error.value)
    for part in (
        "did you mean 'partnership'",
        "no such field: {nam}",
        "b.md: no head",
        "shorten it",
        "d.md: language",
    ):
        assert part in told


def test_without_a_folder_there_are_none(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert load_replies(tmp_path, taxonomy) == ()
