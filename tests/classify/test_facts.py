"""Facts and rule hits as named numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.facts import facts, rule_facts
from pipeline.parsing import read
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import View

MAIL = (
    b"From: Ana Lopez <ana.lopez7@museum.edu.ar>\r\nTo: partners@wiki.example\r\nSubject: Scans\r\n"
    b"Authentication-Results: mx.wiki.example; spf=pass; dkim=fail\r\nReply-To: ana@elsewhere.example\r\n"
    b"List-Id: Partners <partners.wiki.example>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n"
    b"Hello,\r\n\r\nwe would give EUR 500 for scans, see https://museum.edu.ar/scans and https://other.example/ ?\r\n"
)


def _hit(rule: str, tag: str, weight: float, view: View | None, must: bool = False) -> RuleHit:
    return RuleHit(rule=rule, tags=(tag,), must=must, weight=weight, view=view, matched="")


def test_header_facts() -> None:
    found = facts(read(MAIL))
    for name in (
        "top-level domain ar", "domain part edu", "mailing list", "spf=pass", "dkim=fail", "digits in the address",
        "address has the name", "replies go elsewhere", "links to the sender's host", "links to other hosts",
    ):  # fmt: skip
        assert found[name] == 1.0, name
    assert found["money"] == pytest.approx(math.log1p(1))
    assert "free-mail domain" not in found
    assert "no display name" not in found


def test_free_mail_is_told() -> None:
    assert facts(read(MAIL.replace(b"museum.edu.ar>", b"gmail.com>")))["free-mail domain"] == 1.0


def test_rule_facts_add_up_by_tag_and_view() -> None:
    found = rule_facts(
        (
            _hit("a", "partner_type=museum", 1.0, View.SENDER),
            _hit("b", "partner_type=museum", 2.0, View.SENDER),
            _hit("c", "partner_type=museum", -1.0, View.BODY),
            _hit("d", "kind=automated", 1.0, None, must=True),
        )
    )
    assert found["partner_type=museum by rules in sender"] == pytest.approx(math.log1p(3))
    assert found["partner_type=museum by rules in body"] == pytest.approx(-math.log1p(1))
    assert found["partner_type=museum by rules"] == pytest.approx(math.log1p(2))
    assert found["rule a in sender"] == found["rule d in message"] == 1.0
    assert found["kind=automated by a rule that decides"] == 1.0


def test_sums_survive_the_renaming_of_a_rule() -> None:
    one = rule_facts((_hit("old", "kind=spam", 1.5, View.BODY),))
    other = rule_facts((_hit("new", "kind=spam", 1.5, View.BODY),))
    assert {name for name in one if name not in other} == {"rule old in body"}


@given(st.binary(max_size=400))
def test_any_mail_has_finite_facts(noise: bytes) -> None:
    found = facts(read(MAIL + noise))
    assert all(math.isfinite(value) and value < 100 for value in found.values())
