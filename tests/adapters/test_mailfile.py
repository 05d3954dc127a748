"""Files of mail: every message once, whatever wrote the file, and no file can do harm."""

from __future__ import annotations

import gzip
import io
import mailbox
import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.archives import unpacked
from pipeline.adapters.archives.mbox import from_line_date, parts
from pipeline.records.messages import FileSighting, RawMessage
from pipeline.records.sources import SetAsideMessage
from tests.support.mailfiles import messages, problems

FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"
ONE = b"From: Ada <ada@museum.example>\nSubject: One\n\nHello.\n"
TWO = b"From: Bo <bo@library.example>\nSubject: Two\n\nFrom here on we wait.\n"


def octets(path: Path, **limits: int) -> list[bytes]:
    found = list(messages(path, **limits))
    assert all(isinstance(one, RawMessage) for one in found), found
    return [one.octets for one in found if isinstance(one, RawMessage)]


def archive(*texts: bytes) -> bytes:
    return b"".join(FROM + text + b"\n" for text in texts)


def test_one_file_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(ONE)
    expected = RawMessage(sighting=FileSighting(path=str(path)), octets=ONE)
    assert list(messages(path)) == [expected]


def test_a_from_line_before_a_single_message_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "saved.eml"
    path.write_bytes(archive(ONE))
    (found,) = messages(path)
    assert isinstance(found, RawMessage)
    assert found.octets == ONE
    assert found.received_at == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)


def test_files_that_are_no_message_are_told(tmp_path: Path) -> None:
    empty, large, notes = tmp_path / "empty.eml", tmp_path / "large.eml", tmp_path / "notes"
    empty.write_bytes(b"\n")
    large.write_bytes(ONE * 100)
    notes.write_bytes(b"no mail")
    for path, words in ((empty, "empty"), (large, "over the limit of 1000 octets"), (notes, "no mail")):
        (told,) = messages(path, largest=1000)
        assert isinstance(told, SetAsideMessage)
        assert told.reason.startswith(f"{path}: ")
        assert words in told.reason
    missing = tmp_path / "missing.mbox"
    (line,) = problems(missing)
    assert line.startswith(f"{missing}: ")
    assert "No such file" in line


