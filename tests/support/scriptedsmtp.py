"""An SMTP server over plain sockets that does at each stage of a session what a test wants, be it rude."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipeline.demo.servers import ReceivedMail

STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end")
DROP = "drop"
"""As an answer: end the connection instead."""
_GOOD = {"greeting": "220 localhost ready", "DATA": "354 go on", "end": "250 2.0.0 queued"}


@dataclass(kw_only=True)
class ScriptedSmtp:
    """What the server does.

    Parameters
    ----------
    answers
        Stage to the next answers there; the usual good ones when there are none left. The mail is kept if the answer at
        ``end`` is good, or is a `DROP`: then it was taken, and the client never hears of it.
    before, after
        Called with the stage before and after it is answered.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    received: list[ReceivedMail] = field(default_factory=list)
    port: int = 0

    def identifiers(self) -> list[str]:
        """Return the Message-IDs of what was taken."""
        return [_identifier(mail.octets) for mail in self.received]

    def serve(self, connection: socket.socket) -> None:
        """Hold one session."""
        with connection, contextlib.suppress(OSError, _Dropped):
            lines = connection.makefile("rb")
            self._say(connection, "greeting")
            sender, recipients = "", list[str]()
            while words := lines.readline().decode("latin-1").strip():
                command, _, argument = words.partition(" ")
                match command.upper():
                    case "EHLO" | "HELO":
                        self._say(connection, "EHLO")
                    case "MAIL":
                        sender, recipients = _path(argument), []
                        self._say(connection, "MAIL")
                    case "RCPT":
                        recipients.append(_path(argument))
                        self._say(connection, "RCPT")
                    case "DATA":
                        if self._say(connection, "DATA").startswith("354"):
                            octets = b"".join(iter(lines.readline, b".\r\n"))
                            self._end(connection, sender, recipients, octets)
                    case "QUIT":
                        connection.sendall(b"221 bye\r\n")
                        return
                    case _:
                        connection.sendall(b"250 fine\r\n")

    def _end(self, connection: socket.socket, sender: str, recipients: list[str], octets: bytes) -> None:
        self.before("end")
        answer = self._next("end")
        if answer == DROP or answer.startswith("2"):
            mail = ReceivedMail(envelope_from=sender, recipients=tuple(recipients), octets=octets)
            self.received.append(mail)
        self._answer(connection, "end", answer)

    def _say(self, connection: socket.socket, stage: str) -> str:
        self.before(stage)
        answer = self._next(stage)
        self._answer(connection, stage, answer)
        return answer

    def _answer(self, connection: socket.socket, stage: str, answer: str) -> None:
        if answer == DROP:
            connection.close()
            raise _Dropped
        connection.sendall(answer.encode() + b"\r\n")
        self.after(stage)

    def _next(self, stage: str) -> str:
        waiting = self.answers.get(stage)
        return waiting.pop(0) if waiting else _GOOD.get(stage, "250 2.1.0 fine")


class _Dropped(Exception):
    """The connection was ended as the test wants."""


@contextlib.contextmanager
def running(server: ScriptedSmtp) -> Iterator[ScriptedSmtp]:
    """Run `server`, a thread for each session, and set its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server.port = door.getsockname()[1]
        threading.Thread(target=_accept, args=(door, server), daemon=True).start()
        yield server
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _accept(door: socket.socket, server: ScriptedSmtp) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = door.accept()
            threading.Thread(target=server.serve, args=(connection,), daemon=True).start()


def _path(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


def _identifier(octets: bytes) -> str:
    return str(email.message_from_bytes(octets, policy=email.policy.default)["Message-ID"])
