"""Reading endorsements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import Award
from badges.designs.models import BadgeClass, BadgeEndorsement
from badges.endorsements.models import Endorsement, EndorsementState
from tierslieu.mail.models import OutboxMessage

_ABOUT = (
    joinedload(Endorsement.badge).selectinload(BadgeClass.skills),
    joinedload(Endorsement.award).joinedload(Award.badge).selectinload(BadgeClass.skills),
    selectinload(Endorsement.asked_by),
)
_GIVEN = (EndorsementState.GIVEN, EndorsementState.WITHDRAWN)


def hash_secret(secret: str) -> str:
    """A link's secret as it is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _whole() -> Select[Endorsement]:
    return select(Endorsement).options(*_ABOUT)


def find_by_secret(db: Session, secret: str, *, lock: bool = False) -> Endorsement | None:
    """The endorsement that this link leads to; locked, read anew and kept from others."""
    hashed = hash_secret(secret)
    query = _whole().where(
        or_(Endorsement.secret_hash == hashed, Endorsement.reminder_hash == hashed)
    )
    return db.scalar(_locked(query) if lock else query)


def get_endorsement(db: Session, endorsement_id: UUID, *, lock: bool = False) -> Endorsement | None:
    """One endorsement, for the team."""
    query = _whole().where(Endorsement.id == endorsement_id)
    return db.scalar(_locked(query) if lock else query)


def find_asked_by(
    db: Session, endorsement_id: UUID, user_id: UUID, *, is_team: bool
) -> Endorsement | None:
    """A question still open that this person may take back: their own, or the team's."""
    query = _whole().where(
        Endorsement.id == endorsement_id, Endorsement.state == EndorsementState.ASKED
    )
    mine = Endorsement.asked_by_id == user_id
    return db.scalar(
        _locked(query.where(or_(mine, Endorsement.badge_id.is_not(None)) if is_team else mine))
    )


def _locked(query: Select[Endorsement]) -> Select[Endorsement]:
    return query.with_for_update(of=Endorsement).execution_options(populate_existing=True)


def _about(badge_id: UUID | None, award_id: UUID | None) -> ColumnElement[bool]:
    return Endorsement.badge_id == badge_id if badge_id else Endorsement.award_id == award_id


def _stands(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Endorsement.state == EndorsementState.GIVEN,
        Endorsement.hidden_at.is_(None),
        or_(Endorsement.valid_until.is_(None), Endorsement.valid_until > now),
    )


def list_standing(
    db: Session, *, badge_id: UUID | None = None, award_id: UUID | None = None, now: datetime
) -> Sequence[Endorsement]:
    """What stands today of one badge, or of one award; the oldest first."""
    return db.scalars(
        _whole()
        .where(_about(badge_id, award_id), *_stands(now))
        .order_by(Endorsement.answered_at, Endorsement.id)
    ).all()


def list_shown(
    db: Session, *, badge_id: UUID | None = None, award_id: UUID | None = None
) -> Sequence[Endorsement]:
    """What was ever given, but for what the team hid: what stands and what once stood."""
    return db.scalars(
        _whole()
        .where(
            _about(badge_id, award_id),
            Endorsement.state.in_(_GIVEN),
            Endorsement.hidden_at.is_(None),
        )
        .order_by(Endorsement.answered_at, Endorsement.id)
    ).all()


def list_all(
    db: Session, *, badge_id: UUID | None = None, award_id: UUID | None = None
) -> Sequence[Endorsement]:
    """Every question and its answer about one badge or one award, the newest first; nothing is
    left to show of one that was taken back."""
    return db.scalars(
        _whole()
        .where(_about(badge_id, award_id), Endorsement.state != EndorsementState.CANCELLED)
        .order_by(Endorsement.asked_at.desc(), Endorsement.id)
    ).all()


def list_given_to_awards(
    db: Session, *, badge_id: UUID | None = None, since: datetime | None = None, limit: int
) -> Sequence[Endorsement]:
    """What was given to awards and the team has not hidden, the newest first: of one badge's
    awards, or of all; since then, or ever; ``limit`` at most."""
    query = _whole().where(
        Endorsement.award_id.is_not(None),
        Endorsement.state == EndorsementState.GIVEN,
        Endorsement.hidden_at.is_(None),
    )
    if badge_id is not None:
        of_badge = select(Award.id).where(Award.badge_id == badge_id)
        query = query.where(Endorsement.award_id.in_(of_badge))
    if since is not None:
        query = query.where(Endorsement.answered_at > since)
    return db.scalars(
        query.order_by(Endorsement.answered_at.desc(), Endorsement.id).limit(limit)
    ).all()


