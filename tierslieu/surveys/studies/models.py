"""What a study says to those it asks, who agreed to it, and who runs it."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody
from tierslieu.surveys.models import Study


class StudyText(Base):
    """What people are asked to agree to, in a version. The one without a date is being written.

    ``asks_anew``: it says more than the one before; those who agreed to that one are asked again,
    and until they answer nothing of theirs leaves. ``allows_texts``: it says, in words of ours
    (:func:`~tierslieu.surveys.studies.words.may_leave`), that texts may be let out after a reading.
    """

    __tablename__ = "study_text"
    __table_args__ = (UniqueConstraint("study_id", "version"),)
    __kept__ = of_nobody(
        _("Les textes d’information des études"),
        "id study_id version body asks_anew allows_texts published_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    version: Mapped[int]
    body: Mapped[str]  # Markdown
    asks_anew: Mapped[bool] = mapped_column(default=False)
    allows_texts: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]

    study: Mapped[Study] = relationship()


class StudyConsent(Base):
    """A yes, dated, to a text of a study; withdrawn by a date, never erased by a click."""

    __tablename__ = "study_consent"
    __table_args__ = (
        Index(
            "uq_study_consent_active",
            "user_id",
            "study_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_study_consent_study", "study_id", "withdrawn_at"),
    )
    __kept__ = kept(
        "studies",
        plain="id user_id study_id text_id given_at withdrawn_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    text_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study_text.id", ondelete="CASCADE"))
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]

    study: Mapped[Study] = relationship()
    text: Mapped[StudyText] = relationship()


class StudyRefusal(Base):
    """A no before any yes: the study is not proposed to this person again, and nothing else."""

    __tablename__ = "study_refusal"
    __kept__ = kept(
        "studies",
        plain="study_id user_id at",
    )

    study_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)

    study: Mapped[Study] = relationship()


class StudyResearcher(Base):
    """Who runs a study: they alone see its answers and have its packages."""

    __tablename__ = "study_researcher"
    __kept__ = kept(
        "studies",
        plain="study_id user_id since",
        whose=(Whose.TEAM,),
    )

    study_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime] = mapped_column(default=clock.now)

    study: Mapped[Study] = relationship()
    user: Mapped[User] = relationship()
