"""New declared files in a running service: all of them good, or none taken and all faults told."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.adapters.systemd import Notifier
from pipeline.cli.staying import _Service, _Told
from pipeline.errors import UsageError
from pipeline.records.logs import LogEntry
from pipeline.service.pulse import Pulse
from pipeline.service.rounds import Desk
from pipeline.service.rules import Renewing
from pipeline.settings import Answers, Folders, Settings
from pipeline.wiring.renewal import everything
from tests.rulebook.test_rules_in_decisions import own_rule
from tests.service.test_pulse import LIMIT, Tick
from tests.support.mails import NOW
from tests.support.notified import manager


@pytest.fixture
def settings(tmp_path: Path, rules: Path) -> Settings:
    own = tmp_path / "own"
    own.mkdir()
    (own / "own.toml").write_text(own_rule("bright", "priority = 7"), encoding="utf-8")
    (tmp_path / "liaisons.toml").write_bytes((rules / "liaisons.toml").read_bytes())
    keyfile.make(tmp_path / "triage.key")
    return Settings(
        answers=Answers(address="desk@partners.example", key_file=tmp_path / "triage.key"),
        folders=Folders(rules=own, liaisons=tmp_path / "liaisons.toml", model=""),
    )


def test_faults_of_all_files_are_told_at_once(settings: Settings, tmp_path: Path) -> None:
    everything(settings)
    (tmp_path / "liaisons.toml").write_text("nonsense = [", encoding="utf-8")
    (tmp_path / "own" / "own.toml").write_text(own_rule("bright", "priority = 700"), encoding="utf-8")
    (tmp_path / "own" / "commands.toml").write_text("[nothing]\n", encoding="utf-8")
    (tmp_path / "triage.key").chmod(0o644)
    with pytest.raises(UsageError) as caught:
        everything(settings)
    told = str(caught.value)
    for part in ("liaisons.toml", "own.toml", "commands.toml", "triage.key"):
        assert part in told


def test_words_and_secrets_of_a_running_service_stay_while_new_ones_have_faults(
    settings: Settings, tmp_path: Path
) -> None:
    give = wiring.correspondence(settings, keep=True)
    before = give()
    assert before is not None
    key = tmp_path / "triage.key"
    key.chmod(0o644)
    (tmp_path / "own" / "commands.toml").write_text("[nothing]\n", encoding="utf-8")
    assert give() == before
    key.chmod(0o600)
    (tmp_path / "own" / "commands.toml").unlink()
    keyfile.rotate(key, NOW, None)
    after = give()
    assert after is not None
    assert after.ring != before.ring, "a new secret is in use at once"


def test_a_reload_from_another_thread_is_taken_at_the_next_work() -> None:
    """The desk that works is exchanged by the lane that works with it, never under its hands."""
    loads: list[int] = []

    class Rulebook:
        version = "r"

    class Tagger:
        rulebook, model = Rulebook(), None

    def load() -> Any:
        loads.append(1)
        return Tagger(), f"policy {len(loads)}"

    said: list[str] = []
    renewing = Renewing(lambda: 1, load, said.append)
    desk = Desk(**cast("Any", dict.fromkeys(("settings", "ledger", "sources", "reader", "sender", "clock"))),
                tagger=cast("Any", Tagger()), policy=cast("Any", "old"))  # fmt: skip
    assert renewing(desk) is desk
    assert renewing.reload(desk)
    assert cast("Any", desk.policy) == "old"
    renewed = renewing(desk)
    assert cast("Any", renewed.policy) == "policy 1"
    assert renewing(renewed) is renewed
    assert said == ["rules r are in force now"]


class Timetable:
    """A timetable whose clock nobody sets."""

    def look_at_clock(self) -> bool:
        return False


def test_a_lane_that_hangs_ends_the_signs_of_life(tmp_path: Path) -> None:
    tick, told = Tick(), list[LogEntry]()
    pulse = Pulse(LIMIT, tick)
    pulse.expect("work", 300)
    with manager(tmp_path / "notify") as heard:
        notifier = Notifier({"NOTIFY_SOCKET": heard.variable, "WATCHDOG_USEC": "1000000"})
        nothing = cast("Any", None)
        service = _Service(
            nothing, nothing, cast("Any", Timetable()), nothing, pulse, notifier, _Told(told.append), nothing
        )
        pulse.beat("work")
        service._look()
        assert {"WATCHDOG": "1"} in heard.waiting()
        tick.now += LIMIT + 1
        for _ in range(3):
            service._look()
        silent = heard.waiting()
        assert {"WATCHDOG": "1"} not in silent
        assert {"STATUS": "hanging: work"} in silent
        pulse.beat("work")
        service._look()
        assert {"WATCHDOG": "1"} in heard.waiting(), "it only took long"
    assert [one.event for one in told] == ["hanging"], "said once"
