"""A person's plan, its steps, the checklists copied into it, what was agreed, what happened."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept
from tierslieu.support.appointments.models import Appointment
from tierslieu.support.plans.checklists.models import Checklist


class PlanState(enum.Enum):
    """Agreed: it says what its last agreement says. A change makes it a draft again."""

    DRAFT = "draft"
    AGREED = "agreed"
    DONE = "done"


class StepTarget(enum.Enum):
    """What a step is tied to."""

    PATH = "path"
    STEP = "step"  # of the catalogue
    SESSIONS = "sessions"  # those about a path
    APPOINTMENT = "appointment"


class PlanTurn(enum.Enum):
    """What happened to a plan, for its history."""

    BEGUN = "begun"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"
    PROPOSED = "proposed"
    ASKED = "asked"
    AGREED = "agreed"
    REOPENED = "reopened"
    DONE = "done"


_OPEN = text("state != 'done'")


class Plan(Base):
    """What somebody aims at and how; one at a time is open. Private until ``shared_at``.

    ``revision`` rises with each change of what an agreement is about, so that nobody agrees to
    what they have not seen. ``asked_at``: the person waits for the team's agreement.
    """

    __tablename__ = "plan"
    __table_args__ = (
        Index("uq_plan_open", "user_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_plan_own", "user_id", "created_at"),
        CheckConstraint("(state = 'done') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("asked_at IS NULL OR shared_at IS NOT NULL", name="asked"),
    )
    __kept__ = kept(
        "plans",
        plain="id user_id state revision created_at changed_at shared_at asked_at closed_at",
        says={
            "aims": _("Ce que la personne vise, choisi dans une liste"),
            "own_aim": _("Ce qu’elle vise, dans ses mots"),
            "why": _("Pourquoi"),
            "close_word": _("Son mot de la fin"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    state: Mapped[PlanState] = mapped_column(default=PlanState.DRAFT)
    aims: Mapped[list[str]] = mapped_column(default=list)  # labels, as they were when chosen
    own_aim: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    shared_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_word: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship()
    steps: Mapped[list[PlanStep]] = relationship(
        back_populates="plan",
        order_by="PlanStep.position, PlanStep.id",
        cascade="all, delete-orphan",
    )
    checklists: Mapped[list[PlanChecklist]] = relationship(
        back_populates="plan",
        order_by="PlanChecklist.added_at, PlanChecklist.id",
        cascade="all, delete-orphan",
    )
    agreements: Mapped[list[PlanAgreement]] = relationship(
        back_populates="plan", order_by="PlanAgreement.number", cascade="all, delete-orphan"
    )
    events: Mapped[list[PlanEvent]] = relationship(
        back_populates="plan", order_by="PlanEvent.at, PlanEvent.id", cascade="all, delete-orphan"
    )


class PlanChecklist(Base):
    """A copy of a checklist in a plan, as it was at that ``version``."""

    __tablename__ = "plan_checklist"
    __table_args__ = (UniqueConstraint("plan_id", "checklist_id"),)
    __kept__ = kept(
        "plans",
        plain="id plan_id checklist_id version year verified_on added_at",
        says={
            "title": _("Le titre de la liste du diplôme"),
            "url": _("Sa source"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklist.id"), index=True)
    version: Mapped[int]
    title: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None]
    verified_on: Mapped[date | None]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)

    plan: Mapped[Plan] = relationship(back_populates="checklists")
    checklist: Mapped[Checklist] = relationship()


class PlanStep(Base):
    """One thing to do: in one's own words, or an item of a checklist.

    ``advice``: what the checklist says of its deadline, where it gives no date. ``dated_at``: since
    when it has the date it has, so that nobody is reminded of what they have just written.
    A target that goes leaves the words.
    """

    __tablename__ = "plan_step"
    __table_args__ = (
        Index("ix_plan_step_due", "due", "done_at"),
        CheckConstraint("(due IS NULL) = (dated_at IS NULL)", name="dated"),
    )
    __kept__ = kept(
        "plans",
        plain="id plan_id checklist_id position due dated_at done_at target path_id appointment_id",
        says={
            "title": _("L’étape que la personne se donne"),
            "url": _("Une adresse utile"),
            "advice": _("Un conseil"),
            "step_key": _("L’étape du parcours dont il s’agit"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("plan.id", ondelete="CASCADE"), index=True
    )
    checklist_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("plan_checklist.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    title: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    advice: Mapped[str] = mapped_column(default="")
    due: Mapped[date | None]
    dated_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    target: Mapped[StepTarget | None]
    path_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("path.id", ondelete="SET NULL"), index=True
    )
    step_key: Mapped[str] = mapped_column(default="")  # with the path: a step in any version
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="SET NULL"), index=True
    )

    plan: Mapped[Plan] = relationship(back_populates="steps")
    checklist: Mapped[PlanChecklist | None] = relationship()
    path: Mapped[Path | None] = relationship()
    appointment: Mapped[Appointment | None] = relationship()


class PlanAgreement(Base):
    """What was agreed, word for word: it never changes. ``content``: see ``freezing.freeze``.
    Without who agreed: they have left."""

    __tablename__ = "plan_agreement"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)
    __kept__ = kept(
        "plans",
        plain="id plan_id number asked_at agreed_at agreed_by_id",
        says={
            "content": _("Ce qui a été convenu"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]  # by the person
    agreed_at: Mapped[datetime]
    agreed_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )

    plan: Mapped[Plan] = relationship(back_populates="agreements")
    agreed_by: Mapped[User | None] = relationship()


class PlanEvent(Base):
    """One line of a plan's history; ``word``: what was said with it."""

    __tablename__ = "plan_event"
    __kept__ = kept(
        "plans",
        plain="id plan_id at turn actor_id",
        says={
            "word": _("Ce que l’on s’en est dit"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("plan.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    turn: Mapped[PlanTurn]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    word: Mapped[str] = mapped_column(default="")

    plan: Mapped[Plan] = relationship(back_populates="events")
    actor: Mapped[User | None] = relationship()
