"""A message made fit to be a fixture: names, addresses, numbers and links invented, header cut down to what is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, parsedate_to_datetime

from pipeline.assess import naming
from pipeline.assess.gazetteer import default_gazetteer
from pipeline.assess.organisation import writer
from pipeline.classify.grouping import is_shared_host
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.service.pseudonyms import Pseudonyms, leaks, words_of
from pipeline.service.telling import one_line

_MOST_TEXT = 40_000
_MOST_ATTACHMENTS = 20
_MOST_SUSPECTS = 12
_CAP = r"[^\W\d_a-zß-öø-ÿа-џ][^\W\d_]{1,24}"
_NAME = rf"{_CAP}(?:[ -]{_CAP}){{0,2}}"
# Where a name is certain by what stands beside it: salutations, introductions, attributions, addresses.
_BESIDE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Professor|Herrn?|Frau|Mme|Madame|Monsieur|Sra?|Señora?|Senhora?|Sig|Signora?|Mevrouw|Meneer|Pan|Pani)\.? ){{1,3}}({_NAME})",
        rf"\b(?:Thanks|Danke|Merci|Gracias|Grazie),? ({_CAP})(?=[ ,!.]|$)",
        "(?:我叫|我的名字是|本人)([\u4e00-\u9fff]{2,3})(?=[，,。、；\\s])",
        rf"(?m)^[ >\t]{{0,8}}(?:Dear|Hi|Hello|Hey|Hallo|Liebe|Lieber|Cher|Chère|Bonjour|Hola|Estimad[oa]|Querid[oa]|Car[oa]|Gentile|Beste|Ciao|Hej|Cześć|Уважаем\w\w|Здравствуйте,?) ({_NAME})(?=[ ,!:.]|$)",
        rf"(?i:my name is|mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es|meu nome é|mi chiamo|mijn naam is|меня зовут|nazywam się|benim adım) ({_NAME})",
        rf"(?:I am|I'm|ich bin|je suis|soy) ({_CAP} {_CAP})\b",
        rf"({_NAME})\"? ?<[^<>@\s]{{1,64}}@",
        rf"({_NAME}) (?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|написала?)\b ?:?",
        rf"(?im:^[ >\t]{{0,8}}(?:from|von|de|da|od|от|to|an|para|cc)): ?\"?({_NAME})",
    )
)
# Words of names that name nobody.
_GENERIC_WORDS = (
    "the sirs all team list wikimedia wikipedia wikidata commons foundation partnerships partnership partner partners friends "
    "colleagues sir madam community list-owner support office everyone everybody damen herren kolleginnen kollegen "
    "tous toutes and und y et"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_PAIR = re.compile(rf"(?<=[^\W\d_A-Z][ ,]) ?({_CAP} {_CAP}(?: {_CAP})?)")
_MOST_SIGNATURE = 2000
_NUMBERED = re.compile(r"\d.*[^\W\d_]{3}|[^\W\d_]{3}.*\d")
_CONTACT = re.compile(r"@|://|www\.|(?i:tel|tél|phone|fon|mob|fax|тел)\b\.?:?|\+\d")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=([a-z]{1,20})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A message before and after.

    Parameters
    ----------
    octets
        The new message (RFC 5322).
    before, after
        Sender, subject and text of both, for people.
    suspects
        What still looks like a name; somebody has to look.
    leaks
        Addresses that were not replaced; there should be none.
    """

    octets: bytes
    before: str
    after: str
    suspects: tuple[str, ...]
    leaks: tuple[str, ...]


def redact(inquiry: Inquiry, key: bytes, further: Iterable[tuple[str, str]] = ()) -> Redacted:
    """Return `inquiry` as a message in which nobody is named.

    Parameters
    ----------
    key
        Secret; messages redacted with the same key have the same invented names.
    further
        What the maintainer wants replaced beside, and by what.
    """
    names = Pseudonyms(key=key, is_shared=is_shared_host)
    for name in _people(inquiry):
        names.add_name(name)
    _add_organisation(names, inquiry)
    for street in _streets(inquiry):
        names.add_street(street, _places(street))
    names.literals.update({old: new for old, new in further if old})
    body = _whole(inquiry)[:_MOST_TEXT]
    text, subject = names.text(body), names.text(inquiry.message.subject)
    octets = _message(inquiry, names, subject, text).as_bytes(policy=SMTP)
    author = inquiry.author
    after = f"{names.text(author.name)} <{names.address(author.address)}>\n{subject}\n\n{text}"
    originals = [one.address for one in _addresses(inquiry) if names.address(one.address) != one.address]
    return Redacted(
        octets=octets,
        before=f"{author.name} <{author.address}>\n{inquiry.message.subject}\n\n{body}",
        after=after,
        suspects=tuple(_suspects(text, names)),
        leaks=leaks(octets.decode("utf-8", "replace") + after, originals),
    )


def _addresses(inquiry: Inquiry) -> tuple[Address, ...]:
    message, forward = inquiry.message, inquiry.forward
    told = (message.from_, inquiry.author, *message.to, *message.cc, *message.reply_to)
    return (
        *told,
        *([message.sender] if message.sender else ()),
        *((forward.forwarder, forward.from_) if forward else ()),
    )


def _people(inquiry: Inquiry) -> Iterator[str]:
    table = naming.words(None)
    for one in _addresses(inquiry):
        if not naming.has_word(one.name, table):
            yield _personal(one.name)
    yield _personal(inquiry.signed.name)
    for text in (inquiry.message.subject, _whole(inquiry)[:_MOST_TEXT]):
        for pattern in _BESIDE:
            for match in pattern.finditer(text):
                if not naming.has_word(match[1], table):
                    yield _personal(match[1])