@pytest.mark.parametrize("packed", [False, True])
def test_an_mbox_gives_each_message_with_its_place(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("list.mbox.gz" if packed else "list.mbox")
    whole = archive(ONE, TWO, ONE)
    path.write_bytes(gzip.compress(whole) if packed else whole)
    found = list(messages(path))
    assert [one.octets for one in found] == [ONE, TWO, ONE]
    for one in found:
        assert isinstance(one.sighting, FileSighting)
        assert whole[one.sighting.offset :].startswith(FROM + one.octets)
        assert isinstance(one, RawMessage)
        assert one.received_at == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        b"From here on Mon we meet: see below\n",
        b"From Monday Mar 2 we are closed\n",
        b"From Mon Mar 2 2026 10:00 on, the office is closed\n",
        b"From Greece\n",
    ],
)
def test_sentences_that_start_with_from_stay_where_they_are(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "list.mbox"
    text = ONE + b"\n" + line + b"and on.\n"
    path.write_bytes(archive(text, TWO))
    assert octets(path) == [text, TWO]


def test_from_lines_of_many_programs_separate(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    lines = [
        b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n",
        b"From - Sun Mar 01 13:30:00 2026\n",
        b"From 1234567890@xxx Sun Mar 01 13:30:00 +0000 2026\r\n",
        b"From MAILER-DAEMON Sun Mar  1 13:30 2026\n",
        b"From ada@museum.example Sun, 1 Mar 2026 14:30:00 +0100\n",
        b'From "Ada Example"@museum.example Sun Mar  1 13:30:00 UTC 2026\n',
    ]
    path.write_bytes(b"".join(line + ONE for line in lines))
    assert octets(path) == [ONE] * len(lines)
    assert {from_line_date(line) for line in lines} == {datetime(2026, 3, 1, 13, 30, tzinfo=UTC)}


def test_an_mbox_without_dates_is_split_at_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    inner = ONE + b"From the start: yes\n"
    path.write_bytes(b"From nobody\n" + inner + b"\nFrom nobody\n" + TWO)
    assert octets(path) == [inner, TWO]


def test_quoted_from_lines_lose_one_mark(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(archive(ONE + b">From x\n>>From y\n> From z\n"))
    assert octets(path) == [ONE + b"From x\n>From y\n> From z\n"]


texts = st.lists(
    st.sampled_from(
        [b"Hello.", b"From the hills", b">From afar", b"From x Sun Mar  1 13:30:00 2026", b"", b"Key: value"]
    ),
    max_size=8,
)


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_what_mailbox_wrote_comes_back(bodies: list[list[bytes]]) -> None:
    wanted = [
        b"Subject: %d\n\n" % n + b"".join(line + b"\n" for line in body) for n, body in enumerate(bodies)
    ]
    stream = io.BytesIO()
    for text in wanted:
        # As RFC 4155's successors quote: every From_ line, however often it is quoted already.
        quoted = [
            b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in text.split(b"\n")
        ]
        stream.write(FROM + b"\n".join(quoted) + b"\n")
    stream.seek(0)
    assert [part.octets for part in parts(stream, 10_000)] == wanted


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_octets_break_the_splitting(rest: bytes) -> None:
    found = list(parts(io.BytesIO(FROM + rest), 100))
    assert len(found) >= 1
    assert all(len(part.octets) <= 100 for part in found)


def test_a_large_message_is_set_aside_and_the_next_comes(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(archive(ONE, ONE + b"x" * 300_000 + b"\n", TWO))
    first, large, last = messages(path, largest=1000)
    assert isinstance(first, RawMessage)
    assert isinstance(large, SetAsideMessage)
    assert "over the limit of 1000" in large.reason
    assert isinstance(last, RawMessage)
    assert last.octets == TWO


def test_a_broken_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox.gz"
    noise = b"".join(b"%d %d\n" % (n, n * n) for n in range(20_000))
    whole = gzip.compress(archive(ONE, TWO, ONE + noise))
    path.write_bytes(whole[: len(whole) // 2])
    *kept, broken = messages(path)
    assert [one.octets for one in kept] == [ONE, TWO]
    assert isinstance(broken, SetAsideMessage)
    assert "the archive breaks off" in broken.reason
    assert broken.octets.startswith(b"From: Ada")


def test_an_archive_that_swells_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "_EXPANSION_FREE", 1_000_000)
    path = tmp_path / "bomb.mbox.gz"
    path.write_bytes(gzip.compress(archive(ONE, b"Subject: 0\n\n" + b"0" * 8_000_000)))
    *kept, trap = messages(path, largest=1000)
    assert [one.octets for one in kept] == [ONE]
    assert isinstance(trap, SetAsideMessage)
    assert "over 500 times" in trap.reason


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    with path.open("wb") as stream:
        for _ in range(400):
            stream.write(FROM + ONE + b"y" * 20_000 + b"\n\n")
    tracemalloc.start()
    try:
        count = sum(1 for _ in messages(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 400
    assert peak < 1_000_000, "8 MB of mail pass through less than 1 MB"


def test_a_maildir_gives_flags_and_times(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir")
    kept = mailbox.MaildirMessage(ONE)
    kept.set_subdir("cur")
    kept.set_flags("FS")
    box.add(kept)
    box.add(TWO)
    below = box.add_folder("Lists")
    below.add(TWO)
    (tmp_path / "Maildir" / "tmp" / "half").write_bytes(b"Subject: half")
    for path in tmp_path.rglob("*"):
        os.utime(path, (1_772_371_800, 1_772_371_800))
    found = list(messages(tmp_path / "Maildir"))
    assert sorted(one.octets for one in found) == sorted([ONE, TWO, TWO])
    assert {one.received_at for one in found if isinstance(one, RawMessage)} == {
        datetime(2026, 3, 1, 13, 30, tzinfo=UTC)
    }
    (flags,) = [one.flags for one in found if isinstance(one, RawMessage) and one.flags]
    assert set(flags) == {"\\Flagged", "\\Seen"}


def test_a_folder_is_searched_and_what_is_broken_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.EML").write_bytes(TWO)
    (tmp_path / "a.eml").write_bytes(ONE)
    (tmp_path / "c.mbox").write_bytes(archive(ONE, TWO))
    (tmp_path / "d.eml").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"no mail")
    (tmp_path / ".hidden.eml").write_bytes(ONE)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.eml")
    found = list(messages(tmp_path))
    assert [one.octets for one in found] == [ONE, ONE, TWO, TWO, b""]
    (aside,) = [one for one in found if isinstance(one, SetAsideMessage)]
    assert aside.reason.endswith("d.eml: empty")


def test_a_name_that_is_not_utf8_can_be_stored(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.eml"))
    path.write_bytes(ONE)
    (found,) = messages(path)
    assert isinstance(found.sighting, FileSighting)
    assert found.sighting.path.encode("utf-8").endswith("caf\ufffd.eml".encode())
