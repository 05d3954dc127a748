"""Oddities of what people write in answers, one small case each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.feedback.commands import Puzzle, Understanding, undecided
from pipeline.feedback.lines import head_keys, unquoted
from pipeline.feedback.values import Values
from pipeline.feedback.vocabulary import Vocabulary, load_vocabulary
from pipeline.records.answers import Action, Command
from pipeline.taxonomy import Taxonomy

TODAY = date(2026, 3, 23)
KEY, OTHER = "K7WM2Q", "B2C3D4"


@pytest.fixture(scope="module")
def vocabulary(rules: Path) -> Vocabulary:
    return load_vocabulary(rules)


@pytest.fixture(scope="module")
def read(vocabulary: Vocabulary, taxonomy: Taxonomy) -> _Read:
    return _Read(vocabulary, taxonomy)


class _Read:
    def __init__(self, vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
        self.vocabulary, self.taxonomy = vocabulary, taxonomy

    def __call__(self, body: str, locale: str = "en") -> list[Command | Puzzle]:
        reading = Understanding(
            Values(self.taxonomy, self.vocabulary.lexicon(locale)), TODAY, "Lieve Maesveld"
        )
        marked = [(line, line.startswith(">")) for line in body.split("\n")]
        return list(reading.read(unquoted(marked, reading.is_command), KEY))

    def said(self, body: str, locale: str = "en") -> list[tuple[Action, str]]:
        return [(one.action, one.value) for one in self(body, locale) if isinstance(one, Command)]


@pytest.mark.parametrize(
    "line", ["Done?", "accept?", "reassign to Danuta?", "waiting until Friday ?", "Done:"]
)
def test_a_question_or_a_heading_is_no_instruction(read: _Read, line: str) -> None:
    assert read.said(line) == []


@pytest.mark.parametrize(
    "body",
    [
        "We will\naccept\ntheir offer next week",
        "We cannot\naccept",
        "accept\nthis only if they sign",
        "note: I have told the director of the museum that we are going to be\ndone",
    ],
)
def test_a_word_of_a_wrapped_sentence_is_no_instruction(read: _Read, body: str) -> None:
    assert Action.ACCEPT not in dict(read.said(body))
    assert Action.DONE not in dict(read.said(body))
    [puzzle] = [one for one in read(body) if isinstance(one, Puzzle) and one.nearest]
    assert puzzle.nearest.startswith(KEY)  # how to say it if it was meant


@pytest.mark.parametrize(
    "body", ["accept\nLieve", "Asha,\naccept", "note: rang\naccept", "accept.\nmore tomorrow"]
)
def test_a_line_of_its_own_is_an_instruction(read: _Read, body: str) -> None:
    assert (Action.ACCEPT, "") in read.said(body)


@pytest.mark.parametrize(
    "line",
    [
        "“accept”", "`accept`", "«Accept»", "accept :-)", "accept 👍🏽", "1. accept", "2) Accept!", "¡accept!",
        "Accepted, thank you very much!", "accept it",
    ],
)  # fmt: skip
def test_signs_around_a_word_do_not_matter(read: _Read, line: str) -> None:
    assert read.said(line) == [(Action.ACCEPT, "")]


@pytest.mark.parametrize(
    "line", [f"{KEY} {OTHER} done", f"{KEY}, {OTHER}: done", f"1. [{KEY}] and [{OTHER}] done"]
)
def test_one_line_is_about_several_keys(read: _Read, line: str) -> None:
    found = read(line)
    assert [(one.key, one.action) for one in found if isinstance(one, Command)] == [
        (KEY, Action.DONE), (OTHER, Action.DONE),
    ]  # fmt: skip


def test_words_between_keys_do_not_join_them() -> None:
    assert head_keys(f"{KEY} not {OTHER} accept") == ((KEY,), f"not {OTHER} accept")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "reassign to Danuta: she knows them",
            [(Action.REASSIGN, "Danuta"), (Action.NOTE, "she knows them")],
        ),
        ("wait until Friday: they ring", [(Action.WAIT, "2026-03-27"), (Action.NOTE, "they ring")]),
    ],
)
def test_a_reason_may_follow_a_name_or_a_day(read: _Read, line: str, said: list[tuple[Action, str]]) -> None:
    assert read.said(line) == said


def test_a_note_may_begin_below_its_word(read: _Read) -> None:
    assert read.said("note:\nrang them\nand wrote\n\naccept") == [
        (Action.NOTE, "rang them and wrote"), (Action.ACCEPT, ""),
    ]  # fmt: skip
    assert read.said("note:\n\naccept") == [(Action.ACCEPT, "")]


def test_two_values_of_one_field_exclude_each_other_and_nothing_else(read: _Read) -> None:
    body = "type: archive\ntype: library\nnote: x\nalignment: unclear\ndone\nwaiting until Friday"
    commands = [one for one in read(body) if isinstance(one, Command)]
    left = [(one.action, one.value) for one in commands if one not in undecided(commands)]
    assert left == [(Action.NOTE, "x"), (Action.CORRECT, "alignment=unclear")]


def test_activities_in_two_lines_add_up(read: _Read) -> None:
    commands = [
        one for one in read("activities: content donation\nactivities: training") if isinstance(one, Command)
    ]
    assert undecided(commands) == ()


@pytest.mark.parametrize(
    ("locale", "line", "said"),
    [
        ("de", "uebernehme", (Action.ACCEPT, "")),
        ("de", "warten bis zum 24.12.", (Action.WAIT, "2026-12-24")),
        ("de", "Land: Oesterreich", (Action.CORRECT, "country=AT")),
        ("de", "Ausrichtung: unklar", (Action.CORRECT, "alignment=unclear")),
        ("en", "country: Deutschland", (Action.CORRECT, "country=DE")),
        ("en", "waiting until 24 de diciembre", (Action.WAIT, "2026-12-24")),
        ("en", "waiting until 24. Dezember", (Action.WAIT, "2026-12-24")),
    ],
)
def test_umlauts_and_names_of_other_languages(
    read: _Read, locale: str, line: str, said: tuple[Action, str]
) -> None:
    assert read.said(line, locale) == [said]


@pytest.mark.parametrize(
    "below",
    [
        "Mit freundlichen Grüßen\nLieve",
        "Von meinem iPhone gesendet",
        "Lieve Maesveld",
        "Sent with Proton Mail secure email.",
    ],
)
def test_signatures_in_any_language_are_passed_over(read: _Read, below: str) -> None:
    assert len(read(f"accept\n\n{below}")) == 1


def test_the_armour_of_a_signed_text_is_passed_over(read: _Read) -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ndone\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----"
    )
    [found] = read(body)
    assert isinstance(found, Command)
    assert found.action is Action.DONE


@pytest.mark.parametrize("line", ["don't accept", "never accept", "not done"])
def test_of_a_negation_the_contrary_is_not_offered(read: _Read, line: str) -> None:
    [found] = read(line)
    assert isinstance(found, Puzzle)
    assert found.nearest == ""
