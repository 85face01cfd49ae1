"""The base of events, and who comes."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.community.entries.models import SPACE, Entry, EntryFile
from tierslieu.register import Whose, kept


class OpenTo(enum.Enum):
    """«Ouvert»: who of those that see the event may come."""

    YES = "yes"
    REGISTRATION = "registration"  # to those who register where the link leads
    NO = "no"  # to those who were invited


class Event(Entry, Base):
    """What happens: the eight columns of the workshop's table."""

    __tablename__ = "community_event"
    __table_args__ = (
        CheckConstraint(SPACE, name="space"),
        CheckConstraint(
            "(earliest IS NULL) = (latest IS NULL) AND (earliest IS NULL OR earliest <= latest)",
            name="span",
        ),
        Index("ix_community_event_when", "earliest", "latest"),
    )
    __kept__ = kept(
        "community",
        plain=(
            "earliest latest id owner_id pilot_id is_public revision created_at changed_at "
            "hidden_at hidden_by_id"
        ),
        says={
            "name": _("Le nom de l’événement"),
            "place": _("Où"),
            "description": _("De quoi il s’agit"),
            "author": _("Qui l’annonce"),
            "organiser": _("Qui l’organise"),
            "date_words": _("Quand, en mots"),
            "open_to": _("À qui il est ouvert"),
            "link": _("Son adresse"),
            "search_text": _("Les mêmes mots sans accents, pour chercher"),
            "hidden_reason": _("Pourquoi l’équipe l’a masqué"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    name: Mapped[str]  # Nom de l'événement
    place: Mapped[str] = mapped_column(default="")  # Lieu
    description: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")  # who wrote it down
    organiser: Mapped[str] = mapped_column(default="")
    date_words: Mapped[str] = mapped_column(default="")  # Date, as it was typed
    # The days the words allow; None where they were not understood.
    earliest: Mapped[date | None]
    latest: Mapped[date | None]
    open_to: Mapped[OpenTo]  # Ouvert
    link: Mapped[str] = mapped_column(default="")

    files: Mapped[list[EntryFile]] = relationship(
        order_by=EntryFile.id, cascade="all, delete-orphan"
    )

    def texts(self) -> tuple[str, ...]:
        """What the search looks into."""
        return (
            *(self.name, self.place, self.description),
            *(self.author, self.organiser, self.date_words),
        )


class EventComer(Base):
    """Somebody said «je viens»; their name is shown to whoever prepares it if they agreed."""

    __tablename__ = "community_event_comer"
    __kept__ = kept(
        "community",
        plain="event_id user_id is_named said_at",
    )

    event_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("community_event.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_named: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[datetime] = mapped_column(default=clock.now)
