"""Look for a person in what documents say that are attached to a mail: PDF, Word, OpenDocument, RTF."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import UnreadableMessage
from pipeline.service.person import Person
from pipeline.service.ports import MailReader

# What may hold a document: how they begin, plainly or in base64, or what a part is declared as.
_DOCUMENT = re.compile(
    rb"%PDF-|PK\x03\x04|\{\\rtf|JVBERi|UEsDB|e1xydG|0M8R4KGxGuE"
    rb"|[Cc]ontent-[Tt]ype:\s{0,8}application/(?!pgp|pkcs7|x-pkcs7)"
)


@dataclass(frozen=True, kw_only=True)
class WithDocuments(Person):
    """Somebody who is looked for in attached documents as well.

    Parameters
    ----------
    reader
        Reads mails with their documents.
    known
        What came of those that were read already, for they are asked for again and again.
    """

    reader: MailReader = field(compare=False, repr=False)
    known: dict[tuple[bytes, tuple[str, ...]], bool] = field(default_factory=dict, compare=False, repr=False)

    def in_octets(self, octets: bytes, *, closely: bool, words: Sequence[str] = ()) -> bool:
        """Return whether a mail has the address, also in its documents as far as they can be read; or one of some `words`.

        Raises
        ------
        ReaderUnavailable
            If documents cannot be read at all.
        """
        if super().in_octets(octets, closely=closely, words=words):
            return True
        if not _DOCUMENT.search(octets):
            return False
        key = (hashlib.sha256(octets).digest(), self.names if closely else ())
        if key not in self.known:
            self.known[key] = self._in_documents(octets, closely=closely)
        return self.known[key]

    def _in_documents(self, octets: bytes, *, closely: bool) -> bool:
        try:
            message = self.reader.read(octets, None).message
        except UnreadableMessage:
            return False
        return any(self.in_text(one.text, closely=closely) for one in message.attachments)
