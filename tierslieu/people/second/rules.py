"""Who needs a second factor, and how one is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.mail.rules import write_mail
from tierslieu.people.devices.rules import end_others
from tierslieu.people.models import User
from tierslieu.people.passkeys.forgetting import forget_passkeys


def has_second_factor(user: User) -> bool:
    """Whether this person's account asks for a code."""
    return bool(user.tf_primary_method and user.tf_totp_secret)


def forget_second_factor(user: User) -> None:
    """Nothing is left of it, the codes kept for a rainy day neither."""
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None


def tell(db: Session, user: User, what: str, *, now: datetime) -> None:
    """Write to the person what became of their second factor: ``on``, ``off``, ``reset``."""
    context = {"name": user.name, "what": what}
    write_mail(db, user.email, "people_second_factor", context, now=now)


def reset_second_factor(db: Session, user: User, *, now: datetime) -> bool:
    """Take it away from somebody who lost it, passkeys too: their sessions end, a mail tells them.
    Who needs one sets up another at the next sign-in. Says whether there was one."""
    lock_for_writing(db)
    db.get(User, user.id, with_for_update=True, populate_existing=True)
    had = has_second_factor(user)
    forget_second_factor(user)
    had = forget_passkeys(db, user.id) > 0 or had
    end_others(db, user.id)
    if had:
        tell(db, user, "reset", now=now)
    db.flush()
    return had
