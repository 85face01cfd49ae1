"""Sessions that are open: begun by a sign-in, ended by hand, by a rule, or by time."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, or_, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from tierslieu.errors import NotYours
from tierslieu.people.models import (
    ADMINISTRATOR,
    COORDINATOR,
    FACILITATOR,
    RESEARCHER,
    OpenSession,
    User,
)

AHEAD = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=15)  # so that pages do not write at each request


@dataclass(frozen=True)
class Lasting:
    """A session ends when it was not used for ``idle``, and ``in_all`` after the sign-in."""

    idle: timedelta
    in_all: timedelta


@dataclass(frozen=True)
class Rule:
    """How long sessions last: those that end with the browser, and those one asked to keep."""

    passing: Lasting
    kept: Lasting


# Who administers or researches sees everybody: that session is never kept for long. A facilitator's
# phone calls the roll all week.
SENSITIVE = Rule(
    Lasting(timedelta(hours=2), timedelta(hours=12)),
    Lasting(timedelta(hours=12), timedelta(days=1)),
)
TEAM = Rule(
    Lasting(timedelta(hours=8), timedelta(days=1)), Lasting(timedelta(days=7), timedelta(days=30))
)
EVERYBODY = Rule(
    Lasting(timedelta(days=1), timedelta(days=7)), Lasting(timedelta(days=30), timedelta(days=180))
)
LONGEST = EVERYBODY.kept.in_all


def find_lasting(user: User, is_kept: bool) -> Lasting:
    """How long a session of this person lasts: the strictest of their roles decides."""
    if user.holds(ADMINISTRATOR, RESEARCHER):
        rule = SENSITIVE
    elif user.holds(FACILITATOR, COORDINATOR):
        rule = TEAM
    else:
        rule = EVERYBODY
    return rule.kept if is_kept else rule.passing


def hash_secret(secret: str) -> str:
    """What is kept of the secret in a browser's cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(
    db: Session, user: User, *, device: str, is_kept: bool, is_strong: bool = False, now: datetime
) -> tuple[OpenSession, str]:
    """A person has signed in; gives the row and the secret for their cookie."""
    secret = secrets.token_urlsafe(24)
    lasting = find_lasting(user, is_kept)
    row = OpenSession(
        user_id=user.id,
        secret_hash=hash_secret(secret),
        device=device,
        is_kept=is_kept,
        is_strong=is_strong,
        created_at=now,
        last_seen_at=now,
        ends_at=now + min(lasting.idle, lasting.in_all),
    )
    db.add(row)
    db.flush()
    return row, secret


def is_to_note(row: OpenSession, now: datetime) -> bool:
    """Whether it is time to write again that this session is in use."""
    return row.last_seen_at + SEEN_EVERY <= now


def note_use(
    connection: Connection, session_id: UUID, created_at: datetime, lasting: Lasting, now: datetime
) -> None:
    """This session is in use: it lasts longer, up to its last end."""
    connection.execute(
        update(OpenSession)
        .where(OpenSession.id == session_id)
        .values(last_seen_at=now, ends_at=min(now + lasting.idle, created_at + lasting.in_all))
    )


def end_session(db: Session, user_id: UUID, session_id: UUID) -> None:
    """End one of this person's. Raises :class:`NotYours`."""
    ended = db.execute(
        delete(OpenSession).where(OpenSession.id == session_id, OpenSession.user_id == user_id)
    )
    if not getattr(ended, "rowcount", 0):
        raise NotYours(_("Cet appareil n’est plus connecté."))


def end_secret(db: Session, secret: str) -> None:
    """End the session of that cookie, if it is open."""
    db.execute(delete(OpenSession).where(OpenSession.secret_hash == hash_secret(secret)))


def end_others(db: Session, user_id: UUID, secret: str | None = None) -> int:
    """End all of a person's but that of this cookie; how many they were."""
    query = delete(OpenSession).where(OpenSession.user_id == user_id)
    if secret is not None:
        query = query.where(OpenSession.secret_hash != hash_secret(secret))
    return int(getattr(db.execute(query), "rowcount", 0))


def erase_sessions(db: Session, user_id: UUID) -> None:
    """Forget where this person is signed in; they are no more."""
    end_others(db, user_id)


def sweep(db: Session, now: datetime) -> int:
    """Drop the sessions whose time is over, and those that a clock far ahead began: they open
    nothing since it is right, and would lie here for as long as it was wrong. How many they were.
    """
    dropped = db.execute(
        delete(OpenSession).where(
            or_(OpenSession.ends_at <= now, OpenSession.created_at >= now + AHEAD)
        )
    )
    return int(getattr(dropped, "rowcount", 0))
