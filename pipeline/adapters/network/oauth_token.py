"""OAuth 2.0 access tokens (RFC 6750), as the operator's own command prints them."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess  # nosec B404 # the command that the settings name, without a shell
import time
from collections.abc import Callable, Sequence
from typing import IO

from pipeline.adapters.network.failures import printable
from pipeline.errors import Refused, Unreachable, UsageError
from pipeline.settings import Server

_MOST_OCTETS = 64 * 1024
_SLICE = 0.2
# RFC 6750, section 2.1, and no more than a server takes in one line.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,16384}={0,8}")


def access_token(where: str, server: Server, unwanted: Callable[[], bool]) -> str:
    """Return a token for `server`, asked for now.

    Parameters
    ----------
    where
        Which server this is to the user, such as ``imap.main``.
    server
        Its settings.
    unwanted
        Asked again and again while the command runs; true ends it.

    Raises
    ------
    UsageError
        If the command cannot be started, or the password settings cannot be used.
    Refused
        If there is no token in what came.
    Unreachable
        If the command fails or takes longer than the server's `timeout_seconds`.
    """
    if not server.token_command:
        return _checked(server.password(), f"{where}: what password_env or password_file gives")
    printed = _run(where, server.token_command, server.timeout_seconds, unwanted)
    first = printed.decode("utf-8", "replace").strip().partition("\n")[0].strip()
    return _checked(first, f"{where}: the first line that token_command printed")


def _checked(token: str, what: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise Refused(f"{what} is no access token ({len(token)} characters); it has to be the token alone")
    return token


def _run(where: str, command: Sequence[str], seconds: float, unwanted: Callable[[], bool]) -> bytes:
    """Run `command` in a session of its own, so that whatever it started ends with it."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # nosec B603 # the command that the settings name, without a shell
            list(command), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{where}: token_command cannot be started: {printable(error)}; correct it"
        ) from None
    with process:
        try:
            printed, complaint = _read(process, time.monotonic() + seconds, unwanted)
        except TimeoutError:
            raise Unreachable(
                f"{where}: token_command did not end within {seconds:g} s; try it by hand, or raise timeout_seconds"
            ) from None
        finally:
            _end(process)
    if process.returncode:
        raise Unreachable(
            f"{where}: token_command failed with status {process.returncode} "
            f"({_without(printed, complaint) or 'it said nothing'}); try it by hand"
        )
    return printed


def _read(
    process: subprocess.Popen[bytes], deadline: float, unwanted: Callable[[], bool]
) -> tuple[bytes, bytes]:
    """Return what the process says on stdout and stderr until it ends; what is too much is not kept."""
    said: dict[IO[bytes] | None, bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in said:
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            _check_time(deadline, unwanted)
            ready = selector.select(_SLICE)
            if not ready and process.poll() is not None:
                break  # something that it left behind, such as a key agent, holds the other end
            for key, _ in ready:
                octets = os.read(key.fd, 65536)
                if not octets:
                    selector.unregister(key.fileobj)
                kept = said[key.fileobj]  # type: ignore[index]
                kept += octets[: _MOST_OCTETS - len(kept)]
    while process.poll() is None:
        _check_time(deadline, unwanted)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SLICE)
    return bytes(said[process.stdout]), bytes(said[process.stderr])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started, if it still runs."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _check_time(deadline: float, unwanted: Callable[[], bool]) -> None:
    if unwanted() or time.monotonic() > deadline:
        raise TimeoutError


def _without(printed: bytes, complaint: bytes) -> str:
    """Return the complaint without any word that was printed as well, which may be the token."""
    for word in sorted(set(printed.split()), key=len, reverse=True):
        if len(word) >= 8:
            complaint = complaint.replace(word, b"...")
    return printable(complaint[-4096:].strip())
