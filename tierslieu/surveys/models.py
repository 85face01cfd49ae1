"""Instruments, studies, waves, invitations, and answers kept apart from names."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import by_team, kept, of_nobody


class Instrument(Base):
    """A versioned questionnaire. ``content`` holds its items; a version never changes once somebody
    answered it, nor one that comes with the software."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("slug", "version"),)
    __kept__ = of_nobody(
        _("Les questionnaires"),
        (
            "id slug version title licence source content content_sha256 is_shipped revision "
            "updated_at"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    licence: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[str]
    is_shipped: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)  # of a draft: counts what was changed
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class Study(Base):
    """What a researcher evaluates. Its key lies outside the database: without it, no pseudonym.

    Not opened it is a draft. ``has_own_consent``: it asks for a yes of its own; the place's study
    rests on the one given with the account. ``path_id``: it is about this path alone.
    """

    __tablename__ = "study"
    __kept__ = by_team(
        _("Les études"),
        "id slug title description created_at opened_at closed_at has_own_consent path_id",
        says={"responsible": _("Le nom de qui répond de l’étude, publié avec elle")},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    responsible: Mapped[str] = mapped_column(default="")  # who answers for it, with a contact
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    has_own_consent: Mapped[bool] = mapped_column(default=False)
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))

    path: Mapped[Path | None] = relationship()
    waves: Mapped[list[Wave]] = relationship(
        back_populates="study", order_by="Wave.position", cascade="all, delete-orphan"
    )


class Wave(Base):
    """One sending of an instrument, started by an occasion (``after_session``, ``end_of_path``):
    ``delay_days`` after it, or before it where the occasion is one to come. Retired, it invites
    nobody any more, and what was asked may still be answered."""

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("study_id", "slug"),)
    __kept__ = of_nobody(
        _("Les questionnaires d’une étude"),
        (
            "id study_id position slug title occasion instrument_id open_days delay_days reminders "
            "remind_every_days retired_at"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    position: Mapped[int]
    slug: Mapped[str]
    title: Mapped[str]
    occasion: Mapped[str]
    instrument_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instrument.id"))
    open_days: Mapped[int] = mapped_column(default=30)  # an invitation can be answered for so long
    delay_days: Mapped[int] = mapped_column(default=0)
    reminders: Mapped[int] = mapped_column(default=0)  # how many, at most
    remind_every_days: Mapped[int] = mapped_column(default=7)
    retired_at: Mapped[datetime | None]

    study: Mapped[Study] = relationship(back_populates="waves")
    instrument: Mapped[Instrument] = relationship()


class Invitation(Base):
    """A person is asked once about one subject. It knows whether they answered, never what."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("wave_id", "user_id", "subject"),
        Index("ix_invitation_user", "user_id", "answered_at"),
    )
    __kept__ = kept(
        "surveys",
        plain=(
            "id wave_id user_id occurred_at invited_at closes_at answered_at declined_at reminded"
        ),
        says={
            "subject": _("Ce dont on demande l’avis (une séance, un parcours)"),
            "label": _("Le même, en mots"),
            "code": _("L’adresse du questionnaire pour cette personne"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    subject: Mapped[str]  # e.g. session:<uuid>
    label: Mapped[str]  # what is shown: the session's or the path's title
    occurred_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(unique=True)  # in the mailed address; random, no name
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    closes_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    reminded: Mapped[int] = mapped_column(default=0)  # how many reminders were written

    wave: Mapped[Wave] = relationship()


class ResponseSheet(Base):
    """The answers to one invitation: nothing in the row leads to the person.

    ``sheet_key`` = HMAC(study key, invitation) finds it again for who holds the invitation; the
    study key lies outside the database. Whose it is and on which day are worked out with the key
    when a package is built: kept here, a day or what links two sheets of one person would tell
    who it is beside the dates of the invitations. For the same reason SQLite keeps no order of
    writing (``WITHOUT ROWID``).
    """

    __tablename__ = "response_sheet"
    __table_args__ = ({"sqlite_with_rowid": False},)
    __kept__ = kept(
        "surveys",
        plain="id wave_id instrument_id is_submitted page",
        says={
            "sheet_key": _("Un code qui seul, avec la clé de l’étude, mène à la personne"),
            "language": _("La langue de la réponse"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("wave.id", ondelete="CASCADE"), index=True
    )
    instrument_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instrument.id"), index=True)
    sheet_key: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(default="fr")
    is_submitted: Mapped[bool] = mapped_column(default=False)
    page: Mapped[int] = mapped_column(default=0)  # where to resume

    answers: Mapped[list[Answer]] = relationship(
        order_by="Answer.item", cascade="all, delete-orphan"
    )


class Answer(Base):
    """One item's value: a code, a number as text, or free text."""

    __tablename__ = "answer"
    __table_args__ = ({"sqlite_with_rowid": False},)
    __kept__ = kept(
        "surveys",
        plain="sheet_id",
        says={
            "item": _("La question"),
            "value": _("La réponse, sous pseudonyme"),
        },
    )

    sheet_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("response_sheet.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
