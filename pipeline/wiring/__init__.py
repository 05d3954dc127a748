"""The one place that builds real objects from settings.

What most commands need is here; `wiring.keeping` and `wiring.workers` are for the few that look after a ledger or share work.
"""

from pipeline.wiring.declared import (
    criteria,
    model,
    models_folder,
    own_rules,
    policy,
    reader,
    replies,
    rulebook,
    rules_folder,
    serving,
    tagger,
    taxonomy,
    vocabulary,
)
from pipeline.wiring.renewal import correspondence, keyring, reload, renewing, rules_stamp
from pipeline.wiring.world import (
    LISTENERS,
    desk,
    help_desks,
    ledger,
    listeners,
    mail_reader,
    mail_servers,
    move_ledger,
    utc_now,
    wiki,
)

__all__ = [
    "LISTENERS",
    "correspondence",
    "criteria",
    "desk",
    "help_desks",
    "keyring",
    "ledger",
    "listeners",
    "mail_reader",
    "mail_servers",
    "model",
    "models_folder",
    "move_ledger",
    "own_rules",
    "policy",
    "reader",
    "reload",
    "renewing",
    "replies",
    "rulebook",
    "rules_folder",
    "rules_stamp",
    "serving",
    "tagger",
    "taxonomy",
    "utc_now",
    "vocabulary",
    "wiki",
]
