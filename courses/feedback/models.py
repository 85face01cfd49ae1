"""Feedback on the online courses: typed, located to the step, followed to its end."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Step
from tierslieu import clock
from tierslieu.base import Base, new_id


class FeedbackKind(enum.Enum):
    """What is reported."""

    ERROR = "error"
    UNCLEAR = "unclear"
    MISSING = "missing"
    SUGGESTION = "suggestion"


class FeedbackState(enum.Enum):
    """How far it is on its way to the course team."""

    NEW = "new"
    CONFIRMED = "confirmed"
    SENT = "sent"
    FIXED = "fixed"
    REFUSED = "refused"


class CourseFeedback(Base):
    """One report. The course team receives it without the reporter's name."""

    __tablename__ = "course_feedback"
    __table_args__ = (Index("ix_course_feedback_state", "state", "created_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), index=True)
    unit: Mapped[str] = mapped_column(default="")  # one of the step's units, or empty
    location: Mapped[str] = mapped_column(default="")  # address or place in the page, as typed
    kind: Mapped[FeedbackKind]
    body: Mapped[str]
    state: Mapped[FeedbackState] = mapped_column(default=FeedbackState.NEW)
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    step: Mapped[Step] = relationship()
    events: Mapped[list[FeedbackEvent]] = relationship(
        order_by="FeedbackEvent.at", cascade="all, delete-orphan"
    )


class FeedbackEvent(Base):
    """A change of state, with the facilitator's word."""

    __tablename__ = "course_feedback_event"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    feedback_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("course_feedback.id", ondelete="CASCADE"), index=True
    )
    to_state: Mapped[FeedbackState]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)
    word: Mapped[str] = mapped_column(default="")
