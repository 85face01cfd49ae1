"""Which backups stay: the last of each of the last days, weeks and months that have one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Paris")
_NAME = re.compile(r"tierslieu-(\d{8}T\d{6})Z\.tar\.gz\.age")


def file_name(made_at: datetime) -> str:
    """What the backup of this instant is called; its ending says how it is opened."""
    return f"tierslieu-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz.age"


def read_name(name: str) -> datetime | None:
    """The instant a file's name says; None for a file that is none of our backups."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def choose_kept(
    made: Collection[datetime], *, daily: int, weekly: int, monthly: int
) -> set[datetime]:
    """Those of these instants whose backups stay; the newest always does, whatever the numbers.

    A day, a week (ISO) and a month are those of the place's clock. The last of each period stays,
    so what stands for this month today gives way to a newer one, and the month is never without.
    """
    newest_first = sorted(made, reverse=True)
    kept = set(newest_first[:1])
    periods: list[tuple[int, Callable[[datetime], object]]] = [
        (daily, lambda at: at.date()),
        (weekly, lambda at: at.isocalendar()[:2]),
        (monthly, lambda at: (at.year, at.month)),
    ]
    for most, period_of in periods:
        last: dict[object, datetime] = {}
        for instant in newest_first:
            last.setdefault(period_of(instant.astimezone(HERE)), instant)
        kept.update(list(last.values())[:most])
    return kept
