"""Archives as the web keeps them, and archives that are damaged: read with what is whole, told of what is not."""

from __future__ import annotations

import gzip
import math
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import parsing
from pipeline.adapters.archives.batches import MailArchives
from pipeline.adapters.archives.unpacked import Unpacked, time_at
from pipeline.records.messages import Address, RawMessage
from pipeline.records.sources import ArchiveBatch, ArchiveMark, SetAsideMessage
from tests.support.mailfiles import messages

# As Pipermail (Mailman 2.1) writes 2015-March.txt.gz.
PIPERMAIL = """\
From asha at museum.example  Mon Mar  2 10:14:07 2015
From: asha at museum.example (Asha Rao)
Date: Mon, 2 Mar 2015 15:44:07 +0530
Subject: [Partners] Glass plates
Message-ID: <20150302.1@museum.example>

Dear all,

our museum would like to give 300 scanned glass plates to Commons.
From Monday on we are closed, so please write before.
From the hills of Darjeeling,

Asha

-------------- next part --------------
An HTML attachment was scrubbed...
URL: <http://lists.wiki.example/pipermail/partners/attachments/20150302/a1/attachment.html>
-------------- next part --------------
A non-text attachment was scrubbed...
Name: plates.pdf
Type: application/pdf
Size: 48211 bytes
Desc: not available
URL: <http://lists.wiki.example/pipermail/partners/attachments/20150302/a1/attachment.pdf>

From luc at archive.example  Tue Mar  3 09:00:00 2015
From: luc at archive.example (=?iso-8859-1?q?Luc_Andr=E9?=)
Date: Tue, 3 Mar 2015 10:00:00 +0100
Subject: [Partners] Glass plates
In-Reply-To: <20150302.1@museum.example>
References: <20150302.1@museum.example>
Message-ID: <20150303.2@archive.example>

On Mon, Mar 2, 2015 at 3:44 PM, Asha Rao <asha at museum.example> wrote:
> our museum would like to give 300 scanned glass plates to Commons.

That is good news.

"""

# As HyperKitty (Mailman 3) exports a list.
HYPERKITTY = """\
From bo at library.example Sun Mar  1 13:30:00 2026
From: Bo Lindqvist <bo at library.example>
To: partners at lists.wiki.example
Subject: Old maps
Date: Sun, 01 Mar 2026 14:30:00 +0100
Message-ID: <CAF=1+maps@mail.library.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="===1=="

--===1==
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit

We have 900 maps; write to bo(a)library.example.

--===1==
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="map.png"
MIME-Version: 1.0

iVBORw0KGgo=

--===1==--

From bo at library.example Mon Mar  2 13:30:00 2026
From: Bo Lindqvist <bo at library.example>
To: partners at lists.wiki.example
Subject: Re: Old maps
Date: Mon, 02 Mar 2026 14:30:00 +0100
Message-ID: <second@mail.library.example>
In-Reply-To: <CAF=1+maps@mail.library.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

And 20 globes.
"""
FROM = b"From ada at museum.example  Sun Mar  1 13:30:00 2026\n"
ONE = b"From: Ada <ada@museum.example>\nSubject: One\n\nHello.\n"
TWO = b"From: Bo <bo@library.example>\nSubject: Two\n\nHello, too.\n"


def whole(path: Path) -> list[RawMessage]:
    found = list(messages(path))
    assert all(isinstance(one, RawMessage) for one in found), found
    return [one for one in found if isinstance(one, RawMessage)]


def batches(path: Path, mark: ArchiveMark | None = None) -> list[ArchiveBatch]:
    return list(MailArchives(largest=10_000).batches(str(path), lambda _: mark, 1_000_000))


def octets(found: list[ArchiveBatch]) -> list[bytes]:
    return [one.octets for batch in found for one in batch.messages]


def test_pipermail_gives_authors_dates_and_identifiers(tmp_path: Path) -> None:
    path = tmp_path / "2015-March.txt.gz"
    path.write_bytes(gzip.compress(PIPERMAIL.encode()))
    first, second = whole(path)
    assert first.received_at == datetime(2015, 3, 2, 10, 14, 7, tzinfo=UTC)
    inquiry = parsing.read(first.octets, first.received_at)
    assert inquiry.author == Address(name="Asha Rao", address="asha@museum.example")
    assert inquiry.message.message_id == "20150302.1@museum.example"
    assert inquiry.message.date == datetime(2015, 3, 2, 10, 14, 7, tzinfo=UTC)
    assert "From Monday on we are closed" in inquiry.text
    assert "From the hills of Darjeeling" in inquiry.text
    answer = parsing.read(second.octets, second.received_at)
    assert answer.author == Address(name="Luc André", address="luc@archive.example")
    assert answer.message.references == ("20150302.1@museum.example",)
    assert answer.text.strip() == "That is good news."


