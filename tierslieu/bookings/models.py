"""Bookings: a seat, or a place in line for one."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody


class BookingStatus(enum.Enum):
    """Confirmed holds a seat; offered has one kept until they answer; waiting stands in line;
    cancelled is history."""

    CONFIRMED = "confirmed"
    OFFERED = "offered"
    WAITING = "waiting"
    CANCELLED = "cancelled"


_ACTIVE = text("status != 'cancelled'")
_OFFERED = text("status = 'offered'")
_HELD = text("state = 'held'")


class Booking(Base):
    """One person, one session. The line is ordered by ``waiting_since``, then ``id``.

    ``tap``: the secret of the links in this booking's mails, with which its seat is confirmed or
    given back without signing in, and nothing else.
    """

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
        CheckConstraint("status != 'offered' OR offered_until IS NOT NULL", name="offered"),
        Index(
            "ix_booking_offered",
            "offered_until",
            sqlite_where=_OFFERED,
            postgresql_where=_OFFERED,
        ),
        Index("ix_booking_line", "session_id", "mode", "status", "waiting_since"),
        # Holds all that is asked of somebody's own seats before one page of them is read whole.
        Index("ix_booking_own", "user_id", "status", "session_id"),
    )
    __kept__ = kept(
        "bookings",
        plain=(
            "id session_id user_id mode status created_at waiting_since offered_at offered_until "
            "confirmed_at cancelled_at cancelled_by_id is_kept"
        ),
        says={
            "left_out": _("Pourquoi la personne manque une date d’une série"),
            "tap": _("Un nombre au hasard, pour qu’un double appui ne réserve qu’une fois"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_session.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    mode: Mapped[SeatMode]
    status: Mapped[BookingStatus]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    waiting_since: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    # Of a series followed as a whole: why its person misses this date, as the team noted it.
    left_out: Mapped[str] = mapped_column(default="")
    is_kept: Mapped[bool] = mapped_column(default=False)  # its seat is one of those kept for some
    tap: Mapped[str | None] = mapped_column(unique=True)

    session: Mapped[LearningSession] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    @property
    def is_unanswered(self) -> bool:
        """Whether it ended because an offer was not answered in time."""
        return (
            self.cancelled_at is not None
            and self.cancelled_by_id is None
            and (self.offered_until is not None and self.cancelled_at >= self.offered_until)
        )


class WrongCode(Base):
    """Somebody typed a code of invitation that was not the session's: what slows guessing. Only
    when; kept for a day."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code_tries", "user_id", "session_id", "at"),)
    __kept__ = kept(
        "bookings",
        plain="id session_id user_id at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("learning_session.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class MissedRule(Base):
    """What the team has decided about seats left empty without a word: one row, or none.

    Who misses ``times`` sessions within ``months``, all after ``set_at``, has at most ``most``
    bookings ahead for so many ``weeks``.
    """

    __tablename__ = "missed_rule"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("times > 1 AND months > 0 AND most > 0 AND weeks > 0", name="counts"),
    )
    __kept__ = of_nobody(
        _("La règle du lieu sur les places restées vides"),
        "id is_on times months most weeks set_at",
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    is_on: Mapped[bool] = mapped_column(default=False)
    times: Mapped[int]
    months: Mapped[int]
    most: Mapped[int]
    weeks: Mapped[int]
    set_at: Mapped[datetime]


class BookingLimit(Base):
    """Somebody has at most so many bookings ahead for a time, unless it was lifted."""

    __tablename__ = "booking_limit"
    __table_args__ = (
        CheckConstraint("since < until", name="order"),
        CheckConstraint("most > 0", name="most"),
    )
    __kept__ = kept(
        "booking_limits",
        plain="id user_id since until most lifted_at lifted_by_id",
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    most: Mapped[int]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class InvitationState(enum.Enum):
    """Held keeps a seat; the others are history, without an address."""

    HELD = "held"
    TAKEN = "taken"
    DECLINED = "declined"
    OVER = "over"
    WITHDRAWN = "withdrawn"


class SeatInvitation(Base):
    """A seat kept for a colleague until they answer for themselves. Only its hash is kept of the
    secret in their mail; the address is erased with the answer, or when the time is over."""

    __tablename__ = "seat_invitation"
    __table_args__ = (
        CheckConstraint("(state = 'held') = (email <> '')", name="address"),
        Index(
            "uq_seat_invitation_held",
            "session_id",
            "email",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index("ix_seat_invitation_over", "held_until", sqlite_where=_HELD, postgresql_where=_HELD),
    )
    __kept__ = kept(
        "seats_for_colleagues",
        plain="id session_id mode invited_by_id state created_at held_until ended_at",
        says={
            "email": _("L’adresse de la personne invitée, jusqu’à sa réponse"),
            "secret_hash": _("L’empreinte du lien d’invitation"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_session.id"), index=True)
    mode: Mapped[SeatMode]
    email: Mapped[str]
    invited_by_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.HELD)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    held_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    session: Mapped[LearningSession] = relationship()
    invited_by: Mapped[User] = relationship()
