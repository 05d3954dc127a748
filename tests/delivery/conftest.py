"""What tests of delivery share: a publisher on the real wiki."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.wiki.pages import MediaWiki
from pipeline.routing.policy import Policy, load_policy
from pipeline.taxonomy import Taxonomy
from tests.support.mediawiki import BOT_PASSWORD, PASSWORD_ENV, MediaWikiServer
from tests.support.publishing import Desk


@pytest.fixture
def policy(rules: Path, taxonomy: Taxonomy) -> Policy:
    return load_policy(rules / "liaisons.toml", taxonomy)


@pytest.fixture(scope="module")
def session(mediawiki: MediaWikiServer) -> Iterator[MediaWiki]:
    """One login for all tests that need no other."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(PASSWORD_ENV, BOT_PASSWORD)
        wiki = MediaWiki(mediawiki.settings())
        yield wiki
        wiki.close()


@pytest.fixture
def desk(
    ledger: SqlLedger,
    policy: Policy,
    mediawiki: MediaWikiServer,
    session: MediaWiki,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    monkeypatch.setenv(PASSWORD_ENV, BOT_PASSWORD)
    return Desk(ledger, policy, mediawiki.settings(), session)
