"""The process that reads mail: its answers, its limits, its end."""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.reading import wire
from pipeline.adapters.reading.reader import ChildReader
from pipeline.errors import ReaderUnavailable, UnreadableMessage
from tests.support.documents import docx, make_pdf, odt, pdf_of_pages
from tests.support.hostile import HEAD, LETTER, READ, attached, large, mixed, plain
from tests.support.mails import letter
from tests.support.plainreader import PlainReader

TEXT = b"Content-Type: text/plain\r\n\r\n" + LETTER
OFFER = "Our museum would like to give 300 glass plates."
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> Iterator[ChildReader]:
    with ChildReader() as opened:
        yield opened


@pytest.fixture(scope="module")
def slow_pdf() -> bytes:
    """A PDF whose one page takes seconds to read."""
    shown = b"BT /F1 12 Tf " + b"1 0 0 1 72 720 Tm (a) Tj " * 400_000 + b"ET"
    return make_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n" % len(shown) + shown + b"\nendstream",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def gone(pid: int) -> bool:
    """Tell whether a process has ended and was waited for."""
    return not Path(f"/proc/{pid}").exists()


def ends(process: int) -> bool:
    """Wait until the process behind a file descriptor has ended; return False if it does not."""
    return bool(select.select([process], [], [], 10)[0])


def test_it_reads_like_the_plain_reader(
    reader: ChildReader, fixtures: Path, train_labels: dict[str, dict[str, str]]
) -> None:
    for name in sorted(train_labels)[::40]:
        octets = (fixtures / "messages" / f"{name}.eml").read_bytes()
        here, there = PlainReader().read(octets, NOON), reader.read(octets, NOON)
        bare = tuple(replace(one, payload=b"", text="") for one in here.message.attachments)
        bare_there = tuple(replace(one, text="") for one in there.message.attachments)
        assert bare_there == bare
        message = replace(here.message, attachments=bare_there)
        assert replace(there, message=replace(there.message, attachments=bare_there)) == replace(
            here, message=message
        )


def test_documents_come_as_text_without_their_octets(reader: ChildReader) -> None:
    parts = (
        attached(pdf_of_pages([OFFER]), b"a.pdf"),
        attached(b"\xff\xd8\xff", b"b.jpg"),
        attached(docx([OFFER]), b"c.docx"),
        attached(odt([OFFER]), b"d.odt"),
        attached("Grüße".encode("cp1252"), b"e.txt", b"text/plain"),
    )
    inquiry = reader.read(mixed(TEXT, *parts))
    assert [one.text for one in inquiry.message.attachments] == [OFFER, "", OFFER, OFFER, "Grüße"]
    assert {one.payload for one in inquiry.message.attachments} == {b""}
    assert "we are a museum" in inquiry.text


def test_defects_of_documents_are_defects_of_the_message(reader: ChildReader) -> None:
    inquiry = reader.read(mixed(TEXT, attached(b"%PDF-1.7 broken"), attached(docx([OFFER])[:200])))
    assert inquiry.message.defects[-2].startswith("attachment 1: broken PDF")
    assert inquiry.message.defects[-1] == "attachment 2: broken zipped document: cut off"


def test_what_is_no_mail_is_refused_and_the_next_one_is_read(reader: ChildReader) -> None:
    pid = reader.pid
    for octets in (b"", b"\x00\x01\x02\x03" * 50):
        with pytest.raises(UnreadableMessage, match=r"nothing to read|not a mail"):
            reader.read(octets)
    assert reader.read(letter()).base_subject == "Glass plates"
    assert reader.pid == pid


def test_times_travel(reader: ChildReader) -> None:
    assert reader.read(letter(), NOON).received_at == NOON
    own = reader.read(letter())
    assert own.received_at == own.message.date == datetime(2026, 3, 22, 4, 30, tzinfo=UTC)


def test_a_mail_that_takes_too_long_is_given_up() -> None:
    with ChildReader(seconds=0.2) as reader:
        with pytest.raises(UnreadableMessage, match=r"took over 0\.2 s"):
            reader.read(plain(b"a\r\n" * 600_000 + b"<p>" * 500_000) * 20)
        assert reader.read(letter()).base_subject == "Glass plates"


def test_a_mail_that_needs_too_much_memory_is_given_up() -> None:
    with ChildReader(memory=40 * 2**20) as reader:
        with pytest.raises(UnreadableMessage, match="memory"):
            reader.read(large(60 * 2**20))
        assert reader.read(letter()).base_subject == "Glass plates"


def test_a_document_that_takes_too_long_costs_only_itself(slow_pdf: bytes) -> None:
    octets = mixed(TEXT, attached(pdf_of_pages([OFFER])), attached(slow_pdf))
    with ChildReader(seconds=0.6) as reader:
        inquiry = reader.read(octets)
        assert "we are a museum" in inquiry.text
        assert [one.text for one in inquiry.message.attachments] == [OFFER, ""]
        assert inquiry.message.defects[-1] == "documents not read to the end: that takes too much time"
        assert reader.read(letter()).base_subject == "Glass plates"


def test_a_document_that_needs_too_much_memory_costs_only_itself() -> None:
    bomb = docx([], body="<w:p><w:r><w:t>" + "a" * 9_000_000 + "</w:t></w:r></w:p>")
    with ChildReader(memory=24 * 2**20) as reader:
        inquiry = reader.read(mixed(TEXT, attached(bomb), attached(docx([OFFER]))))
        assert "we are a museum" in inquiry.text
        assert inquiry.message.attachments[1].text == OFFER or inquiry.message.defects


