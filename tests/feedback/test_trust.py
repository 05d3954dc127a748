"""Authentication-Results and From, as servers write them and as forgers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feedback import authres, trust

GMAIL = (
    " mx.google.com;\r\n       dkim=pass header.i=@liaisons.example header.s=s1 header.b=aB/c+d=;\r\n"
    "       spf=pass (google.com: domain of x@liaisons.example designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=x@liaisons.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=liaisons.example"
)


def test_a_field_of_a_large_provider_is_read() -> None:
    found = authres.read(GMAIL)
    assert found is not None
    assert found.authority == "mx.google.com"
    assert [(one.method, one.result) for one in found.results] == [
        ("dkim", "pass"),
        ("spf", "pass"),
        ("dmarc", "pass"),
    ]
    assert found.results[0].properties["header.b"] == "aB/c+d="


@pytest.mark.parametrize(
    "field",
    [
        "mx.example",  # no result at all is no field (RFC 8601, section 2.2), but harmless
        "mx.example 1; none",
        "mx.example; (only a comment) none;",
        "mx.example;\tdkim = pass\r\n\theader.d = a.example",
        '"mx.example"; dkim=pass reason="all (well); done" header.d=a.example',
        "mx.example; dkim/1=pass header.d=a.example",
    ],
)
def test_what_the_grammar_allows_is_read(field: str) -> None:
    found = authres.read(field)
    assert found is not None
    assert found.authority == "mx.example"


@pytest.mark.parametrize(
    "field",
    [
        "", ";", "; dkim=pass", "mx.example 2; dkim=pass", "mx example org; dkim=pass", "mx.example; dkim",
        "mx.example; dkim=pass (open", 'mx.example; dkim=pass reason="open', "mx.example; =pass", "mx.example; dkim=",
        "mx.example; ; dkim=pass", "spf=pass smtp.mailfrom=a.example; dmarc=pass", "mx.example; dkim=pass" + "(" * 50,
        "mx.example; dkim=pass " + "x" * 20_000,
    ],
)  # fmt: skip
def test_what_it_does_not_allow_is_void(field: str) -> None:
    assert authres.read(field) is None


@given(st.text(alphabet='abc=;()" \\.@/\r\n\t1', max_size=200))
def test_no_field_breaks_the_reader(field: str) -> None:
    found = authres.read(field)
    assert found is None or found.authority


@given(st.text(alphabet='a=;() .@"\\', max_size=40))
def test_what_a_stranger_writes_into_a_quoted_value_is_no_result(inside: str) -> None:
    quoted = inside.replace("\\", "\\\\").replace('"', '\\"')
    found = authres.read(f'mx.example; spf=fail smtp.mailfrom="{quoted}"@evil.example')
    assert found is None or [(one.method, one.result) for one in found.results] == [("spf", "fail")]


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("lieve@liaisons.example", "lieve@liaisons.example"),
        ("Lieve Maesveld <Lieve@Liaisons.Example>", "lieve@liaisons.example"),
        ('"Maesveld, Lieve (she) <x@y.example>" <lieve@liaisons.example>', "lieve@liaisons.example"),
        ("=?utf-8?q?Lieve_M=C3=A4?=\r\n <lieve@liaisons.example>", "lieve@liaisons.example"),
        ("lieve@liaisons.example, b@c.example", ""),
        ("lieve@liaisons.example <b@c.example>", ""),
        ("Lieve", ""),
        ("", ""),
        ("<lieve@liaisons.example> <b@c.example>", ""),
        ("undisclosed: lieve@liaisons.example;", ""),
        ("x" * 3000 + "<lieve@liaisons.example>", ""),
    ],
)
def test_one_author_plainly_written(value: str, author: str) -> None:
    assert trust.sole_author([("from", value)]) == author


def test_two_fields_are_nobodys() -> None:
    assert trust.sole_author([("From", "a@b.example"), ("FROM", "a@b.example")]) == ""


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("mail.liaisons.example", "liaisons.example"),
        ("a.b.co.uk", "b.co.uk"),
        ("co.uk", ""),
        ("me.github.io", "me.github.io"),  # everybody may have such a one
        ("example", ""),
        ("", ""),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_the_organisational_domain(domain: str, organisation: str) -> None:
    assert trust.registrable(domain) == organisation


def test_neighbours_under_a_public_suffix_do_not_vouch_for_each_other() -> None:
    fields = [("Authentication-Results", "mx.example; dkim=pass header.d=evil.github.io")]
    assert trust.doubt(fields, "a@me.github.io", ["mx.example"]) != ""
    assert trust.doubt(fields, "a@www.evil.github.io", ["mx.example"]) == ""


def test_without_configured_servers_nobody_is_believed() -> None:
    assert trust.doubt([("Authentication-Results", GMAIL)], "x@liaisons.example", []) != ""
    assert trust.doubt([("Authentication-Results", GMAIL)], "x@liaisons.example", ["MX.google.com"]) == ""
