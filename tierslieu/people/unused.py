"""Accounts that nobody uses: what of an account itself tells that somebody is still here, and the
mail that says when it will be closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tierslieu.among import is_among
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import LEARNER, Consent, OpenSession, OtherAddress, User
from tierslieu.web.formats import long_day

UNUSED_FOR = timedelta(days=3 * 365)
WARNED_FOR = timedelta(days=30)
WARNING = "unused"  # how the key of the mail begins: unused:<account>:<day of the last sign>
ANSWER = "still-here"  # what it becomes when its person signs in: still-here:<account>:<day>


def list_old_accounts(db: Session, before: datetime) -> list[User]:
    """Open accounts made before then, of people who only learn: a team says who leaves it."""
    found = db.scalars(
        select(User)
        .where(User.active, User.created_at < before)
        .options(selectinload(User.roles), selectinload(User.profile))
        .order_by(User.created_at, User.id)
    )
    return [user for user in found if learns_only(user)]


def learns_only(user: User) -> bool:
    """Whether this person is of no team."""
    return {role.name for role in user.roles} <= {LEARNER}


def list_warned(db: Session, now: datetime) -> list[UUID]:
    """Open accounts that were told thirty days ago or more, whatever happened since."""
    keys = db.scalars(
        select(OutboxMessage.due_key)
        .where(
            OutboxMessage.due_key.startswith(f"{WARNING}:"),
            OutboxMessage.sent_at <= now - WARNED_FOR,
        )
        .order_by(OutboxMessage.due_key)
    )
    told = {UUID(key.split(":")[1]) for key in keys if key}
    open_ones = select(User.id).where(User.active, is_among(User.id, told)).order_by(User.id)
    return list(db.scalars(open_ones))


def list_own_signs(db: Session, user: User) -> list[datetime]:
    """When this person did something with their account itself."""
    signs = [user.created_at, user.confirmed_at]
    if user.profile is not None:
        signs.append(user.profile.updated_at)
    for consent in db.scalars(select(Consent).where(Consent.user_id == user.id)):
        signs += [consent.given_at, consent.withdrawn_at]
    for other in db.scalars(select(OtherAddress).where(OtherAddress.user_id == user.id)):
        signs += [other.asked_at, other.proved_at]
    signs += db.scalars(
        select(OpenSession.last_seen_at)
        .where(OpenSession.user_id == user.id)
        .order_by(OpenSession.id)
    )
    start = f"{ANSWER}:{user.id}:"
    keys = db.scalars(select(OutboxMessage.due_key).where(OutboxMessage.due_key.startswith(start)))
    signs += [
        datetime.fromisoformat(key.removeprefix(start)).replace(tzinfo=UTC) for key in keys if key
    ]
    return [sign for sign in signs if sign is not None]


def write_warning(db: Session, user: User, latest: datetime, *, now: datetime) -> bool:
    """Say once that this account will be closed, and when; whether it was said now."""
    written = write_mail(
        db,
        user.email,
        "people_unused",
        {"day": long_day(now + WARNED_FOR)},
        now=now,
        due_key=_key(user.id, latest),
    )
    return written is not None


def was_warned(db: Session, user: User, latest: datetime, *, now: datetime) -> bool:
    """Whether the mail about this very silence left thirty days ago or more."""
    sent_at = db.scalar(
        select(OutboxMessage.sent_at).where(OutboxMessage.due_key == _key(user.id, latest))
    )
    return sent_at is not None and sent_at <= now - WARNED_FOR


def note_still_here(db: Session, user_id: UUID, *, now: datetime) -> None:
    """Somebody who was warned signed in: that is a sign, kept as the key of that mail."""
    start = f"{WARNING}:{user_id}:"
    found = select(OutboxMessage).where(OutboxMessage.due_key.startswith(start))
    for message in db.scalars(found).all():
        message.due_key = f"{ANSWER}:{user_id}:{now.date().isoformat()}"
    db.flush()


def latest_of(
    signs: list[datetime], traces: Sequence[Mapping[UUID, datetime]], who: UUID
) -> datetime:
    """The last sign of somebody, of their account or of what features saw of them."""
    return max([*signs, *(trace[who] for trace in traces if who in trace)])


def _key(user_id: UUID, latest: datetime) -> str:
    return f"{WARNING}:{user_id}:{latest.date().isoformat()}"
