"""What tests of adapters share: passwords of servers, and a help desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.dovecot import PASSWORD
from tests.support.otrs import PASSWORD as DESK_PASSWORD
from tests.support.otrs import PASSWORD_ENV, FakeHelpDesk, running_help_desk


@pytest.fixture
def imap_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the accounts of `tests.support.imap` log in."""
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHelpDesk]:
    """A help desk that answers as one of the OTRS family does, and whose agent can log in."""
    monkeypatch.setenv(PASSWORD_ENV, DESK_PASSWORD)
    with running_help_desk() as running:
        yield running
