"""What opens an account besides its password, and ends with a password that leaked."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g
from flask_login import current_user
from flask_security import Security, password_changed, password_reset

from tierslieu import clock
from tierslieu.db import db
from tierslieu.house import House
from tierslieu.house_accounts import WayIn
from tierslieu.people.models import User


def install(app: Flask, security: Security) -> None:
    """Tell of them where the password changes, and end them when it was lost."""
    password_changed.connect(_close_if_asked, app)
    password_reset.connect(_close_ways_in, app)
    security.change_password_context_processor(_describe_ways_in)


def _ways_in() -> tuple[WayIn, ...]:
    house: House = current_app.extensions["tierslieu.house"]
    return house.all(WayIn)


def _describe_ways_in() -> dict[str, Any]:
    """What else opens the account, for the page that changes the password."""
    who, now = current_user.id, clock.now()
    counts = [(way, way.count(db.session(), who, now)) for way in _ways_in()]
    return {"ways_in": [way.describe(count) for way, count in counts if count]}


def _close_ways_in(app: Flask, user: User, **extra: Any) -> None:
    """A password set anew by a mailed link may have been lost to somebody: what it let them make
    ends with it. Written with the password, in one transaction."""
    for way in _ways_in():
        way.close(db.session(), user.id, clock.now())


def _close_if_asked(app: Flask, user: User, **extra: Any) -> None:
    if g.pop("closes_ways_in", False):
        _close_ways_in(app, user)