def _personal(name: str) -> str:
    return " ".join(
        word
        for word in re.split(r"[\s,]+", name)
        if word.casefold().strip(".") not in _GENERIC and "@" not in word
    )


def _add_organisation(names: Pseudonyms, inquiry: Inquiry) -> None:
    """Replace what is an organisation's own in its name; what kind it is and where it is stays."""
    table = naming.words(None)
    # What stands in lower case, too, is a word of the language.
    ordinary = {word for word in words_of(_whole(inquiry)[:_MOST_TEXT]) if word.islower()}
    for name in dict.fromkeys((writer(inquiry).name, inquiry.signed.organisation)):
        places = _places(name) | ordinary
        for token in words_of(name):
            generic = token.casefold() in _GENERIC or token.casefold() in places or token.islower()
            if not generic and len(token) > 3 and not naming.has_word(f"{token} Xy", table):
                names.add_name(token)


def _streets(inquiry: Inquiry) -> Iterator[str]:
    """Yield what has a number and words in the signature: streets, boxes, postal codes with their town."""
    pieces = [inquiry.signed.address, *inquiry.signature[-_MOST_SIGNATURE:].splitlines()]
    for part in (part.strip() for piece in pieces for part in re.split(r"[,|·•;]", piece)):
        if 4 < len(part) <= 60 and _NUMBERED.search(part) and not _CONTACT.search(part):
            yield part


def _places(text: str) -> set[str]:
    """Return the words of the places that are named in `text`, folded: they tell the country, and stay."""
    return {word.casefold() for found in default_gazetteer().mentions(text) for word in words_of(found.words)}


def _whole(inquiry: Inquiry) -> str:
    """Return the body; where the mail was forwarded as an attachment, with what was in it."""
    if inquiry.text.strip() and inquiry.text.strip()[:200] not in inquiry.body:
        author = formataddr((inquiry.author.name, inquiry.author.address))
        head = f"---------- Forwarded message ---------\nFrom: {author}\nSubject: {inquiry.base_subject}"
        return f"{inquiry.body}\n\n{head}\n\n{inquiry.text}\n\n{inquiry.signature}"
    return inquiry.body


def _named(one: Address, names: Pseudonyms) -> str:
    return one_line(formataddr((names.text(one.name), names.address(one.address)), charset="utf-8"))


def _message(inquiry: Inquiry, names: Pseudonyms, subject: str, text: str) -> EmailMessage:
    message, made = inquiry.message, EmailMessage(policy=SMTP)
    results = [
        f"{method}={result}"
        for value in message.headers("Authentication-Results")[:3]
        for method, result in _RESULT.findall(value[:2000])
    ]
    several = {"To": message.to, "Cc": message.cc, "Reply-To": message.reply_to}
    fields = {
        "Authentication-Results": "; ".join(["mx.wikimedia.example", *results]) if results else "",
        "From": _named(message.from_, names),
        **{
            name: ", ".join(_named(one, names) for one in told[:10] if one.address)
            for name, told in several.items()
        },
        "Subject": one_line(subject),
        "Date": _date(message.header("Date")),
        "Message-ID": _identifier(message.message_id, names),
        "In-Reply-To": " ".join(_identifier(one, names) for one in message.in_reply_to[:3]),
        "List-Id": f"<{names.domain(message.list_id)}>" if message.list_id else "",
        "List-Unsubscribe": "<mailto:leave@lists.example>" if message.header("List-Unsubscribe") else "",
        "Precedence": _word(message.header("Precedence")),
        "Auto-Submitted": _word(message.auto_submitted),
        "X-OTRS-Queue": names.text(one_line(message.header("X-OTRS-Queue") or ""))[:100],
    }
    for name, value in fields.items():
        if value:
            made[name] = value
    made.set_content(text, charset="utf-8", cte="quoted-printable")
    for attachment in message.attachments[:_MOST_ATTACHMENTS]:
        _attach(made, attachment.content_type, names.text(attachment.name))
    return made


def _attach(made: EmailMessage, content_type: str, name: str) -> None:
    """Name an attachment; what is in it stays out."""
    kind, _, subtype = content_type.partition("/")
    if kind not in ("application", "image", "audio", "video") or not re.fullmatch(r"[\w.+-]{1,100}", subtype):
        kind, subtype = "application", "octet-stream"
    made.add_attachment(b"", maintype=kind, subtype=subtype, filename=one_line(name)[:120] or "unnamed")


def _date(value: str | None) -> str:
    try:
        return parsedate_to_datetime(value or "").strftime("%a, %d %b %Y %H:%M:%S %z").strip()
    except (ValueError, TypeError, OverflowError):
        return ""


def _word(value: str | None) -> str:
    found = re.match(r"[A-Za-z-]{1,40}", value or "")
    return found[0] if found else ""


def _identifier(value: str, names: Pseudonyms) -> str:
    return f"<{names.invented('id' + value)}{names.invented('more' + value)}@mail.example>" if value else ""


def _suspects(text: str, names: Pseudonyms) -> Iterator[str]:
    """Yield pairs of capitalised words within sentences that are no place, no organisation's name and not invented."""
    invented = {word.casefold() for word in names.tokens.values()}
    table = naming.words(None)
    found = dict.fromkeys(match[1] for match in _PAIR.finditer(text))
    for number, pair in enumerate(found):
        if number == _MOST_SUSPECTS:
            return
        words = [word.casefold() for word in pair.split()]
        # A name of which one part alone is a town's is still a name.
        known = naming.has_word(pair, table) or _places(pair).issuperset(words)
        # Scripts without capitals would have every pair of words told.
        if pair[0].isupper() and invented.isdisjoint(words) and _GENERIC.isdisjoint(words) and not known:
            yield pair
