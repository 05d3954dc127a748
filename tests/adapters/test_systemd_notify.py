"""sd_notify: what is told over which socket, and who is asked for signs of life."""

from __future__ import annotations

import os
import threading
import uuid
from pathlib import Path

import pytest

from pipeline.adapters.systemd import Notifier
from tests.support.notified import manager


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_life_of_a_service_is_told(kind: str, tmp_path: Path) -> None:
    address = str(tmp_path / "notify") if kind == "path" else f"@triage-{uuid.uuid4()}"
    with manager(address) as told:
        notifier = Notifier({"NOTIFY_SOCKET": told.variable})
        notifier.ready("3 new")
        notifier.alive()
        notifier.status("busy")
        notifier.reloading()
        notifier.stopping()
        heard = told.waiting()
    assert heard[:3] == [{"READY": "1", "STATUS": "3 new"}, {"WATCHDOG": "1"}, {"STATUS": "busy"}]
    assert heard[3]["RELOADING"] == "1"
    assert int(heard[3]["MONOTONIC_USEC"]) > 0
    assert heard[4]["STOPPING"] == "1"


def test_without_a_manager_nothing_is_told() -> None:
    for environment in ({}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "relative/path"}):
        Notifier(environment).ready("fine")


def test_a_manager_that_is_gone_or_does_not_listen_stops_nothing(tmp_path: Path) -> None:
    with manager(tmp_path / "notify") as told:
        notifier = Notifier({"NOTIFY_SOCKET": told.variable})
        for _ in range(2000):
            notifier.alive()  # the queue of a socket holds a few
    notifier.alive()
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "never")}).alive()


def test_a_change_of_state_waits_for_room_where_a_sign_of_life_is_let_go(tmp_path: Path) -> None:
    with manager(tmp_path / "notify") as told:
        notifier = Notifier({"NOTIFY_SOCKET": told.variable})
        for _ in range(2000):
            notifier.alive()
        sender = threading.Thread(target=notifier.reloading)
        sender.start()
        sender.join(0.1)
        assert sender.is_alive()
        assert told.until("RELOADING")
        sender.join()


def test_a_status_cannot_say_more_than_a_status(tmp_path: Path) -> None:
    with manager(tmp_path / "notify") as told:
        Notifier({"NOTIFY_SOCKET": told.variable}).status("fine\nSTOPPING=1")
        assert told.waiting() == [{"STATUS": "fine STOPPING=1"}]


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("3000000", "", 3.0),
        ("3000000", "own", 3.0),
        ("3000000", "1", None),
        ("0", "", None),
        ("", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("٣", "", None),
    ],
)
def test_the_watchdog_is_for_whom_it_names(usec: str, pid: str, seconds: float | None) -> None:
    environment = {
        "WATCHDOG_USEC": usec,
        "WATCHDOG_PID": pid.replace("own", str(os.getpid())),
        "OTHER": "kept",
    }
    assert Notifier(environment).watchdog_seconds == seconds
    assert environment == {"OTHER": "kept"}, "processes of ours do not speak in its name"