def test_scrubbed_attachments_are_attachments_again(tmp_path: Path) -> None:
    path = tmp_path / "2015-March.txt"
    path.write_bytes(PIPERMAIL.encode())
    inquiry = parsing.read(whole(path)[0].octets)
    (pdf,) = inquiry.message.attachments
    assert (pdf.name, pdf.content_type, pdf.size) == ("plates.pdf", "application/pdf", 48211)
    assert "scrubbed" not in inquiry.text
    assert "next part" not in inquiry.text


def test_an_embedded_mbox_does_not_split_a_pipermail_archive(tmp_path: Path) -> None:
    text = PIPERMAIL.replace(
        "From the hills of Darjeeling,",
        "From old at museum.example  Sun Mar  1 10:00:00 2015\nReceived: by museum.example\nSubject: old",
    )
    path = tmp_path / "2015-March.txt"
    path.write_bytes(text.encode())
    assert len(whole(path)) == 2


def test_hyperkitty_gives_authors_and_parts(tmp_path: Path) -> None:
    path = tmp_path / "partners@lists.wiki.example.mbox.gz"
    path.write_bytes(gzip.compress(HYPERKITTY.encode()))
    first, second = (parsing.read(one.octets, one.received_at) for one in whole(path))
    assert first.author == Address(name="Bo Lindqvist", address="bo@library.example")
    assert first.recipients == ("partners@lists.wiki.example",)
    assert [one.name for one in first.message.attachments] == ["map.png"]
    assert first.message.message_id == "CAF=1+maps@mail.library.example"
    assert second.message.in_reply_to == ("CAF=1+maps@mail.library.example",)
    assert second.received_at == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)


def test_octets_before_the_first_from_line_are_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(b"\x00\xff\x00 left over\nand more\n" + FROM + ONE + b"\n" + FROM + TWO)
    garbage, *rest = messages(path)
    assert isinstance(garbage, SetAsideMessage)
    assert "before the first From_ line" in garbage.reason
    assert garbage.octets.startswith(b"\x00\xff\x00 left over")
    assert [one.octets for one in rest] == [ONE, TWO]


