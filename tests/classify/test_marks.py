"""telling.csv: which sentence of a labelled mail tells, found again by its beginning; every fault at once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.classify.dataset import load_examples
from pipeline.classify.labels import read_labels
from pipeline.classify.marks import GROUNDS, SIGNS, Mark, marked, read_marks, units
from pipeline.errors import DeclarationError
from pipeline.parsing import read
from pipeline.taxonomy import Taxonomy

_LABELS = {
    "in_reply_to": "", "language": "en", "channel": "direct", "kind": "partnership", "partner_type": "museum",
    "activities": "content_donation", "country": "", "region": "unknown", "alignment": "unclear", "priorities": "quality",
    "preconditions_met": "unclear", "shared_objectives": "1", "complexity": "low", "funding": "none", "urgency": "",
    "note": "",
}  # fmt: skip
_BODY = "We have old maps of the harbour. The heirs have not answered yet. We would gladly send them. Kind regards"
_OPEN = ("u1", "The heirs have not", "open", "rights")


def _folder(folder: Path, *marks: tuple[str, str, str, str]) -> Path:
    """Write four labelled mails, u1 and v1 unclear, a1 aligned, t1 of the test part, s1 spam; and their marks."""
    rows = [
        _LABELS | {"id": "u1"},
        _LABELS | {"id": "v1"},
        _LABELS | {"id": "a1", "alignment": "aligned", "preconditions_met": "yes"},
        _LABELS | {"id": "t1"},
        dict.fromkeys(_LABELS, "") | {"id": "s1", "language": "en", "channel": "direct", "kind": "spam"},
    ]
    (folder / "messages").mkdir()
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("id", *_LABELS))
        writer.writeheader()
        writer.writerows(rows)
    parts = [f"{row['id']},{'test' if row['id'] == 't1' else 'train'}" for row in rows]
    (folder / "splits.csv").write_text("\n".join(["id,split", *parts]) + "\n", encoding="utf-8")
    for row in rows:
        octets = f"From: {row['id']}@museum.example\r\nSubject: Maps\r\n\r\n{_BODY}\r\n".encode()
        (folder / "messages" / f"{row['id']}.eml").write_bytes(octets)
    with (folder / "telling.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "quote", "sign", "ground"), *marks])
    return folder


def _faults(folder: Path, taxonomy: Taxonomy) -> list[tuple[str, str]]:
    with pytest.raises(DeclarationError) as caught:
        load_examples(folder, taxonomy, lambda octets: (read(octets), ()))
    assert {Path(fault.file).name for fault in caught.value.faults} == {"telling.csv"}
    return [(fault.path, fault.message) for fault in caught.value.faults]


def test_marks_come_with_the_examples_and_unread_mail_has_none(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _folder(tmp_path, _OPEN, ("a1", "", "none", ""))
    marks = {
        each.id: each.marks for each in load_examples(folder, taxonomy, lambda octets: (read(octets), ()))
    }
    assert marks == {
        "u1": (Mark(quote="The heirs have not", sign="open", ground="rights"),),
        "v1": None,
        "a1": (),
        "s1": None,
    }


def test_without_the_file_nothing_is_marked(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _folder(tmp_path)
    (folder / "telling.csv").unlink()
    assert read_marks(folder, read_labels(folder, taxonomy)) == {}


def test_every_fault_is_told_at_once_by_message(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _folder(
        tmp_path,
        ("u2", "The heirs", "open", "rights"),
        ("t1", "The heirs", "open", "rights"),
        ("s1", "The heirs", "open", "rights"),
        ("a1", "The heirs", "open", "rights"),
        ("u1", "The heirs", "opne", "right"),
        ("u1", "", "open", "rights"),
        ("v1", "We have old", "none", ""),
        ("v1", "The heirs", "broken", "rights"),
        ("v1", " The  heirs", "fits", "gift"),
    )
    faults = _faults(folder, taxonomy)
    told = {
        "u2": ("not in labels.csv; known are: a1, s1, t1, u1, v1",),
        "t1": ("is of the test part, which nobody reads",),
        "s1": ("has no label for alignment",),
        "a1": ("labelled aligned, so that no sentence of it can be open",),
        "u1": ("did you mean 'open'?", "unknown ground 'right'; did you mean 'rights'?", "quote is missing"),
        "v1": (
            "leave quote and ground empty there", "labelled unclear, so that no sentence of it can be broken",
            "stands in the file 2 times", "has marks, and a line that none of its sentences tells",
        ),
    }  # fmt: skip
    for identifier, parts in told.items():
        messages = " | ".join(message for one, message in faults if one == identifier)
        assert all(part in messages for part in parts), (identifier, messages)
    assert {identifier for identifier, _ in faults} == set(told)


def test_a_sentence_that_is_not_there_is_told_with_its_beginning(tmp_path: Path, taxonomy: Taxonomy) -> None:
    faults = _faults(_folder(tmp_path, _OPEN, ("u1", "The heirs agreed", "fits", "gift")), taxonomy)
    assert [identifier for identifier, _ in faults] == ["u1"]
    assert "begins with 'The heirs agreed'; copy its beginning" in faults[0][1]


def test_a_mark_survives_another_cut_of_the_sentences() -> None:
    mark = Mark(quote="The heirs have not answered", sign="open", ground="rights")
    assert marked(["Maps", "The heirs have not answered yet, and we wait."], mark) == [1]
    assert marked(["Maps", "The heirs", "have not answered yet"], mark) == [1]
    assert marked(["The", "The heirs have not answered yet."], mark) == [1]
    assert marked(["Maps", "", "Heirs have not answered"], mark) == []


def test_a_leading_wide_blank_does_not_hide_a_sentence() -> None:
    body = "突然のご連絡失礼いたします。\u3000画像の左下に館名を入れたいと存じます。"
    inquiry = read(f"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode())
    assert "画像の左下に館名を入れたいと存じます。" in units(inquiry)


def test_shipped_marks_are_of_the_train_part_alone_and_of_every_sign(
    fixtures: Path, taxonomy: Taxonomy
) -> None:
    rows = read_labels(fixtures, taxonomy)
    found = read_marks(fixtures, rows)
    train = {row.id for row in rows if row.part == "train"}
    assert len(found) > 800
    assert set(found) <= train
    assert {mark.sign for marks in found.values() for mark in marks} == set(SIGNS)
    assert {mark.ground for marks in found.values() for mark in marks} <= set(GROUNDS)
