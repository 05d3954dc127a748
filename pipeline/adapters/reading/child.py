"""The process that reads mail: ``python -m pipeline.adapters.reading.child MAIL_SECONDS MEMORY_BYTES``.

It takes mails on its standard input and answers on its standard output (`pipeline.adapters.reading.wire`). Before the
first one it gives up what it does not need: memory beyond the limit, files, further processes, the network. The system ends it when
one mail takes too much processor time, and it ends by itself when its parent is gone.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from pipeline import parsing
from pipeline.adapters.reading import wire
from pipeline.adapters.reading.confinement import confine
from pipeline.errors import UnreadableMessage
from pipeline.parsing.documents import read_documents
from pipeline.records.inquiries import Inquiry

# Share of the time for one mail after which no further document is begun.
_DOCUMENT_SHARE = 0.75
# Not every system limits memory; time is limited everywhere.
_NO_SUCH_LIMIT = (ValueError, OSError)
_PIECE = 1024 * 1024
_MOST_FILES = 64
# Loads whatever is loaded at the first mail, so that no mail pays for it.
_SAMPLE = (
    b"From: A <a@museum.example>\r\nSubject: Glass plates\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Dear all,</p><p>we are a museum and would like to share our pictures.</p><p>Regards<br>A</p>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """Limits for one mail: seconds of processor time, octets of memory."""

    seconds: float
    memory: int


def main() -> None:
    """Serve until the standard input ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent finishes its work first, and says when to end
    limits = _Limits(seconds=float(sys.argv[1]), memory=int(sys.argv[2]))
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        os.dup2(2, 1)  # whatever a library prints must not pass for an answer
        parsing.read(_SAMPLE)
        _confine(limits.memory)
        _say(answers, {"ready": True})
        most = _address_space() + limits.memory
        while _serve(sys.stdin.buffer, answers, limits):
            worn = _address_space() > most
            _say(answers, {"end": True, "last": worn})
            if worn:
                break


def _confine(memory: int) -> None:
    """Give up for good what reading does not need; `memory` twice, as libraries keep some of what a mail needed."""
    _limit(resource.RLIMIT_AS, _address_space() + 2 * memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _MOST_FILES)
    if hasattr(resource, "RLIMIT_NPROC"):
        _limit(resource.RLIMIT_NPROC, 0)
    confine()


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(*_NO_SUCH_LIMIT):
        resource.setrlimit(what, (most, most))


def _allow(memory: int) -> None:
    """Allow so much memory from here on."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    with suppress(*_NO_SUCH_LIMIT):
        resource.setrlimit(resource.RLIMIT_AS, (min(_address_space() + memory, hard), hard))


def _address_space() -> int:
    """Return the octets of address space in use; where the system does not tell, the most that was resident."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - a file of the kernel
            return int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _serve(requests: BinaryIO, answers: BinaryIO, limits: _Limits) -> bool:
    """Read one mail and answer; return whether there was one."""
    length = requests.read(wire.LENGTH)
    if len(length) < wire.LENGTH:
        return False
    asked = wire.content(requests.read(int.from_bytes(length, "big")))
    _allow(limits.memory)
    octets = _taken(requests, asked["size"])
    received_at = datetime.fromisoformat(asked["received_at"]) if asked["received_at"] else None
    # The signal's default action ends the process, whatever it is doing.
    signal.setitimer(signal.ITIMER_PROF, limits.seconds)
    start = time.process_time()
    read = _read(octets, received_at, answers)
    del octets
    if read is not None:
        _read_documents(read, answers, start + limits.seconds * _DOCUMENT_SHARE)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return True


def _taken(requests: BinaryIO, size: int) -> bytes | None:
    """Return the octets of a mail; None, and they are out of the way, where there is no room for them."""
    try:
        return requests.read(size)
    except MemoryError:
        while size > 0:
            size -= len(requests.read(min(size, _PIECE))) or size
        return None


def _read(octets: bytes | None, received_at: datetime | None, answers: BinaryIO) -> Inquiry | None:
    """Read a mail and say what it means, or why that cannot be said."""
    try:
        if octets is None:
            raise MemoryError  # noqa: TRY301 - told like the one while it is read
        read = parsing.read(octets, received_at)
        _say(answers, {"inquiry": read})
    except UnreadableMessage as error:
        _say(answers, {"unreadable": str(error)})
    except MemoryError:
        _say(answers, {"unreadable": "needs too much memory to be read"})
    except Exception as error:  # noqa: BLE001 - a fault in reading must not look like one in the reader
        _say(answers, {"failed": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()})
    else:
        return read
    return None


def _read_documents(read: Inquiry, answers: BinaryIO, until: float) -> None:
    for document in read_documents(read.message.attachments, lambda: time.process_time() > until):
        _say(answers, {"document": document})


def _say(answers: BinaryIO, content: wire.Frame) -> None:
    rest = memoryview(wire.frame(content))
    while rest:
        rest = rest[answers.write(rest) :]


if __name__ == "__main__":
    main()