def test_a_process_that_does_nothing_is_replaced() -> None:
    with ChildReader(stalled_seconds=2) as reader:
        reader.read(letter())
        stopped = reader.pid
        assert stopped
        os.kill(stopped, signal.SIGSTOP)
        assert reader.read(letter()).base_subject == "Glass plates"
        assert gone(stopped)


def test_a_process_that_was_ended_from_outside_is_replaced(reader: ChildReader) -> None:
    reader.read(letter())
    lost = reader.pid
    assert lost
    os.kill(lost, signal.SIGKILL)
    assert reader.read(letter()).base_subject == "Glass plates"
    assert reader.pid != lost
    assert gone(lost)


def test_signals_to_the_service_do_not_end_it_within_a_mail(reader: ChildReader) -> None:
    reader.read(letter())
    pid = reader.pid
    assert pid
    assert os.getpgid(pid) != os.getpgid(0)
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(pid, number)
    assert reader.read(letter()).base_subject == "Glass plates"
    assert reader.pid == pid


def test_a_process_that_grew_is_replaced_for_the_next_mail() -> None:
    with ChildReader(memory=40 * 2**20) as reader:
        reader.read(letter())
        before = reader.pid
        assert before
        for _ in range(9):  # loads what tells dates in many languages, which stays
            with suppress(UnreadableMessage):
                reader.read(
                    READ["forward blocks"]().replace(b"Subject:", "Date: 1 июня 2026 г.\r\nSubject:".encode())
                )
        assert gone(before)
        assert reader.read(letter()).base_subject == "Glass plates"


@pytest.mark.usefixtures("cold_reader")
def test_limits_are_in_force(reader: ChildReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", "hunter2")
    with ChildReader() as fresh:
        fresh.read(letter())
        assert fresh.pid
        for name, most in (
            ("RLIMIT_CORE", 0),
            ("RLIMIT_FSIZE", 0),
            ("RLIMIT_NPROC", 0),
            ("RLIMIT_NOFILE", 64),
        ):
            assert resource.prlimit(fresh.pid, getattr(resource, name)) == (most, most)
        space = resource.prlimit(fresh.pid, resource.RLIMIT_AS)[0]
        assert 300 * 2**20 < space < 700 * 2**20
        environment = Path(f"/proc/{fresh.pid}/environ").read_bytes()
        assert b"hunter2" not in environment
        assert b"HOME=" not in environment
        assert len(list(Path(f"/proc/{fresh.pid}/fd").iterdir())) <= 5


@pytest.mark.usefixtures("cold_reader")
def test_nothing_is_left_behind() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    pids = []
    closed = ChildReader()
    closed.read(letter())
    pids.append(closed.pid)
    closed.close()
    closed.close()
    assert closed.pid is None
    started = ChildReader()
    with started:
        pids.append(started.pid)
    forgotten = ChildReader()
    forgotten.read(letter())
    pids.append(forgotten.pid)
    del forgotten
    assert all(pid and gone(pid) for pid in pids)
    assert descriptors() == before


def test_threads_take_turns(reader: ChildReader) -> None:
    subjects: list[str] = []
    threads = [
        threading.Thread(target=lambda: subjects.append(reader.read(letter()).base_subject)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert subjects == ["Glass plates"] * 4


def test_it_ends_when_the_service_is_killed() -> None:
    program = (
        "import sys, time\n"
        "from pipeline.adapters.reading.reader import ChildReader\n"
        "reader = ChildReader()\n"
        "reader.read(b'From: a@b.example\\n\\nx')\n"
        "print(reader.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout
        pid = int(service.stdout.readline())
        process = os.pidfd_open(pid)
        assert not gone(pid)
        service.kill()
    with os.fdopen(process):
        assert ends(process)


@pytest.mark.usefixtures("cold_reader")
@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])
def test_a_process_that_does_not_start_is_no_fault_of_the_mail(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ChildReader()
    monkeypatch.setattr(sys, "executable", program)
    for _ in range(2):
        with pytest.raises(ReaderUnavailable, match="cannot be started"):
            reader.read(letter())
    monkeypatch.undo()
    assert reader.read(letter()).base_subject == "Glass plates"
    reader.close()


@pytest.mark.usefixtures("cold_reader")
def test_a_complaint_at_the_start_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mailparser.py").write_text("raise ImportError('no such library')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ReaderUnavailable, match="no such library"):
        ChildReader().read(letter())


# What a process that was taken over might say.


def test_frames_travel_as_they_are() -> None:
    inquiry = PlainReader().read(letter())
    octets = wire.frame({"inquiry": inquiry})
    assert int.from_bytes(octets[: wire.LENGTH], "big") == len(octets) - wire.LENGTH
    assert wire.inquiry(wire.content(octets[wire.LENGTH :])["inquiry"]) == inquiry


def test_lone_surrogates_become_question_marks() -> None:
    assert wire.content(wire.frame({"text": "a\ud800b"})[wire.LENGTH :]) == {"text": "a?b"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_no_inquiry_is_told(told: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.inquiry(told)


@pytest.mark.parametrize(
    "told",
    [{"document": {"place": 0, "text": "a", "defect": ""}}, {"document": {"place": -1, "text": "a", "defect": ""}},
     {"document": None}, {"defect": 3}, {}],
)  # fmt: skip
def test_what_is_no_document_is_told(told: wire.Frame) -> None:
    with pytest.raises(ValueError, match="neither"):
        wire.with_documents(PlainReader().read(HEAD + b"\r\nx"), [told])


@given(st.binary(max_size=30))
def test_what_is_no_frame_is_told(octets: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(wire.content(octets), dict)


def test_a_frame_that_is_nested_too_deeply_is_no_frame() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        wire.content(b"[" * 200_000)
