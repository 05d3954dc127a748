"""The liaisons of a month: they read the digests that came out of the SMTP server, and answer as people do."""

from __future__ import annotations

import email
import email.policy
import html
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.demo.servers import ReceivedMail
from pipeline.resources import packaged
from pipeline.routing.policy import Liaison
from tests.support.month import SERVER, Standing, World

# Where each action leads; what only adds something leads nowhere.
LEADS: Mapping[str, str | None] = {
    "accept": "accepted", "decline": "received", "reassign": "assigned", "answered": "answered", "wait": "waiting",
    "done": "done", "not-ours": "not-ours", "spam": "filed", "fetch": "assigned", "partnership": "done",
    "handed": "assigned", "declined": "declined", "correct": None, "note": None, "background": None,
}  # fmt: skip
_WEIGHTS = {
    "accept": 30, "decline": 6, "reassign": 7, "answered": 10, "wait": 8, "done": 8, "not-ours": 5, "spam": 3,
    "partnership": 4, "handed": 3, "declined": 3, "correct": 7, "note": 6, "background": 3, "fetch": 6,
}  # fmt: skip
_STYLES = ("links", "links", "top", "below", "html")
_LINK = re.compile(r'href="(mailto:[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A mailto: link (RFC 6068)."""

    to: str
    subject: str
    body: str
    cc: str = ""


@dataclass(kw_only=True)
class Offered:
    """What a digest lets its reader do with one inquiry: links by action, and drafts of answers."""

    links: dict[str, Link] = field(default_factory=dict)
    drafts: list[Link] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest, an alert, or a receipt, as its reader has it."""

    identifier: str
    purpose: str
    reader: Liaison
    subject: str
    reply_to: str
    text: str
    html: str
    came: datetime
    entries: Mapping[str, Offered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an answer wants of one inquiry.

    Parameters
    ----------
    fresh
        How the inquiry stood when the digest was made; None for an answer to the inquirer, which no digest is bound to.
    desk
        Whose digest it was.
    day
        When the digest was made.
    """

    key: str
    action: str
    by: str
    desk: str
    fresh: Standing | None
    day: date
    sha256: str
    draft: Link | None = None
    identifier: str = ""


def read(world: World, mail: ReceivedMail, came: datetime) -> Digest | None:
    """Return a mail to a liaison taken apart; None for other mail."""
    reader = next((one for one in world.desk.policy.desks if one.address in mail.recipients), None)
    message = parsed(mail.octets)
    if reader is None:
        return None
    rich = message.get_body(("html",))
    plain = message.get_body(("plain",))
    told = str(rich.get_content()) if rich else ""
    return Digest(
        identifier=str(message["Message-ID"]),
        purpose=str(message["Message-ID"]).strip("<").partition(".")[0],
        reader=reader,
        subject=str(message["Subject"]),
        reply_to=str(message["Reply-To"] or ""),
        text=str(plain.get_content()) if plain else "",
        html=told,
        came=came,
        entries=_entries(told, reader.locale),
    )


def parsed(octets: bytes) -> EmailMessage:
    found = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@cache
def identifier_of(octets: bytes) -> str:
    return str(parsed(octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")["Message-ID"])


def _entries(told: str, locale: str) -> dict[str, Offered]:
    """Return KEY to what can be done; drafts stand before the links of their entry."""
    found: dict[str, Offered] = {}
    drafts: list[Link] = []
    for link in _links(told):
        key, _, _ = link.subject.partition(":")
        action = _action(link.body, locale)
        if link.cc:
            drafts.append(link)
        elif re.fullmatch(r"[2-9A-Z]{6}", key) and action:
            entry = found.setdefault(key, Offered())
            entry.links[action] = link
            entry.drafts += drafts
            drafts = []
    return found


def _links(told: str) -> Iterator[Link]:
    for raw in _LINK.findall(told):
        url = urlsplit(html.unescape(raw))
        fields = {name: values[0] for name, values in parse_qs(url.query).items()}
        yield Link(
            to=unquote(url.path), subject=fields.get("subject", ""),
            body=fields.get("body", ""), cc=fields.get("cc", ""),
        )  # fmt: skip


def pause(world: World, digest: Digest) -> str:
    """Use the link that pauses; return the mail's SHA-256."""
    link = next(one for one in _links(digest.html) if one.body.strip() == "pause")
    octets = mail(world, digest.reader, to=link.to, subject=link.subject, body=link.body)
    return world.put(octets, "answer")


@cache
def words(locale: str) -> Mapping[str, Any]:
    """Return the words of one language."""
    with (packaged("rules") / "commands.toml").open("rb") as stream:
        found: Mapping[str, Any] = tomllib.load(stream)[locale]
    return found


def _action(body: str, locale: str) -> str:
    """Return which action a link is for, by the word in its mail."""
    said = body.strip().rstrip(":").strip().casefold()
    table = words(locale)
    for action, phrases in table["actions"].items():
        if said == phrases[0].casefold():
            return str(action)
    return "correct" if said == table["fields"]["partner_type"][0].casefold() else ""


# ------------------------------------------------------------------------------------------------ answers


def answer(world: World, digest: Digest, busy: set[str], most: int = 6) -> list[Deed]:
    """Let the reader of a digest answer some of its entries, in a style of their own; return what they want.

    Parameters
    ----------
    busy
        KEYs that somebody answers in the same round; those of this answer are added.
    """
    chance = world.chance
    mine = [key for key in digest.entries if key not in busy and chance.random() < 0.7][:most]
    busy.update(mine)
    style = chance.choice(_STYLES)
    author = _author(world, digest)
    wanted: list[tuple[str, str]] = []
    deeds: list[Deed] = []
    for key in mine:
        offered = digest.entries[key]
        fresh = world.shown[digest.identifier][key]
        # A machine's mail in a liaison's name, fetched back, has no inquirer to answer.
        colleagues = {one.address for one in world.desk.policy.desks}
        outward = [one for one in offered.drafts if one.to not in colleagues]
        if outward and chance.random() < 0.3 and author is digest.reader:
            deeds.append(_to_inquirer(world, digest, key, outward[-1]))
            continue
        action = _choose(offered, chance)
        if style == "links" or fresh.liaison != digest.reader.id:
            deeds.append(_by_link(world, digest, author, key, action))
        else:
            wanted.append((key, action))
    if wanted:
        sha256 = _by_reply(world, digest, author, wanted, style)
        deeds += (_deed(world, digest, author, key, action, sha256) for key, action in wanted)
    return deeds


def _author(world: World, digest: Digest) -> Liaison:
    """Return who answers: for a group sometimes one of its members."""
    members = getattr(digest.reader, "members", ())
    if members and world.chance.random() < 0.5:
        return world.desk.policy.by_id[members[0]]
    return digest.reader


def _deed(world: World, digest: Digest, author: Liaison, key: str, action: str, sha256: str) -> Deed:
    return Deed(
        key=key, action=action, by=author.id, desk=digest.reader.id, sha256=sha256,
        fresh=world.shown[digest.identifier][key], day=world.made[digest.identifier].date(),
    )  # fmt: skip


def _choose(offered: Offered, chance: random.Random) -> str:
    known = {"partnership": "outcome", "handed": "outcome", "declined": "outcome"}
    fit = {one: weight for one, weight in _WEIGHTS.items() if known.get(one, one) in offered.links}
    if not fit:
        return next(iter(offered.links))
    return chance.choices(list(fit), list(fit.values()))[0]


def _line(world: World, author: Liaison, action: str, holder: str | None) -> str:
    """Return an instruction as its author writes it: in their language or in English."""
    chance = world.chance
    table = words(chance.choice((author.locale, "en")))
    said = table["actions"]
    if action == "wait":
        return f"{said['wait'][0]} {(world.now.date() + timedelta(days=chance.randint(2, 5))).isoformat()}"
    if action == "reassign":
        others = [one for one in world.desk.policy.desks if one.id not in (author.id, holder)]
        return f"{said['reassign'][0]} {chance.choice(others).name}"
    if action == "correct":
        value = chance.choice(("archive", "library", "museum"))
        return f"{table['fields']['partner_type'][0]}: {value}"
    if action == "note":
        return f"{said['note'][0]}: rang them up on Monday, they will send a list"
    if action == "background":
        return f"{said['background'][0]}: https://wiki.example/Project_{chance.randint(1, 99)}"
    if action in ("partnership", "declined"):
        return f"{said['outcome'][0]}: {table['outcomes'][action][0]}"
    if action == "handed":
        return f"{said['outcome'][0]}: {table['outcomes']['handed-over'][0]} Wikimedia Kenya"
    return str(chance.choice(said[action]))


def _by_link(world: World, digest: Digest, author: Liaison, key: str, action: str) -> Deed:
    """Send the mail that a link opens, with what is to be filled in, and a signature."""
    links, holder = digest.entries[key].links, world.shown[digest.identifier][key].liaison
    link = links["outcome" if action in ("partnership", "handed", "declined") else action]
    filled = (
        link.body.strip() if action in ("accept", "done", "decline") else _line(world, author, action, holder)
    )
    body = f"{filled}\r\n\r\n-- \r\n{author.name}\r\n"
    sha256 = world.put(mail(world, author, to=link.to, subject=link.subject, body=body), "answer")
    return _deed(world, digest, author, key, action, sha256)


def _by_reply(
    world: World, digest: Digest, author: Liaison, wanted: list[tuple[str, str]], style: str
) -> str:
    """Send one plain reply for several entries: above the quoted digest, between its lines, or as HTML."""
    lines = {key: _line(world, author, action, digest.reader.id) for key, action in wanted}
    attribution = f"On {digest.came:%a, %d %b %Y} at {digest.came:%H:%M}, Partnership triage wrote:"
    quoted = [f"> {line}" for line in digest.text.splitlines()]
    if style == "below":
        body = [attribution, *_between(quoted, lines)]
    else:
        head = [f"{key} {line}" for key, line in lines.items()]
        body = ["Hello,", "", *head, "", "Best regards", author.name, "", attribution, *quoted]
    rich = ""
    if style == "html":
        said = "<br>".join(html.escape(line) for line in body[: len(lines) + 5])
        rich = f'<div>{said}</div><div class="gmail_quote">{attribution}<blockquote>{digest.html}</blockquote></div>'
    octets = mail(
        world, author, to=digest.reply_to, subject=f"Re: {digest.subject}", body="\r\n".join(body), rich=rich,
        above=digest.identifier,
    )  # fmt: skip
    return world.put(octets, "answer")


def _between(quoted: list[str], lines: Mapping[str, str]) -> Iterator[str]:
    """Yield the quoted digest with each line below the head of its entry."""
    left = dict(lines)
    for line in quoted:
        yield line
        found = re.match(r"> \[([2-9A-Z]{6})\]", line)
        if found and found[1] in left:
            yield from ("", left.pop(found[1]), "")
    assert not left, "an entry's KEY is not in the text part"


def _to_inquirer(world: World, digest: Digest, key: str, draft: Link) -> Deed:
    """Answer the inquirer by the link, with the tracking address in Cc."""
    body = f"{draft.body or 'Thank you, this is of interest to us.'}\r\n{world.identifier()}\r\n"
    octets = mail(world, digest.reader, to=draft.to, subject=draft.subject, body=body, cc=draft.cc)
    return Deed(
        key=key, action="answered", by=digest.reader.id, desk=digest.reader.id, fresh=None, draft=draft,
        day=digest.came.date(), sha256=world.put(octets, "to-inquirer"), identifier=str(parsed(octets)["Message-ID"]),
    )  # fmt: skip


def mail(
    world: World,
    author: Liaison,
    *,
    to: str,
    subject: str,
    body: str,
    cc: str = "",
    rich: str = "",
    above: str = "",
) -> bytes:
    """Return a mail of a liaison as the own mail server hands it over."""
    domain = author.address.rpartition("@")[2]
    message = EmailMessage()
    if not author.unsigned_answers:
        message["Authentication-Results"] = (
            f"{SERVER}; spf=pass smtp.mailfrom={author.address}; dkim=pass header.d={domain}; "
            f"dmarc=pass header.from={domain}"
        )
    message["From"] = email.utils.formataddr((author.name, author.address))
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Message-ID"] = f"<{world.identifier()}@{domain}>"
    message["Date"] = email.utils.format_datetime(world.now)
    if cc:
        message["Cc"] = cc
    if above:
        message["In-Reply-To"] = message["References"] = above
    message.set_content(body, cte="base64")
    if rich:
        message.add_alternative(rich, subtype="html", cte="base64")
    return message.as_bytes(policy=email.policy.SMTP)
