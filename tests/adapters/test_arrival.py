"""When an archived message came: the From_ line's word, unless it only tells of the export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.archives.arrival import arrived
from pipeline.records.messages import RawMessage
from tests.support.mailfiles import messages

NOTED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 2 Mar 2015 15:44:07 +0530", datetime(2015, 3, 2, 10, 14, 7, tzinfo=UTC)),  # saved years later
        ("Fri, 20 Nov 2026 08:00:00 +0000", NOTED),  # two days underway
        ("Mon, 30 Nov 2026 08:00:00 +0000", NOTED),  # a clock that is ahead
        ("Thu, 1 Jan 1970 00:00:00 +0000", NOTED),  # a clock that was never set
        ("Mon, 2 Mar 2015 15:44:07", datetime(2015, 3, 2, 15, 44, 7, tzinfo=UTC)),
        ("Sat, 1 Jan 99999 00:00:00 +1400", NOTED),
        ("yesterday", NOTED),
    ],
)
def test_a_date_field_a_week_older_shows_that_the_archive_notes_its_export(
    date: str, expected: datetime
) -> None:
    octets = f"Subject: x\r\nDate: {date}\r\n\r\nDate: Tue, 1 Jan 2002 00:00:00 +0000\r\n".encode()
    assert arrived(octets, NOTED) == expected


def test_without_a_note_or_a_date_field_nothing_is_made_up() -> None:
    assert arrived(b"Date: Mon, 2 Mar 2015 15:44:07 +0530\n\nx", None) is None
    assert arrived(b"Subject: x\n\nDate: Mon, 2 Mar 2015 15:44:07 +0530\n", NOTED) == NOTED


def test_an_mbox_exported_years_later_keeps_the_time_of_its_mail(tmp_path: Path) -> None:
    path = tmp_path / "export.mbox"
    path.write_bytes(
        b"From - Sun Nov 22 09:00:00 2026\nFrom: a@museum.example\nDate: Mon, 2 Mar 2015 10:00:00 +0000\n\nHello\n"
    )
    (one,) = messages(path)
    assert isinstance(one, RawMessage)
    assert one.received_at == datetime(2015, 3, 2, 10, 0, tzinfo=UTC)
