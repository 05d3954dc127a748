"""All tables of the ledger. They are taken from here, so that `metadata` knows each of them, whatever else is loaded."""

from pipeline.adapters.ledger.schema.columns import metadata
from pipeline.adapters.ledger.schema.inquiries import (
    assignments,
    corrections,
    decisions,
    inquiries,
    inquiry_links,
    inquiry_messages,
    inquiry_states,
    notes,
)
from pipeline.adapters.ledger.schema.liaisons import answers, duties
from pipeline.adapters.ledger.schema.mail import (
    contents,
    cursors,
    imports,
    message_references,
    messages,
    set_aside,
    sightings,
)
from pipeline.adapters.ledger.schema.organisations import (
    organisation_inquiries,
    organisation_marks,
    organisations,
)
from pipeline.adapters.ledger.schema.outgoing import (
    NOTHING,
    outbox,
    publications,
    returns,
    tickets,
    writebacks,
)
from pipeline.adapters.ledger.schema.privacy import forgotten
from pipeline.adapters.ledger.schema.retags import proposals, retags
from pipeline.adapters.ledger.schema.running import events, jobs, leases

__all__ = [
    "NOTHING",
    "answers",
    "assignments",
    "contents",
    "corrections",
    "cursors",
    "decisions",
    "duties",
    "events",
    "forgotten",
    "imports",
    "inquiries",
    "inquiry_links",
    "inquiry_messages",
    "inquiry_states",
    "jobs",
    "leases",
    "message_references",
    "messages",
    "metadata",
    "notes",
    "organisation_inquiries",
    "organisation_marks",
    "organisations",
    "outbox",
    "proposals",
    "publications",
    "retags",
    "returns",
    "set_aside",
    "sightings",
    "tickets",
    "writebacks",
]
