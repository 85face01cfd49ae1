"""Nobody is written to at night."""

from __future__ import annotations

from datetime import datetime, timedelta

from tierslieu import clock

QUIET_FROM, QUIET_UNTIL = 21, 8  # local hours between which nobody is written to


def next_civil_hour(instant: datetime) -> datetime:
    """``instant`` itself, or eight in the morning if it falls between 21:00 and 8:00 in Paris."""
    local = clock.to_local(instant)
    if QUIET_UNTIL <= local.hour < QUIET_FROM:
        return instant
    morning = local.replace(hour=QUIET_UNTIL, minute=0, second=0, microsecond=0)
    if local.hour >= QUIET_FROM:
        morning += timedelta(days=1)
    return clock.to_utc(morning)
