"""What a server is told once a mail is decided."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place where a decided message was seen, of which the server has not been told yet.

    Parameters
    ----------
    id
        The ledger's number of the sighting.
    sighting
        Where it is.
    disposition
        What was decided.
    """

    id: int
    sighting: ImapSighting
    disposition: Disposition
