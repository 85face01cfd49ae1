"""Rooms, learning sessions, and the seats each session has."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Step
from tierslieu import clock
from tierslieu.agenda.hours import Week
from tierslieu.base import Base, UTCDateTime, WallTime, new_id
from tierslieu.people.models import Audience, User
from tierslieu.register import by_team, kept, of_nobody

_MORNING, _AFTERNOON = ["08:00:00", "12:00:00"], ["13:30:00", "17:30:00"]
# Classes in most schools of France: every working day, but on Wednesday afternoon.
CLASS_HOURS: dict[str, Any] = {
    str(weekday): [_MORNING] if weekday == 2 else [_MORNING, _AFTERNOON] for weekday in range(5)
}


class SeatMode(enum.Enum):
    """How one takes part: in the room or online."""

    ONSITE = "onsite"
    ONLINE = "online"


class Level(enum.Enum):
    """How much one should know already."""

    INITIATION = "initiation"
    PRACTICE = "practice"
    EXPERTISE = "expertise"


class Admission(enum.Enum):
    """Who may book: anybody with an account, who follows the path, who has the code."""

    OPEN = "open"
    ENROLLED = "enrolled"
    CODE = "code"


def once_at_a_time(name: str, column: str, where: str) -> ExcludeConstraint:
    """PostgreSQL itself refuses two rows of one ``column`` whose times touch. Half-open: one may
    begin where the other ends. SQLite has no such thing: rules look again under the lock there.

    The identifier's hash stands for it, as a range of one number: no extension is needed.
    """
    key = f"uuid_hash_extended({column}, 0)"
    return ExcludeConstraint(
        (text(f"int8range({key}, {key}, '[]')"), "&&"),
        (func.tstzrange(text("starts_at"), text("ends_at")), "&&"),
        name=name,
        where=text(where),
        using="gist",
    ).ddl_if(dialect="postgresql")  # type: ignore[return-value]


class Room(Base):
    """A room with places."""

    __tablename__ = "room"
    __table_args__ = (CheckConstraint("places > 0", name="places"),)
    __kept__ = of_nobody(
        _("L’agenda du lieu : les salles"),
        "id name places address access equipment opening",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    places: Mapped[int]
    address: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")  # how to get in, step-free or not
    equipment: Mapped[str] = mapped_column(default="")
    # By day of the week, as `hours.Week` keeps it; none at all: open at any hour.
    opening: Mapped[dict[str, Any]] = mapped_column(default=dict)

    closures: Mapped[list[RoomClosure]] = relationship(
        order_by="RoomClosure.first, RoomClosure.id", cascade="all, delete-orphan"
    )

    @property
    def week(self) -> Week:
        """When it is open."""
        return Week.read(self.opening)


class RoomClosure(Base):
    """Days, the first and the last included, on which a room is closed whatever its hours."""

    __tablename__ = "room_closure"
    __table_args__ = (CheckConstraint("first <= last", name="order"),)
    __kept__ = of_nobody(
        _("L’agenda du lieu : les fermetures"),
        "id room_id first last why",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    room_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    first: Mapped[date]
    last: Mapped[date]
    why: Mapped[str] = mapped_column(default="")


class AgendaSettings(Base):
    """What the team has set for the whole agenda: one row, or none while nothing was changed."""

    __tablename__ = "agenda_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    __kept__ = of_nobody(
        _("L’agenda du lieu : réglages"),
        "id school_zone class_hours refuses_closed",
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    school_zone: Mapped[str] = mapped_column(default="B")  # '' where there is none
    class_hours: Mapped[dict[str, Any]] = mapped_column(default=lambda: CLASS_HOURS)
    refuses_closed: Mapped[bool] = mapped_column(default=False)  # else it is warned about


session_facilitators = Table(
    "session_facilitator",
    Base.metadata,
    Column("session_id", ForeignKey("learning_session.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    # The session's own times while it stands, so that the database can refuse two at once.
    Column("starts_at", UTCDateTime(), nullable=True),
    Column("ends_at", UTCDateTime(), nullable=True),
    once_at_a_time("leads_once", "user_id", "starts_at IS NOT NULL"),
    # What somebody still leads is found without what they led for years.
    Index("ix_session_facilitator_user_id_ends_at", "user_id", "ends_at"),
    info={
        "kept": by_team(_("L’agenda du lieu : qui anime"), "session_id user_id starts_at ends_at")
    },
)


class Series(Base):
    """Sessions planned together by a rule; each is changed for itself, and booked for itself
    unless the series is a bundle: then one has a seat on every date, or on none."""

    __tablename__ = "session_series"
    __kept__ = by_team(
        _("L’agenda du lieu : les séries"),
        "id rule is_bundle created_by_id created_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    rule: Mapped[str]  # RFC 5545, as it was asked: dates may have been left out or moved since
    is_bundle: Mapped[bool] = mapped_column(default=False)  # said once, when it is planned
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class LearningSession(Base):
    """A dated meeting in a room, online, or both; about a step of a path, or about none.

    ``starts_local``/``ends_local`` are what was planned (wall time in ``timezone``);
    ``starts_at``/``ends_at`` are derived from them, in UTC, for ordering.
    """

    __tablename__ = "learning_session"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint(
            "bookable_from IS NULL OR bookable_until IS NULL OR bookable_from < bookable_until",
            name="bookable",
        ),
        CheckConstraint("(admission = 'code') = (invitation_code <> '')", name="invitation"),
        once_at_a_time("room_once", "room_id", "room_id IS NOT NULL AND cancelled_at IS NULL"),
        Index("ix_learning_session_room", "room_id", "starts_at"),
    )
    __kept__ = by_team(
        _("L’agenda du lieu : les séances"),
        (
            "id title description bring prerequisites level audience admission invitation_code "
            "bookable_from bookable_until timezone starts_local ends_local starts_at ends_at "
            "room_id online_link step_id series_id created_by_id created_at cancelled_at "
            "cancel_reason sequence"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")  # what to bring
    prerequisites: Mapped[str] = mapped_column(default="")
    level: Mapped[Level | None]
    audience: Mapped[Audience | None]  # for whom it is meant; who may book is `admission`
    admission: Mapped[Admission] = mapped_column(default=Admission.OPEN)
    invitation_code: Mapped[str] = mapped_column(default="")
    bookable_from: Mapped[datetime | None]
    bookable_until: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    starts_local: Mapped[datetime] = mapped_column(WallTime())
    ends_local: Mapped[datetime] = mapped_column(WallTime())
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"))  # None: online only
    online_link: Mapped[str] = mapped_column(default="")  # shown only to those booked online
    step_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("step.id"), index=True)
    series_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("session_series.id", ondelete="SET NULL"), index=True
    )
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5545 SEQUENCE: rises at each change

    room: Mapped[Room | None] = relationship()
    step: Mapped[Step | None] = relationship()
    series: Mapped[Series | None] = relationship()
    facilitators: Mapped[list[User]] = relationship(
        secondary=session_facilitators, order_by=User.name
    )
    pools: Mapped[list[SeatPool]] = relationship(
        back_populates="session", order_by="SeatPool.mode", cascade="all, delete-orphan"
    )

    @property
    def is_of_bundle(self) -> bool:
        """Whether it is booked with all the other dates of its series, or not at all."""
        return self.series is not None and self.series.is_bundle

    def pool(self, mode: SeatMode) -> SeatPool | None:
        """The seats of this mode, or None if the session isn't held so."""
        return next((pool for pool in self.pools if pool.mode is mode), None)


