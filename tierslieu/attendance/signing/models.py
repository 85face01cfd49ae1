"""Signatures of half-days: chained, never changed; what they say of a person can be forgotten."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.attendance.models import Attendance, Half
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept, of_nobody


class Manner(enum.Enum):
    """How a line of the sheet was signed."""

    ROOM = "room"  # the code on the room's screen, on their own phone
    OWN = "own"  # their own code, read on the facilitator's phone
    TYPED = "typed"  # their name, typed by themselves
    TEAM = "team"  # seen by who leads; they signed nothing
    COUNTER = "counter"  # who leads countersigns the half-day


class SigningChain(Base):
    """One device's records of a session, each holding the hash of the one before.

    The place keeps a chain of its own for what is signed on its pages. ``head`` and ``length`` are
    of the last record, so that a record cut off the end is missed too.
    """

    __tablename__ = "signing_chain"
    __table_args__ = (
        Index(
            "uq_signing_chain_place",
            "session_id",
            unique=True,
            sqlite_where=text("is_place"),
            postgresql_where=text("is_place"),
        ),
    )
    __kept__ = of_nobody(
        _("Les chaînes de signatures : leur longueur et leur dernière empreinte"),
        "id session_id is_place head length opened_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learning_session.id"), index=True)
    is_place: Mapped[bool] = mapped_column(default=False)
    head: Mapped[str]  # SHA-256, hex; of a new chain: of what it is for
    length: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)


class Signature(Base):
    """One record of a chain (see ``chains.py`` for what is hashed).

    ``salt``, ``who``, ``name`` and ``written`` are sealed by ``seal`` and emptied when the person
    is forgotten: the chain stays whole, and says nobody's name.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("chain_id", "number"),
        UniqueConstraint("chain_id", "nonce"),
        CheckConstraint("attendance_id IS NOT NULL OR manner = 'counter'", name="line"),
    )
    __kept__ = kept(
        "signatures",
        plain=(
            "id chain_id number nonce manner day half attendance_id signed_at skew "
            "received_at by_id"
        ),
        says={
            "salt": _("Un nombre au hasard qui rend les empreintes illisibles"),
            "who": _("Qui a signé, sous une forme que le sel seul permet de lire"),
            "name": _("Le nom, tel qu’il paraît sur la feuille d’émargement"),
            "written": _("Ce que la personne a écrit pour signer"),
            "seal": _("L’empreinte de ce qui est signé"),
            "previous": _(
                "L’empreinte de la signature d’avant : aucune ne peut être ôtée en secret"
            ),
            "digest": _("L’empreinte de celle-ci"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
            Whose.GUESTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    chain_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signing_chain.id"))
    number: Mapped[int]  # from 1
    nonce: Mapped[uuid.UUID]
    manner: Mapped[Manner]
    day: Mapped[date]
    half: Mapped[Half]
    attendance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("attendance.id"), index=True)
    salt: Mapped[str]
    who: Mapped[str]  # the account's or the line's identifier, or the address of who walked in
    name: Mapped[str]
    written: Mapped[str]  # the name as typed, or the code
    seal: Mapped[str]
    signed_at: Mapped[datetime]  # by the device's clock, whole seconds
    skew: Mapped[int] = mapped_column(default=0)  # seconds that clock was behind when it sent
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )  # who was signed in
    previous: Mapped[str]
    digest: Mapped[str]

    chain: Mapped[SigningChain] = relationship()
    line: Mapped[Attendance | None] = relationship()
    by: Mapped[User | None] = relationship()

    @property
    def at(self) -> datetime:
        """When it was signed, by the place's clock: no later than it was heard of, whatever year
        the device was in."""
        try:
            return min(self.signed_at + timedelta(seconds=self.skew), self.received_at)
        except OverflowError:
            return self.received_at


class SigningMiss(Base):
    """A code of a room that was not right: counted for a while, so that guessing is slow."""

    __tablename__ = "signing_miss"
    __kept__ = kept(
        "signatures",
        plain="id user_id at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=clock.now)
