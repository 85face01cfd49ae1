"""Slots that facilitators open, and the appointments that people take in them."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.agenda.models import Room, once_at_a_time
from tierslieu.base import Base, WallTime, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept


class AppointmentMode(enum.Enum):
    """How two people meet."""

    ONSITE = "onsite"
    ONLINE = "online"
    PHONE = "phone"


class Reason(enum.Enum):
    """What one comes for: said if one wants to, never needed."""

    PATH = "path"
    STUCK = "stuck"
    PROJECT = "project"
    DIPLOMA = "diploma"
    OTHER = "other"


class AppointmentState(enum.Enum):
    """Booked is to come, or waits for an answer once it is past; cancelled frees its slot; the
    others are answers."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    HELD = "held"
    EXCUSED = "excused"
    ABSENT = "absent"


_STANDS = text("state != 'cancelled'")


class AppointmentSlot(Base):
    """A time that a facilitator keeps for somebody. ``room_id`` and ``place`` say where, on site;
    a room is named, not reserved. Without a facilitator: who kept it has left, it is history."""

    __tablename__ = "appointment_slot"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("on_site OR online OR by_phone", name="mode"),
        CheckConstraint("online = (online_link <> '')", name="link"),
        once_at_a_time(
            "slot_once", "facilitator_id", "facilitator_id IS NOT NULL AND closed_at IS NULL"
        ),
        Index("ix_appointment_slot_own", "facilitator_id", "starts_at"),
    )
    __kept__ = kept(
        "appointments",
        plain=(
            "id facilitator_id starts_local ends_local starts_at ends_at on_site online by_phone "
            "room_id created_at closed_at"
        ),
        says={
            "timezone": _("Le fuseau horaire"),
            "place": _("Où l’on se voit"),
            "online_link": _("Le lien de la visioconférence"),
            "close_word": _("Pourquoi le créneau est fermé"),
        },
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    starts_local: Mapped[datetime] = mapped_column(WallTime())
    ends_local: Mapped[datetime] = mapped_column(WallTime())
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    on_site: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=False)
    by_phone: Mapped[bool] = mapped_column(default=False)
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"))
    place: Mapped[str] = mapped_column(default="")  # where, in words, on site
    online_link: Mapped[str] = mapped_column(default="")  # shown only to who meets online
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    closed_at: Mapped[datetime | None]
    close_word: Mapped[str] = mapped_column(default="")

    facilitator: Mapped[User | None] = relationship()
    room: Mapped[Room | None] = relationship()

    @property
    def modes(self) -> tuple[AppointmentMode, ...]:
        """The ways to meet that it offers."""
        offered = (self.on_site, self.online, self.by_phone)
        return tuple(
            mode for mode, is_offered in zip(AppointmentMode, offered, strict=True) if is_offered
        )


class Appointment(Base):
    """Somebody in a slot. The schema itself refuses a second one in the same slot.

    ``phone``: given for this appointment alone, seen by its facilitator, erased after it.
    ``tap``: the secret of the link in its mails that cancels it without signing in.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index(
            "uq_appointment_standing",
            "slot_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        CheckConstraint("phone = '' OR mode = 'phone'", name="phone"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        Index("ix_appointment_own", "user_id", "state"),
    )
    __kept__ = kept(
        "appointments",
        plain=(
            "id slot_id user_id mode state reason booked_at moved_at cancelled_at cancelled_by_id "
            "answered_at"
        ),
        says={
            "words": _("Ce que la personne dit de sa demande"),
            "phone": _("Le numéro où l’appeler, jusqu’au lendemain"),
            "tap": _("Un nombre au hasard, pour qu’un double appui ne réserve qu’une fois"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointment_slot.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    mode: Mapped[AppointmentMode]
    state: Mapped[AppointmentState] = mapped_column(default=AppointmentState.BOOKED)
    reason: Mapped[Reason | None]
    words: Mapped[str] = mapped_column(default="")  # the reason in the person's own words
    phone: Mapped[str] = mapped_column(default="")
    tap: Mapped[str] = mapped_column(unique=True)
    booked_at: Mapped[datetime] = mapped_column(default=clock.now)
    moved_at: Mapped[datetime | None]  # to the slot it has now
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    answered_at: Mapped[datetime | None]  # when the facilitator said how it went

    slot: Mapped[AppointmentSlot] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    @property
    def placed_at(self) -> datetime:
        """Since when it stands in the slot it has."""
        return self.moved_at or self.booked_at
