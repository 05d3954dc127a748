"""Starting, watching and killing children of the command `triage` through a nursery."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.killed import ROOT

PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended: exit status (negative: the signal), and what it said."""

    status: int
    out: str
    err: str


class Child:
    """A running child."""

    def __init__(self, nursery: Nursery, pid: int, folder: Path) -> None:
        self.pid = pid
        self._nursery = nursery
        self._folder = folder
        self._ended: Ended | None = None

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.wait(0) is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> Ended:
        """Kill it as it is."""
        self.send(signal.SIGKILL)
        return self.finished()

    def is_stopped(self) -> bool:
        """Tell whether it was stopped (SIGSTOP)."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def wait(self, seconds: float) -> Ended | None:
        """Wait for its end; None if it does not come within so many seconds."""
        if self._ended is None:
            line = self._nursery.line(seconds)
            if line is None:
                return None
            out, err = (
                (self._folder / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err")
            )
            self._ended = Ended(status=int(line), out=out, err=err)
        return self._ended

    def finished(self, seconds: float = PATIENCE) -> Ended:
        """Wait for its end."""
        ended = self.wait(seconds)
        if ended is None:
            self.send(signal.SIGKILL)
            self.wait(PATIENCE)
            raise AssertionError("the program does not end")
        return ended


class Nursery:
    """Forks children, one at a time."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nursery")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.torture.nursery"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._read = bytearray()
        self._count = 0

    def __enter__(self) -> Self:
        assert self.line(PATIENCE) == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._folder.cleanup()

    def start(
        self,
        folder: Path,
        now: datetime,
        *arguments: str,
        plain: bool = True,
        largest_file: int = 0,
        **environment: str,
    ) -> Child:
        """Start `triage` in `folder`, with a clock that shows `now`.

        Parameters
        ----------
        plain
            Whether it reads mail in its own process, which spares the second that the reading one takes to start.
        largest_file
            Octets beyond which no file grows, as on a disk that is full; 0 for none.
        """
        self._count += 1
        said = Path(self._folder.name, str(self._count))
        said.mkdir()
        order = {
            "folder": str(folder),
            "now": now.isoformat(),
            "arguments": arguments,
            "plain": plain,
            "largest_file": largest_file,
            "environment": environment,
            "files": {"stdout": str(said / "out"), "stderr": str(said / "err")},
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        pid = self.line(PATIENCE)
        assert pid is not None
        return Child(self, int(pid), said)

    def line(self, seconds: float) -> str | None:
        """Return the next line that it says; None if there is none within so many seconds."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._read:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            piece = os.read(self._process.stdout.fileno(), 65536)
            assert piece, "the nursery is gone"
            self._read += piece
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read[:] = rest
        return line.decode()


@contextlib.contextmanager
def nurseries(number: int) -> Iterator[Sequence[Nursery]]:
    """Give so many nurseries, for so many children at once."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(made) for made in [Nursery() for _ in range(number)]]
