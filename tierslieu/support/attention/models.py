"""What the team set of the rules, the contacts it took, and until when it asks no more."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, by_team, kept

PLACE = "place"  # the setting of the whole: whether this place asks after people at all


class AttentionSetting(Base):
    """What a rule was set to, by whom, from when on. Never changed: the latest of a code holds."""

    __tablename__ = "attention_setting"
    __table_args__ = (Index("ix_attention_setting_latest", "code", "set_at"),)
    __kept__ = by_team(
        _("Les règles qui disent à l’équipe de qui prendre des nouvelles"),
        "id code is_on figures set_at set_by_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    is_on: Mapped[bool]
    figures: Mapped[dict[str, Any]]  # name → whole number
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
    set_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )

    set_by: Mapped[User | None] = relationship()


class ContactWay(enum.Enum):
    """How somebody was reached, or not."""

    PHONE = "phone"
    MAIL = "mail"
    IN_PERSON = "in_person"


class ContactOutcome(enum.Enum):
    """What came out of it, in the few words that say what comes next."""

    WELL = "well"
    GOES_ON = "goes_on"
    NEEDS_HELP = "needs_help"
    PAUSES = "pauses"
    STOPS = "stops"
    NO_ANSWER = "no_answer"
    OTHER = "other"


class AttentionContact(Base):
    """Somebody of the team asked after a person. The person reads all of it; without an author,
    who wrote it has left."""

    __tablename__ = "attention_contact"
    __table_args__ = (Index("ix_attention_contact_about", "about_id", "happened_on"),)
    __kept__ = kept(
        "attention",
        plain="id about_id author_id way outcome happened_on written_at",
        says={
            "words": _("Ce qui est sorti du contact"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    about_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    way: Mapped[ContactWay]
    outcome: Mapped[ContactOutcome]
    happened_on: Mapped[date]
    words: Mapped[str] = mapped_column(default="")
    written_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)

    about: Mapped[User] = relationship(foreign_keys=[about_id])
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])


class PauseKind(enum.Enum):
    """Later: the team comes back on a day. Aside: not needed until something new happens. Own: the
    person asks not to be called before a day."""

    LATER = "later"
    ASIDE = "aside"
    OWN = "own"


class AttentionPause(Base):
    """The rules say nothing of a person: until a day, or until something happens after it was
    made."""

    __tablename__ = "attention_pause"
    __table_args__ = (
        Index(
            "uq_attention_pause_living",
            "about_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_attention_pause_about", "about_id", "made_at"),
        CheckConstraint("(kind = 'aside') = (until IS NULL)", name="until"),
    )
    __kept__ = kept(
        "attention",
        plain="id about_id author_id kind until made_at ended_at",
        says={
            "reason": _("Pourquoi l’équipe ne relance pas"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    about_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[PauseKind]
    until: Mapped[date | None]  # the first day on which the rules speak again
    reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    ended_at: Mapped[datetime | None]  # before its day: taken back, or followed by another

    about: Mapped[User] = relationship(foreign_keys=[about_id])
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])


class AttentionListed(Base):
    """Of whom the rules spoke when a list was made at night (``tierslieu/nightly``), who had waited
    longest first. ``newest_at``: the last fact, which a pause «until something new» looks at. No
    sentence is kept: the rules say it anew to whoever opens the page."""

    __tablename__ = "attention_listed"
    __table_args__ = (UniqueConstraint("made_at", "user_id"),)
    __kept__ = kept("attention", plain="made_at place user_id newest_at")

    made_at: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    newest_at: Mapped[datetime]
