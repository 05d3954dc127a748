"""Forget people, everywhere, and prove it; and see to it that neither old mail nor an old backup brings them back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.assess.matching import writer_of
from pipeline.errors import UsageError
from pipeline.records.keeping import Forgotten, Gone, Spot
from pipeline.records.threads import Claims
from pipeline.service.attached import WithDocuments
from pipeline.service.person import Person, addresses_in, canonical, digest_of
from pipeline.service.ports import Clock, MailReader
from pipeline.service.ports_keeping import ForgettingStore

_SALT_OCTETS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetter:
    """Forgets people.

    Parameters
    ----------
    store, clock
        The ledger's part, and the time.
    reader
        Reads documents that are attached to mails, to look into them; None: they are not looked into.
    """

    store: ForgettingStore
    clock: Clock
    reader: MailReader | None = None
    _known: dict[tuple[bytes, tuple[str, ...]], bool] = field(default_factory=dict, init=False, repr=False)

    def addresses(self, who: str) -> tuple[str, ...]:
        """Return the addresses that a command's ADDRESS|KEY means.

        Raises
        ------
        UsageError
            If it is no whole address, and no inquiry is called so or nobody wrote in it.
        """
        if "@" in who:
            if not _is_whole(who.strip()):
                raise UsageError(f"{who}: no whole address; write one such as anna@museum.example")
            return (who.strip(),)
        found = tuple(filter(_is_whole, self.store.people(who)))
        if not found:
            raise UsageError(
                f"{who}: no inquiry is called so, or what its people wrote was removed; name an address"
            )
        return found

    def find(self, address: str) -> Gone:
        """Return what there is of a person."""
        return self.store.find(self._sought(address))

    def forget(self, address: str) -> Gone:
        """Take a person out; first it is noted by which hashes their mail, and they, are known should they come back."""
        person, now = self._sought(address), self.clock()
        salt = self._salt()
        mails = {digest_of(salt, header, canonical(author)) for header, author in self.store.mails(person)}
        marks = [Forgotten(kind="mail", salt=salt, digest=one, at=now) for one in sorted(mails)]
        who = Forgotten(kind="person", salt=salt, digest=digest_of(salt, person.address), at=now)
        self.store.remember([*marks, who])
        return self.store.forget(person, _writer_marks(address), now)

    def traces(self, address: str, names: Iterable[str]) -> tuple[Spot, ...]:
        """Return where a person is still found."""
        return self.store.spots(self._sought(address).named(names))

    def again(self, known: Iterable[Forgotten]) -> tuple[str, ...]:
        """Forget whom the ledger does not know to be forgotten, for it is older; return their addresses.

        Who was forgotten before the ledger was written and has written since is not meant.

        Parameters
        ----------
        known
            Hashes from a list that was kept beside the ledger; they are taken over.
        """
        told = tuple(known)
        held = {(one.kind, one.digest): one.at for one in self.store.remembered()}
        newer = [
            one for one in told if (one.kind, one.digest) not in held or held[one.kind, one.digest] < one.at
        ]
        digests = {one.digest for one in newer if one.kind == "person"}
        back = self._known_by(digests, {one.salt for one in newer}) if digests else []
        for address in back:
            self.forget(address)
        self.store.remember(newer)
        return tuple(back)

    def _sought(self, address: str) -> Person:
        if self.reader is None:
            return Person.at(address)
        return WithDocuments(address=canonical(address), reader=self.reader, known=self._known)

    def _known_by(self, digests: set[str], salts: set[str]) -> list[str]:
        seen: dict[str, None] = {}
        for text in self.store.words():
            seen |= dict.fromkeys(canonical(one) for one in addresses_in(text))
        return [one for one in seen if any(digest_of(salt, one) in digests for salt in salts)]

    def _salt(self) -> str:
        known = self.store.salts()
        return known[0] if known else secrets.token_hex(_SALT_OCTETS)


def is_forgotten(store: ForgettingStore, said: Claims) -> bool:
    """Return whether a mail was forgotten that now comes in other octets: by Message-ID and author."""
    if not said.header_id:
        return False
    author = canonical(said.author.address)
    digests = [digest_of(salt, said.header_id, author) for salt in store.salts()]
    return bool(digests) and store.knows(digests)


def _is_whole(address: str) -> bool:
    """Tell an address from a piece of one: without one of its halves it would be found in almost every text."""
    local, _, domain = address.rpartition("@")
    return bool(local) and bool(domain) and not any(map(str.isspace, address))


def _writer_marks(address: str) -> tuple[str, ...]:
    """Return the hashes by which organisations know an address, as it is written most."""
    spelt = {address.strip().lower(), canonical(address)}
    return tuple(sorted(writer_of(one) for one in spelt))
