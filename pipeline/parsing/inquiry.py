"""ParsedMessage to Inquiry."""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import ParsedMessage


def read_inquiry(message: ParsedMessage, received_at: datetime | None = None) -> Inquiry:
    import py3langid
    from resiliparse.extract.html2text import extract_plain_text
    body = message.text_plain or (extract_plain_text(message.text_html) if message.text_html else "")
    lines = body.splitlines()
    own, quoted, sig = [], [], []
    for i, l in enumerate(lines):
        if l.rstrip("\n") in ("--", "-- "):
            sig = lines[i + 1:]
            break
        (quoted if l.startswith(">") else own).append(l)
    if not sig:
        blank = [i for i, l in enumerate(own) if not l.strip()]
        tail = [i for i in blank if len(own) - 8 < i < len(own) - 1]
        if tail:
            sig, own = own[tail[0]:], own[:tail[0]]
    text = "\n".join(own).strip()
    return Inquiry(message=message, thread=(message.references or message.in_reply_to or (message.message_id,))[0], author=message.from_, forward=None,
        recipients=tuple(a.address for a in message.to + message.cc), base_subject=re.sub(r"^(\[[^\]]*\]|re:|fwd?:|\s)+", "", message.subject, flags=re.I),
        body=body, text=text, quoted="\n".join(quoted), signature="\n".join(sig).strip(), introduction=text[:400], language=py3langid.classify(text)[0] if text else "und",
        list_id=message.list_id, automatic=None, received_at=received_at or message.date)
