"""Periods and places in a list, as the addresses of calls carry them.

A list in the order of time goes on from a cursor that says *after which instant and identifier*:
what is added meanwhile neither repeats an item nor hides one.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from flask_babel import gettext as _
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from tierslieu import clock
from tierslieu.clock import PARIS
from tierslieu.errors import Refused
from tierslieu.web.api import ListQuery

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# RFC 3339 §5.6, which always says its distance to UTC.
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)

Key = tuple[datetime, UUID]


def _read_instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if _DATE.fullmatch(value):
            # Midnight on the wall in Paris; where clocks once changed at that hour, the first.
            read = datetime.combine(date.fromisoformat(value), time.min, PARIS)
        elif _INSTANT.fullmatch(value):
            read = datetime.fromisoformat(value.upper())
        else:
            raise ValueError("another shape")
        instant = read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "date_or_instant_expected", "a date, or an RFC 3339 instant"
        ) from None
    if read.tzinfo is None:
        raise PydanticCustomError("offset_missing", "an instant says its distance to UTC")
    return instant


_SAID = WithJsonSchema(
    {
        "type": "string",
        "anyOf": [{"format": "date"}, {"format": "date-time"}],
        "examples": ["2026-11-26", "2026-11-26T13:00:00Z"],
    }
)


def unsaid() -> None:
    """The default of a parameter that is no parameter when it is not there: never ``null``."""


class PeriodQuery(ListQuery):
    """A page of a list in the order of time, and of which time.

    ``from``: now unless told; ``to``: for ever. A date is its midnight in Paris.
    """

    since: Annotated[datetime, BeforeValidator(_read_instant), _SAID] = Field(
        default_factory=clock.now, alias="from"
    )
    until: Annotated[datetime | None, BeforeValidator(_read_instant), _SAID] = Field(
        default_factory=unsaid, alias="to"
    )

    @property
    def key(self) -> Key | None:
        """After which item the page begins. Raises :class:`Refused` for no cursor of ours."""
        return read_cursor(self.after) if self.after else None

    def check(self) -> None:
        """Raise :class:`Refused` (400 ``period_empty``) when it ends before it begins."""
        if self.until is not None and self.until <= self.since:
            raise Refused(
                _("La période est vide : « to » doit venir après « from » (maintenant, sans lui)."),
                code="period_empty",
                status=400,
            )


def write_cursor(key: Key) -> str:
    """The cursor of what comes after this item."""
    instant, number = key
    said = f"{(instant - _EPOCH) // _MICROSECOND}.{number.hex}"
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Key:
    """The item a cursor stands for. Raises :class:`Refused` (400 ``cursor_unknown``)."""
    try:
        said = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        microseconds, _dot, number = said.partition(".")
        key = _EPOCH + int(microseconds) * _MICROSECOND, UUID(number)
        if write_cursor(key) != cursor:
            raise ValueError("not ours")
    except (ValueError, OverflowError):
        raise Refused(
            _("Cette suite de liste n’existe plus : reprenez-la du début."),
            code="cursor_unknown",
            status=400,
        ) from None
    return key
