"""Enrolments and their history."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path, PathVersion
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, by_team, kept


class EnrolmentStatus(enum.Enum):
    """Where an enrolment stands. Having finished is computed from progress, not a status."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class StopReason(enum.Enum):
    """Why somebody stops, in the few words that tell the place what to mend."""

    TIME = "time"
    TOO_HARD = "too_hard"
    NOT_WHAT_I_SOUGHT = "not_what_i_sought"
    GOT_WHAT_I_NEEDED = "got_what_i_needed"
    PERSONAL = "personal"
    NOT_SAID = "not_said"


class Cohort(Base):
    """Those who follow a path together (*promotion*), from the first day to the last, included."""

    __tablename__ = "cohort"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="order"),)
    __kept__ = by_team(
        _("Les promotions d’un parcours"),
        "id path_id title starts_on ends_on facilitator_id forum_url note is_open created_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id"), index=True)
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    forum_url: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")  # to those who are of it
    is_open: Mapped[bool] = mapped_column(default=False)  # whoever follows the path may join
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    path: Mapped[Path] = relationship()
    facilitator: Mapped[User | None] = relationship()


class Enrolment(Base):
    """A person follows a path, in the version it had when they began."""

    __tablename__ = "enrolment"
    __table_args__ = (
        # One living enrolment a path; a stopped one may be followed by a new one, or resumed.
        Index("ix_enrolment_path_id_status", "path_id", "status"),  # how many follow a path
        Index(
            "uq_enrolment_living",
            "user_id",
            "path_id",
            unique=True,
            sqlite_where=text("status != 'stopped'"),
            postgresql_where=text("status != 'stopped'"),
        ),
    )
    __kept__ = kept(
        "enrolments",
        plain="id user_id path_id version_id cohort_id status started_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path_version.id"))
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("cohort.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[EnrolmentStatus] = mapped_column(default=EnrolmentStatus.ACTIVE)
    started_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)

    user: Mapped[User] = relationship()
    path: Mapped[Path] = relationship()
    version: Mapped[PathVersion] = relationship()
    cohort: Mapped[Cohort | None] = relationship()
    events: Mapped[list[EnrolmentEvent]] = relationship(
        back_populates="enrolment", order_by="EnrolmentEvent.at", cascade="all, delete-orphan"
    )


class EnrolmentEvent(Base):
    """A change of status: who, when, why. Never changed afterwards."""

    __tablename__ = "enrolment_event"
    __kept__ = kept(
        "enrolments",
        plain="id enrolment_id actor_id at from_status to_status to_version_id cause",
        says={
            "reason": _("La raison d’une pause ou d’un arrêt, si la personne la donne"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    actor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)
    from_status: Mapped[EnrolmentStatus | None] = mapped_column(
        choice(EnrolmentStatus, "from_status")
    )  # None: the beginning
    to_status: Mapped[EnrolmentStatus]
    # Set when the person goes on in another version of the path; the status stays.
    to_version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path_version.id"))
    cause: Mapped[StopReason | None]  # set when stopping
    reason: Mapped[str] = mapped_column(default="")  # in the person's own words, if they wish

    enrolment: Mapped[Enrolment] = relationship(back_populates="events")
    to_version: Mapped[PathVersion | None] = relationship()
