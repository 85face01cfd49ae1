"""The questions of a path in their versions, what is being written, and what people kept."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import by_team, kept


class QuizVersion(Base):
    """The questions of a path as everybody answers them; never changed once published.

    ``content`` is the file's shape (``courses/positioning/facts.py``). A step or a path that it
    names may be gone since: whoever shows it looks again.
    """

    __tablename__ = "quiz_version"
    __table_args__ = (UniqueConstraint("path_id", "number"),)
    __kept__ = by_team(
        _("Les questions « par où commencer »"),
        "id path_id number content is_local published_at published_by_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    # Written here: what comes with an upgrade leaves it alone.
    is_local: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    path: Mapped[Path] = relationship()


class QuizDraft(Base):
    """The questions that are being written: only the team sees them. ``revision`` grows at each
    change, so that who saves over somebody else's is told."""

    __tablename__ = "quiz_draft"
    __kept__ = by_team(
        _("Les questions « par où commencer », en cours d’écriture"),
        "path_id content revision updated_at updated_by_id",
    )

    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    path: Mapped[Path] = relationship()


class KeptAnswers(Base):
    """What somebody answered and chose to keep; the team reads it only while it is shared."""

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("user_id", "path_id"),)  # keeping again replaces
    __kept__ = kept(
        "positioning",
        plain="id user_id path_id version_id kept_at shared_at",
        says={
            "answers": _("Les réponses que la personne a choisi de garder"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), index=True
    )
    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("quiz_version.id", ondelete="CASCADE"), index=True
    )
    answers: Mapped[dict[str, Any]]  # the keys of what was ticked, by the key of the question
    kept_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    shared_at: Mapped[datetime | None]

    path: Mapped[Path] = relationship()
    version: Mapped[QuizVersion] = relationship()


class ChosenStep(Base):
    """A step that somebody chose to begin with, by its key: it lasts from version to version."""

    __tablename__ = "chosen_step"
    __kept__ = kept(
        "positioning",
        plain="enrolment_id chosen_at",
        says={
            "key": _("L’étape par laquelle elle a choisi de commencer"),
        },
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    chosen_at: Mapped[datetime] = mapped_column(default=clock.now)

    enrolment: Mapped[Enrolment] = relationship()
