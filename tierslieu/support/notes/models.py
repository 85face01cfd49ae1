"""Notes on a person who is followed: dated, signed, read at three levels."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept
from tierslieu.support.appointments.models import Appointment


class NoteLevel(enum.Enum):
    """Who reads a note, the narrowest first: its author, the team too, the person too."""

    AUTHOR = "author"
    TEAM = "team"
    SHARED = "shared"


class FollowNote(Base):
    """A note by a facilitator on a person; without an author, who wrote it has left."""

    __tablename__ = "follow_note"
    __table_args__ = (Index("ix_follow_note_about", "about_id", "written_at"),)
    __kept__ = kept(
        "follow_notes",
        plain="id about_id author_id appointment_id level written_at edited_at shared_at",
        says={
            "body": _("La note de suivi"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    about_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="SET NULL"), index=True
    )
    level: Mapped[NoteLevel]
    body: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]  # since when the person reads it

    about: Mapped[User] = relationship(foreign_keys=[about_id])
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    appointment: Mapped[Appointment | None] = relationship()
