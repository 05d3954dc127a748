"""The pointer to the model in service: promoted, rolled back, and what is served where something is missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.classify.finals import FINAL, check_writable, log, opened
from pipeline.classify.promotion import CURRENT, promote, promotions, rollback
from pipeline.classify.serving import before, serving
from pipeline.errors import ModelError, OutputError

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def _card(name: str, digit: str, *requires: str) -> dict[str, Any]:
    return {"name": name, "version": f"{name}-1", "seal": digit * 64, "files": {}, "requires": list(requires)}


def _model(models: Path, name: str, *requires: str) -> None:
    (models / name).mkdir()
    (models / name / "card.json").write_text(json.dumps(_card(name, "0", *requires)), encoding="utf-8")


def test_the_last_promoted_serves_and_rollback_goes_back_step_by_step(tmp_path: Path) -> None:
    for hour, (name, digit) in enumerate((("a", "1"), ("b", "2"), ("c", "3"))):
        promote(tmp_path, _card(name, digit), NOW + timedelta(hours=hour), "because" if name == "b" else "")
    assert serving(tmp_path, "auto").name == "c"
    assert serving(tmp_path, "auto").pin == "3" * 64
    assert before(tmp_path).name == "b"
    rollback(tmp_path, NOW + timedelta(hours=4))
    assert serving(tmp_path, "auto").name == "b"
    rollback(tmp_path, NOW + timedelta(hours=5))
    assert serving(tmp_path, "auto").name == "a"
    log_of = [(one.action, one.name, one.reason) for one in promotions(tmp_path).log]
    assert log_of == [
        ("promote", "a", ""), ("promote", "b", "because"), ("promote", "c", ""), ("rollback", "b", ""), ("rollback", "a", ""),
    ]  # fmt: skip
    rollback(tmp_path, NOW + timedelta(hours=6))
    assert serving(tmp_path, "auto").name == "base"
    with pytest.raises(ModelError, match="no model was promoted here"):
        rollback(tmp_path, NOW)


def test_the_same_model_twice_is_one_step(tmp_path: Path) -> None:
    for name, digit in (("a", "1"), ("b", "2"), ("b", "2")):
        promote(tmp_path, _card(name, digit), NOW)
    assert [one.name for one in promotions(tmp_path).stack] == ["a", "b"]
    assert promotions(tmp_path).keeps("a")
    assert not promotions(tmp_path).keeps("c")


def test_settings_name_a_model_or_none(tmp_path: Path) -> None:
    promote(tmp_path, _card("a", "1"), NOW)
    assert serving(tmp_path, "").name == ""
    assert (serving(tmp_path, "other").name, serving(tmp_path, "other").pin) == ("other", "")


def test_without_a_promotion_embed_serves_if_its_libraries_are_there(tmp_path: Path) -> None:
    assert serving(tmp_path, "auto").name == "base"
    _model(tmp_path, "embed", "no-such-library")
    found = serving(tmp_path, "auto")
    assert found.name == "base"
    assert "embed needs no-such-library, not installed" in found.why
    (tmp_path / "embed" / "card.json").write_text(json.dumps(_card("embed", "0", "numpy")), encoding="utf-8")
    assert serving(tmp_path, "auto").name == "embed"


def test_a_promoted_model_without_its_libraries_leaves_base_to_serve(tmp_path: Path) -> None:
    _model(tmp_path, "next", "no-such-library")
    _model(tmp_path, "base")
    promote(tmp_path, _card("next", "1"), NOW)
    found = serving(tmp_path, "auto")
    assert found.name == "base"
    assert "next was promoted, but needs no-such-library" in found.why


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'{"stack": [], "log": 3}', b'{"stack": [{}], "log": []}', b"\xff", b"[" * 50_000,
        b'{"stack": [{"name": "../x", "version": "", "seal": "", "at": "", "action": "promote", "reason": ""}], "log": []}',
    ],
)  # fmt: skip
def test_a_damaged_pointer_is_told_and_nothing_else_serves(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CURRENT).write_bytes(content)
    with pytest.raises(ModelError, match=r"current\.json: not what `triage models promote` writes"):
        serving(tmp_path, "auto")
    assert serving(tmp_path, "base").name == "base"


def test_a_pointer_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / CURRENT).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="symbolic link"):
        serving(tmp_path, "auto")


def test_the_pointer_is_replaced_at_once(tmp_path: Path) -> None:
    promote(tmp_path, _card("a", "1"), NOW)
    assert [path.name for path in tmp_path.iterdir()] == [CURRENT]
    with pytest.raises(OutputError, match="cannot be written"):
        promote(tmp_path / "missing", _card("a", "1"), NOW)


def test_the_opening_of_the_test_part_is_found_again_by_the_seal(tmp_path: Path) -> None:
    assert opened(tmp_path, "1") is None
    log(tmp_path, NOW, {"seal": "1", "n": 4})
    log(tmp_path, NOW, {"seal": "2", "n": 5})
    assert opened(tmp_path, "1") == {"at": "2026-11-02T08:00:00+00:00", "seal": "1", "n": 4}
    assert opened(tmp_path, "3") is None


@pytest.mark.parametrize("content", [b"{", b"[]\n", b'{"n": 3}\n', b"\xff\n"])
def test_a_damaged_log_keeps_the_test_part_closed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FINAL).write_bytes(content)
    with pytest.raises(ModelError, match=r"final\.jsonl"):
        opened(tmp_path, "1")


def test_what_cannot_be_logged_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / FINAL).mkdir()
    with pytest.raises(OutputError, match="stays closed"):
        check_writable(tmp_path)
