"""What tests of the API share: a token, and a request that carries it."""

from __future__ import annotations

import itertools

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.people.models import User
from tierslieu.tokens.rules import make_token

_count = itertools.count(1)


def make_secret(db: Session, owner: User, *scopes: str, days: int = 30) -> str:
    """The secret of a new token of this person's."""
    _token, secret = make_token(
        db,
        owner.id,
        name=f"essai {next(_count)}",
        scopes=scopes,
        days=days,
        now=clock.now(),
    )
    db.commit()
    return secret


def bearing(secret: str) -> dict[str, str]:
    """The header that carries it."""
    return {"Authorization": f"Bearer {secret}"}
