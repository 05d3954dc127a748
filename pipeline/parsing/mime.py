"""Octets to ParsedMessage: the only importer of mail-parser."""

from __future__ import annotations

import email
import email.utils
import hashlib
from email.header import decode_header, make_header
from email.message import Message

from pipeline.records.messages import Address, Attachment, ParsedMessage


def parse_message(octets: bytes) -> ParsedMessage:
    m = email.message_from_bytes(octets)
    plain, html, att = [], [], []
    for p in m.walk():
        if p.is_multipart():
            continue
        data = p.get_payload(decode=True) or b""
        ct = p.get_content_type()
        if p.get_filename() or ct not in ("text/plain", "text/html"):
            att.append(Attachment(name=_d(p.get_filename() or ""), content_type=ct, size=len(data), payload=data))
            continue
        try:
            t = data.decode(p.get_content_charset() or "utf-8", "replace")
        except LookupError:
            t = data.decode("utf-8", "replace")
        (plain if ct == "text/plain" else html).append(t.replace("\r\n", "\n"))
    fields = tuple((k, _d(str(v))) for k, v in m.items())
    get = {k.lower(): v for k, v in reversed(fields)}
    lid = get.get("list-id", "")
    date = None
    try:
        date = email.utils.parsedate_to_datetime(get.get("date", ""))
        import datetime as dt
        date = date.astimezone(dt.UTC)
    except Exception:
        pass
    ids = lambda s: tuple(x.strip("<>") for x in s.split() if x.startswith("<"))
    return ParsedMessage(sha256=hashlib.sha256(octets).hexdigest(), message_id=get.get("message-id", "").strip(" <>"), date=date,
        from_=_a(get.get("from", ""))[0] if _a(get.get("from", "")) else Address(), to=_a(get.get("to", "")), cc=_a(get.get("cc", "")), reply_to=_a(get.get("reply-to", "")),
        subject=get.get("subject", ""), in_reply_to=ids(get.get("in-reply-to", "")), references=ids(get.get("references", "")),
        list_id=lid.rpartition("<")[2].strip(" >") or None, auto_submitted=get.get("auto-submitted"), header_fields=fields,
        text_plain="\n".join(plain), text_html="\n".join(html), attachments=tuple(att))


def _d(s: str) -> str:
    try:
        return str(make_header(decode_header(s))).replace("\r\n", "").replace("\n", "")
    except Exception:
        return s


def _a(s: str) -> tuple[Address, ...]:
    return tuple(Address(name=n, address=a) for n, a in email.utils.getaddresses([s]) if n or a)
