"""Who a mail is really from: one author, for whom the own mail server vouches (RFC 8601, RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.domainlists import suffixes
from pipeline.feedback import authres

Fields = Sequence[tuple[str, str]]
"""Header fields as they came, in order: name and body, nothing decoded."""

_FIELD = "authentication-results"
_LONGEST_FROM = 2_000
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SOLE = re.compile(r"(?:[^<>@,;:()\"]*<([^<>@\s,;:()\"]{1,64}@[^<>@\s,;:()\"]{1,255})>|([^<>@\s,;:()\"]{1,64}@[^<>@\s,;:()\"]{1,255}))")  # fmt: skip


def sole_author(fields: Fields) -> str:
    """Return the address in From, in lower case; empty unless there is one From field with one address, plainly written.

    What mail servers and clients read differently (two fields, two addresses, groups, comments) is nobody's.
    """
    found = [value for name, value in fields if name.strip().lower() == "from"]
    if len(found) != 1 or len(found[0]) > _LONGEST_FROM:
        return ""
    plain = _QUOTED.sub(" ", " ".join(found[0].split()))
    match = _SOLE.fullmatch(plain.strip())
    return (match[1] or match[2]).lower() if match else ""


def doubt(fields: Fields, author: str, authorities: Iterable[str]) -> str:
    """Return why it is not certain that a mail is from `author`; empty if it is.

    Parameters
    ----------
    fields
        The whole header.
    author
        As `sole_author` gives it.
    authorities
        The authserv-ids that are believed. Of their fields the topmost counts alone: servers write above what was there.
    """
    believed = {one.lower() for one in authorities}
    if not believed:
        return "no authserv_ids are configured"
    ours = (
        value
        for name, value in fields
        if name.strip().lower() == _FIELD and authres.authority(value) in believed
    )
    topmost = next(ours, None)
    if topmost is None:
        return "no Authentication-Results of a configured server"
    findings = authres.read(topmost)
    if findings is None:
        return "malformed Authentication-Results"
    return _doubt(findings, author.rpartition("@")[2])


def _doubt(findings: authres.Findings, domain: str) -> str:
    dmarc = [one for one in findings.results if one.method == "dmarc"]
    if any(one.result not in ("pass", "none", "bestguesspass", "temperror") for one in dmarc):
        return "dmarc did not pass"
    told = [one.properties.get("header.from", domain) for one in dmarc]
    if any(_domain(one) != _ascii(domain) for one in told):
        return "dmarc is about another author"
    if any(one.result == "pass" for one in dmarc):
        return ""
    if any(_in_line(one, domain) for one in findings.results if one.result == "pass"):
        return ""
    return "neither dmarc nor an aligned dkim or spf passed"


def _in_line(result: authres.Result, domain: str) -> bool:
    """Tell whether what passed is of the author's organisational domain (RFC 7489, section 3.1: relaxed)."""
    if result.method == "dkim":
        signer = result.properties.get("header.d") or result.properties.get("header.i", "")
    elif result.method == "spf":
        signer = result.properties.get("smtp.mailfrom") or result.properties.get("smtp.mail", "")
    else:
        return False
    return bool(signer) and registrable(_domain(signer)) == registrable(domain) != ""


def registrable(domain: str) -> str:
    """Return the organisational domain: one label below the public suffix; empty if there is none.

    Below a top-level domain that the list does not know it is the second level (publicsuffix.org: the rule ``*``).
    """
    found = suffixes(private=True)(_ascii(domain))
    if not found.suffix:
        return f"{found.subdomain.rpartition('.')[2]}.{found.domain}" if found.subdomain else ""
    return found.top_domain_under_public_suffix


def _domain(value: str) -> str:
    return _ascii(value.rpartition("@")[2].strip("<>"))


def _ascii(domain: str) -> str:
    domain = domain.lower().rstrip(".")
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
