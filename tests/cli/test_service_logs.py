"""The log of the service: one line an entry, in words or in JSON, whatever is in it; libraries say nothing of their own."""

from __future__ import annotations

import json
import logging
import threading
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.logs import logging_to, writer
from pipeline.records.logs import Level, LogEntry
from pipeline.service.telling import entry
from pipeline.settings import Service

FORGED = 'fine\n<0>triage: forged\r\x1b[31m\u2028{"level": "error"}'


def lines(settings: Service, *entries: LogEntry, journal: bool = False) -> list[str]:
    written: list[str] = []
    tell = writer(settings, written.append, journal=journal)
    for one in entries:
        tell(one)
    return written


@given(st.text())
def test_no_entry_forges_a_line(said: str) -> None:
    for settings in (Service(), Service(log="json")):
        (line,) = lines(settings, entry("polled", FORGED + said, {"source": said}))
        assert line.endswith("\n")
        assert line[:-1].isprintable()
        assert len(line.splitlines()) == 1


def test_json_has_time_level_event_message_and_fields() -> None:
    (line,) = lines(
        Service(log="json"), entry("polled", "a: 1 new", {"source": "a", "stored": 1, "level": "x"})
    )
    told: dict[str, Any] = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {"level": "info", "event": "polled", "message": "a: 1 new", "source": "a", "stored": 1}


def test_the_journal_gets_priorities() -> None:
    written = lines(
        Service(log_level="debug"),
        *(entry("x", "said", level=level) for level in Level),
        journal=True,
    )
    assert written == ["<7>said\n", "<6>said\n", "<4>triage: said\n", "<3>triage: said\n"]


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_is_the_least_that_is_told(level: Any, count: int) -> None:
    assert len(lines(Service(log_level=level), *(entry("x", "said", level=one) for one in Level))) == count


def test_libraries_are_told_of_without_their_words() -> None:
    told: list[LogEntry] = []
    with logging_to(told.append):
        logging.getLogger("some.library").error("could not parse %s", "Asha's mail")
        logging.getLogger("some.library").info("not told")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("Asha's mail is odd", UserWarning, stacklevel=1)
        thread = threading.Thread(target=lambda: int("Asha's number"), name="listen imap:main")
        thread.start()
        thread.join()
    assert [one.event for one in told] == ["library", "library", "crashed"]
    assert told[0].message.startswith("some.library reports something at test_service_logs:")
    assert told[2].message.startswith("listen imap:main: ValueError at ")
    assert "Asha" not in repr(told)
    assert not logging.getLogger().handlers or all(
        type(one).__module__ != "pipeline.cli.logs" for one in logging.getLogger().handlers
    )