class SeatPool(Base):
    """The seats of a session in one mode, counted. The schema itself refuses one too many.

    ``kept`` of them are for the people of ``kept_for`` until ``kept_until``; ``kept_taken`` of
    these are theirs already.
    """

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("session_id", "mode"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
        CheckConstraint("kept >= 0 AND kept <= capacity", name="kept"),
        CheckConstraint("kept_taken >= 0 AND kept_taken <= kept", name="kept_taken"),
        CheckConstraint(
            "(kept = 0) = (kept_for IS NULL) AND (kept = 0) = (kept_until IS NULL)", name="kept_for"
        ),
    )
    __kept__ = of_nobody(
        _("L’agenda du lieu : combien de places"),
        "id session_id mode capacity taken kept kept_for kept_until kept_taken",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("learning_session.id", ondelete="CASCADE")
    )
    mode: Mapped[SeatMode]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    kept_for: Mapped[Audience | None]
    kept_until: Mapped[datetime | None]
    kept_taken: Mapped[int] = mapped_column(default=0)

    session: Mapped[LearningSession] = relationship(back_populates="pools")

    @property
    def free(self) -> int:
        """Seats left, those kept for some included."""
        return self.capacity - self.taken

    def kept_left(self, now: datetime) -> int:
        """Seats kept for some and not taken yet; 0 once they are released."""
        if self.kept_until is None or now >= self.kept_until:
            return 0
        return self.kept - self.kept_taken

    def free_for(self, audience: Audience | None, now: datetime) -> int:
        """Seats left for somebody of this public."""
        left = self.kept_left(now)
        if left and audience is not None and audience is self.kept_for:
            return self.free
        return max(self.free - left, 0)  # more may be kept than are left, when they came first


class CalendarFeed(Base):
    """A person's own calendar address: whoever knows it reads it, so it can be renewed."""

    __tablename__ = "calendar_feed"
    __kept__ = kept(
        "calendar_address",
        plain="user_id created_at",
        says={
            "secret": _("L’adresse secrète du calendrier"),
        },
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