def test_a_first_message_without_its_from_line_is_a_message(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(ONE + b"From the start: this is a sentence\n\n" + FROM + TWO)
    assert [one.octets for one in whole(path)] == [ONE + b"From the start: this is a sentence\n", TWO]


def test_a_byte_order_mark_hides_no_from_line(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(b"\xef\xbb\xbf" + FROM + ONE + b"\n" + FROM + TWO)
    assert [one.octets for one in whole(path)] == [ONE, TWO]


def test_nul_octets_stay_in_their_message(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    holed = ONE + b"\x00" * 300_000 + b"\n"
    path.write_bytes(FROM + holed + b"\n" + FROM + TWO)
    assert [one.octets for one in whole(path)] == [holed, TWO]


def test_a_line_without_end_is_cut_to_the_header(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(FROM + ONE + b"x" * 400_000 + b"\n\n" + FROM + TWO)
    (batch,) = batches(path)
    (large,) = batch.refused
    assert "over the limit of 10000" in large.reason
    assert large.octets.startswith(ONE)
    assert octets([batch]) == [TWO]


@pytest.mark.parametrize("at", [262_100, 262_143, 262_144, 262_145, 263_000])
def test_from_lines_at_the_edge_of_what_is_read_at_once_separate(tmp_path: Path, at: int) -> None:
    path = tmp_path / "list.mbox"
    first = ONE + b"y" * (at - len(FROM) - len(ONE) - 2) + b"\n"
    path.write_bytes(FROM + first + b"\n" + FROM + TWO)
    assert [one.octets for one in whole(path)] == [first, TWO]


def test_other_files_are_refused_with_words(tmp_path: Path) -> None:
    for name, content, words in (
        ("a.zip", b"PK\x03\x04 and so on", "packed with zip; unpack it first"),
        ("b.xz", b"\xfd7zXZ\x00", "packed with xz"),
        ("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00", "no mail"),
    ):
        (tmp_path / name).write_bytes(content)
        (batch,) = batches(tmp_path / name)
        assert [words in one.reason for one in batch.refused] == [True]


def test_what_is_missing_or_special_is_a_problem_and_no_message(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    (tmp_path / "nowhere.eml").symlink_to("gone")
    (tmp_path / "round.eml").symlink_to("round.eml")
    (tmp_path / "good.eml").write_bytes(ONE)
    (tmp_path / "again").symlink_to(tmp_path)
    (batch,) = batches(tmp_path)
    assert octets([batch]) == [ONE]
    assert [Path(problem.partition(":")[0]).name for problem in batch.problems] == [
        "nowhere.eml",
        "pipe.eml",
        "round.eml",
    ]
    for path, words in (
        (tmp_path / "pipe.eml", "neither a file nor a folder"),
        (tmp_path / "missing", "No such file"),
        (Path("/dev/null"), "neither a file nor a folder"),
    ):
        (batch,) = batches(path)
        assert (batch.messages, batch.refused) == ((), ())
        assert [words in problem for problem in batch.problems] == [True]


def test_a_folder_without_mail_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("From time to time I write notes")
    (batch,) = batches(tmp_path)
    assert "no mail in there" in batch.problems[0]


def test_mailboxes_without_a_telling_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_bytes(FROM + ONE)
    (tmp_path / "2015-March.txt").write_bytes(FROM + TWO)
    (tmp_path / "2015-April.txt.gz").write_bytes(gzip.compress(FROM + ONE))
    (tmp_path / "README").write_bytes(b"From the start of this project: read this")
    assert sorted(octets(batches(tmp_path))) == sorted([ONE, TWO, ONE])


def test_an_archive_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(FROM + ONE + b"\n")
    (first,) = batches(path)
    assert (first.begins, octets([first])) == (0, [ONE])
    assert first.mark is not None
    assert first.mark.finished
    (same,) = batches(path, first.mark)
    assert (same.begins, octets([same])) == (path.stat().st_size, [])
    with path.open("ab") as stream:
        stream.write(FROM + TWO + b"\n")
    (grown,) = batches(path, first.mark)
    assert (grown.begins, octets([grown])) == (first.mark.offset, [TWO])
    assert grown.messages[0].sighting.offset == first.mark.offset  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "now",
    [
        FROM + TWO + b"\n" + FROM + ONE + b"\n",  # another head
        FROM + ONE + b"One more line of the last message.\n\n" + FROM + TWO + b"\n",
        FROM[:-1],
    ],
)
def test_an_archive_that_was_written_anew_starts_again(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(FROM + ONE + b"\n")
    (first,) = batches(path)
    path.write_bytes(now)
    (again,) = batches(path, first.mark)
    assert again.begins == 0


def test_a_packed_archive_that_grew_goes_on_too(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox.gz"
    path.write_bytes(gzip.compress(FROM + ONE + b"\n"))
    (first,) = batches(path)
    path.write_bytes(gzip.compress(FROM + ONE + b"\n" + FROM + TWO + b"\n"))
    (grown,) = batches(path, first.mark)
    assert octets([grown]) == [TWO]


def test_a_cut_archive_is_gone_on_with_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox.gz"
    noise = b"".join(b"%d\n" % (n * n) for n in range(1_200))
    packed = gzip.compress(FROM + ONE + b"\n" + FROM + TWO + noise + b"\n")
    path.write_bytes(packed[: len(packed) // 2])
    kept, broken = batches(path)
    assert octets([kept]) == [ONE]
    assert kept.mark is not None
    assert not kept.mark.finished
    assert broken.mark is None
    assert broken.refused[0].octets.startswith(b"From: Bo")
    path.write_bytes(packed)
    (rest,) = batches(path, kept.mark)
    assert octets([rest]) == [TWO + noise]


def test_a_maildir_that_was_copied_tells_the_time_of_delivery(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "cur" / "1425291247.M1P2.mail:2,S").write_bytes(ONE)
    (found,) = whole(tmp_path)
    assert found.received_at == datetime(2015, 3, 2, 10, 14, 7, tzinfo=UTC)


def test_a_file_whose_gzip_is_damaged_from_its_first_octet_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "2015-March.txt.gz").write_bytes(gzip.compress(FROM + ONE)[:12] + b"\xff" * 200)
    (tmp_path / "kept.eml").write_bytes(ONE)
    assert [one.octets for one in whole(tmp_path)] == [ONE]


def test_a_mail_that_a_maildir_moves_while_it_is_read_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    path = tmp_path / "new" / "1772371800.a.museum"
    path.write_bytes(ONE)
    rest = Unpacked.whole

    def read_and_moved(stream: Unpacked, most: int) -> bytes:
        path.rename(tmp_path / "cur" / path.name)
        return rest(stream, most)

    monkeypatch.setattr(Unpacked, "whole", read_and_moved)
    (found,) = whole(tmp_path)
    assert (found.octets, found.received_at) == (ONE, datetime(2026, 3, 1, 13, 30, tzinfo=UTC))


def test_a_file_of_the_year_30000_has_no_time() -> None:
    assert [time_at(seconds) for seconds in (900e9, -900e9, math.inf, math.nan)] == [None] * 4
    assert time_at(1_772_371_800) == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)
