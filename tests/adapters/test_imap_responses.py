"""The quick reading of FETCH responses says the same as imapclient's, and gives way to it on unusual lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response

from pipeline.adapters.imap.responses import Record, internal_date, messages, sequence_set, sizes

FLAGS = st.lists(st.sampled_from([rb"\Seen", rb"\Flagged", b"$Partner", b"NonJunk"]), unique=True)
UIDS = st.lists(st.integers(1, 2**32 - 1), unique=True, max_size=6).map(sorted)
DATE = b'"01-Mar-2026 13:30:00 +0100"'


def usual(uid: int, flags: list[bytes], body: bytes) -> list[Record]:
    head = b"7 (UID %d FLAGS (%s) INTERNALDATE %s BODY[] {%d}" % (uid, b" ".join(flags), DATE, len(body))
    return [(head, body), b")"]


@settings(deadline=None)
@given(UIDS, st.data())
def test_usual_lines_are_read_as_imapclient_reads_them(uids: list[int], data: st.DataObject) -> None:
    records: list[Record] = []
    for uid in uids:
        records += usual(uid, data.draw(FLAGS), data.draw(st.binary(max_size=40)))
    theirs = parse_fetch_response(records, normalise_times=False) if records else {}
    ours = messages(records)
    assert list(ours) == uids
    for uid in uids:
        assert ours[uid].octets == theirs[uid][b"BODY[]"]
        assert ours[uid].received_at == theirs[uid][b"INTERNALDATE"]
        assert [flag.encode() for flag in ours[uid].flags] == list(theirs[uid][b"FLAGS"])


@pytest.mark.parametrize(
    "records",
    [
        [(b"1 (BODY[] {2}", b"hi"), b' UID 5 FLAGS (\\Seen) INTERNALDATE "01-Mar-2026 13:30:00 +0100")'],
        [b'1 (UID 5 FLAGS (\\Seen) INTERNALDATE "01-Mar-2026 13:30:00 +0100" BODY[] "hi")'],
        [(b"1 (UID 5 BODY[] {2}", b"hi"), b' FLAGS (\\Seen) INTERNALDATE "01-Mar-2026 13:30:00 +0100")'],
    ],
)
def test_items_in_another_order_or_form_are_read_too(records: list[Record]) -> None:
    (found,) = messages(records).items()
    assert found[0] == 5
    assert found[1].octets == b"hi"
    assert found[1].flags == ("\\Seen",)
    assert found[1].received_at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_what_nobody_asked_for_is_passed_over() -> None:
    unasked: list[Record] = [b"3 (FLAGS (\\Seen))", b"4 (UID 9 FLAGS ())"]
    assert list(messages([*unasked, *usual(5, [], b"hi"), *unasked])) == [5]
    assert messages([None]) == {}
    assert sizes([b"1 (UID 5 RFC822.SIZE 20)", b"3 (FLAGS (\\Seen))"]) == {5: 20}
    assert sizes([b"1 (RFC822.SIZE 20 UID 5)"]) == {5: 20}
    assert sizes([None]) == {}


def test_a_missing_body_is_no_message() -> None:
    assert messages([b'1 (UID 5 FLAGS () INTERNALDATE "01-Mar-2026 13:30:00 +0100" BODY[] NIL)']) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 1-Mar-2026 00:30:00 +0100", datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
        ("01-mar-2026 13:30:00 -0930", datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        ("31-Feb-2026 13:30:00 +0000", None),
        ("01-Jan-0001 00:30:00 +0100", None),
        ("01-Mar-0000 00:30:00 +0000", None),
        ("01-Mar-2026 13:30:00 +9900", None),
        ("01-Foo-2026 13:30:00 +0000", None),
        ("yesterday", None),
    ],
)
def test_dates_come_in_utc_or_not_at_all(text: str, expected: datetime | None) -> None:
    assert internal_date(text) == expected


@settings(deadline=None)
@given(st.text(alphabet=" +-:0123456789JanFeb", max_size=30))
def test_no_date_breaks_anything(text: str) -> None:
    found = internal_date(text)
    assert found is None or found.tzinfo is UTC


@settings(deadline=None)
@given(UIDS)
def test_a_sequence_set_names_each_uid_once(uids: list[int]) -> None:
    named: list[int] = []
    for run in sequence_set(uids).split(",") if uids else []:
        first, _, last = run.partition(":")
        named += range(int(first), int(last or first) + 1)
    assert named == uids


def test_runs_are_written_as_ranges() -> None:
    assert sequence_set([1, 2, 3, 5, 7, 8]) == "1:3,5,7:8"
