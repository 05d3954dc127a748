"""Settings of the service that stays up: what it tells, to whom, and from when on something is wrong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline.declarative import Declared
from pipeline.settings.fields import Host


class Service(Declared):
    """How `triage run` tells how it fares, and what `triage status` calls trouble.

    Parameters
    ----------
    log
        How lines on stderr look: for people, or one JSON object each.
    log_level
        The least that is told.
    metrics_port, metrics_host
        Where metrics for Prometheus are served; no port: nowhere. They hold figures alone, but neither login nor TLS.
    late_minutes
        A source or a job that did not succeed for so long is trouble. None: an hour, or three polls if that is longer.
    outbox_minutes
        A mail, a page or a ticket that has waited for its server for so long is trouble.
    unassigned_hours
        An inquiry that nobody has got for so long is trouble.
    stalled_minutes
        A lane that gave no sign of life for so long hangs: the watchdog is told nothing any more.
    stop_seconds
        How long steps that are under way may take to end when the service is told to stop.
    """

    log: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    metrics_host: Host = "127.0.0.1"
    late_minutes: Annotated[int, Field(ge=1, le=10_080)] | None = None
    outbox_minutes: Annotated[int, Field(ge=1, le=10_080)] = 120
    unassigned_hours: Annotated[int, Field(ge=1, le=8_784)] = 48
    stalled_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    stop_seconds: Annotated[int, Field(ge=1, le=600)] = 20
