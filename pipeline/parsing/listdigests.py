"""Digests of mailing lists: several mails in one (RFC 1153, RFC 2046 section 5.1.5).

A digest is no inquiry of the list; what people wrote is inside, and can be taken out.
"""

from __future__ import annotations

import re
from base64 import b64encode

from pipeline.parsing.subjects import answered
from pipeline.records.messages import ParsedMessage

_SUBJECT = re.compile(
    r"\bdigest[,:]? (?:vol(?:ume)?\.?|number|no\.?|issue|#|n°) ?\d|\bvol(?:ume)?\.? \d{1,5}[,:;]? (?:issue|no\.?|number|#|ausgabe|numéro|"
    r"número|numero|nummer|nr|číslo|выпуск|выпуску|numer|sayı|szám) ?\d|^digest (?:for|of) \S|\bdigest (?:for|of) \S{3,80} - \d|"
    r"\bdigest \d{1,6}$|\bdigest - \d",
    re.IGNORECASE,
)
_RULE = re.compile(r"-{30}(?:-{40})?")
_FIELD = re.compile(
    r"(?:From|Date|Subject|Message|To|Cc|Message-ID|In-Reply-To|References|Content-Type):", re.IGNORECASE
)
# What a List-Id may consist of (RFC 2919, section 2); anything else is not written into a header.
_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,255}")
_NAMED = re.compile(rb"^List-Id:", re.IGNORECASE | re.MULTILINE)
_HEADER = 20_000
_MOST = 200  # mails of one digest
_TOPICS = 400_000  # characters of a digest that are looked at


def is_digest(message: ParsedMessage) -> bool:
    """Tell whether a message is the digest of a mailing list."""
    declared = (message.header("Content-Type") or "")[:200].lower()
    if "multipart/digest" in declared:
        return True
    if not _SUBJECT.search(message.subject[:300]) or answered(message.subject) or message.in_reply_to:
        return False
    enclosed = sum(part.content_type == "message/rfc822" for part in message.attachments)
    return enclosed > 0 or bool(_plain_parts(message.text_plain))


def digest_parts(message: ParsedMessage) -> tuple[bytes, ...]:
    """Return the mails of a digest, each as octets that can be parsed; empty if the message is no digest.

    Of a MIME digest the enclosed messages (RFC 2046, section 5.1.5), of a plain one (RFC 1153) the texts between its rules, with
    the fields that it shows.
    """
    if not is_digest(message):
        return ()
    enclosed = [
        part.payload for part in message.attachments if part.content_type == "message/rfc822" and part.payload
    ]
    if enclosed:
        return tuple(enclosed[:_MOST])
    return tuple(part.encode("utf-8", "replace") for part in _plain_parts(message.text_plain))


def enclosed_mails(message: ParsedMessage) -> tuple[str, ...]:
    """Return the mails of a digest in base64, each naming the list as the digest does; empty if it is no digest."""
    identifier = message.list_id or ""
    names = f"List-Id: <{identifier}>\r\n".encode() if _IDENTIFIER.fullmatch(identifier) else b""
    found = (part if _NAMED.search(part[:_HEADER]) else names + part for part in digest_parts(message))
    return tuple(b64encode(part).decode("ascii") for part in found)


def _plain_parts(text: str) -> list[str]:
    """Return the mails of a plain digest: what stands between rules and begins with header fields."""
    pieces: list[list[str]] = [[]]
    for line in text[:_TOPICS].split("\n"):
        if _RULE.fullmatch(line.rstrip()):
            pieces.append([])
        else:
            pieces[-1].append(line.rstrip("\r"))
    parts = [_mail(piece) for piece in pieces[1 : _MOST + 1]]
    return [part for part in parts if part]


def _mail(lines: list[str]) -> str:
    """Return one mail of a plain digest with a header that can be parsed; empty if the lines do not begin with fields."""
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    gap = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
    header = lines[start:gap]
    fields = [line for line in header if _FIELD.match(line) or line[:1] in " \t"]
    if len(fields) < len(header) or not any(line[:5].lower() == "from:" for line in header):
        return ""
    own = [line for line in header if line[:8].lower() != "message:" and line[:13].lower() != "content-type:"]
    coded = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
    return "\n".join((*own, coded, "", *lines[gap + 1 :])).rstrip() + "\n"
