"""Reading the dates of credentials (XSD `dateTimeStamp`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from .errors import MalformedError

_MOMENT = re.compile(
    r"(-?\d{4,9})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


def parse_moment(value: object) -> datetime:
    """A moment in UTC.

    Without a zone it is UTC (Verifiable Credentials 2.0, section 4.9); years that Python does not
    know become the earliest or the latest moment it knows.

    Raises:
        MalformedError: not such a date (`date_invalid`).
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _invalid()
    year, zone = int(found[1]), found[8]
    month, day, hour, minute, second = (int(found[part]) for part in range(2, 7))
    if not 1 <= year <= 9999:
        return _EARLIEST if year < 1 else _LATEST
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    else:
        extra = timedelta()
    try:
        offset = UTC if zone in (None, "Z") else _offset(zone)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=offset)
    except ValueError:
        raise _invalid() from None
    try:
        return (moment + extra).astimezone(UTC)
    except OverflowError:
        return _EARLIEST if year == 1 else _LATEST


def _offset(zone: str) -> timezone:
    amount = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return timezone(-amount if zone[0] == "-" else amount)


def _invalid() -> MalformedError:
    return MalformedError("date_invalid", "a date is not written as it should be")
