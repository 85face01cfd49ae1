"""Bookings: a seat, or a place in line for one."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.base import Base, new_id
from tierslieu.people.models import User


class BookingStatus(enum.Enum):
    """Confirmed holds a seat; waiting stands in line; cancelled is history."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


_ACTIVE = text("status != 'cancelled'")


class Booking(Base):
    """One person, one session. The line is ordered by ``waiting_since``, then ``id``."""

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_active",
            "session_id",
            "user_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_booking_line", "session_id", "mode", "status", "waiting_since"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_session.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    mode: Mapped[SeatMode]
    status: Mapped[BookingStatus]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    waiting_since: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    session: Mapped[LearningSession] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
