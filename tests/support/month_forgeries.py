"""Mail of a month that must change nothing: forged, stolen, outdated, repeated, or written by machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from tests.support.answering import answer
from tests.support.month import ADDRESS, SERVER, World
from tests.support.month_people import Digest, Link, parsed

STRANGER = "Mallory <mallory@evil.example>"
GOOD = f"{SERVER}; dkim=pass header.d=evil.example; dmarc=pass header.from=evil.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stolen:
    """What a forger has: a liaison's digest, one of its links, its KEY, and whatever the desk was sent before."""

    digest: Digest
    key: str
    link: Link
    world: World

    @property
    def sender(self) -> str:
        """From as the liaison writes it."""
        return f"{self.digest.reader.name} <{self.digest.reader.address}>".encode().decode("latin-1")

    @property
    def domain(self) -> str:
        """The liaison's."""
        return self.digest.reader.address.rpartition("@")[2]

    @property
    def vouched(self) -> str:
        """What the own server would write for the liaison."""
        return f"{SERVER}; dkim=pass header.d={self.domain}; dmarc=pass header.from={self.domain}"

    @property
    def stranger(self) -> str:
        """From of somebody who never wrote before: who writes again opens an inquiry of their own again."""
        return f"Mallory <mallory{self.world.identifier()}@evil.example>"

    def mail(self, **fields: object) -> bytes:
        """Return the mail of the link, with other `fields`."""
        given: dict[str, object] = {
            "body": "done\n", "to": self.link.to, "sender": f"<{self.digest.reader.address}>", "subject": "Re: yours",
            "results": self.vouched, "identifier": f"{self.world.identifier()}@{self.domain}",
        } | fields  # fmt: skip
        return answer(str(given.pop("body")), **given)  # type: ignore[arg-type]


def _wrong_token(stolen: Stolen) -> bytes:
    local, at, domain = stolen.link.to.partition("@")
    other = "b" if local[-5] != "b" else "c"
    return stolen.mail(to=f"{local[:-5]}{other}{local[-4:]}{at}{domain}")


def _by_a_colleague(stolen: Stolen) -> bytes:
    """Return what another liaison, truly themselves, writes with a token that is not theirs."""
    people = stolen.world.desk.policy.liaisons
    other = next(
        one for one in people if one.id != stolen.digest.reader.id and one.id not in _members(stolen)
    )
    domain = other.address.rpartition("@")[2]
    vouched = f"{SERVER}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
    return stolen.mail(sender=f"<{other.address}>", results=vouched)


def _members(stolen: Stolen) -> tuple[str, ...]:
    return tuple(getattr(stolen.digest.reader, "members", ()))


# Name to what makes the mail, and the state in which the ledger has it afterwards.
FORGERIES: Mapping[str, tuple[Callable[[Stolen], bytes], str]] = {
    "wrong From": (lambda one: one.mail(sender=STRANGER, results=GOOD), "set-aside"),
    "wrong From, the right name": (
        lambda one: one.mail(sender=f'"{one.digest.reader.address}" <mallory@evil.example>', results=GOOD),
        "set-aside",
    ),
    "no Authentication-Results": (lambda one: one.mail(results=""), "set-aside"),
    "Authentication-Results of another server": (
        lambda one: one.mail(results=one.vouched.replace(SERVER, "mx.evil.example")), "set-aside",
    ),
    "forged Authentication-Results below the true ones": (
        lambda one: one.mail(results=[f"{SERVER}; dmarc=fail header.from={one.domain}", one.vouched]), "set-aside",
    ),
    "passed for another domain": (
        lambda one: one.mail(results=f"{SERVER}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example"),
        "set-aside",
    ),
    "two Froms": (lambda one: one.mail(headers=[f"From: {STRANGER}"]), "set-aside"),
    "two addresses in From": (
        lambda one: one.mail(sender=f"<{one.digest.reader.address}>, {STRANGER}"), "set-aside",
    ),
    "wrong token": (_wrong_token, "set-aside"),
    "a colleague's token": (_by_a_colleague, "set-aside"),
    "over a list": (lambda one: one.mail(headers=["List-Id: <all.lists.example>"]), "set-aside"),
    "a stranger with the KEY": (
        lambda one: one.mail(sender=one.stranger, results=GOOD, to=ADDRESS, subject=f"Re: {one.key}", body=f"{one.key} done\n"),
        "read",
    ),
    "a stranger with the KEY and no proof": (
        lambda one: one.mail(to=ADDRESS, results="", body=f"{one.key} done\n"), "set-aside",
    ),
    "an automatic reply": (lambda one: one.mail(headers=["Auto-Submitted: auto-replied"]), "read"),
    "nothing but the quoted digest": (
        lambda one: one.mail(
            to=one.digest.reply_to, body="\n".join(f"> {line}" for line in one.digest.text.splitlines())
        ),
        "answer",
    ),
}  # fmt: skip
# What a person writes who needs no proof is believed; these forgeries do not work, for that is how it is documented.
NEEDS_PROOF = frozenset(
    {
        "no Authentication-Results",
        "Authentication-Results of another server",
        "forged Authentication-Results below the true ones",
        "passed for another domain",
        "a stranger with the KEY and no proof",
    }
)


def forge(world: World, digests: list[Digest], number: int) -> Iterator[tuple[str, str, str]]:
    """Put forged mail into the mailbox; yield name, SHA-256, and the state that it has to end in."""
    fit = [one for one in digests if one.purpose in ("daily", "alert") and one.entries]
    for _ in range(number if fit else 0):
        digest = world.chance.choice(fit)
        key = world.chance.choice(list(digest.entries))
        link = next(iter(digest.entries[key].links.values()))
        stolen = Stolen(digest=digest, key=key, link=link, world=world)
        names = [name for name in FORGERIES if not (digest.reader.unsigned_answers and name in NEEDS_PROOF)]
        name = (
            names[world.numbers % len(names)] if world.chance.random() < 0.5 else world.chance.choice(names)
        )
        make, state = FORGERIES[name]
        yield name, world.put(make(stolen), "forged"), state


def outdated(world: World, digests: list[Digest], days: int) -> Iterator[tuple[str, str, str]]:
    """Put the honest answer to a digest that is too old into the mailbox."""
    for digest in digests:
        age = (world.now.date() - world.made[digest.identifier].date()).days
        if digest.purpose == "daily" and digest.entries and age == days + 1:
            key = next(iter(digest.entries))
            link = next(iter(digest.entries[key].links.values()))
            stolen = Stolen(digest=digest, key=key, link=link, world=world)
            yield "expired", world.put(stolen.mail(), "forged"), "set-aside"
            return


def replayed(world: World, octets: bytes) -> Iterator[tuple[str, str, str]]:
    """Put an answer that was carried out into the mailbox again: as it was, and with another header."""
    message: EmailMessage = parsed(octets)
    yield "replayed", world.put(octets, "answer"), "answer"
    if not message["Received"]:
        yield (
            "replayed by another way",
            world.put(b"Received: from evil.example\r\n" + octets, "forged"),
            "answer",
        )
