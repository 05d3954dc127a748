"""Real servers for the adapters' tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Certificates, make_certificates
from tests.support.dovecot import Dovecot, missing, running_dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    lacking = missing()
    if lacking and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority that signed nothing here."""
    return make_certificates(tmp_path_factory.mktemp("other")).authority
