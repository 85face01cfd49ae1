"""Makes people and things as tests need them; each call commits.

Features add their own methods here, each short and with believable defaults.
"""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.people.models import ROLES, Audience, Profile, Role, User
from tierslieu.people.rules import new_uniquifier

_count = itertools.count(1)


class Factory:
    """A maker bound to one session."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def roles(self) -> None:
        """The roles of the house."""
        have = set(self.db.scalars(select(Role.name)))
        self.db.add_all(Role(name=name) for name in ROLES if name not in have)
        self.db.flush()

    def user(self, *roles: str, **values: Any) -> User:
        """A confirmed person holding ``roles`` (default: learner), with a profile.

        ``profile``: what is to be in it; ``audience`` alone may be said beside."""
        number = next(_count)
        about = {"audience": values.pop("audience", Audience.TEACHER), "town": "Antibes"}
        about |= values.pop("profile", {})
        user = User(
            **{
                "email": f"person{number}@example.org",
                "name": f"Personne Numéro{number}",
                "fs_uniquifier": new_uniquifier(),
                "confirmed_at": clock.now(),
                "is_15_or_over": True,
                **values,
            }
        )
        user.roles = list(self.db.scalars(select(Role).where(Role.name.in_(roles or ("learner",)))))
        user.profile = Profile(**about)
        self.db.add(user)
        self.db.commit()
        return user
