"""What holds of the lives of all inquiries at every moment, looked up in the tables themselves."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

from sqlalchemy import select

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import assignments, inquiries, inquiry_states
from pipeline.records.work import State
from pipeline.routing.life import CLOSED, HELD, reachable


def broken_lives(ledger: SqlLedger) -> list[str]:
    """Return what is wrong, a line each: a state with one owner, one history that leads there, dates that fit."""
    with ledger.engine.connect() as connection:
        rows = connection.execute(select(inquiries)).all()
        open_ = connection.execute(select(assignments).where(assignments.c.ended_at.is_(None))).all()
        turns = connection.execute(select(inquiry_states).order_by(inquiry_states.c.id)).all()
    owners: defaultdict[int, list[str]] = defaultdict(list)
    lives: defaultdict[int, list[Any]] = defaultdict(list)
    for one in open_:
        owners[one.inquiry_id].append(one.liaison)
    for one in turns:
        lives[one.inquiry_id].append(one)
    faults = []
    for row in rows:
        state, held, life = State(row.state), owners[row.id], lives[row.id]
        states = [State(one.state) for one in life]
        checks = {
            f"{len(held)} owners": len(held) == int(state in HELD),
            "no history": bool(life),
            f"history ends in {states[-1:]}": states[-1:] == [state],
            "history names another owner": not life or life[-1].liaison == (held[0] if held else None),
            f"no such way: {states}": all(
                later in reachable(before) for before, later in itertools.pairwise(states)
            ),
            f"version {row.version} after {len(life)} states": row.version == len(life) - 1,
            "history goes back in time": [one.at for one in life] == sorted(one.at for one in life),
            f"waits until {row.waiting_until}": (row.waiting_until is not None) == (state is State.WAITING),
            f"closed at {row.closed_at}": state is State.ARCHIVED
            or (row.closed_at is not None) == (state in CLOSED),
        }
        faults += [f"{row.key} ({state}): {fault}" for fault, holds in checks.items() if not holds]
    return faults
