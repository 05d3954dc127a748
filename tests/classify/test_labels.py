"""labels.csv and splits.csv: what is right is joined, what is wrong is told at once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.classify.dataset import Example, load_examples
from pipeline.classify.labels import read_labels
from pipeline.errors import DeclarationError
from pipeline.parsing import read
from pipeline.taxonomy import Taxonomy

_GOOD = {
    "id": "g1", "in_reply_to": "", "language": "en", "channel": "direct", "kind": "partnership",
    "partner_type": "museum", "activities": "content_donation data_linking", "country": "NA",
    "region": "sub_saharan_africa", "alignment": "aligned", "priorities": "quality", "preconditions_met": "yes",
    "shared_objectives": "1", "complexity": "low", "funding": "none", "urgency": "2026-03-01", "note": "",
}  # fmt: skip
_SPAM = dict.fromkeys(_GOOD, "") | {"id": "s1", "language": "en", "channel": "list", "kind": "spam"}


def _write(folder: Path, *rows: dict[str, str], splits: dict[str, str] | None = None) -> Path:
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, _GOOD)
        writer.writeheader()
        writer.writerows(rows)
    if splits is not None:
        lines = ["id,split", *(f"{one},{part}" for one, part in splits.items())]
        (folder / "splits.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _faults(folder: Path, taxonomy: Taxonomy) -> dict[str, str]:
    with pytest.raises(DeclarationError) as caught:
        read_labels(folder, taxonomy)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_good_rows_become_labels_and_namibia_is_not_missing(tmp_path: Path, taxonomy: Taxonomy) -> None:
    rows = read_labels(_write(tmp_path, _GOOD, _SPAM, splits={"g1": "test", "s1": "train"}), taxonomy)
    assert [(row.id, row.part) for row in rows] == [("g1", "test"), ("s1", "train")]
    assert rows[0].labels["country"] == ("NA",)
    assert rows[0].labels["activities"] == ("content_donation", "data_linking")
    assert rows[1].labels == {"kind": ("spam",)}


def test_without_splits_all_are_for_training(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert {row.part for row in read_labels(_write(tmp_path, _GOOD, _SPAM), taxonomy)} == {"train"}


def test_misdirected_mail_needs_no_partner_type_and_allows_no_alignment(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    row = _SPAM | {"id": "m1", "kind": "misdirected"}
    assert read_labels(_write(tmp_path, row), taxonomy)[0].labels["partner_type"] == ()
    assert _faults(_write(tmp_path, row | {"alignment": "aligned"}), taxonomy) == {
        "m1.alignment": "the guide labels no alignment for misdirected; leave it empty"
    }


def test_every_fault_is_told_at_once_by_id(tmp_path: Path, taxonomy: Taxonomy) -> None:
    rows = (
        _GOOD | {"id": "f1", "partner_type": "musuem"},
        _GOOD | {"id": "f2", "kind": "partnerschip"},
        _GOOD | {"id": "f3", "alignment": ""},
        _GOOD | {"id": "f4", "alignment": "aligned unclear"},
        _GOOD | {"id": "f5", "urgency": "1 March"},
        _GOOD | {"id": "f6", "region": "south_asia"},
        _GOOD | {"id": "f7", "activities": "research research"},
        _GOOD | {"id": "f8", "in_reply_to": "nobody"},
        _GOOD | {"id": "f9", "channel": "fax"},
        _SPAM | {"id": "f10", "partner_type": "museum"},
        _GOOD | {"id": "f11", "language": "xk"},
        _GOOD | {"id": "f12", "language": "german"},
        _GOOD,
        _GOOD,
    )
    faults = _faults(_write(tmp_path, *rows), taxonomy)
    assert set(faults) == {
        "f1.partner_type", "f2.kind", "f3.alignment", "f4.alignment", "f5.urgency", "f6.region", "f7.activities",
        "f8.in_reply_to", "f9.channel", "f10.partner_type", "f11.language", "f12.language", "g1",
    }  # fmt: skip
    assert "did you mean 'museum'?" in faults["f1.partner_type"]
    assert faults["f6.region"] == "NA lies in sub_saharan_africa, not in south_asia"
    assert faults["g1"] == "stands in the file 2 times; keep one line"


def test_a_code_that_iso_639_never_assigned_is_no_language(tmp_path: Path, taxonomy: Taxonomy) -> None:
    good = ("de", "zh-Hant", "pt-BR", "und", "mul", "hif", "arb", "xsm", "no", "tl")
    rows = [_GOOD | {"id": f"l{at}", "language": code} for at, code in enumerate(good)]
    assert len(read_labels(_write(tmp_path, *rows), taxonomy)) == len(good)
    wrong = [_GOOD | {"id": code, "language": code} for code in ("xk", "zzz", "qq-Latn")]
    faults = _faults(_write(tmp_path, *wrong), taxonomy)
    assert set(faults) == {"xk.language", "zzz.language", "qq-Latn.language"}
    assert faults["xk.language"] == "not an ISO 639 code: 'xk'; write one such as 'de', 'und' if unknown"


def test_faults_of_the_split(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _write(tmp_path, _GOOD, _SPAM, splits={"g1": "dev"})
    assert _faults(folder, taxonomy) == {
        "g1": "split is neither train nor test; write one of them",
        "s1": "missing; say train or test",
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "cannot be read as CSV"),
        (b"\xff\xfe\x00", "line 1 is not in UTF-8"),
        ("id,note\nx,Grüße\n".encode("latin-1"), "line 2 is not in UTF-8; save it as CSV in UTF-8"),
        (b"id,kind,kind\nx,spam,spam\n", "columns missing"),
        (b"id,kind\nx,spam\n", "columns missing: in_reply_to"),
        (b'id,kind\n"x,spam\n', "c"),
    ],
)
def test_a_broken_file_is_one_clear_fault(
    tmp_path: Path, taxonomy: Taxonomy, content: bytes, told: str
) -> None:
    (tmp_path / "labels.csv").write_bytes(content)
    assert told in _faults(tmp_path, taxonomy)[""]


def test_without_a_folder_of_messages_this_is_told_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(DeclarationError, match="no folder messages beside it") as caught:
        read_labels(_write(tmp_path, _GOOD, _SPAM), taxonomy, "train")
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("encoding", "separator", "end"),
    [("utf-8", ";", "\r\n"), ("utf-8-sig", ",", "\r\n"), ("utf-16", "\t", "\n"), ("utf-16", ";", "\r\n")],
)
def test_what_a_spreadsheet_saves_is_read(
    tmp_path: Path, taxonomy: Taxonomy, encoding: str, separator: str, end: str
) -> None:
    with (tmp_path / "labels.csv").open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, _GOOD, delimiter=separator, lineterminator=end)
        writer.writeheader()
        writer.writerows((_GOOD | {"note": "Grüße, ganz; liebe"}, _SPAM, dict.fromkeys(_GOOD, "")))
    assert [row.id for row in read_labels(tmp_path, taxonomy)] == ["g1", "s1"]


def test_a_comma_too_many_in_each_line_is_not_a_shift_by_one(tmp_path: Path, taxonomy: Taxonomy) -> None:
    lines = [",".join(_GOOD), *(",".join(row.values()) + "," for row in (_GOOD, _SPAM))]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = (
        "its lines have more fields than the first line names columns; put fields that hold commas in quotes"
    )
    assert _faults(tmp_path, taxonomy) == {"": told}


def test_a_column_named_twice_is_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    lines = [",".join((*_GOOD, "kind")), ",".join((*_GOOD.values(), "spam"))]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "columns named twice: kind" in _faults(tmp_path, taxonomy)[""]


def test_rows_without_a_usable_id_are_named_by_their_line(tmp_path: Path, taxonomy: Taxonomy) -> None:
    hidden = _GOOD | {"id": "a\u202eb", "channel": "direct", "country": "Germany", "region": "unknown"}
    faults = _faults(_write(tmp_path, _SPAM, _GOOD | {"id": ""}, hidden), taxonomy)
    assert set(faults) == {"line 3", "line 4", "line 4.country"}
    assert "\u202e" not in "".join(faults.values())
    assert "two letters" in faults["line 4.country"]


def test_a_missing_file_is_named(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert _faults(tmp_path, taxonomy) == {"": "no such file; write it, or name another"}


def test_ids_cannot_leave_the_folder(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert "not a message id" in _faults(_write(tmp_path, _GOOD | {"id": "../x"}), taxonomy)["line 2"]


def test_missing_messages_are_all_named(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _write(tmp_path, _GOOD, _SPAM)
    (folder / "messages").mkdir()
    with pytest.raises(DeclarationError) as caught:
        load_examples(folder, taxonomy, lambda octets: (read(octets), ()))
    assert [fault.path for fault in caught.value.faults] == ["g1", "s1"]
    assert "messages/g1.eml is missing" in caught.value.faults[0].message


def test_messages_of_the_other_part_are_not_opened(tmp_path: Path, taxonomy: Taxonomy) -> None:
    folder = _write(tmp_path, _GOOD, _SPAM, splits={"g1": "test", "s1": "train"})
    (folder / "messages").mkdir()
    (folder / "messages" / "s1.eml").write_bytes(b"From: a@b.example\r\nSubject: buy\r\n\r\nbuy now\r\n")
    progress: list[tuple[int, int]] = []
    examples = load_examples(
        folder,
        taxonomy,
        lambda octets: (read(octets), ()),
        "train",
        lambda done, of: progress.append((done, of)),
    )
    assert [example.id for example in examples] == ["s1"]
    assert progress == [(1, 1)]


def test_examples_carry_labels_hits_and_groups(some: tuple[Example, ...]) -> None:
    assert len(some) == 150
    assert {example.part for example in some} == {"train"}
    assert any(example.hits for example in some)
    assert all(example.labels["kind"] for example in some)
    assert len({example.group for example in some}) > 100


def test_shipped_labels_are_without_fault(fixtures: Path, taxonomy: Taxonomy) -> None:
    assert len(read_labels(fixtures, taxonomy)) > 2000