def count_taken(
    db: Session, *, badge_id: UUID | None = None, award_id: UUID | None = None, now: datetime
) -> int:
    """How many stand or may still be given about one badge or award."""
    asked = Endorsement.state == EndorsementState.ASKED
    stands = _stands(now)
    query = select(func.count()).where(
        _about(badge_id, award_id), or_(asked, stands[0] & stands[1] & stands[2])
    )
    return db.scalar(query.select_from(Endorsement)) or 0


def count_asked_since(db: Session, user_id: UUID, since: datetime, *, of_awards: bool) -> int:
    """How many this person has asked for since then, those taken back included: about awards, or
    about badges of the place."""
    query = select(func.count()).select_from(Endorsement)
    kind = Endorsement.award_id.is_not(None) if of_awards else Endorsement.badge_id.is_not(None)
    mine = query.where(Endorsement.asked_by_id == user_id, Endorsement.asked_at > since, kind)
    return db.scalar(mine) or 0


def is_asked(db: Session, email: str, *, badge_id: UUID | None, award_id: UUID | None) -> bool:
    """Whether this address is already being asked about this."""
    query = select(Endorsement.id).where(_about(badge_id, award_id), Endorsement.email == email)
    return db.scalar(query) is not None


def list_of_person(db: Session, user_id: UUID) -> Sequence[Endorsement]:
    """What this person asked for, the oldest first."""
    return db.scalars(
        _whole()
        .where(Endorsement.asked_by_id == user_id)
        .order_by(Endorsement.asked_at, Endorsement.id)
    ).all()


def list_to_remind(
    db: Session, now: datetime, asked_before: datetime, limit: int
) -> Sequence[Endorsement]:
    """Questions that nobody has answered since then, not reminded of yet."""
    query = _whole().where(
        Endorsement.state == EndorsementState.ASKED,
        Endorsement.reminded_at.is_(None),
        Endorsement.asked_at < asked_before,
        Endorsement.expires_at > now,
    )
    return db.scalars(
        _locked(query.order_by(Endorsement.asked_at, Endorsement.id).limit(limit))
    ).all()


def list_lapsed(db: Session, now: datetime, limit: int) -> Sequence[Endorsement]:
    """Questions whose time is over."""
    query = _whole().where(
        Endorsement.state == EndorsementState.ASKED, Endorsement.expires_at <= now
    )
    return db.scalars(
        _locked(query.order_by(Endorsement.expires_at, Endorsement.id).limit(limit))
    ).all()


def list_to_forget(
    db: Session, before: datetime, cancelled_before: datetime, limit: int
) -> Sequence[Endorsement]:
    """Questions answered by no, or by nobody, before then; and those taken back before then."""
    over = Endorsement.state.in_((EndorsementState.DECLINED, EndorsementState.EXPIRED))
    cancelled = Endorsement.state == EndorsementState.CANCELLED
    query = _whole().where(
        or_(
            over & (Endorsement.answered_at < before),
            cancelled & (Endorsement.answered_at < cancelled_before),
        )
    )
    return db.scalars(query.order_by(Endorsement.answered_at, Endorsement.id).limit(limit)).all()


def list_standing_of_badges(db: Session, now: datetime) -> set[UUID]:
    """The ids of all that stands today about badge classes."""
    query = select(Endorsement.id).where(Endorsement.badge_id.is_not(None), *_stands(now))
    return set(db.scalars(query.order_by(Endorsement.id)))


def list_letters(db: Session, endorsement_id: UUID) -> Sequence[OutboxMessage]:
    """The mails that asked: the question and its reminder."""
    keys = [letter_key(endorsement_id, again=again) for again in (False, True)]
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.due_key.in_(keys))
        .order_by(OutboxMessage.created_at)
    ).all()


def letter_key(endorsement_id: UUID, *, again: bool) -> str:
    """What makes the mail that asks unique."""
    return f"endorsement:{endorsement_id}:{'again' if again else 'first'}"


def list_ended(db: Session, now: datetime) -> Sequence[BadgeEndorsement]:
    """What stands beside a badge class although its end has passed."""
    ended = select(BadgeEndorsement).where(BadgeEndorsement.valid_until <= now)
    return db.scalars(ended.order_by(BadgeEndorsement.id)).all()


def list_carried(db: Session, now: datetime) -> set[UUID]:
    """The ids of all that badge classes publish today."""
    stands = or_(BadgeEndorsement.valid_until.is_(None), BadgeEndorsement.valid_until > now)
    return set(db.scalars(select(BadgeEndorsement.id).where(stands).order_by(BadgeEndorsement.id)))
