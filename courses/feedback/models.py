"""Feedback on the online courses: typed, located to the step, followed to its end."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path, Step
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, kept, of_nobody
from tierslieu.uploads.models import Upload


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
    __table_args__ = (
        Index("ix_course_feedback_state", "state", "created_at"),
        CheckConstraint("merged_into_id <> id", name="merged"),
    )
    __kept__ = kept(
        "course_feedback",
        plain="id step_id kind state author_id created_at is_shown picture_id merged_into_id",
        says={
            "unit": _("La page du cours"),
            "location": _("L’endroit de la page"),
            "body": _("Ce que la personne signale"),
            "upstream_url": _("La demande ouverte chez qui fait le cours"),
            "picture_text": _("Ce que montre la capture, en mots"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

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
    # Somebody of the team has read it and lets others on the same step read it too, without a name.
    is_shown: Mapped[bool] = mapped_column(default=False)
    upstream_url: Mapped[str] = mapped_column(default="")  # where the course team follows it
    picture_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("upload.id", ondelete="SET NULL"), unique=True
    )
    picture_text: Mapped[str] = mapped_column(default="")  # said instead of the picture
    # A duplicate lives on in another report, which is never itself one: no chain, no loop.
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("course_feedback.id"), index=True
    )

    step: Mapped[Step] = relationship()
    events: Mapped[list[FeedbackEvent]] = relationship(
        order_by="FeedbackEvent.at",
        cascade="all, delete-orphan",
        foreign_keys="FeedbackEvent.feedback_id",
    )
    picture: Mapped[Upload | None] = relationship()
    me_too: Mapped[list[MeToo]] = relationship(order_by="MeToo.at", cascade="all, delete-orphan")
    merged_into: Mapped[CourseFeedback | None] = relationship(
        remote_side="CourseFeedback.id", back_populates="duplicates"
    )
    duplicates: Mapped[list[CourseFeedback]] = relationship(
        back_populates="merged_into", order_by="CourseFeedback.created_at"
    )


class FeedbackEvent(Base):
    """A change of state, with the facilitator's word; or that it was merged into another."""

    __tablename__ = "course_feedback_event"
    __kept__ = kept(
        "course_feedback",
        plain="id feedback_id to_state actor_id at merged_into_id",
        says={
            "word": _("La réponse de l’équipe"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

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
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("course_feedback.id"), index=True
    )  # set: merged into that one, its state as it was


class MeToo(Base):
    """«Moi aussi»: somebody else saw the same thing. Without the person once their account is gone,
    for the count is the course's."""

    __tablename__ = "course_feedback_me_too"
    __table_args__ = (UniqueConstraint("feedback_id", "user_id"),)
    __kept__ = kept(
        "course_feedback_me_too",
        plain="id feedback_id user_id wants_mail at",
        says={
            "detail": _("Ce que la personne ajoute au signalement"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    feedback_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("course_feedback.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[str] = mapped_column(default="")
    wants_mail: Mapped[bool] = mapped_column(default=True)  # told when it is fixed or refused
    at: Mapped[datetime] = mapped_column(default=clock.now)


class CourseContact(Base):
    """An address of a course's team, which gets its weekly digest until it unsubscribes."""

    __tablename__ = "course_contact"
    __table_args__ = (UniqueConstraint("path_id", "email"),)
    __kept__ = kept(
        "course_contacts",
        plain="id path_id added_by_id added_at unsubscribed_at",
        says={
            "email": _("L’adresse à laquelle arrivent les retours d’un cours"),
        },
        whose=(
            Whose.TEAM,
            Whose.PARTNERS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(index=True)  # lower case
    added_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    unsubscribed_at: Mapped[datetime | None]

    path: Mapped[Path] = relationship()


class CourseDigest(Base):
    """What a course's team was told one week: all that came from ``since`` (None: ever) up to
    ``until``. The row is written with its mails, so that a second run finds it done."""

    __tablename__ = "course_digest"
    __table_args__ = (UniqueConstraint("path_id", "week"),)
    __kept__ = of_nobody(
        _("Les envois de retours : combien, pour quelle semaine"),
        "id path_id week since until reports mails",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    week: Mapped[date]  # its Monday, in Paris
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    reports: Mapped[int]  # how many it told of; 0: nothing new, no mail left
    mails: Mapped[int]
