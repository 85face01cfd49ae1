"""How long a seat that came free is kept for whoever it is offered to.

Far from the start a freed seat is given: who waits has said that they want it. In the last day
(:data:`FREEZE`) they may have made other plans, so it is offered, and kept until they confirm it,
decline it, or their time is over and it passes on. The night does not count: nobody loses a seat
that they were offered while they slept.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tierslieu.clock import to_local, to_utc

FREEZE = timedelta(hours=24)  # before the start
HOLD = timedelta(hours=3)  # of waking time, at most
SHORTEST = timedelta(minutes=20)  # to see a mail and answer it
WAKES, SLEEPS = time(8), time(21)  # Paris
_DAY = timedelta(days=1)


def is_frozen(starts_at: datetime, now: datetime) -> bool:
    """Whether a freed seat is offered, to be confirmed, rather than given."""
    return starts_at - now < FREEZE


def next_waking(now: datetime) -> datetime:
    """``now`` by day; in the quiet hours, the next 8 o'clock."""
    local = to_local(now)
    if local.time() < WAKES:
        return to_utc(datetime.combine(local.date(), WAKES))
    if local.time() >= SLEEPS:
        return to_utc(datetime.combine(local.date() + _DAY, WAKES))
    return now


def waking_between(since: datetime, until: datetime) -> timedelta:
    """How much of that time is not night."""
    awake = timedelta()
    while (since := next_waking(since)) < until:
        evening = to_utc(datetime.combine(to_local(since).date(), SLEEPS))
        awake += min(evening, until) - since
        since = evening
    return awake


def add_waking(since: datetime, span: timedelta) -> datetime:
    """The instant at which ``span`` of waking time has passed."""
    while True:
        since = next_waking(since)
        evening = to_utc(datetime.combine(to_local(since).date(), SLEEPS))
        if since + span <= evening:
            return since + span
        span -= evening - since
        since = evening


def held_until(starts_at: datetime, now: datetime) -> datetime:
    """Until when a seat offered now is kept: three waking hours, or half of those that are left
    when they are fewer, so that others get their turn; never beyond the start."""
    half = waking_between(now, starts_at) / 2
    return min(add_waking(now, max(SHORTEST, min(HOLD, half))), starts_at)


def tells_at(starts_at: datetime, now: datetime) -> datetime:
    """When the mail about it leaves: not in the quiet hours, unless the morning is too late."""
    morning = next_waking(now)
    return morning if starts_at - morning > 2 * SHORTEST else now
