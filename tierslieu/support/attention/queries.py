"""Every SELECT of attention. Whom a reader may ask after is decided in :func:`list_followed` and
:func:`find_followed`: those of the team, about anybody but themselves. What is written of a person
is read by them and by the team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.people.models import FACILITATOR, Role, User, user_roles
from tierslieu.support.attention.models import AttentionContact, AttentionPause, AttentionSetting


def is_of_team(reader_id: UUID) -> ColumnElement[bool]:
    """Whether this reader is of the team by now."""
    return exists().where(
        user_roles.c.user_id == reader_id,
        user_roles.c.role_id == Role.id,
        Role.name == FACILITATOR,
    )


def list_latest_settings(db: Session) -> list[AttentionSetting]:
    """What holds of each code, by code."""
    newest = (
        select(
            AttentionSetting.id,
            func.row_number()
            .over(
                partition_by=AttentionSetting.code,
                order_by=(AttentionSetting.set_at.desc(), AttentionSetting.id.desc()),
            )
            .label("place"),
        )
    ).subquery()
    return list(
        db.scalars(
            select(AttentionSetting)
            .join(newest, newest.c.id == AttentionSetting.id)
            .where(newest.c.place == 1)
            .options(joinedload(AttentionSetting.set_by))
            .order_by(AttentionSetting.code)
        )
    )


def list_settings_by(db: Session, user_id: UUID) -> Sequence[AttentionSetting]:
    """What this person set, the first first."""
    return db.scalars(
        select(AttentionSetting)
        .where(AttentionSetting.set_by_id == user_id)
        .order_by(AttentionSetting.set_at, AttentionSetting.id)
    ).all()


def list_followed(db: Session, ids: Sequence[UUID], reader_id: UUID) -> list[User]:
    """Those of these people whom this reader may ask after, by name."""
    if not ids:
        return []
    return list(
        db.scalars(
            select(User)
            .where(
                is_among(User.id, ids),
                User.active.is_(True),
                User.id != reader_id,
                is_of_team(reader_id),
            )
            .order_by(User.sort_name, User.id)
        )
    )


def find_followed(db: Session, user_id: UUID, reader_id: UUID) -> User | None:
    """This person, if this reader may ask after them."""
    return db.scalar(
        select(User).where(User.id == user_id, User.id != reader_id, is_of_team(reader_id))
    )


def list_contacts(db: Session, about_id: UUID, limit: int) -> Sequence[AttentionContact]:
    """The contacts taken with this person, the latest first."""
    return db.scalars(
        select(AttentionContact)
        .where(AttentionContact.about_id == about_id)
        .options(joinedload(AttentionContact.author))
        .order_by(AttentionContact.happened_on.desc(), AttentionContact.id.desc())
        .limit(limit)
    ).all()


def list_last_contacts(db: Session, about_ids: Sequence[UUID]) -> dict[UUID, AttentionContact]:
    """The latest contact with each of these people."""
    if not about_ids:
        return {}
    rows = db.scalars(
        select(AttentionContact)
        .where(is_among(AttentionContact.about_id, about_ids))
        .options(joinedload(AttentionContact.author))
        .order_by(AttentionContact.happened_on, AttentionContact.id)
    )
    return {one.about_id: one for one in rows}


def list_pauses(db: Session, about_id: UUID, limit: int) -> Sequence[AttentionPause]:
    """All pauses of this person, the latest first."""
    return db.scalars(
        select(AttentionPause)
        .where(AttentionPause.about_id == about_id)
        .options(joinedload(AttentionPause.author))
        .order_by(AttentionPause.made_at.desc(), AttentionPause.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def list_living_pauses(db: Session, about: Among = None) -> Sequence[AttentionPause]:
    """The pauses nobody took back, of these people or of everybody; some may be over by their
    day."""
    query = select(AttentionPause).where(AttentionPause.ended_at.is_(None))
    if about is not None:
        query = query.where(AttentionPause.about_id.in_(about))
    return db.scalars(
        query.options(joinedload(AttentionPause.author))
        .order_by(AttentionPause.made_at, AttentionPause.id)
        .execution_options(populate_existing=True)
    ).all()


def list_all_of(
    db: Session, user_id: UUID
) -> tuple[Sequence[AttentionContact], Sequence[AttentionPause]]:
    """Contacts and pauses that are about this person or by them, the first first."""
    return (
        db.scalars(
            select(AttentionContact)
            .where(or_(AttentionContact.about_id == user_id, AttentionContact.author_id == user_id))
            .options(joinedload(AttentionContact.author))
            .order_by(AttentionContact.written_at, AttentionContact.id)
        ).all(),
        db.scalars(
            select(AttentionPause)
            .where(or_(AttentionPause.about_id == user_id, AttentionPause.author_id == user_id))
            .options(joinedload(AttentionPause.author))
            .order_by(AttentionPause.made_at, AttentionPause.id)
        ).all(),
    )


def list_old(db: Session, instant: datetime, limit: int) -> list[AttentionContact | AttentionPause]:
    """Contacts written before then, and pauses made before then, the first first."""
    contacts = db.scalars(
        select(AttentionContact)
        .where(AttentionContact.written_at <= instant)
        .order_by(AttentionContact.written_at, AttentionContact.id)
        .limit(limit)
    )
    pauses = db.scalars(
        select(AttentionPause)
        .where(AttentionPause.made_at <= instant)
        .order_by(AttentionPause.made_at, AttentionPause.id)
        .limit(limit)
    )
    return [*contacts, *pauses]
