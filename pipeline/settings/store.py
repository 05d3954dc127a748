"""Settings of where the program keeps what it knows, and for how long."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.declarative import Declared


class LedgerSettings(Declared):
    """Where the program keeps what it knows."""

    url: Annotated[str, Field(pattern=r"^sqlite:///.+")] = "sqlite:///triage.db"
