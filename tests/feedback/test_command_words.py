"""Words, days and values as people write them."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DeclarationError
from pipeline.feedback.commands import Puzzle, Understanding, contradictions
from pipeline.feedback.days import read_day
from pipeline.feedback.lines import unquoted
from pipeline.feedback.values import Unclear, Values
from pipeline.feedback.vocabulary import Vocabulary, load_vocabulary
from pipeline.records.answers import Action, Command
from pipeline.taxonomy import Taxonomy

TODAY = date(2026, 11, 22)  # a Sunday
KEY = "K7WM2Q"


@pytest.fixture(scope="module")
def vocabulary(rules: Path) -> Vocabulary:
    return load_vocabulary(rules)


def _read(
    vocabulary: Vocabulary, taxonomy: Taxonomy, locale: str, body: str, default: str = KEY
) -> list[Command | Puzzle]:
    reading = Understanding(Values(taxonomy, vocabulary.lexicon(locale)), TODAY)
    marked = [(line, line.startswith(">")) for line in body.split("\n")]
    return list(reading.read(unquoted(marked, reading.is_command), default))


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_every_word_of_every_language_is_understood(
    vocabulary: Vocabulary, taxonomy: Taxonomy, locale: str
) -> None:
    behind = {
        Action.REASSIGN: " Lieve", Action.WAIT: " 2026-12-24", Action.NOTE: ": x", Action.OUTCOME: ": partnership",
        Action.BACKGROUND: ": https://a.example/", Action.CORRECT: " type: museum",
    }  # fmt: skip
    for action, phrases in vocabulary.languages[locale].actions.items():
        for phrase in phrases:
            for line in (phrase, phrase.upper(), f"  * {phrase.capitalize()}"):
                [found] = _read(vocabulary, taxonomy, locale, line + behind.get(action, ""))
                assert isinstance(found, Command), line
                assert found.action is action, line
    for field, phrases in vocabulary.languages[locale].fields.items():
        value = {"urgency": "24.12.2026", "priority": "70", "country": "KE"}.get(field)
        value = value or taxonomy.values(field)[0]
        for phrase in phrases:
            [found] = _read(vocabulary, taxonomy, locale, f"{phrase}: {value}")
            assert isinstance(found, Command), phrase
            assert found.value.startswith(f"{field}="), phrase


@pytest.mark.parametrize(
    ("locale", "said", "day"),
    [
        ("en", "2026-12-24", "2026-12-24"), ("en", "24 December", "2026-12-24"), ("en", "Dec 24, 2026", "2026-12-24"),
        ("en", "the 24th of December", "2026-12-24"), ("en", "Friday", "2026-11-27"), ("en", "next Sunday", "2026-11-29"),
        ("en", "Thursday, 24 December", "2026-12-24"), ("en", "tomorrow", "2026-11-23"), ("en", "24/12/2026", "2026-12-24"),
        ("en", "1 March", "2027-03-01"), ("en", "29 February", "2028-02-29"),
        ("en", "3/4/2027", None), ("en", "31 February", None), ("en", "soon", None), ("en", "2026-13-01", None),
        ("de", "24.12.2026", "2026-12-24"), ("de", "24.12.", "2026-12-24"), ("de", "24. Dezember", "2026-12-24"),
        ("de", "Freitag", "2026-11-27"), ("de", "am 3.1.", "2027-01-03"), ("de", "nächsten Montag", "2026-11-23"),
        ("fr", "24 décembre", "2026-12-24"), ("fr", "vendredi prochain", "2026-11-27"), ("fr", "le 1er février 2027", "2027-02-01"),
        ("fr", "3/4/2027", "2027-04-03"),
        ("es", "24 de diciembre de 2026", "2026-12-24"), ("es", "el viernes", "2026-11-27"), ("es", "mañana", "2026-11-23"),
        ("de", "December 24", "2026-12-24"),
    ],
)  # fmt: skip
def test_days_as_people_write_them(vocabulary: Vocabulary, locale: str, said: str, day: str | None) -> None:
    found = read_day(said, TODAY, vocabulary.lexicon(locale))
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("locale", "field", "said", "tags"),
    [
        ("de", "partner_type", "Archiv", ("partner_type=archive",)),
        ("de", "partner_type", "archive", ("partner_type=archive",)),
        ("de", "country", "Kenia", ("country=KE",)), ("de", "country", "ke", ("country=KE",)),
        ("fr", "country", "Sénégal", ("country=SN",)), ("fr", "country", "Senegal", ("country=SN",)),
        ("en", "activities", "Content donation, research", ("activities=content_donation", "activities=research")),
        ("en", "activities", "none", ("activities=",)), ("en", "funding", "none", ("funding=none",)),
        ("en", "priority", "70", ("priority=70",)), ("en", "urgency", "24 December", ("urgency=2026-12-24",)),
        ("en", "shared_objectives", "2", ("shared_objectives=2",)),
    ],
)  # fmt: skip
def test_values_in_all_their_words(
    vocabulary: Vocabulary, taxonomy: Taxonomy, locale: str, field: str, said: str, tags: tuple[str, ...]
) -> None:
    assert Values(taxonomy, vocabulary.lexicon(locale)).tags(field, said, TODAY) == tags


@pytest.mark.parametrize(
    ("field", "said", "nearest"),
    [
        ("partner_type", "musem", "Museum"),
        ("kind", "none", ""),
        ("priority", "101", "50"),
        ("country", "Kenyya", "Kenya"),
    ],
)
def test_of_an_unknown_value_the_nearest_is_told(
    vocabulary: Vocabulary, taxonomy: Taxonomy, field: str, said: str, nearest: str
) -> None:
    with pytest.raises(Unclear) as unclear:
        Values(taxonomy, vocabulary.lexicon("en")).tags(field, said, TODAY)
    assert unclear.value.nearest == nearest


def test_prose_is_no_command(vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
    body = (
        "Please accept my apologies for the delay.\nI think this is spam, or is it not?\n"
        "We are done with the hard part now.\nNote that they wait until Friday comes.\nResult is open.\n"
    )
    assert not [one for one in _read(vocabulary, taxonomy, "en", body) if isinstance(one, Command)]


def test_greetings_and_signatures_are_passed_over(vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
    body = "Hi all,\n\naccept, thanks!\n\nKind regards,\nLieve Maesveld\nBrussels\n-- \nLieve\ndone\n"
    assert [one.action for one in _read(vocabulary, taxonomy, "en", body) if isinstance(one, Command)] == [
        Action.ACCEPT
    ]
    assert len(_read(vocabulary, taxonomy, "en", body)) == 1


def test_a_note_goes_on_over_lines_until_a_blank_one_or_a_command(
    vocabulary: Vocabulary, taxonomy: Taxonomy
) -> None:
    found = _read(
        vocabulary,
        taxonomy,
        "en",
        "note: they will call,\nperhaps on Monday\naccept\n\nsome words more here today\n",
    )
    assert [(one.action, one.value) for one in found if isinstance(one, Command)] == [
        (Action.NOTE, "they will call, perhaps on Monday"),
        (Action.ACCEPT, ""),
    ]


def test_a_key_heads_its_line_and_those_below(vocabulary: Vocabulary, taxonomy: Taxonomy) -> None:
    body = "K7WM2Q accept\ntype: archive\n\nB2C3D4:\ndone\n[F2C3D4] decline\nspam #H2C3D4\n"
    found = _read(vocabulary, taxonomy, "en", body, "")
    assert [(one.key, one.action) for one in found if isinstance(one, Command)] == [
        ("K7WM2Q", Action.ACCEPT), ("K7WM2Q", Action.CORRECT), ("B2C3D4", Action.DONE),
        ("F2C3D4", Action.DECLINE), ("H2C3D4", Action.SPAM),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("actions", "unclear"),
    [
        ("accept decline", True), ("done waiting", True), ("accept done", False), ("answered waiting", False),
        ("accept accept", False), ("decline decline", False), ("reassign done", True), ("outcome done", False),
        ("note spam", False), ("fetch accept", False), ("spam not-ours", True),
    ],
)  # fmt: skip
def test_what_excludes_each_other(actions: str, unclear: bool) -> None:
    named = {"waiting": Action.WAIT}
    commands = [Command(action=named.get(one) or Action(one), key=KEY) for one in actions.split()]
    assert list(contradictions(commands)) == ([KEY] if unclear else [])


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(rules: Path, taxonomy: Taxonomy, text: str) -> None:
    _read(_VOCABULARY.setdefault("", load_vocabulary(rules)), taxonomy, "de", text)


_VOCABULARY: dict[str, Vocabulary] = {}


@pytest.mark.parametrize("piece", [" ", "[", "K7WM2Q ", "note: ", "type: a,", "accept ", "\u0301", "until "])
def test_no_line_takes_long(vocabulary: Vocabulary, taxonomy: Taxonomy, piece: str) -> None:
    began = time.process_time()
    _read(vocabulary, taxonomy, "en", "\n".join([piece * (20_000 // len(piece))] * 30))
    assert time.process_time() - began < 20  # square time would be minutes


def test_all_faults_of_the_words_are_told_at_once(tmp_path: Path, rules: Path) -> None:
    whole = (rules / "commands.toml").read_text(encoding="utf-8")
    broken = whole.replace('done = ["done",', 'done = ["Accept",').replace(
        "[de.fields]", "[de.fields]\nshape = ['form']"
    )
    (tmp_path / "commands.toml").write_text(
        broken.replace("[fr.actions]\n", "[fr.actions]\nacept = ['x']\n"), encoding="utf-8"
    )
    with pytest.raises(DeclarationError) as error:
        load_vocabulary(tmp_path)
    told = str(error.value)
    assert "already means actions.accept" in told
    assert "de.fields.shape: no such field" in told
    assert "fr." in told
