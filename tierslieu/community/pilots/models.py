"""Closed pilots and who belongs to them."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, by_team, kept


class Pilot(Base):
    """A space whose entries, and whose very name, only its members and facilitators see."""

    __tablename__ = "pilot"
    __kept__ = by_team(
        _("Les pilotes de la communauté"), "id name description created_by_id created_at"
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PilotMember(Base):
    """An invited address. Whoever proved it to be theirs is a member, with an account or once
    they have one: nothing else is kept, so nobody is a member by an address they lost."""

    __tablename__ = "pilot_member"
    __table_args__ = (UniqueConstraint("pilot_id", "email"),)
    __kept__ = kept(
        "community",
        plain="id pilot_id invited_by_id invited_at",
        says={
            "email": _("L’adresse invitée au pilote"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pilot.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(index=True)  # normalised, lower case
    invited_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
