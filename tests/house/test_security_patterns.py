"""No regular expression of the program explodes, whatever it is run over."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

from tests.support.warm import ROOT

# For 1,000 characters that are made to hurt; a pattern that explodes needs more than the whole child has.
_SECONDS = 0.25
_CHILD_SECONDS = 120


def test_no_regular_expression_explodes() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.support.patterns"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (_CHILD_SECONDS, _CHILD_SECONDS)),
        capture_output=True,
        text=True,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{told[-1:]} {done.stderr[-2000:]}"
    measured = [one for one in told if "where" in one]
    assert len(measured) > 200
    assert [one for one in measured if one["seconds"] > _SECONDS] == []
