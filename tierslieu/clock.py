"""The only clock of the house. Tests and the demonstration set it; nothing else reads the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
# As far as the clocks of two hosts may differ; what lies further ahead was written by a wrong one.
DIFFERENCE = timedelta(minutes=1)

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


class NoSuchLocalTime(ValueError):
    """The hour is skipped or happens twice when clocks change."""

    def __init__(self, local: datetime, *, skipped: bool) -> None:
        self.local = local
        self.skipped = skipped
        super().__init__(
            f"{local:%Y-%m-%d %H:%M} " + ("is skipped" if skipped else "happens twice")
        )


def now() -> datetime:
    """The present instant, aware, in UTC."""
    fixed = _fixed.get()
    return fixed if fixed is not None else datetime.now(UTC)


@contextmanager
def fixed_at(instant: datetime) -> Iterator[None]:
    """Within the block, it is ``instant`` (aware)."""
    token = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


def to_utc(local: datetime, zone: ZoneInfo = PARIS) -> datetime:
    """The instant at which a wall clock in ``zone`` shows ``local`` (naive).

    Raises :class:`NoSuchLocalTime` for an hour that does not exist (02:30 on 2026-03-29 in
    Paris) or that exists twice (02:30 on 2026-10-25): a person must say which they mean.
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != local:
        raise NoSuchLocalTime(local, skipped=True)
    if first.utcoffset() != second.utcoffset():
        raise NoSuchLocalTime(local, skipped=False)
    return first.astimezone(UTC)


def to_local(instant: datetime, zone: ZoneInfo = PARIS) -> datetime:
    """``instant`` as the clock on the wall shows it: naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def days(count: float) -> timedelta:
    """``count`` days."""
    return timedelta(days=count)
