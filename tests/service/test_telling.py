"""What the log may say: our own words, never those of servers or mails, and each entry on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.network.failures import printable
from pipeline.errors import Refused, ServerError, Unreachable
from pipeline.service.telling import failure, problem, public, reason

SECRET = "Asha Rao wrote of the Glass Plates"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            f"imap.main: mail.example:993: mailbox 'INBOX' cannot be opened ({SECRET}); check mailboxes",
            "imap.main: mail.example:993: mailbox … cannot be opened; check mailboxes",
        ),
        (
            f"smtp: mx.example:25: mail to asha@museum.example: the server says 550 {SECRET}; ask",
            "smtp: mx.example:25: mail to … the server says 550",
        ),
        ("login as 'asha' refused (535 no asha) here); check", "login as … refused; check"),
        (
            f"otrs.desk: https://h.example: failed (HTTP 500): {SECRET}",
            "otrs.desk: https://h.example: failed HTTP 500",
        ),
        (f"not now (a) {SECRET} (b); it is tried again", "not now; it is tried again"),
        ("otrs.desk: told to stop", "otrs.desk: told to stop"),
    ],
)
def test_known_lines(line: str, told: str) -> None:
    assert public(line) == told


@given(st.text(max_size=300))
def test_what_a_server_says_between_brackets_never_comes_out(said: str) -> None:
    marked = f"{said} {SECRET} {said}"
    line = public(f"imap.main: h:993: not now ({printable(marked)}); it is tried again at the next run")
    assert "Asha" not in line
    assert "\n" not in line
    assert line.startswith("imap.main: h:993: not now")


@given(st.text())
def test_a_line_stays_one_line_without_addresses(text: str) -> None:
    told = public(text)
    assert "@" not in told
    assert told.isprintable()
    assert len(told) <= 400


def test_errors_of_libraries_are_told_by_kind_and_place() -> None:
    def broken() -> None:
        raise ValueError(SECRET)

    try:
        broken()
    except ValueError as error:
        told = failure("failed", "work", error)
    assert told.message.startswith("work: ValueError at test_telling.py:")
    assert SECRET not in str(told)


@pytest.mark.parametrize("kind", [Refused, Unreachable, ServerError])
def test_errors_of_ours_are_told_in_our_words(kind: type[ServerError]) -> None:
    assert reason(kind(f"wiki: url: no login ({SECRET}); check it")) == "wiki: url: no login; check it"


def test_an_entry_of_a_problem_is_free_of_strangers_words() -> None:
    told = problem("problem", f"x ({SECRET}) asha@museum.example\nforged: line", {"source": "imap:main"})
    assert SECRET not in told.message
    assert "@" not in told.message
    assert "\n" not in told.message
