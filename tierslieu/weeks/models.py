"""Intensive weeks: their programme, their stay, the houses one sleeps in."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path, Step
from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.base import Base, new_id
from tierslieu.people.models import Audience, User
from tierslieu.register import Whose, by_team, of_nobody

NEEDS_DAYS = 8  # how long needs are kept after the stay, unless the week says otherwise
_DAY = timedelta(days=1)


class Meal(enum.Enum):
    """The three meals of a day, in their order."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"


class Moment(enum.Enum):
    """Before the week or after it."""

    BEFORE = "before"
    AFTER = "after"


week_sessions = Table(
    "week_session",
    Base.metadata,
    # A session is of one week at most.
    Column("session_id", ForeignKey("learning_session.id", ondelete="CASCADE"), primary_key=True),
    Column("week_id", ForeignKey("week.id", ondelete="CASCADE"), nullable=False, index=True),
    # Planned for the week alone, so called off with it; one chosen at the agenda is not.
    Column("is_own", Boolean, nullable=False, default=False),
    info={
        "kept": of_nobody(_("Les semaines intensives : leurs séances"), "session_id week_id is_own")
    },
)

week_team = Table(
    "week_team",
    Base.metadata,
    Column("week_id", ForeignKey("week.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    info={"kept": by_team(_("Les semaines intensives : qui les anime"), "week_id user_id")},
)


class BoardingHouse(Base):
    """Where people sleep, and whom one writes to there."""

    __tablename__ = "boarding_house"
    __kept__ = by_team(
        _("Les internats qui reçoivent les semaines intensives"),
        "id name address access",
        says={
            "contact_name": _("Le nom de qui y reçoit"),
            "contact_email": _("L’adresse où envoyer la feuille des chambres"),
            "contact_phone": _("Le numéro à appeler à l’arrivée"),
        },
        whose=(Whose.PARTNERS,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")  # how to get in, until when
    contact_name: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")  # receives the sheets
    contact_phone: Mapped[str] = mapped_column(default="")

    rooms: Mapped[list[BoardingRoom]] = relationship(
        back_populates="house", order_by="BoardingRoom.name, BoardingRoom.id"
    )


class BoardingRoom(Base):
    """A room with beds."""

    __tablename__ = "boarding_room"
    __table_args__ = (
        UniqueConstraint("house_id", "name"),
        CheckConstraint("beds > 0", name="beds"),
    )
    __kept__ = of_nobody(
        _("Les semaines intensives : chambres"),
        "id house_id name beds is_step_free",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    house_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("boarding_house.id", ondelete="CASCADE"))
    name: Mapped[str]
    beds: Mapped[int]
    is_step_free: Mapped[bool] = mapped_column(default=False)

    house: Mapped[BoardingHouse] = relationship(back_populates="rooms")


class RoomNight(Base):
    """The beds of a room in one night, the one that begins on ``night``, counted whatever week
    they are taken for. The schema itself refuses one too many."""

    __tablename__ = "room_night"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= beds", name="taken"),)
    __kept__ = of_nobody(
        _("Les semaines intensives : lits pris par nuit"),
        "room_id night beds taken",
    )

    room_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("boarding_room.id", ondelete="CASCADE"), primary_key=True
    )
    night: Mapped[date] = mapped_column(primary_key=True)
    beds: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    room: Mapped[BoardingRoom] = relationship()


class Week(Base):
    """An intensive week. Its days are [first_day, last_day]; its nights, each named by the day on
    which it begins, are [nights_from, nights_until). A draft is seen by the team alone."""

    __tablename__ = "week"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("places > 0", name="places"),
        CheckConstraint("accepted >= 0 AND accepted <= places", name="accepted"),
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint("needs_days > 0", name="needs_days"),
        CheckConstraint(
            "(nights_from IS NULL) = (house_id IS NULL) "
            "AND (nights_from IS NULL) = (nights_until IS NULL) "
            "AND (nights_from IS NULL OR nights_from < nights_until)",
            name="nights",
        ),
    )
    __kept__ = by_team(
        _("Les semaines intensives"),
        (
            "id title description path_id first_day last_day places accepted quotas_until opens_at "
            "closes_at cutoff_at house_id nights_from nights_until needs_days access plan_url "
            "contacts bring published_at cancelled_at cancel_reason created_by_id created_at"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))
    first_day: Mapped[date] = mapped_column(index=True)
    last_day: Mapped[date]
    places: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    quotas_until: Mapped[datetime | None]  # then what was kept for a public is for all
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    cutoff_at: Mapped[datetime]  # then the boarding school's sheet is frozen
    house_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("boarding_house.id"))
    nights_from: Mapped[date | None]
    nights_until: Mapped[date | None]
    needs_days: Mapped[int] = mapped_column(default=NEEDS_DAYS)
    access: Mapped[str] = mapped_column(default="")  # how to come: the plan in words
    plan_url: Mapped[str] = mapped_column(default="")
    contacts: Mapped[str] = mapped_column(default="")
    bring: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    path: Mapped[Path | None] = relationship()
    house: Mapped[BoardingHouse | None] = relationship()
    sessions: Mapped[list[LearningSession]] = relationship(
        secondary=week_sessions, order_by="LearningSession.starts_at, LearningSession.id"
    )
    team: Mapped[list[User]] = relationship(secondary=week_team, order_by=[User.name, User.id])
    quotas: Mapped[list[WeekQuota]] = relationship(
        cascade="all, delete-orphan", order_by="WeekQuota.audience"
    )
    meals: Mapped[list[WeekMeal]] = relationship(
        cascade="all, delete-orphan", order_by="WeekMeal.day, WeekMeal.meal"
    )
    steps: Mapped[list[WeekStep]] = relationship(cascade="all, delete-orphan")

    @property
    def nights(self) -> Sequence[date]:
        """Each night by the day on which it begins; none where nobody sleeps."""
        if self.nights_from is None or self.nights_until is None:
            return ()
        count = (self.nights_until - self.nights_from).days
        return [self.nights_from + n * _DAY for n in range(count)]

    @property
    def ends_on(self) -> date:
        """The day on which everybody has left."""
        return max(self.last_day, self.nights_until or self.last_day)

    @property
    def needs_end_on(self) -> date:
        """The day on which the needs of its people are erased."""
        return self.ends_on + self.needs_days * _DAY

    @property
    def standing(self) -> list[LearningSession]:
        """The half-days that were not called off."""
        return [session for session in self.sessions if session.cancelled_at is None]


class WeekQuota(Base):
    """Places of a week kept for a public."""

    __tablename__ = "week_quota"
    __table_args__ = (CheckConstraint("places > 0", name="places"),)
    __kept__ = of_nobody(
        _("Les semaines intensives : places par public"),
        "week_id audience places",
    )

    week_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week.id", ondelete="CASCADE"), primary_key=True
    )
    audience: Mapped[Audience] = mapped_column(primary_key=True)
    places: Mapped[int]


class WeekMeal(Base):
    """A meal the boarding school serves on that day, and how many of it are taken."""

    __tablename__ = "week_meal"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),)
    __kept__ = of_nobody(
        _("Les semaines intensives : repas servis"),
        "week_id day meal capacity taken",
    )

    week_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    meal: Mapped[Meal] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class WeekStep(Base):
    """A step of the path that belongs to the week's journey, before it or after it."""

    __tablename__ = "week_step"
    __kept__ = of_nobody(
        _("Les semaines intensives : leurs étapes"),
        "week_id step_id moment",
    )

    week_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week.id", ondelete="CASCADE"), primary_key=True
    )
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), primary_key=True)
    moment: Mapped[Moment]

    step: Mapped[Step] = relationship()


class BoardingSheet(Base):
    """What the boarding school was told: counts alone, no name. The first is frozen at the
    cut-off; each later one was told as what changed since the one before."""

    __tablename__ = "boarding_sheet"
    __table_args__ = (UniqueConstraint("week_id", "number"),)
    __kept__ = of_nobody(
        _("Les semaines intensives : nombres donnés à l’internat"),
        "id week_id number made_at counts",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    week_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("week.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    counts: Mapped[dict[str, Any]]
