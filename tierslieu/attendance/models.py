"""Who was there, by half-day."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.base import Base, choice, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept

NOON = time(13)  # where a day is split, on the wall
NOBODY = "@effacee.invalid"  # ends the address of a line whose person was erased


class Half(enum.Enum):
    """Half of a day, split at 13:00 on the wall: the unit in which attendance is signed."""

    MORNING = "am"
    AFTERNOON = "pm"


def span_of(
    day: date, half: Half, starts: datetime, ends: datetime
) -> tuple[datetime, datetime] | None:
    """From when to when a session (wall time) falls in this half of that day; None: not."""
    midnight = datetime.combine(day, time.min)
    noon = datetime.combine(day, NOON)
    since, until = (
        (midnight, noon) if half is Half.MORNING else (noon, midnight + timedelta(days=1))
    )
    first, last = max(starts, since), min(ends, until)
    return (first, last) if first < last else None


class Presence(enum.Enum):
    """What the roll says."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"  # said so beforehand


class Attendance(Base):
    """One line of the roll: a person with an account, or someone who walked in with a name."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index(
            "uq_attendance_user",
            "session_id",
            "day",
            "half",
            "user_id",
            unique=True,
            sqlite_where=text("user_id IS NOT NULL"),
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        Index(
            "uq_attendance_guest",
            "session_id",
            "day",
            "half",
            "guest_email",
            unique=True,
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
        # At which sessions somebody was, by the index alone: their rows lie all over the table.
        Index("ix_attendance_user_id_presence", "user_id", "presence", "session_id"),
        CheckConstraint("user_id IS NOT NULL OR guest_name <> ''", name="someone"),
    )
    __kept__ = kept(
        "attendance",
        plain=(
            "id session_id day half user_id mode presence walked_in arrived_at noted_at "
            "noted_by_id declined_by_id"
        ),
        says={
            "guest_name": _(
                "Le nom d’une personne venue sans compte, pour la feuille d’émargement"
            ),
            "guest_email": _("Son adresse, pour reconnaître la même personne"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_session.id"), index=True)
    day: Mapped[date]
    half: Mapped[Half]
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    guest_name: Mapped[str] = mapped_column(default="")
    guest_email: Mapped[str] = mapped_column(default="")  # normalised; empty with an account
    mode: Mapped[SeatMode]
    presence: Mapped[Presence]
    walked_in: Mapped[bool] = mapped_column(default=False)  # came without a booking
    arrived_at: Mapped[datetime | None]  # first marked present
    noted_at: Mapped[datetime] = mapped_column(default=clock.now)
    noted_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    # A guest's line: who has the address since, and says that it was not them.
    declined_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    session: Mapped[LearningSession] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    noted_by: Mapped[User | None] = relationship(foreign_keys=[noted_by_id])
    changes: Mapped[list[AttendanceChange]] = relationship(
        back_populates="line",
        order_by="AttendanceChange.at, AttendanceChange.id",
        cascade="all, delete-orphan",
    )


class AttendanceChange(Base):
    """A correction of the roll: what a line said, what it says since, who changed it and when.

    ``was`` None: nobody had noted this person when the roll was called. ``why`` is asked once the
    day itself is over.
    """

    __tablename__ = "attendance_change"
    __kept__ = kept(
        "attendance",
        plain="id attendance_id was became was_mode became_mode at by_id",
        says={
            "why": _("Pourquoi la présence a été corrigée"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attendance_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attendance.id", ondelete="CASCADE"), index=True
    )
    was: Mapped[Presence | None] = mapped_column(choice(Presence, "was"))
    became: Mapped[Presence] = mapped_column(choice(Presence, "became"))
    was_mode: Mapped[SeatMode | None] = mapped_column(choice(SeatMode, "was_mode"))
    became_mode: Mapped[SeatMode] = mapped_column(choice(SeatMode, "became_mode"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    why: Mapped[str] = mapped_column(default="")

    line: Mapped[Attendance] = relationship(back_populates="changes")
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])


class AttendanceRecord(Base):
    """What a program sent for the roll, known again by its nonce: sent twice, noted once.

    ``digest`` is of what it said, under the place's key: tells a record sent again from another
    under the same nonce, and nothing about a person to whoever reads the table.
    """

    __tablename__ = "attendance_record"
    __kept__ = kept(
        "attendance",
        plain="session_id nonce attendance_id noted_at",
        says={
            "digest": _("L’empreinte de ce qu’un programme a noté, pour ne le noter qu’une fois"),
        },
    )

    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("learning_session.id"), primary_key=True
    )
    nonce: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attendance_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attendance.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str]
    noted_at: Mapped[datetime] = mapped_column(default=clock.now)

    attendance: Mapped[Attendance] = relationship()
