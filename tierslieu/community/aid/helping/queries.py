"""Every SELECT of the offers of help."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Step
from courses.paths.queries import list_every_step
from tierslieu.clock import to_utc
from tierslieu.community.aid.models import Act, AidDecision, AidMember, AidOffer, AidOfferStep
from tierslieu.people.models import FACILITATOR, Role, user_roles


def _living(day: date) -> ColumnElement[bool]:
    """Offers that are shown: not paused, not over, of who follows the path or is of the team, and
    may write that day."""
    follows = (
        select(Enrolment.id)
        .where(
            Enrolment.user_id == AidOffer.user_id,
            Enrolment.path_id == AidOffer.path_id,
            Enrolment.status != EnrolmentStatus.STOPPED,
        )
        .exists()
    )
    team = (
        select(user_roles.c.user_id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(Role.name == FACILITATOR)
    )
    is_here = or_(follows, AidOffer.user_id.in_(team))
    return and_(
        AidOffer.is_paused.is_(False), AidOffer.ends_on >= day, is_here, ~_is_suspended(day)
    )


def _is_suspended(day: date) -> ColumnElement[bool]:
    later = aliased(AidDecision)
    undone = (
        select(later.id)
        .where(
            later.person_id == AidDecision.person_id,
            later.act.in_((Act.SUSPEND, Act.LIFT)),
            later.at > AidDecision.at,
        )
        .exists()
    )
    begins = to_utc(datetime.combine(day, time()))
    return (
        select(AidDecision.id)
        .where(
            AidDecision.person_id == AidOffer.user_id,
            AidDecision.act == Act.SUSPEND,
            AidDecision.until > begins,
            ~undone,
        )
        .exists()
    )


def find_offer(db: Session, user_id: UUID, path_id: UUID) -> AidOffer | None:
    """This person's offer on that path, as it is now."""
    return db.scalar(
        select(AidOffer)
        .where(AidOffer.user_id == user_id, AidOffer.path_id == path_id)
        .execution_options(populate_existing=True)
    )


def list_offers_of(db: Session, user_id: UUID) -> list[AidOffer]:
    """This person's offers, the first first."""
    return list(
        db.scalars(
            select(AidOffer)
            .where(AidOffer.user_id == user_id)
            .order_by(AidOffer.created_at, AidOffer.id)
            .options(joinedload(AidOffer.path))
        )
    )


def list_shown(
    db: Session, path_id: UUID, day: date, step_key: str = "", *, limit: int = 50
) -> list[tuple[AidOffer, str]]:
    """The offers that the group of a path sees (on one step, if given), with the name shown."""
    query = (
        select(AidOffer, AidMember.shown_name)
        .join(AidMember, AidMember.user_id == AidOffer.user_id)
        .where(AidOffer.path_id == path_id, _living(day))
    )
    if step_key:
        query = query.where(AidOffer.steps.any(AidOfferStep.step_key == step_key))
    rows = db.execute(query.order_by(AidOffer.created_at, AidOffer.id).limit(limit))
    return [(row[0], row[1]) for row in rows]


def count_shown(db: Session, path_id: UUID, day: date, step_key: str = "") -> int:
    """How many people offer help on a path, or on one of its steps."""
    query = (
        select(func.count(AidOffer.id))
        .join(AidMember, AidMember.user_id == AidOffer.user_id)
        .where(AidOffer.path_id == path_id, _living(day))
    )
    if step_key:
        query = query.where(AidOffer.steps.any(AidOfferStep.step_key == step_key))
    return db.scalar(query) or 0


def list_ended(db: Session, before: date, *, limit: int) -> list[AidOffer]:
    """Offers whose last day was before then, the first first."""
    return list(
        db.scalars(
            select(AidOffer)
            .where(AidOffer.ends_on < before)
            .order_by(AidOffer.ends_on, AidOffer.id)
            .limit(limit)
        )
    )


def steps_by_key(db: Session, path_id: UUID) -> dict[str, Step]:
    """The steps of a path in any version, each as it is called in the latest that has it, those
    of the current version first."""
    every = list_every_step(db, path_id)
    latest = every[-1].version_id if every else None
    now = {step.key: step for step in every if step.version_id == latest}
    gone = {step.key: step for step in every if step.key not in now}
    return {**now, **gone}
