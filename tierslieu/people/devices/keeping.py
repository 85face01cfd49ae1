"""Sessions at the door: the signed cookie names a row, and without the row it opens nothing.

The library's own cookie that signs in again by itself is not used: it would outlive the row. A
session one asked to keep is the same cookie, kept by the browser.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, after_this_request, g, request, session
from flask_login import user_logged_out
from flask_security import password_changed, password_reset, user_authenticated
from sqlalchemy.exc import DBAPIError

from tierslieu import clock
from tierslieu.db import apart, db, is_full, is_passing
from tierslieu.people.devices.queries import find_open
from tierslieu.people.devices.rules import (
    LONGEST,
    end_others,
    end_secret,
    find_lasting,
    is_to_note,
    note_use,
    open_session,
)
from tierslieu.people.devices.words import name_device
from tierslieu.people.models import OpenSession, User

SECRET = "_device"  # noqa: S105 - where it stands in the session's cookie
# Where a second factor is given, after the first: what signs in there is strong.
SECOND_FACTORS = ("security.two_factor_token_validation", "security.mf_recovery")
# What signs in strongly: there, or with a passkey, whose device asked who holds it.
ENTER_BY_PASSKEY = "people.enter_by_passkey"
STRONG = (*SECOND_FACTORS, ENTER_BY_PASSKEY)
SIGNED_IN = ("_user_id", "_fresh", "_id", SECRET)


def current_secret() -> str:
    """The secret of this browser's session; empty without one."""
    return cast(str, session.get(SECRET, ""))


def current_session() -> OpenSession | None:
    """The row of this browser's session. Known once somebody asked who is signed in."""
    return cast("OpenSession | None", g.get("open_session"))


def _begin(app: Flask, user: User, **extra: Any) -> None:
    """Somebody signed in. Written with the sign-in, in its transaction."""
    now, former = clock.now(), current_secret()
    is_kept = session.pop("_remember", None) == "set"
    is_strong = request.endpoint in STRONG
    if former:
        row = find_open(db.session(), user.id, former, now)
        is_kept = is_kept or (row is not None and row.is_kept)
        is_strong = is_strong or (row is not None and row.is_strong)
        end_secret(db.session(), former)
    device = name_device(request.user_agent.string)
    row, session[SECRET] = open_session(
        db.session(), user, device=device, is_kept=is_kept, is_strong=is_strong, now=now
    )
    session.permanent = is_kept
    g.open_session = row


def _end(app: Flask, **extra: Any) -> None:
    secret = session.pop(SECRET, "")
    session.permanent = False
    if secret:
        end_secret(db.session(), secret)
        after_this_request(_commit)


def _commit(response: Response) -> Response:
    from flask_security.proxies import _datastore

    _datastore.commit()  # type: ignore[no-untyped-call]
    return response


def _end_others(app: Flask, user: User, **extra: Any) -> None:
    end_others(db.session(), user.id, current_secret())


def _note(response: Response) -> Response:
    """A session in use says so now and then, when its request is over."""
    noted = g.pop("device_seen", None)
    if noted is not None:
        try:
            with apart(db.engine) as connection:
                note_use(connection, *noted)
        except DBAPIError as error:  # somebody else is writing, or nothing can be written
            if not is_passing(error) and not is_full(error):
                raise  # else the next request says it
    return response


def install(app: Flask) -> None:
    """Give ``app`` such sessions; after the library of accounts."""
    app.config["PERMANENT_SESSION_LIFETIME"] = LONGEST + timedelta(days=1)  # the row ends before
    manager: Any = app.login_manager  # type: ignore[attr-defined]
    library = manager._user_callback

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> User | None:
        user, now = cast("User | None", library(user_id)), clock.now()
        row = find_open(db.session(), user.id, current_secret(), now) if user else None
        if user is None or row is None:
            for key in SIGNED_IN:
                session.pop(key, None)
            return None
        g.open_session = row
        if is_to_note(row, now):
            lasting = find_lasting(user, row.is_kept)
            g.device_seen = (row.id, row.created_at, lasting, now)
        return user

    app.after_request(_note)
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)
    password_changed.connect(_end_others, app)
    password_reset.connect(_end_others, app)
