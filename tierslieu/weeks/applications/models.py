"""Applications for a week: their history, what they hold, and needs kept apart."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.bookings.models import Booking
from tierslieu.people.models import Audience, User
from tierslieu.register import Whose, kept
from tierslieu.weeks.models import BoardingRoom, Meal, Week


class ApplicationState(enum.Enum):
    """Where an application stands; accepted alone holds seats, beds and meals."""

    SUBMITTED = "submitted"
    TO_COMPLETE = "to_complete"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Sharing(enum.Enum):
    """With whom one would share a room; nobody is ever put with a stranger against their wish."""

    ALONE = "alone"
    ANYBODY = "anybody"
    SOMEBODY = "somebody"


class Diet(enum.Enum):
    """What the kitchen can cook for."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    NO_PORK = "no_pork"


class WeekApplication(Base):
    """One person applies for one week; who withdrew may apply again, in the same row.

    ``wish`` names with whom they would share a room, by the address of that account.
    """

    __tablename__ = "week_application"
    __table_args__ = (
        UniqueConstraint("week_id", "user_id"),
        CheckConstraint("(state = 'waiting') = (waiting_since IS NOT NULL)", name="waiting"),
        CheckConstraint("(sharing = 'somebody') = (wish <> '')", name="wish"),
        Index("ix_week_application_state", "week_id", "state", "submitted_at"),
    )
    __kept__ = kept(
        "weeks",
        plain="id week_id user_id state audience path_id sharing submitted_at waiting_since",
        says={
            "motivation": _("Pourquoi la personne veut venir"),
            "wish": _("Avec qui elle veut partager une chambre"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    week_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("week.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[ApplicationState]
    audience: Mapped[Audience]  # as the profile said when they applied
    motivation: Mapped[str]
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))
    sharing: Mapped[Sharing] = mapped_column(default=Sharing.ALONE)
    wish: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]

    week: Mapped[Week] = relationship()
    user: Mapped[User] = relationship()
    path: Mapped[Path | None] = relationship()
    nights: Mapped[list[StayNight]] = relationship(
        cascade="all, delete-orphan", order_by="StayNight.night"
    )
    meals: Mapped[list[StayMeal]] = relationship(
        cascade="all, delete-orphan", order_by="StayMeal.day, StayMeal.meal"
    )
    seats: Mapped[list[ApplicationSeat]] = relationship(cascade="all, delete-orphan")
    events: Mapped[list[ApplicationEvent]] = relationship(
        cascade="all, delete-orphan", order_by="ApplicationEvent.at, ApplicationEvent.id"
    )


class StayNight(Base):
    """A night somebody wants to stay; in a room once they are accepted."""

    __tablename__ = "stay_night"
    __table_args__ = (
        ForeignKeyConstraint(["room_id", "night"], ["room_night.room_id", "room_night.night"]),
        Index("ix_stay_night_room", "room_id", "night"),
    )
    __kept__ = kept(
        "weeks",
        plain="application_id night room_id",
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), primary_key=True
    )
    night: Mapped[date] = mapped_column(primary_key=True)
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("boarding_room.id"))

    room: Mapped[BoardingRoom | None] = relationship(viewonly=True)


class StayMeal(Base):
    """A meal somebody wants; counted as taken once they are accepted (``is_taken``)."""

    __tablename__ = "stay_meal"
    __kept__ = kept(
        "weeks",
        plain="application_id day meal is_taken",
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    meal: Mapped[Meal] = mapped_column(primary_key=True)
    is_taken: Mapped[bool] = mapped_column(default=False)


class ApplicationSeat(Base):
    """The booking by which an accepted person sits at a half-day. ``is_ours``: taken with the
    acceptance, so given back with it; they had booked the others by themselves before."""

    __tablename__ = "application_seat"
    __kept__ = kept(
        "weeks",
        plain="application_id booking_id is_ours",
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), primary_key=True
    )
    booking_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_ours: Mapped[bool]

    booking: Mapped[Booking] = relationship()


class ApplicationEvent(Base):
    """An application moved: who, when, why."""

    __tablename__ = "application_event"
    __kept__ = kept(
        "weeks",
        plain="id application_id from_state to_state at by_id",
        says={
            "word": _("La réponse de l’équipe"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), index=True
    )
    from_state: Mapped[ApplicationState | None] = mapped_column(
        choice(ApplicationState, "from_state")
    )
    to_state: Mapped[ApplicationState] = mapped_column(choice(ApplicationState, "to_state"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    word: Mapped[str] = mapped_column(default="")

    by: Mapped[User | None] = relationship()


class StayNeeds(Base):
    """What somebody needs during a stay: optional, with a consent of its own, erased soon after.
    The kitchen sees counts of ``diet`` and allergies; the week's team reads ``access``."""

    __tablename__ = "stay_needs"
    __kept__ = kept(
        "stay_needs",
        plain="application_id diet consented_at",
        says={
            "allergies": _("Les allergies, pour la cuisine (donnée de santé)"),
            "other_allergy": _("Une autre allergie, dans ses mots (donnée de santé)"),
            "access": _("Les besoins d’accès (donnée de santé)"),
            "text_version": _("La version du texte accepté"),
        },
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), primary_key=True
    )
    diet: Mapped[Diet | None]
    allergies: Mapped[list[str]] = mapped_column(default=list)  # keys of `words.ALLERGENS`
    other_allergy: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")
    consented_at: Mapped[datetime]
    text_version: Mapped[str]  # of the sentence they agreed to

    application: Mapped[WeekApplication] = relationship()


class NeedsReading(Base):
    """Somebody of the team read what somebody needs to come in; that person may see who."""

    __tablename__ = "needs_reading"
    __kept__ = kept(
        "stay_needs",
        plain="id application_id by_id at",
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("week_application.id", ondelete="CASCADE"), index=True
    )
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)

    by: Mapped[User | None] = relationship()
