"""The command `triage` as a process of its own, without the seconds that Python takes to import what it needs.

A nursery has imported everything and waits. Each command is a fork of it: a real
process with its own folder, environment, arguments, pipes and signals, that ends as any other does. What a nursery cannot
show, how long a start takes and what is imported when, is left to tests that start Python itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self

from tests.support import brood, readers

_PATIENCE = 300.0
ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A command under way; it is used as `subprocess.Popen` is."""

    def __init__(self, pid: int, out: int, err: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err, encoding="utf-8")
        self._ended = ended
        self._reaping = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()

    def poll(self) -> int | None:
        """Return the exit status; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit status, the negative number of a signal where that ended it."""
        with self._reaping:
            if self.returncode is None:
                if not select.select([self._ended], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired("triage", timeout or 0)
                self.returncode = brood.told_end(self._ended)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read all that it writes until it ends; return stdout and stderr."""
        deadline = None if timeout is None else time.monotonic() + timeout
        written = {"out": "", "err": ""}

        def read(name: str, stream: IO[str]) -> None:
            written[name] = stream.read()

        streams = {"out": self.stdout, "err": self.stderr}
        readers = [threading.Thread(target=read, args=one, daemon=True) for one in streams.items()]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        for stream in streams.values():
            stream.close()
        return written["out"], written["err"]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


def begin(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    strict: bool = False,
    umask: int = -1,
    prepare: tuple[str, Mapping[str, object]] | None = None,
) -> Child:
    """Start `triage` with these arguments.

    Parameters
    ----------
    environment
        Beside that of the tests.
    strict
        Whether a warning is an error.
    umask
        That of the new process; -1: as it is.
    prepare
        Name of a function, as in ``tests.folder.module:function``, and what it is called with, in the new process and before all.
    """
    out, writes_out = os.pipe()
    err, writes_err = os.pipe()
    wanted = {
        "arguments": arguments,
        "cwd": str(cwd),
        "environment": {**os.environ, **environment},
        "strict": strict,
        "umask": umask,
        "prepare": prepare,
    }
    nursery = brood.address("tests.support.nursery", readers.address())
    pid, ended = brood.ask(nursery, json.dumps(wanted).encode(), [writes_out, writes_err])
    for end in (writes_out, writes_err):
        os.close(end)
    return Child(pid, out, err, ended)


def run(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    strict: bool = False,
    umask: int = -1,
) -> subprocess.CompletedProcess[str]:
    """Run `triage` to its end, as `begin` starts it."""
    child = begin(*arguments, cwd=cwd, environment=environment, strict=strict, umask=umask)
    try:
        out, err = child.communicate(_PATIENCE)
    except BaseException:
        child.kill()
        raise
    assert child.returncode is not None
    return subprocess.CompletedProcess(["triage", *arguments], child.returncode, out, err)
