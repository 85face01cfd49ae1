"""Rooms, learning sessions, and the seats each session has."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Step
from tierslieu import clock
from tierslieu.base import Base, WallTime, new_id
from tierslieu.people.models import User


class SeatMode(enum.Enum):
    """How one takes part: in the room or online."""

    ONSITE = "onsite"
    ONLINE = "online"


class Room(Base):
    """A room with places."""

    __tablename__ = "room"
    __table_args__ = (CheckConstraint("places > 0", name="places"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    places: Mapped[int]
    address: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")  # how to get in, step-free or not
    equipment: Mapped[str] = mapped_column(default="")


session_facilitators = Table(
    "session_facilitator",
    Base.metadata,
    Column("session_id", ForeignKey("learning_session.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
)


class LearningSession(Base):
    """A dated meeting in a room, online, or both; about a step of a path, or about none.

    ``starts_local``/``ends_local`` are what was planned (wall time in ``timezone``);
    ``starts_at``/``ends_at`` are derived from them, in UTC, for ordering.
    """

    __tablename__ = "learning_session"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_learning_session_room", "room_id", "starts_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")  # what to bring
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    starts_local: Mapped[datetime] = mapped_column(WallTime())
    ends_local: Mapped[datetime] = mapped_column(WallTime())
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"))  # None: online only
    online_link: Mapped[str] = mapped_column(default="")  # shown only to those booked online
    step_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("step.id"), index=True)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5545 SEQUENCE: rises at each change

    room: Mapped[Room | None] = relationship()
    step: Mapped[Step | None] = relationship()
    facilitators: Mapped[list[User]] = relationship(
        secondary=session_facilitators, order_by=User.name
    )
    pools: Mapped[list[SeatPool]] = relationship(
        back_populates="session", order_by="SeatPool.mode", cascade="all, delete-orphan"
    )

    def pool(self, mode: SeatMode) -> SeatPool | None:
        """The seats of this mode, or None if the session isn't held so."""
        return next((pool for pool in self.pools if pool.mode is mode), None)


class SeatPool(Base):
    """The seats of a session in one mode, counted. The schema itself refuses one too many."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("session_id", "mode"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("learning_session.id", ondelete="CASCADE")
    )
    mode: Mapped[SeatMode]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    session: Mapped[LearningSession] = relationship(back_populates="pools")

    @property
    def free(self) -> int:
        """Seats left."""
        return self.capacity - self.taken


class CalendarFeed(Base):
    """A person's own calendar address: whoever knows it reads it, so it can be renewed."""

    __tablename__ = "calendar_feed"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
