"""Own folders of rules: what is missing is the packaged, what has changed is read again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.criteria import grade
from pipeline.assess.grid import load_criteria
from pipeline.assess.organisation import writer
from pipeline.assess.places import default_places, table
from pipeline.assess.region import clues, refresh
from pipeline.errors import DeclarationError
from pipeline.records.decisions import Tags
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]


def _own(tmp_path: Path, rules: Path, *changes: tuple[str, str]) -> Path:
    text = (rules / "places.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "places.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_empty_folder_has_the_packaged_places(tmp_path: Path, make: Make) -> None:
    text = "We write from Lyon, France."
    inquiry = make(text, introduction=text, signature="Ann\n+33 4 55 55 01 99", language="fr")
    assert clues(inquiry, tmp_path) == clues(inquiry)
    assert default_places(tmp_path) == default_places()


def test_each_missing_table_is_the_packaged_one(tmp_path: Path, make: Make) -> None:
    folder = tmp_path / "gazetteer"
    folder.mkdir()
    (folder / "calling-codes.tsv").write_text("999\tZW\n", encoding="utf-8")
    found = clues(make("hello", signature="Ann\nHarare\n+999 55 501 9900"), tmp_path)
    assert {(clue.name, clue.tag) for clue in found} >= {("phone", "country=ZW"), ("city", "country=ZW")}
    assert len(table("cities.tsv", tmp_path)) > 50_000


def test_own_places_hold(tmp_path: Path, rules: Path, make: Make) -> None:
    folder = _own(tmp_path, rules, ("[regions]\n", '[regions]\nAQ = "penguin coast"\n'))
    text = "A school at Penguin Coast."
    assert [clue.tag for clue in clues(make(text, introduction=text), folder)] == ["country=AQ"]
    assert clues(make(text, introduction=text)) == ()


def test_a_change_is_read_at_the_next_refresh(tmp_path: Path, rules: Path, make: Make) -> None:
    text = "A school at Penguin Coast."
    inquiry = make(text, introduction=text)
    folder = _own(tmp_path, rules)
    refresh(folder)
    assert clues(inquiry, folder) == ()
    _own(tmp_path, rules, ("[regions]\n", '[regions]\nAQ = "penguin coast"\n'))
    refresh(folder)
    assert [clue.tag for clue in clues(inquiry, folder)] == ["country=AQ"]


def test_with_faults_the_old_places_serve_on(tmp_path: Path, rules: Path, make: Make) -> None:
    text = "A school at Penguin Coast."
    inquiry = make(text, introduction=text)
    folder = _own(tmp_path, rules, ("[regions]\n", '[regions]\nAQ = "penguin coast"\n'))
    refresh(folder)
    before = clues(inquiry, folder)
    _own(tmp_path, rules, ("unknown = ", 'unknown = "x" #'), ("[cities]\n", "[cities]\nDEU = 'x'\n"))
    with pytest.raises(DeclarationError) as caught:
        refresh(folder)
    assert len(caught.value.faults) == 2
    assert clues(inquiry, folder) == before


def test_a_table_that_changes_is_read_again(tmp_path: Path, rules: Path, make: Make) -> None:
    shutil.copytree(rules / "gazetteer", tmp_path / "gazetteer")
    inquiry = make("hello", signature="Ann\n+999 55 501 9900")
    refresh(tmp_path)
    assert clues(inquiry, tmp_path) == ()
    with (tmp_path / "gazetteer" / "calling-codes.tsv").open("a", encoding="utf-8") as stream:
        stream.write("999\tZW\n")
    refresh(tmp_path)
    assert [clue.tag for clue in clues(inquiry, tmp_path)] == ["country=ZW"]


def test_own_words_for_days_tell_a_deadline(tmp_path: Path, rules: Path, make: Make) -> None:
    words = (rules / "gazetteer" / "days.toml").read_text(encoding="utf-8")
    assert "[spans]\n" in words
    (tmp_path / "gazetteer").mkdir()
    own = words.replace("[spans]\n", '[spans]\n9 = "the ninth sunrise"\n', 1)
    (tmp_path / "gazetteer" / "days.toml").write_text(own, encoding="utf-8")
    inquiry = make("Please answer us before the ninth sunrise. The deadline is firm.", language="en")
    today, tags, policy = (
        date(2025, 3, 3),
        Tags(kind="partnership", alignment="aligned"),
        load_criteria(rules),
    )
    assert grade(inquiry, tags, (), policy, today).criteria.urgency is None
    assert grade(inquiry, tags, (), policy, today, rules=tmp_path).criteria.urgency is not None


def test_own_words_for_organisations_are_read_again_when_they_change(
    tmp_path: Path, rules: Path, make: Make
) -> None:
    words = (rules / "gazetteer" / "organisation-words.toml").read_text(encoding="utf-8")
    (tmp_path / "gazetteer").mkdir()
    own = tmp_path / "gazetteer" / "organisation-words.toml"
    own.write_text(words, encoding="utf-8")
    inquiry = make(
        "Hello.", name="Ol", address="ol@gmail.com", signature="Ol\nGlimmer Zorkery\nwww.zorkery.example"
    )
    refresh(tmp_path)
    assert writer(inquiry, rules=tmp_path).name == ""
    own.write_text(re.sub(r'(whole = """)', r"\1 zorkery ", words, count=1), encoding="utf-8")
    refresh(tmp_path)
    found = writer(inquiry, rules=tmp_path)
    assert (found.name, found.domain) == ("Glimmer Zorkery", "zorkery.example")
