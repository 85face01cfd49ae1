"""Who comes with this secret: what the guard of the API asks."""

from __future__ import annotations

from tierslieu import clock
from tierslieu.db import db
from tierslieu.tokens.rules import note_use, recognise
from tierslieu.tokens.scopes import may_hold
from tierslieu.web.api import Caller


def authenticate(secret: str) -> Caller | None:
    """The caller whose secret this is, or None. Their use of the day is flushed, not committed."""
    session, now = db.session(), clock.now()
    token = recognise(session, secret, now)
    if token is None:
        return None
    found, scopes = (token.user_id, token.id), frozenset(token.scopes)
    usable = frozenset(scope for scope in scopes if may_hold(token.user, scope))
    note_use(session, token, now)
    return Caller(*found, scopes, usable)
