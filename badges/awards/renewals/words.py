"""What is said of a badge that ends."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from badges.awards.renewals.queries import Standing
from tierslieu.web.formats import long_day


def say_end(valid_until: datetime, now: datetime) -> str:
    """«expire le …» or «a expiré le …»."""
    if valid_until <= now:
        return str(_("a expiré le %(day)s", day=long_day(valid_until)))
    return str(_("expire le %(day)s", day=long_day(valid_until)))


def say_renewal(one: Standing, now: datetime) -> str:
    """Of a line of a dry run: what its award will renew."""
    assert one.valid_until is not None
    return str(_("sera renouvelé : le sien %(end)s", end=say_end(one.valid_until, now)))
