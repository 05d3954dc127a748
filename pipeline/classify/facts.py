"""What a model may know of an inquiry beside its words: header facts, shape of the text, and which rules matched."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator

from pipeline.classify.grouping import is_shared_host
from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Inquiry

_LONGEST_TEXT = 20_000
_LONGEST_FIELD = 2_000
_URL = re.compile(r"(?:https?://|www\.)([A-Za-z0-9.-]{1,255})")
_MONEY = re.compile(r"[$€£¥₹₽₴₺]|\b(?:usd|eur|gbp|euros?|dollars?)\b", re.IGNORECASE)
_BULLET = re.compile(r"(?m)^[ \t]{0,8}(?:[-*•]|\d[.)])[ \t]")
_CHECK = re.compile(r"\b(spf|dkim|dmarc)=([a-z]{1,20})")
# Parts of a domain that tell what kind of body it belongs to, under any country.
_DOMAIN_PARTS = frozenset({"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "k12", "mil", "museum", "net", "org", "or", "sch"})  # fmt: skip
_HEADERS = ("Auto-Submitted", "In-Reply-To", "List-Unsubscribe", "Precedence", "X-OTRS-Queue", "X-Priority")
_ROLES = frozenset({"admin", "contact", "hello", "info", "mailer-daemon", "marketing", "no-reply", "noreply", "office", "postmaster", "press", "sales", "support"})  # fmt: skip


def facts(inquiry: Inquiry) -> dict[str, float]:
    """Return named numbers, mostly 0 to 1, about `inquiry`; absent means 0."""
    parts = (_sender, _way, _checks, _shape, _links)
    return {name: value for part in parts for name, value in part(inquiry) if value}


def rule_facts(hits: tuple[RuleHit, ...]) -> dict[str, float]:
    """Return what the rules say: each hit by rule and view, and the damped sum of weights of each tag by view.

    The sums stay meaningful where rules are renamed, split or joined.
    """
    sums: dict[str, float] = defaultdict(float)
    found: dict[str, float] = {}
    for hit in hits:
        view = hit.view.value if hit.view else "message"
        found[f"rule {hit.rule} in {view}"] = 1.0
        for tag in hit.tags:
            sums[f"{tag} by rules in {view}"] += hit.weight
            sums[f"{tag} by rules"] += hit.weight
            if hit.must:
                found[f"{tag} by a rule that decides"] = 1.0
    return found | {
        name: math.copysign(math.log1p(abs(total)), total) for name, total in sums.items() if total
    }


def _sender(inquiry: Inquiry) -> Iterator[tuple[str, float]]:
    domain = inquiry.author.domain.lower()
    local = inquiry.author.local_part.lower()
    name = [word for word in inquiry.author.name.casefold().split() if len(word) > 2]
    *parts, top = domain.split(".")
    yield "free-mail domain", float(is_shared_host(domain)) if domain else 0.0
    yield f"top-level domain {top[:24]}", 1.0
    for part in _DOMAIN_PARTS.intersection(parts):
        yield f"domain part {part}", 1.0
    yield "role address", float(local in _ROLES)
    yield "digits in the address", float(any(map(str.isdigit, local)))
    yield "no display name", float(not name)
    yield "address has the name", float(any(word in local for word in name))
    yield "domain has the name", float(any(len(word) > 3 and word in domain for word in name))


def _way(inquiry: Inquiry) -> Iterator[tuple[str, float]]:
    message = inquiry.message
    yield "mailing list", float(bool(inquiry.list_id))
    yield "forwarded", float(inquiry.forward is not None)
    yield "quotes mail", float(bool(inquiry.quoted.strip()))
    yield "HTML", float(bool(message.text_html))
    yield "recipients", math.log1p(min(len(inquiry.recipients), 100))
    yield f"automatic {inquiry.automatic.value if inquiry.automatic else 'no'}", 1.0
    yield f"language {inquiry.language}", 1.0
    for attachment in message.attachments[:20]:
        yield f"attachment {attachment.content_type[:80]}", 1.0
    answers = [address.domain for address in message.reply_to]
    yield "replies go elsewhere", float(bool(answers) and inquiry.author.domain not in answers)


def _checks(inquiry: Inquiry) -> Iterator[tuple[str, float]]:
    """Yield what the receiving server found (RFC 8601), and which telling fields are there."""
    message = inquiry.message
    for value in message.headers("Authentication-Results")[:5]:
        for method, result in _CHECK.findall(value[:_LONGEST_FIELD].lower()):
            yield f"{method}={result}", 1.0
    for name in _HEADERS:
        yield f"header {name}", float(message.header(name) is not None)


def _shape(inquiry: Inquiry) -> Iterator[tuple[str, float]]:
    text = inquiry.text[:_LONGEST_TEXT]
    size = max(len(text), 1)
    count = text.count(" ")
    yield "length of text", math.log1p(len(inquiry.text)) / 10
    yield "length of signature", math.log1p(len(inquiry.signature)) / 8
    yield "short text", float(count < 25)
    yield "long text", float(count > 300)
    # A text has few different characters: each is looked at once.
    different = set(text)
    yield "digits", sum(map(text.count, filter(str.isdigit, different))) / size
    yield "capitals", 3 * sum(map(text.count, filter(str.isupper, different))) / size
    yield "question marks", math.log1p(text.count("?") + text.count("？"))
    yield "exclamation marks", math.log1p(text.count("!") + text.count("！"))
    yield "bullets", math.log1p(len(_BULLET.findall(text)))
    yield "money", math.log1p(len(_MONEY.findall(text)))


def _links(inquiry: Inquiry) -> Iterator[tuple[str, float]]:
    domain = inquiry.author.domain.lower()
    hosts = {host.lower() for host in _URL.findall(inquiry.body[:_LONGEST_TEXT])}
    own = {host for host in hosts if domain and host.endswith(domain)}
    yield "linked hosts", math.log1p(len(hosts))
    yield "links to the sender's host", float(bool(own))
    yield "links to other hosts", float(bool(hosts - own))
