"""`triage retag` and the options for workers as a person or a program meets them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import ROOT, objects, triage
from tests.kill.test_kill import FROM, mails, settle

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "retag.schema.json").read_text(encoding="utf-8"))
RULE = """
[[rule]]
id = "own.maps"
description = "Maps are for somebody else"
tags = ["kind=misdirected"]
terms = ["would like to give them to Commons"]
must = true
views = ["body"]
hits = ["Our museum has maps and would like to give them to Commons."]
misses = ["Our museum has maps."]
"""


@pytest.mark.parametrize("command", [("import", "list.mbox"), ("retag",)])
def test_two_kinds_of_workers_are_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    settle(tmp_path)
    done = triage(*command, "--workers", "2", "--dask", "tcp://127.0.0.1:1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--workers and --dask exclude each other" in done.stderr


def test_old_mail_is_tagged_anew_compared_and_applied(tmp_path: Path) -> None:
    some = [one.replace(b"\r\n", b"\n") for one in mails(3)]
    (tmp_path / "list.mbox").write_bytes(b"".join(FROM + one + b"\n" for one in some))
    settle(tmp_path)
    assert triage("import", "list.mbox", cwd=tmp_path).returncode == 0
    (none,) = triage("retag", "show", cwd=tmp_path).stderr.splitlines()
    assert none == "triage: no retag is open; begin one with: triage retag"
    settings = (tmp_path / "triage.toml").read_text(encoding="utf-8")
    (tmp_path / "triage.toml").write_text(
        settings.replace('model = ""', 'model = ""\nrules = "own"'), encoding="utf-8"
    )
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.toml").write_text(RULE, encoding="utf-8")
    done = triage("retag", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = objects(done)
    jsonschema.validate(told, {**SCHEMA, "$ref": "#/$defs/retag"})
    assert (told["stage"], told["messages"]) == ("complete", {"changed": 3})
    (shown,) = objects(triage("retag", "show", "--json", cwd=tmp_path))
    jsonschema.validate(shown, {**SCHEMA, "$ref": "#/$defs/shown"})
    assert shown["comparison"]["inquiries"] == 3
    (changed,) = shown["comparison"]["tables"]["kind"]
    assert (changed["after"], changed["inquiries"]) == ("misdirected", 3)
    (applied,) = objects(triage("retag", "apply", "--json", cwd=tmp_path))
    jsonschema.validate(applied, {**SCHEMA, "$ref": "#/$defs/retag"})
    assert (applied["stage"], applied["messages"]) == ("applied", {"applied": 3})
    key = shown["comparison"]["examples"]["kind"][0]
    assert "misdirected" in triage("explain", key, cwd=tmp_path).stdout
