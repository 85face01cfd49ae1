"""Limits at the door: who asks too often gets 429 and the time to wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask_babel import ngettext

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.limits.kinds import DEMO_FACTOR, Limit
from tierslieu.limits.rules import Go, Names, spend
from tierslieu.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])

# In the application's configuration: what every limit is multiplied by; 0 counts nothing.
FACTOR = "RATE_LIMITS_FACTOR"
CODE = "too_many_requests"


def names() -> Names:
    """What turns people and devices into names."""
    return cast(Names, current_app.extensions["tierslieu.limits"])


def factor() -> float:
    """What limits are multiplied by here; 0: nothing is counted."""
    return float(current_app.config[FACTOR])


def client() -> str:
    """The name of who asks, by network address, for today."""
    return names().of_client(request.remote_addr or "", clock.now())


def check(goes: Sequence[Go]) -> None:
    """Count these goes. Raises :class:`Refused` (429 ``too_many_requests``, ``retry_after`` in
    seconds) when there were too many."""
    if not goes or not factor():
        return
    wait = spend(db.engine, goes, now=clock.now(), factor=factor())
    if not wait:
        return
    minutes = -(-wait // 60)
    said = ngettext(
        "Par prudence, cette action est mise en pause : réessayez dans une minute.",
        "Par prudence, cette action est mise en pause : réessayez dans %(num)d minutes.",
        minutes,
    )
    raise Refused(said, code=CODE, status=429, more={"retry_after": wait})


def limited(limit: Limit) -> Callable[[View], View]:
    """Who comes from one network address comes here so often at most."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check([(limit, client())])
            return view(*args, **kwargs)

        return cast(View, guarded)

    return decorate


def install(app: Flask, settings: Settings) -> None:
    """Give ``app`` its limits. None are counted in a test, unless it asks."""
    app.extensions["tierslieu.limits"] = Names(settings.secret_key)
    usual = 0.0 if app.testing else DEMO_FACTOR if settings.demo else 1.0
    app.config.setdefault(FACTOR, usual)
