"""The exceptions of the project, in one tree.

::

    TriageError                  anything this program reports in one line
    ├── UsageError               the call or a file of settings is wrong (exit status 2)
    │   └── DeclarationError     a declarative file has faults, all of them listed
    ├── ServerError              a server cannot be used as asked
    │   ├── Unreachable          no connection: name, port, time-out, TLS
    │   ├── Refused              it answered, and said no: password, mailbox, sender
    │   │   └── Undeliverable    no to this one mail or its recipient (SMTP 5xx): another try is in vain
    │   ├── EditConflict         a page was changed by somebody else in the same moment
    │   └── Deferred             it said "later" (SMTP 4xx): worth another try
    ├── LedgerError              the database cannot be opened, is locked or of another version
    ├── ModelError               a model directory is missing, broken or not made for this program
    ├── ReaderUnavailable        the process that reads mail cannot be started
    ├── MachineFault             no disk, memory or file handles left, or the disk fails
    ├── WorkersLost              processes or machines that share work are gone, out of reach, or differ
    ├── UnreadableMessage        octets of which no message can be made
    └── OutputError              a file or folder cannot be written
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


class TriageError(Exception):
    """Anything that the program reports in one line, without a traceback.

    The message says what went wrong, where, and what to do about it.
    """

    exit_status = 1


class UsageError(TriageError):
    """The call, or a file of settings, is wrong."""

    exit_status = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a declarative file.

    Parameters
    ----------
    file
        The file as the user named it.
    path
        Dotted path inside the file, such as ``imap.0.port``; empty for the whole file.
    message
        What is wrong and how to mend it.
    """

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: {self.message}"


class DeclarationError(UsageError):
    """A declarative file has faults.

    Parameters
    ----------
    faults
        All of them, in file order.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class ServerError(TriageError):
    """A server cannot be used as asked."""


class Unreachable(ServerError):
    """No connection to a server: name, port, time-out or TLS."""


class Refused(ServerError):
    """A server answered, and said no."""


class Undeliverable(Refused):
    """A server takes this mail for this recipient never (RFC 5321, section 4.2.1: 5yz); others it may take.

    Parameters
    ----------
    message
        What to tell.
    status
        The enhanced status code (RFC 3463), such as 5.1.1.
    """

    def __init__(self, message: str, status: str = "5.0.0") -> None:
        self.status = status
        super().__init__(message)


class EditConflict(ServerError):
    """A page was changed by somebody else between being read and being written."""


class Deferred(ServerError):
    """A server said "later" (RFC 5321, section 4.2.1: 4yz).

    Parameters
    ----------
    message
        What to tell.
    seconds
        After which it may be tried again, as the server says; 0 if it does not.
    """

    def __init__(self, message: str, seconds: float = 0) -> None:
        self.seconds = seconds
        super().__init__(message)


class LedgerError(TriageError):
    """The database cannot be opened, is locked, or is of another version."""


class ModelError(TriageError):
    """A model directory is missing, broken, or not made for this program."""


class MachineFault(TriageError):
    """The machine has no disk, memory or file handles left, or its disk fails: nothing is wrong with the mail."""


class WorkersLost(TriageError):
    """The processes or machines that share work are gone, out of reach, or differ: what was done stays done."""


class UnreadableMessage(TriageError):
    """Octets of which no message can be made."""


class ReaderUnavailable(TriageError):
    """The process that reads mail cannot be started: nothing is wrong with the mail."""


class OutputError(TriageError):
    """A file or folder cannot be written."""

    @classmethod
    def at(
        cls,
        place: object,
        error: OSError,
        mend: str = "make room or give yourself the right, or name another place",
    ) -> Self:
        """Return the error for a place, with what the system says of it and how to mend it."""
        return cls(f"{place}: cannot be written: {error.strerror or error}; {mend}")
